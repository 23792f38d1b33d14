import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/sim/simulate.js';
import { faultsOf, planText } from './planning.js';

const swf = (...gpus: readonly number[]): Uint8Array =>
  new TextEncoder().encode(
    gpus.map((size, i) => `${i + 1} ${i * 60} -1 600 ${size} -1 -1 ${size} 900 -1 1 1 1 1 1 -1 -1 -1\n`).join(''),
  );
const scenario = (workload: string, partitions: readonly string[]): string => `version: 1
kind: scenario
question: Where do the jobs of a trace go?
sites:
${partitions
  .map(
    (list, site) => `  - name: site-${site}
    zone: FR
    partitions: ${list}
    facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: { capacityEurPerKwYear: 1, networkEurPerMWh: 1, leviesEurPerMWh: 1 }`,
  )
  .join('\n')}
workload: ${workload}
policy: fcfs+easy@first-fit
horizon: 1 h
warmup: 0 h
replications: 1
`;
const SMALL_FIRST = '[{ name: small, hardware: h100-sxm, nodes: 1 }, { name: big, hardware: h100-sxm, nodes: 4 }]';
const BIG_FIRST = '[{ name: big, hardware: h100-sxm, nodes: 4 }, { name: small, hardware: h100-sxm, nodes: 1 }]';
const read = (...gpus: readonly number[]) => ({ readFile: () => swf(...gpus) });
const partitionsOf = (plan: ReturnType<typeof planText>): number[][] =>
  plan.specs.map(({ workload }) => [
    ...plan.inputs.traces[(workload as { input: string }).input]!.partitionOf.subarray(0, 1),
  ]);

describe('the jobs of a trace', () => {
  it('go to the largest partition of each site', () => {
    const plan = planText(scenario('{ trace: t.swf }', [SMALL_FIRST, BIG_FIRST]), read(16, 32));
    expect(partitionsOf(plan)).toEqual([[1], [0]]);
    for (const spec of plan.specs) expect(simulate(spec, plan.inputs).schedule.completed).toBe(2);
  });

  it('go to the partition that the workload names', () => {
    const plan = planText(scenario('{ trace: t.swf, partition: small }', [SMALL_FIRST, BIG_FIRST]), read(8));
    expect(partitionsOf(plan)).toEqual([[0], [1]]);
    const [named, largest] = ['{ trace: t.swf, partition: small }', '{ trace: t.swf }'].map(
      (workload) => planText(scenario(workload, [SMALL_FIRST]), read(8)).runs[0]!.key,
    );
    expect(named).not.toBe(largest);
  });

  it('must fit it; the error says which it is', () => {
    expect(faultsOf(scenario('{ trace: t.swf }', [SMALL_FIRST]), read(8, 33)).map(({ message }) => message)).toEqual([
      'expected jobs of at most 32 GPUs in partition big; 1 job needs more, the first is job 2 with 33 (site site-0)',
    ]);
    const small = faultsOf(scenario('{ trace: t.swf, partition: small }', [SMALL_FIRST]), read(9));
    expect(small[0]!.message).toMatch(/at most 8 GPUs in partition small/);
  });

  it('cannot go to a partition that a site does not have', () => {
    const [fault] = faultsOf(scenario('{ trace: t.swf, partition: smal }', [SMALL_FIRST]), read(8));
    expect(fault).toMatchObject({
      path: 'workload.partition',
      message: "expected one of the site's partitions small, big; got smal (site site-0)",
      hint: 'Did you mean small?',
    });
  });

  it('are keyed alike wherever the file stands', () => {
    const keys = ['t.swf', 'logs/../elsewhere/u.swf'].map(
      (path) => planText(scenario(`{ trace: ${path} }`, [SMALL_FIRST]), read(8)).runs[0]!.key,
    );
    expect(keys[0]).toBe(keys[1]);
  });
});

describe('a job of 9 GPUs on nodes of 8', () => {
  const run = (workload: string) => {
    const plan = planText(scenario(workload, [BIG_FIRST]), read(9));
    return simulate(plan.specs[0]!, plan.inputs);
  };

  it('draws power for 9 whether it is listed or in a trace', () => {
    const listed = run('{ jobs: [{ submit: 0 h, gpus: 9, run: 10 min, estimate: 15 min }] }');
    const traced = run('{ trace: t.swf }');
    expect(listed.sites).toEqual(traced.sites);
    const energyOf = (gpus: number): number =>
      run(`{ jobs: [{ submit: 0 h, gpus: ${gpus}, run: 10 min }] }`).sites[0]!.itMWh;
    const [eight, nine, sixteen] = [8, 9, 16].map(energyOf);
    expect(nine! - eight!).toBeCloseTo((sixteen! - eight!) / 8, 12);
  });

  it('keeps another job off the second of its nodes', () => {
    const three = '{ submit: 0 h, gpus: 9, run: 10 min }, { submit: 0 h, gpus: 16, run: 10 min }';
    const plan = planText(
      scenario(`{ jobs: [${three}, { submit: 0 h, gpus: 1, run: 1 min, partition: big }] }`, [BIG_FIRST]),
    );
    const { jobs } = simulate(plan.specs[0]!, plan.inputs, { keepJobs: true });
    expect([...jobs!.startMs]).toEqual([0, 0, 600_000]);
  });
});
