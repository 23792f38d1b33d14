import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../src/base/units.js';
import { partitionSpec, sizePartitions } from '../../src/plan/partitions.js';
import { Faults } from '../../src/plan/faults.js';
import { parseYaml } from '../../src/io/yaml.js';
import { hasPhases } from '../../src/scenario/hasPhases.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';
import { faultsOf, planText, shipped } from './planning.js';

const BUILDING =
  'facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }, ' +
  'tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }';
const partition = (more = '', hardware = 'h100-sxm', name = 'main'): string =>
  `{ name: ${name}, hardware: ${hardware}, nodes: 4${more === '' ? '' : `, ${more}`} }`;
const jobs = (train = '', debug = ''): string =>
  '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }, { submit: 0 h, gpus: 8, run: 1 h, class: debug }], ' +
  `jobClasses: [{ name: train, gpuPowerFraction: 0.95 ${train} }, { name: debug, gpuPowerFraction: 0.4 ${debug} }] }`;

const scenario = (partitions: string, workload: string): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: What does a power cap cost?',
    `sites: [{ name: a, zone: FR, ${BUILDING}, partitions: [${partitions}] }]`,
    `workload: ${workload}`,
    'policy: fcfs+easy@pack',
    'horizon: 1 d',
    'warmup: 0 s',
    '',
  ].join('\n');
const planned = (partitions: string, workload = jobs()) => planText(scenario(partitions, workload));
const specOf = (partitions: string, workload?: string): RunSpec => planned(partitions, workload).specs[0]!;
const messages = (partitions: string, workload = jobs()): string[] =>
  faultsOf(scenario(partitions, workload)).map(({ path, message }) => `${path}: ${message}`);

/** Speed on an H100 at 500 W and at 400 W (mayr-2026). */
const AT_500 = 27_705 / 30_271;
const AT_400 = 24_853 / 30_271;
const speeds = ({ traits }: RunSpec) => traits?.map(({ speedByPartition }) => speedByPartition);
const watts = ({ partitions }: RunSpec) => partitions.map(({ power }) => power.activeWByClass);

describe('the cap of a partition', () => {
  it('slows the classes that would draw more by the measured curve, and bounds their watts', () => {
    const capped = specOf(partition('gpuCapW: 500'));
    expect(speeds(capped)).toEqual([[AT_500], undefined]);
    expect(watts(capped)).toEqual([[603, 383]]); // 500 or 280, − 70 + 172.5
  });

  it('of what the classes draw anyhow leaves the run as it is without', () => {
    const { specs, runs } = planned(partition('gpuCapW: 665'));
    expect(specs[0]!.traits).toBeUndefined();
    expect(specs[0]!.partitions).toEqual(specOf(partition()).partitions);
    expect(specs[0]!.sites[0]!.facility.designItW).toBeLessThan(specOf(partition()).sites[0]!.facility.designItW);
    expect(runs).toHaveLength(1);
  });

  it('multiplies the speeds that the class names, partition by partition', () => {
    const two = [partition('gpuCapW: 500'), partition('', 'a100-sxm', 'old')].join(', ');
    expect(speeds(specOf(two, jobs(', speeds: { main: 2, old: 0.5 }')))).toEqual([[2 * AT_500, 0.5], undefined]);
  });

  it('makes jobs longer in the run: 1 h at 500 W takes 1 h / 0.915, and a class below the cap 1 h', () => {
    const { specs, inputs } = planned(partition('gpuCapW: 500'));
    const { endMs } = simulate(specs[0]!, inputs, { keepJobs: true }).jobs!;
    expect([...endMs]).toEqual([Math.ceil(MS_PER_HOUR / AT_500), MS_PER_HOUR]);
  });

  it('at or below the idle draw is refused: its jobs would never end', () => {
    expect(messages(partition('gpuCapW: 70'))).toEqual([
      'sites[0].partitions[0].gpuCapW: expected more than the 70 W that an idle GPU draws (h100-sxm), got 70',
    ]);
  });

  it('is flagged where its cost in speed was not measured on the part', () => {
    const flagged = (...given: Parameters<typeof planned>) =>
      planned(...given)
        .assumptions.filter(({ path }) => path === 'speed under a power cap')
        .map(({ document, note }) => [document, note]);
    expect(flagged(partition('gpuCapW: 500'))).toEqual([]);
    expect(flagged(partition('gpuCapW: 150'))).toEqual([
      ['hardware h100-sxm', 'below 0.286 of TDP nobody measured: a straight line to 0 at the idle draw'],
    ]);
    expect(flagged(partition('gpuCapW: 800', 'b200-sxm'))).toEqual([
      ['hardware b200-sxm', 'measured on H100, carried over by share of TDP'],
    ]);
    expect(flagged(partition('gpuCapW: 960', 'b200-sxm'))).toEqual([]);
  });
});

describe('the cap of a class', () => {
  it('bounds its watts and slows it everywhere, by the lower of its own and the partition', () => {
    const own = specOf(partition(), jobs(', powerCap: 0.5714285714285714'));
    expect(speeds(own)![0]![0]).toBeCloseTo(AT_400, 12);
    expect(speeds(own)![1]).toBeUndefined();
    expect(watts(own)).toEqual([[503, 383]]);
    const both = specOf(partition('gpuCapW: 500'), jobs(', powerCap: 0.9'));
    expect(speeds(both)![0]).toEqual([AT_500]);
  });

  it('that it does not reach changes nothing, the run key included', () => {
    const key = (workload: string) => planned(partition(), workload).runs[0]!.key;
    expect(key(jobs('', ', powerCap: 0.5'))).toBe(key(jobs()));
    expect(key(jobs(', powerCap: 0.9'))).not.toBe(key(jobs()));
  });

  it('may be said of a trace', () => {
    const job = '1 0 -1 3600 8 -1 -1 8 3600 -1 1 1 1 1 1 -1 -1 -1\n';
    const { specs } = planText(scenario(partition(), '{ trace: t.swf, powerCap: 0.7142857142857143 }'), {
      readFile: () => new TextEncoder().encode(job),
    });
    expect(speeds(specs[0]!)![0]![0]).toBeCloseTo(AT_500, 12);
    expect(watts(specs[0]!)[0]![0]).toBe(603);
  });

  it('at or below the idle draw of a hardware, or above its TDP, is refused beside other faults', () => {
    expect(messages(partition(), jobs(', powerCap: 0.1', ', powerCap: 1.2'))).toEqual([
      'workload.jobClasses[0].powerCap: expected more than the 0.100 of its TDP that an idle GPU draws (h100-sxm), got 0.1',
      'workload.jobClasses[1].powerCap: expected a number more than 0 and at most 1, got 1.2',
    ]);
  });
});

describe('the cap of a class with a model', () => {
  const model = (more = ''): string =>
    `{ jobs: [{ submit: 0 h, gpus: 32, run: 1 h }], jobClasses: [{ name: train, gpuPowerFraction: 0.95, model: llama-3-8b${more} }] }`;
  const ran = (partitions: string, workload: string) => {
    const { specs, inputs } = planned(partitions, workload);
    const [spec] = specs;
    const [row] = spec!.traits![0]!.training!.rows[0]!;
    const { schedule, jobs: outcomes } = simulate(spec!, inputs, { keepJobs: true });
    return { activeW: row!.activeWByPods[0]!, training: schedule.classes[0]!.training!, outcomes: outcomes! };
  };
  const free = ran(partition(), model());

  it.each([
    ['its own', partition(), model(', powerCap: 0.7142857142857143')],
    ['its partition', partition('gpuCapW: 500'), model()],
  ])('takes from its MFU what the curve says, and bounds its watts: %s', (_, partitions, workload) => {
    const capped = ran(partitions, workload);
    expect(capped.training.mfuFraction / free.training.mfuFraction).toBeCloseTo(AT_500, 9);
    expect(capped.training.tokens / free.training.tokens).toBeCloseTo(1, 6); // the same work, for longer
    const lasted = ({ startMs, endMs }: typeof free.outcomes): number => endMs[0]! - startMs[0]!;
    expect(lasted(capped.outcomes)).toBeGreaterThan(lasted(free.outcomes));
    expect(free.activeW).toBeGreaterThan(603);
    expect(capped.activeW).toBeLessThanOrEqual(603); // 500 − 70 + 172.5, less where communication is exposed
  });
});

describe('watts by phase', () => {
  const partitions = parseYaml(`partitions: [${partition()}]`, 'site.yaml');

  it('stand in a partition where jobs have phases, and only there', () => {
    const [sized] = sizePartitions(shipped, partitions, new Faults())!;
    expect(partitionSpec(sized!, [], false).power).not.toHaveProperty('phases');
    expect(partitionSpec(sized!, [], true).power.phases).toEqual({ stallW: 313, hangW: 278, initialiseW: 243 });
  });

  it('are needed for failures, for checkpoints that cost something and for classes with a model', () => {
    const training = { model: 'm', flopsPerToken: 1, stateBytes: 1, rows: [] };
    expect(hasPhases({})).toBe(false);
    expect(hasPhases({ traits: [PLAIN_TRAITS] })).toBe(false);
    expect(hasPhases({ traits: [PLAIN_TRAITS, { ...PLAIN_TRAITS, training }] })).toBe(true);
    expect(hasPhases({ reliability: {} as RunSpec['reliability'] })).toBe(true);
    expect(hasPhases({ checkpoints: {} as RunSpec['checkpoints'] })).toBe(true);
  });

  it('are among the flagged figures of a run with failures, each with its source, and not of one without', () => {
    const flagged = (lines: string) =>
      planText(scenario(partition(), jobs()) + lines)
        .assumptions.filter(({ document, path }) => document === 'hardware h100-sxm' && path.endsWith('PowerFraction'))
        .map(({ path, value, source }) => [path, value, source]);
    expect(flagged('')).toEqual([]);
    expect(flagged('reliability: llama3\n')).toEqual([
      ['exposedPowerFraction', 0.45, 'power-defaults'],
      ['stallPowerFraction', 0.3, 'power-defaults'],
      ['hangPowerFraction', 0.25, 'power-defaults'],
      ['initialisePowerFraction', 0.2, 'power-defaults'],
    ]);
  });

  it('stand in the partitions of a planned run with failures', () => {
    const { specs } = planText(`${scenario(partition(), jobs())}reliability: llama3\n`);
    expect(specs[0]!.partitions[0]!.power.phases).toEqual({ stallW: 313, hangW: 278, initialiseW: 243 });
  });
});
