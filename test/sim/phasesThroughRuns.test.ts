import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { goodputOf, type PhaseCounts } from '../../src/metrics/goodput.js';
import type { JobOutcomes, LoadCurve } from '../../src/metrics/runResult.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { CheckpointSpec } from '../../src/scenario/reliabilitySpec.js';
import type { RunSpec, WindowSpec } from '../../src/scenario/runSpec.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { simulate } from '../../src/sim/simulate.js';
import type { RunInputs } from '../../src/workload/runInputs.js';
import { checkpointsOf, reliabilityOf } from '../support/faulty.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';
import { listFailures } from '../support/listedFailures.js';
import { generatedTask } from '../support/tinyRuns.js';

vi.mock('../../src/cluster/failureTrace.js', () => import('../support/listedFailures.js'));

/** What becomes of a schedule before it is summarised. */
let changed: (ran: Schedule) => Schedule = (ran) => ran;
vi.mock('../../src/sim/schedule.js', async (original) => {
  const real = await original<{ schedule: typeof schedule }>();
  return { ...real, schedule: (input: Parameters<typeof schedule>[0]) => changed(real.schedule(input)) };
});

beforeEach(() => {
  listFailures([]);
  changed = (ran) => ran;
});

/** Rows on 8 nodes of 2 GPUs in 30 minutes, at the two sites of the tiny runs. */
function task(rows: readonly PlainJob[], change: Partial<RunSpec> = {}): { spec: RunSpec; inputs: RunInputs } {
  const { spec, inputs } = generatedTask(0);
  const [plain] = [machine(8, 2, 2, 2)];
  const phases = { stallW: 30, initialiseW: 20, hangW: 40 };
  const parsed = parsePolicy('fcfs+easy@pack');
  if (!parsed.ok) throw new Error('no policy');
  return {
    spec: {
      ...spec,
      partitions: [{ ...plain, power: { ...plain.power, phases } }],
      policy: parsed.policy,
      workload: { kind: 'trace', name: 'log', input: 'log', classNames: ['any'] },
      horizonMs: 1_800_000,
      warmupMs: 0,
      overrun: 'extend',
      ...change,
    },
    inputs: { ...inputs, traces: { log: jobTable(rows) } },
  };
}

describe('a job for which no checkpoint is ever due', () => {
  const rows = [0, 1, 2, 3].map((at) => ({ submitMs: 1000 * at, gpus: 2 + 3 * at, runMs: 300_000 + 100_000 * at }));
  const never = (mode: CheckpointSpec['mode'], over: Partial<CheckpointSpec>): CheckpointSpec => ({
    ...checkpointsOf(1, 60_000, 2, mode === 'background' ? 20_000 : undefined),
    intervalMs: undefined,
    ...over,
  });
  const noFailures = { ...reliabilityOf(), rateFactor: 0, stragglers: undefined };
  const slow = reliabilityOf();

  it.each([
    ["Daly's of jobs that nothing fails", { checkpoints: never('blocking', {}) }],
    ['the same in the background', { checkpoints: never('background', { storageShare: 0.5 }) }],
    ['a rate factor of 0', { checkpoints: never('blocking', {}), reliability: noFailures }],
    ['the same in the background', { checkpoints: never('background', {}), reliability: noFailures }],
    ['intervals of 30 days', { checkpoints: never('blocking', { intervalMs: 30 * MS_PER_DAY }) }],
    [
      'intervals of 30 days where jobs may become slow',
      { checkpoints: never('background', { intervalMs: 30 * MS_PER_DAY }), reliability: slow },
    ],
  ] satisfies [string, Partial<RunSpec>][])('draws what its class draws: %s', (_, change) => {
    const plain = task(rows);
    const { spec, inputs } = task(rows, change);
    const expected = simulate(plain.spec, plain.inputs);
    const found = simulate(spec, inputs);
    expect(found.sites.map(({ itMWh }) => itMWh)).toEqual(expected.sites.map(({ itMWh }) => itMWh));
    expect(found.schedule.goodput!.stallGpuHours).toBe(0);
  });
});

describe('the effective training time ratio', () => {
  const columns = (of: Record<string, number[]>) =>
    Object.fromEntries(Object.entries(of).map(([name, values]) => [name, Float64Array.from(values)]));
  const noCounts: PhaseCounts = {
    ...{ causes: [], counts: [], interruptions: [], downNodeMs: [], storageLoads: [], traits: undefined },
    ...{ lostGpuMs: new Float64Array(), restartGpuMs: new Float64Array() },
    ...{ downGpuMs: 0, spareGpuMs: 0, tokens: new Float64Array(), mfuGpuMs: new Float64Array() },
  };

  it('is useful over held and waiting for repair, of all jobs together', () => {
    const phases = columns({
      usefulGpuMs: [600, 100],
      stallGpuMs: [30, 10],
      lostGpuMs: [60, 20],
      restartGpuMs: [10, 20],
      repairWaitGpuMs: [0, 150],
    });
    const jobs = { interruptions: { phases } } as unknown as JobOutcomes;
    const curves = [{ freeGpuMs: 0 }] as unknown as LoadCurve[];
    const found = goodputOf(jobs, noCounts, { partitions: [machine(8, 2)], fromMs: 0, toMs: 1000, curves });
    expect(found.ettrFraction).toBe(700 / (850 + 150));
    expect(found.goodputFraction).toBe(700 / 16_000);
  });

  /*
   * All 16 GPUs for 600 s. Fails at 300 s, found at 310 s, no spare; the node is back at 410 s, productive 25 s later.
   */
  it('of a run counts the wait for the repair', () => {
    listFailures([{ atMs: 300_000, node: 3, repairMs: 100_000 }]);
    const reliability = { ...reliabilityOf(), detectionMs: 10_000, swapMs: 5_000 };
    const initialisation = { baseMs: 20_000, perDoublingMs: 0, mostMs: 20_000 };
    const { spec, inputs } = task([{ submitMs: 0, gpus: 16, runMs: 600_000 }], {
      ...{ reliability, initialisation },
      checkpoints: checkpointsOf(1_000_000_000, 0, 2),
    });
    const { goodput } = simulate(spec, inputs).schedule;
    expect(goodput!.repairWaitGpuHours).toBe((16 * 100_000) / 3_600_000);
    expect(goodput!.ettrFraction).toBeCloseTo(600 / (600 + 300 + 10 + 25 + 100), 12);
  });
});

describe('GPU time that does not add up', () => {
  const of = { reliability: { ...reliabilityOf(), spareNodes: [1] }, checkpoints: checkpointsOf(60_000, 6000, 2) };
  const { spec, inputs } = task([{ submitMs: 0, gpus: 8, runMs: 300_000 }], of);

  it.each([1, -1])('stops the run with what is missing (%d GPU·ms)', (apartGpuMs) => {
    expect(() => simulate(spec, inputs)).not.toThrow();
    changed = (ran) => ({ ...ran, phases: { ...ran.phases!, spareGpuMs: ran.phases!.spareGpuMs + apartGpuMs } });
    expect(() => simulate(spec, inputs)).toThrow(expect.objectContaining({ code: 'audit.failed' }) as Error);
    expect(() => simulate(spec, inputs)).toThrow(/^GPU time: expected useful \+ stall/);
  });

  it('is not the time until the last job of a run without a horizon is turned away', () => {
    const windows: WindowSpec[] = [
      { name: 'course', kind: 'reservation', partition: 0, nodes: 2, fromMs: 0, toMs: 1000, drainMs: 0 },
    ];
    const rows = [
      { submitMs: 0, gpus: 4, runMs: 500 },
      { submitMs: 700_000, gpus: 2, runMs: 500 },
    ];
    const { spec: late, inputs: given } = task(rows, { ...of, windows, horizonMs: undefined, sites: [] });
    const log = { ...given.traces.log!, extra: { reservationOf: Int16Array.of(-1, 0) } };
    const { rejected, goodput } = simulate(late, { ...given, traces: { log } }).schedule;
    expect(rejected).toBe(1);
    expect(goodput!.totalGpuHours * 3_600_000).toBeCloseTo(16 * 700_000, 3);
    // The free nodes of an open reservation are idle.
    expect(goodput!.withdrawnGpuHours).toBe(0);
  });

  it('is not that of windows that end after the last job', () => {
    const windows: WindowSpec[] = [
      { name: 'repair', kind: 'maintenance', partition: 0, nodes: 2, fromMs: 0, toMs: 900_000, drainMs: 0 },
    ];
    const { spec: within, inputs: given } = task([{ submitMs: 0, gpus: 8, runMs: 300_000 }], { ...of, windows });
    const { goodput } = simulate(within, given).schedule;
    expect(goodput!.withdrawnGpuHours * 3_600_000).toBeCloseTo(2 * 2 * 900_000, 3);
  });

  it('is not what rounds off beyond 2^53 GPU·ms', () => {
    const large = machine(200_001, 5, 16, 16);
    // Ends at odd times, late in the year.
    const rows = Array.from({ length: 40 }, (_, at) => ({
      submitMs: 1001 * at,
      gpus: 5 * (101 + at),
      runMs: 3e10 + 7919 * at + (at % 3),
    }));
    const reliability = { ...reliabilityOf(), rateFactor: 0, spareNodes: [3333] };
    const huge = task(rows, { partitions: [large], reliability, sites: [], horizonMs: 366 * MS_PER_DAY });
    const { goodput } = simulate(huge.spec, huge.inputs).schedule;
    expect(goodput!.totalGpuHours * 3_600_000).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
    expect(Math.abs(goodput!.withdrawnGpuHours)).toBeLessThan(1e-3);
  });
});
