import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../../src/base/units.js';
import type { RunResult } from '../../src/metrics/runResult.js';
import type { PartitionSpec, RunSpec } from '../../src/scenario/runSpec.js';
import { sparesAmong } from '../../src/sim/buildOut.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { simulate } from '../../src/sim/simulate.js';
import { recount } from '../support/binRecount.js';
import { policyOf } from '../support/brokered.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';
import { planText } from '../plan/planning.js';

const scenario = ({
  policy = 'fcfs+easy@pack',
  size = 'phases: [{ at: 0 d, nodes: 4 }, { at: 6 h, nodes: 8 }]',
  jobs = `
    - { submit: 0 h, gpus: 16, run: 3 h }
    - { submit: 1 h, gpus: 64, run: 2 h }
    - { submit: 2 h, gpus: 16, run: 2 h }
    - { submit: 2 h, gpus: 16, run: 9 h }`,
  horizon = '24 h',
  more = '',
} = {}): string => `
version: 1
kind: scenario
question: What does a site that doubles deliver and draw?
sites:
  - name: tiny
    title: Four nodes, then eight
    zone: FR
    partitions: [{ name: main, hardware: h100-sxm, racksPerPod: 1, ${size} }]
    facility:
      { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0.1 }
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
    series: { price: { constant: 50 }, carbon: { constant: 0 }, wetBulb: { constant: 10 } }
workload:
  jobs: ${jobs}
policy: ${policy}
horizon: ${horizon}
warmup: 0 h
${more}`;

function run(text: string): { spec: RunSpec; result: RunResult } {
  const plan = planText(text);
  return { spec: plan.specs[0]!, result: simulate(plan.specs[0]!, plan.inputs, { keepJobs: true }) };
}

const hours = (ms: Float64Array): number[] => Array.from(ms, (at) => at / MS_PER_HOUR);

describe('a partition that comes into service in steps', () => {
  const { spec, result } = run(scenario());
  const [site] = result.sites;

  it('stands in the run as nodes by time', () => {
    expect(spec.partitions[0]).toMatchObject({
      nodes: 8,
      inService: [
        { atMs: 0, nodes: 4 },
        { atMs: 6 * MS_PER_HOUR, nodes: 8 },
      ],
    });
  });

  it('draws and offers only what is there, to the joule', () => {
    // Idle 3,082 W a node: 4 for 24 h and 4 more for 18 h. 352 GPU-hours at 768 W. 10 % of 11,112 W a node are fixed.
    const itWh = 3082 * (4 * 24 + 4 * 18) + 768 * (16 * 3 + 64 * 2 + 16 * 2 + 16 * 9);
    expect(site!.itMWh).toBe(itWh / 1e6);
    expect(site!.auditEnergyWms.idle).toBe(3082 * (4 * 24 + 4 * 18) * MS_PER_HOUR);
    expect(site!.facilityMWh).toBeCloseTo((itWh + 4445 * 6 + 8890 * 18) / 1e6, 12);
    expect(result.schedule.gpuHoursCapacity).toBe(32 * 6 + 64 * 18);
    expect(result.schedule.utilisationFraction).toBe(352 / 1344);
    expect([...result.loadCurves[0]!.itWms]).toEqual(recount(spec, result));
  });

  it('steps up by the idle watts of what joins, at its time', () => {
    const { result: idle } = run(scenario({ jobs: '[{ submit: 0 h, gpus: 8, run: 1 h }]' }));
    const watts = Array.from(idle.loadCurves[0]!.itWms, (wms) => wms / MS_PER_QUARTER_HOUR);
    expect(watts[23]).toBe(4 * 3082);
    expect(watts[24]).toBe(8 * 3082);
  });

  it('lets a job that is too large wait for the step that makes room, and easy backfill what it does not delay', () => {
    // Job 1 needs all eight nodes: it starts when they are there. Job 2 is over by then, job 3 would not be.
    expect(hours(result.jobs!.startMs)).toEqual([0, 6, 2, 8]);
  });

  it.each([
    ['fcfs@pack', [0, 6, 8, 8]],
    ['fcfs+conservative@pack', [0, 6, 2, 8]],
    ['fcfs+greedy@pack', [0, 12, 2, 3]],
  ])('under %s starts jobs at %j', (policy, starts) => {
    expect(hours(run(scenario({ policy })).result.jobs!.startMs)).toEqual(starts);
  });

  it('may not be there at all at first', () => {
    const { result: late } = run(scenario({ size: 'nodes: 8, inService: 6 h' }));
    expect(hours(late.jobs!.startMs)).toEqual([6, 9, 6, 11]);
    expect(late.schedule.gpuHoursCapacity).toBe(64 * 18);
    expect(late.loadCurves[0]!.itWms[23]).toBe(0);
  });

  it('ends at the horizon with jobs that waited for a step beyond it', () => {
    const size = 'buildOut: [{ at: 2027-01-01, nodes: 4 }, { at: 2027-01-03, nodes: 8 }]';
    const { result: never } = run(scenario({ size }));
    expect(never.schedule.waitingAtEnd).toBe(3 - 2);
    expect(never.jobs!.startMs[1]).toBeNaN();
    expect(never.schedule.gpuHoursCapacity).toBe(32 * 24);
  });

  it('takes windows from the nodes that are there', () => {
    const more = `
windows:
  - { name: early, kind: maintenance, partition: main, nodes: 2, from: 4 h, for: 1 h, drain: 0 h }
  - { name: late, kind: maintenance, partition: main, nodes: 2, from: 7 h, for: 1 h, drain: 2 h }`;
    const jobs = '[{ submit: 4 h, gpus: 24, run: 1 h }, { submit: 7 h, gpus: 56, run: 1 h }]';
    const { result: found } = run(scenario({ more, jobs }));
    // Two of four nodes are away from 4 to 5, two of eight from 7 to 8.
    expect(hours(found.jobs!.startMs)).toEqual([5, 8]);
  });
});

const MINUTE = 60_000;

/** Without a horizon: the run ends when the last job has. */
function drain(partition: PartitionSpec, rows: readonly PlainJob[], policy = 'fcfs+easy@pack'): Schedule {
  return schedule({
    partitions: [partition],
    policy: policyOf(policy),
    jobs: jobTable(rows),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('build-out'),
  });
}

describe('a run that drains', () => {
  const growing: PartitionSpec = {
    ...machine(8, 2),
    inService: [
      { atMs: 0, nodes: 2 },
      { atMs: 10 * MINUTE, nodes: 4 },
      { atMs: 20 * MINUTE, nodes: 8 },
    ],
  };

  it('waits for the step that a job needs', () => {
    const { startMs, endMs } = drain(growing, [{ submitMs: 0, gpus: 16, runMs: MINUTE }]);
    expect([startMs[0], endMs[0]]).toEqual([20 * MINUTE, 21 * MINUTE]);
  });

  it('does not go on for steps that nobody waits for', () => {
    const ran = drain(growing, [{ submitMs: 0, gpus: 4, runMs: MINUTE }]);
    expect(ran.curves[0]!.itWms).toHaveLength(1);
    expect(ran.curves[0]!.itWms[0]).toBe(MINUTE * (2 * (100 + 2 * 10) + 4 * 50));
  });

  it('never runs more at a time than is there, and starts every job', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            submitMs: fc.integer({ min: 0, max: 30 * MINUTE }),
            gpus: fc.integer({ min: 1, max: 16 }),
            runMs: fc.integer({ min: 1, max: 10 * MINUTE }),
          }),
          { minLength: 1, maxLength: 30 },
        ),
        fc.constantFrom('fcfs+easy@pack', 'sjf+conservative@first-fit', 'fcfs+greedy@pack', 'largest-first+easy@pack'),
        (rows, policy) => {
          const { startMs, endMs } = drain(growing, rows, policy);
          const table = jobTable(rows);
          const held = (job: number): number => (table.gpus[job]! < 2 ? 1 : 2 * Math.ceil(table.gpus[job]! / 2));
          startMs.forEach((atMs) => {
            let busy = 0;
            startMs.forEach((from, job) => {
              if (from <= atMs && endMs[job]! > atMs) busy += held(job);
            });
            expect(busy).toBeLessThanOrEqual(atMs < 10 * MINUTE ? 4 : atMs < 20 * MINUTE ? 8 : 16);
          });
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });
});

const FAILING = `
reliability:
  use: llama3
  failuresPer1000NodeDays: { value: 400, assumption: true }
  rateFactor: 1
  detection: 1 min
  swap: 1 min
  initialisation: { base: 6 min, perDoubling: 0 s, most: 6 min }
  spares: { nodes: 2 }
checkpoints: { mode: blocking, interval: 30 min, nodeGBPerS: 1e6 }
replications: 1
`;

describe('a partition that grows and fails', () => {
  it('has spares in proportion to what is there, rounded down', () => {
    expect([0, 3, 4, 7, 8].map((nodes) => sparesAmong(2, 8, nodes))).toEqual([0, 0, 1, 1, 2]);
  });

  it('accounts for all GPU time that is there, and for every watt, whatever fails', () => {
    const jobs = `[${Array.from({ length: 10 }, (_, i) => `{ submit: ${4 * i} h, gpus: ${8 * (1 + (i % 5))}, run: ${3 + i} h }`).join(', ')}]`;
    const plan = planText(scenario({ jobs, more: FAILING, horizon: '72 h' }));
    const base = plan.specs[0]!;
    const HOURS = 72;
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer({ min: 0, max: 1e6 }),
          rateFactor: fc.constantFrom(0.5, 1, 4),
          first: fc.integer({ min: 0, max: 6 }),
          at: fc.integer({ min: 1, max: HOURS - 1 }),
        }),
        ({ seed, rateFactor, first, at }) => {
          const steps = [...(first === 0 ? [] : [{ atMs: 0, nodes: first }]), { atMs: at * MS_PER_HOUR, nodes: 8 }];
          const [partition] = base.partitions;
          const given: RunSpec = {
            ...base,
            seed: String(seed),
            reliability: { ...base.reliability!, rateFactor },
            partitions: [{ ...partition!, inService: steps }],
          };
          const found = simulate(given, plan.inputs, { keepJobs: true });
          const { goodput } = found.schedule;
          expect(goodput!.totalGpuHours).toBe(8 * (first * HOURS + (8 - first) * (HOURS - at)));
          expect(goodput!.withdrawnGpuHours).toBe(0);
          expect([...found.loadCurves[0]!.itWms]).toEqual(recount(given, found));
        },
      ),
      { numRuns: 25, seed: 11 },
    );
  });

  it('does not fail where nothing is there yet', () => {
    // Half of the nodes for half of the time: half of the failures per node that is there, and none before.
    const text = scenario({ jobs: '[{ submit: 0 h, gpus: 8, run: 1 h }]', more: FAILING, horizon: '200 d' });
    const plan = planText(text);
    const base = plan.specs[0]!;
    const failuresWith = (atMs: number): number => {
      const partitions = [{ ...base.partitions[0]!, inService: [{ atMs, nodes: 8 }] }];
      const found = simulate({ ...base, partitions }, plan.inputs);
      return found.schedule.goodput!.failures.reduce((sum, { count }) => sum + count, 0);
    };
    const all = failuresWith(0);
    const half = failuresWith(100 * MS_PER_DAY);
    expect(failuresWith(200 * MS_PER_DAY)).toBe(0);
    expect(all).toBeGreaterThan(300);
    expect(half / all).toBeGreaterThan(0.4);
    expect(half / all).toBeLessThan(0.6);
  });
});
