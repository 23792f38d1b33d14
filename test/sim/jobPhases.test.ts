import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import type { ClassTraits } from '../../src/scenario/classTraits.js';
import type { CheckpointSpec } from '../../src/scenario/reliabilitySpec.js';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import type { TrainingSpec } from '../../src/scenario/trainingSpec.js';
import { idleItW } from '../../src/sim/idleWatts.js';
import type { Schedule } from '../../src/sim/schedule.js';
import { dalyIntervalMs } from '../../src/training/checkpointClock.js';
import { checkpointsOf, PRE_EMPTION, phasesOf, runFaulty, SLOW } from '../support/faulty.js';
import { machine } from '../support/jobs.js';
import { listFailures } from '../support/listedFailures.js';
import { endStates, type RuledJob } from '../support/rules.js';

vi.mock('../../src/cluster/failureTrace.js', () => import('../support/listedFailures.js'));

const job = (submitMs: number, gpus: number, runMs: number, more: Partial<RuledJob> = {}): RuledJob => ({
  ...{ submitMs, gpus, runMs },
  ...more,
});
// 8 nodes of 2 GPUs; found after 10 ms, swapped in 5, started in 20, read in 6.
const CHECKPOINTS = checkpointsOf(40, 6, 2);
const SOFTWARE = 1;
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
const repairWaits = ({ progress }: Schedule): number[] => [...progress.interruptions!.phases!.repairWaitGpuMs];

beforeEach(() => {
  listFailures([]);
});

describe('a job that waits for a repair', () => {
  it('waits for it no longer than its reservation lasts', () => {
    const windows: WindowSpec[] = [
      { name: 'course', kind: 'reservation', partition: 0, nodes: 2, fromMs: 50, toMs: 300, drainMs: 0 },
    ];
    listFailures([{ atMs: 60, node: 7, repairMs: 1000 }]);
    // Found at 70, no spare; the run goes on to 500.
    const ran = runFaulty([job(0, 4, 100, { reservation: 0 }), job(400, 2, 100)], { windows });
    expect(endStates(ran)).toEqual(['timeout', 'completed']);
    expect(ran.endMs[0]).toBe(300);
    expect(repairWaits(ran)).toEqual([4 * (300 - 70), 0]);
  });
});

describe('a place at the head of the queue', () => {
  it('is not a better rank: who stands there does not pre-empt those ranked above it', () => {
    listFailures([
      { atMs: 10, node: 1, repairMs: 100 },
      { atMs: 10, node: 2, repairMs: 100 },
    ]);
    const rows = [job(0, 8, 100), job(0, 8, 80, { jobClass: 1 })];
    const traits = [{ priority: 0 }, { priority: 1 }];
    const ran = runFaulty(rows, { policy: 'fcfs+easy/priority@first-fit', traits, checkpoints: CHECKPOINTS });
    expect(sum(ran.progress.interruptions!.preemptions)).toBe(0);
    expect([...ran.endMs]).toEqual([86 + 31 + 112, 86]);
  });
});

describe('a job that is pre-empted at the instant at which it started', () => {
  const traits = [{ priority: 0 }, { priority: 1 }];
  const policy = 'fcfs+easy/priority@first-fit';

  it('has not started: it pays no restart later', () => {
    // The second ends at once, and the third, which takes all, was waiting for that alone.
    const rows = [job(0, 14, 100), job(0, 2, 0), job(0, 16, 30, { after: [1], jobClass: 1 })];
    const ran = runFaulty(rows, { policy, traits, checkpoints: CHECKPOINTS });
    expect([...ran.startMs]).toEqual([30, 0, 0]);
    expect(ran.endMs[0]).toBe(30 + 100 + 2 * 6);
    expect(phasesOf(ran)).toEqual([1400, 14 * 12, 0, 0]);
    expect(ran.progress.interruptions!.preemptions[0]).toBe(0);
  });

  it('keeps its place at the head where a failure had sent it there, and has waited all the time', () => {
    listFailures([
      { atMs: 10, node: 1, repairMs: 100 },
      { atMs: 10, node: 2, repairMs: 100 },
    ]);
    const rows = [
      job(0, 2, 50),
      // Older than the one that fails, and in the queue from 50 on.
      job(0, 16, 5, { after: [0] }),
      job(0, 14, 100),
      job(120, 2, 0),
      job(120, 16, 20, { after: [3], jobClass: 1 }),
    ];
    const ran = runFaulty(rows, { policy, traits, checkpoints: CHECKPOINTS });
    // Sent back at 20; both nodes are back at 120, when it starts and gives way; swap, start and reading from 140 on.
    expect(ran.startMs[4]).toBe(120);
    expect(ran.endMs[2]).toBe(140 + 31 + 112);
    expect(ran.startMs[1]).toBe(ran.endMs[2]!);
    expect(repairWaits(ran)).toEqual([0, 0, 14 * (140 - 20), 0, 0]);
    // For the failure still.
    expect(ran.phases!.restartGpuMs[0]).toBe(14 * (10 + 31));
    expect(ran.phases!.restartGpuMs[PRE_EMPTION]).toBe(0);
  });

  it('and was resized in between has not started either', () => {
    const rows = [
      job(0, 8, 100, { minGpus: 8, maxGpus: 16 }),
      job(0, 2, 0),
      job(0, 16, 30, { after: [1], jobClass: 1 }),
    ];
    const ran = runFaulty(rows, { policy: 'fcfs+elastic/priority@first-fit', traits, checkpoints: CHECKPOINTS });
    expect([...ran.startMs]).toEqual([30, 0, 0]);
    expect(phasesOf(ran)[3]).toBe(0);
  });
});

describe('tokens of a job that slows down and then fails', () => {
  const row = { gpus: 4, tokensPerS: 4000, mfu: 0.4, speedByPods: [1], activeWByPods: [50], parallelism: 'DP4' };
  const training: TrainingSpec = { model: 'm', flopsPerToken: 1, stateBytes: 24, rows: [[row]] };
  const traits: Partial<ClassTraits>[] = [{ training }];

  /*
   * Starts in 20 ms; at full speed until the onset, then at half. Checkpoints after 40 ms of work by the clock, at 60, count at 66.
   */
  it.each([
    ['before the first checkpoint, at both speeds', 50, 62, 30 + 10],
    ['when a checkpoint holds all that was done at full speed', 50, 80, 14],
    ['with all of it since the checkpoint, at both speeds', 76, 90, 10 + 14],
    ['at full speed only', 91, 80, 14],
  ])('are those of its work, whatever was lost: %s', (_, slowMs, failMs, lostMs) => {
    listFailures([{ atMs: failMs, node: 0, repairMs: 5000 }], [{ atMs: slowMs, node: 1, repairMs: 5000 }]);
    const ran = runFaulty([job(0, 4, 100)], { traits, checkpoints: CHECKPOINTS, reliability: { spareNodes: [3] } });
    expect(phasesOf(ran)[2]).toBe(4 * lostMs);
    expect(ran.phases!.tokens[0]).toBeCloseTo(400, 9);
    // The row's, at the speeds it ran at: 100 ms at full speed are worth as much as longer ones at half.
    expect(ran.phases!.mfuGpuMs[0]).toBeCloseTo(0.4 * 4 * 100, 9);
  });
});

describe('the time to be productive again counts', () => {
  it('for the failure that took it, not for a resize afterwards', () => {
    listFailures([{ atMs: 10, node: 0, cause: SOFTWARE }]);
    const rows = [job(0, 12, 200, { minGpus: 4, maxGpus: 12 }), job(100, 8, 50)];
    const traits = [{ resizeMs: 3 }];
    const ran = runFaulty(rows, { policy: 'fcfs+elastic@first-fit', traits, checkpoints: CHECKPOINTS });
    expect(ran.progress.interruptions!.resizes[0]).toBe(1);
    const failedGpuMs = 12 * (10 + 26);
    expect(ran.phases!.restartGpuMs[SOFTWARE]).toBe(failedGpuMs);
    expect(sum(ran.phases!.restartGpuMs)).toBe(failedGpuMs);
    expect(phasesOf(ran)[3]).toBe(failedGpuMs + 8 * 3);
  });

  it('for the pre-emption where one came after the failure', () => {
    listFailures([{ atMs: 10, node: 0, cause: SOFTWARE }]);
    const traits = [{ priority: 0 }, { priority: 1 }];
    const rows = [job(0, 16, 200), job(100, 16, 50, { jobClass: 1 })];
    const ran = runFaulty(rows, { policy: 'fcfs+easy/priority@first-fit', traits, checkpoints: CHECKPOINTS });
    expect(ran.phases!.restartGpuMs[SOFTWARE]).toBe(16 * (10 + 26));
    expect(ran.phases!.restartGpuMs[PRE_EMPTION]).toBe(16 * 26);
    expect(sum(ran.phases!.restartGpuMs)).toBe(phasesOf(ran)[3]);
  });

  it('for the slow node, and not for the failure before it', () => {
    listFailures([{ atMs: 10, node: 0, cause: SOFTWARE }], [{ atMs: 60, node: 1, repairMs: 500 }]);
    const ran = runFaulty([job(0, 4, 200)], { checkpoints: CHECKPOINTS, reliability: { spareNodes: [1] } });
    expect(ran.phases!.restartGpuMs[SOFTWARE]).toBe(4 * (10 + 26));
    expect(ran.phases!.restartGpuMs[SLOW]).toBe(4 * 31);
  });
});

describe('the watts of a job', () => {
  it('are those of hanging while it hangs, and of initialising while it is restarted', () => {
    listFailures([{ atMs: 70, node: 2, repairMs: 500 }]);
    const partitions = [machine(8, 2, 2, 2)];
    const horizonMs = 900_000;
    const of = { partitions, horizonMs, reliability: { spareNodes: [1] }, checkpoints: CHECKPOINTS };
    const ran = runFaulty([job(0, 8, 100)], of);
    // Works at 50 W and stands still for checkpoints at 30 W: 40 and 6 ms of 46.
    const worksW = Math.round((8 * (40 * 50 + 6 * 30)) / 46);
    const { fromMs, toMs, watts, count } = ran.segments!;
    const rows = Array.from({ length: count }, (_, at) => [fromMs[at], toMs[at], watts![at]]);
    expect(rows).toEqual([
      [0, 70, worksW],
      [70, 80, 8 * 40],
      [80, 111, 8 * 20],
      [111, 177, worksW],
    ]);
    const jobWms = worksW * (70 + 66) + 8 * (40 * 10 + 20 * 31);
    expect(sum(ran.curves[0]!.itWms)).toBe(idleItW(partitions) * horizonMs + jobWms);
  });
});

describe("Daly's interval", () => {
  it.each([
    ['blocking', 12, 16],
    ['background', 12, 16],
    ['blocking', 16, 16],
    ['blocking', 4, 4],
  ] as const)('of a job (%s) of %d GPUs on nodes of 8 is that of the %d it holds', (mode, gpus, held) => {
    const gpuMttfMs = 1_000_000;
    const checkpoints: CheckpointSpec = {
      ...checkpointsOf(1, 6, 8, mode === 'background' ? 2 : undefined),
      intervalMs: undefined,
    };
    const ran = runFaulty([job(0, gpus, 800_000)], {
      partitions: [machine(4, 8)],
      horizonMs: 900_000,
      reliability: { failuresPerGpuDay: MS_PER_DAY / gpuMttfMs },
      checkpoints,
    });
    const atMs = phasesOf(ran)[0]! / held;
    expect(atMs).toBe(800_000);
    const { stallMs } = { stallMs: mode === 'background' ? 2 : Math.ceil((6 * gpus) / (8 * Math.ceil(gpus / 8))) };
    const intervalMs = Math.round(dalyIntervalMs(stallMs, gpuMttfMs / held));
    expect(phasesOf(ran)[1]).toBe(held * stallMs * (Math.ceil(800_000 / intervalMs) - 1));
  });
});
