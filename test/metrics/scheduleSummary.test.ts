import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { JobOutcomes, ScheduleSummary } from '../../src/metrics/runResult.js';
import { summariseSchedule } from '../../src/metrics/scheduleSummary.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { ClassTraits } from '../../src/scenario/classTraits.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { END_STATES } from '../../src/workload/jobTable.js';
import { Segments } from '../../src/workload/segments.js';
import type { JobTable } from '../../src/workload/jobTable.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';
import { ruledTable, runRuled, type RuledJob, type Rules } from '../support/rules.js';

const HOUR = 3_600_000;

/** Runs the jobs on 2 nodes of 4 GPUs, from hour `fromH` to `toH` (or until drained), and summarises. */
function summary(
  rows: readonly PlainJob[],
  fromH: number,
  toH: number | undefined,
  userOf: readonly number[] = [],
): ScheduleSummary {
  const parsed = parsePolicy('fcfs+easy@pack');
  if (!parsed.ok) throw new Error('unreachable');
  const partitions = [machine(2, 4)];
  const table = jobTable(rows);
  table.userOf.set(userOf);
  const horizonMs = toH === undefined ? undefined : toH * HOUR;
  const startMs = Math.min(fromH * HOUR, 0);
  const ran = schedule({
    partitions,
    policy: parsed.policy,
    jobs: table,
    startMs,
    horizonMs,
    streams: new RandomStreams(1),
  });
  return summariseSchedule(
    { table, startMs: ran.startMs, endMs: ran.endMs },
    {
      partitions,
      fromMs: 0,
      toMs: horizonMs ?? Math.max(...ran.endMs),
      drained: horizonMs === undefined,
      curves: ran.curves,
      queueMax: ran.queueMax,
      events: ran.events,
      offeredLoadTarget: undefined,
      rescaledJobs: 0,
    },
  );
}

/** What a run leaves behind for its summary. */
function outcomesOf(table: JobTable, { startMs, endMs, progress, segments }: Schedule): JobOutcomes {
  const { partitionOf, endState, rejectedFor, interruptions } = progress;
  const fates = { table, startMs, endMs, partitionOf, endState, rejectedFor };
  if (segments === undefined) return fates;
  const { preemptions, resizes, lostGpuMs, attainedGpuMs, ranMs, slots, queuedMs } = interruptions!;
  const running = Uint8Array.from(slots.of, (slot) => (slot >= 0 ? 1 : 0));
  return {
    ...fates,
    interruptions: { preemptions, resizes, lostGpuMs, attainedGpuMs, ranMs, running, queuedMs, segments },
  };
}

/** 2 nodes of 4 GPUs from 0 on, all that was before being warm-up. */
function ruledSummary(rows: readonly RuledJob[], rules: Rules): ScheduleSummary {
  const partitions = [machine(2, 4)];
  const ran = runRuled(rows, { partitions, ...rules });
  return summariseSchedule(outcomesOf(ruledTable(rows), ran), {
    ...{ partitions, curves: ran.curves, queueMax: ran.queueMax, fromMs: 0 },
    ...{ toMs: rules.horizonMs ?? Math.max(...ran.endMs), drained: rules.horizonMs === undefined },
    ...{ events: 0, offeredLoadTarget: undefined, rescaledJobs: 0 },
  });
}

describe('the summary of a schedule', () => {
  /*
   * 8 GPUs, horizon 10 h. A: 8 GPUs, −1 h to 3 h (warm-up). B: 5 GPUs (held: 8) submitted at 0, waits 3 h, runs 4 h.
   * C: 2 GPUs submitted at 1 h, does not fit beside B, waits to 7 h, still running at 10 h. D arrives at 10 h: too late.
   */
  const rows = [
    { submitMs: -HOUR, gpus: 8, runMs: 4 * HOUR },
    { submitMs: 0, gpus: 5, runMs: 4 * HOUR },
    { submitMs: HOUR, gpus: 2, runMs: 8 * HOUR },
    { submitMs: 10 * HOUR, gpus: 1, runMs: HOUR },
  ];

  it('counts GPU-hours held inside the horizon, the warm-up’s and the cut-off jobs’ share included', () => {
    const found = summary(rows, -1, 10);
    expect(found.gpuHoursUsed).toBe(8 * 3 + 8 * 4 + 2 * 3);
    expect(found.classes.reduce((sum, { gpuHoursUsed }) => sum + gpuHoursUsed, 0)).toBe(found.gpuHoursUsed);
    expect(found.utilisationFraction).toBe(62 / 80);
  });

  it('counts jobs submitted in [0, horizon), neither earlier ones nor one at the horizon itself', () => {
    const { submitted, completed, runningAtEnd, waitingAtEnd } = summary(rows, -1, 10);
    expect({ submitted, completed, runningAtEnd, waitingAtEnd }).toEqual({
      submitted: 2,
      completed: 1,
      runningAtEnd: 1,
      waitingAtEnd: 0,
    });
  });

  it('counts what runs and waits at the end whenever it was submitted', () => {
    const early = [
      { submitMs: -HOUR, gpus: 8, runMs: 99 * HOUR },
      { submitMs: -HOUR / 2, gpus: 8, runMs: HOUR },
    ];
    const { submitted, runningAtEnd, waitingAtEnd, waitingSoFarMeanMs } = summary(early, -1, 10);
    expect({ submitted, runningAtEnd, waitingAtEnd, waitingSoFarMeanMs }).toEqual({
      submitted: 0,
      runningAtEnd: 1,
      waitingAtEnd: 1,
      waitingSoFarMeanMs: 10.5 * HOUR,
    });
  });

  it('offers the GPU-hours that will be held, not those asked for', () => {
    expect(summary(rows, -1, 10).offeredLoadRealised).toBe((8 * 4 + 2 * 8) / 80);
  });

  it('takes waits of jobs that started, and the queue over time', () => {
    const found = summary(rows, -1, 10);
    expect(found.wait).toMatchObject({ jobs: 2, meanMs: (3 + 6) * HOUR * 0.5, maxMs: 6 * HOUR });
    expect(found.queueMean).toBeCloseTo((3 + 6) / 10, 12);
    expect(found.queueMax).toBe(2);
  });

  it('keeps a queue of the warm-up out of the longest queue', () => {
    const early = Array.from({ length: 5 }, () => ({ submitMs: -2 * HOUR, gpus: 8, runMs: HOUR / 5 }));
    expect(summary(early, -2, 1).queueMax).toBe(0);
  });

  it('bounds the slowdown of jobs shorter than 10 seconds', () => {
    // The second waits 20 s and runs 1 s: (20 + 1) / 10 = 2.1. The first does not wait: 1.
    const short = [
      { submitMs: 0, gpus: 8, runMs: 20_000 },
      { submitMs: 0, gpus: 8, runMs: 1_000 },
    ];
    expect(summary(short, 0, 1).boundedSlowdownMean).toBeCloseTo((1 + 2.1) / 2, 12);
  });

  it('has no waits, no slowdown and no wait so far where nothing started, ended or waits', () => {
    const { wait, boundedSlowdownMean, waitingSoFarMeanMs } = summary([], 0, 1);
    expect(wait).toMatchObject({ jobs: 0, meanMs: Number.NaN, p95Ms: Number.NaN });
    expect([boundedSlowdownMean, waitingSoFarMeanMs]).toEqual([Number.NaN, Number.NaN]);
  });

  it('counts every job of a drained run, one of 0 ms at its very end too', () => {
    const trace = [
      { submitMs: 0, gpus: 1, runMs: HOUR },
      { submitMs: HOUR, gpus: 1, runMs: 0 },
    ];
    expect(summary(trace, 0, undefined)).toMatchObject({ submitted: 2, completed: 2, wait: { jobs: 2 } });
  });

  it('completes jobs from submission to end, and counts the age of those that are cut', () => {
    const { jct, timeInSystemMeanMs, unfinished } = summary(rows, -1, 10);
    expect(jct).toMatchObject({ jobs: 1, meanMs: 7 * HOUR, p99Ms: 7 * HOUR });
    expect(timeInSystemMeanMs).toBe(((7 + 9) / 2) * HOUR);
    expect(unfinished).toBe(1);
  });

  it('has quantiles of completion times over all jobs that ended', () => {
    // 8 GPUs each, one after the other: 1 h, 2 h, 3 h, 4 h and 5 h.
    const line = Array.from({ length: 5 }, () => ({ submitMs: 0, gpus: 8, runMs: HOUR }));
    const { jct } = summary(line, 0, 9);
    expect(jct).toMatchObject({ jobs: 5, meanMs: 3 * HOUR, p50Ms: 3 * HOUR, p95Ms: 4.8 * HOUR, maxMs: 5 * HOUR });
  });

  it('waits longest with a job that still waits at the end', () => {
    const blocked = [
      { submitMs: 0, gpus: 8, runMs: 99 * HOUR },
      { submitMs: HOUR, gpus: 8, runMs: HOUR },
    ];
    expect(summary(blocked, 0, 10)).toMatchObject({ longestWaitMs: 9 * HOUR, wait: { maxMs: 0 }, unfinished: 2 });
    expect(summary(rows, -1, 10).longestWaitMs).toBe(6 * HOUR);
    expect(summary([], 0, 1).longestWaitMs).toBeNaN();
  });

  it('sorts waits into sizes by the GPUs asked for', () => {
    // The job of 8 takes both nodes, one of which the job of 3 holds for an hour; the job of 2 is backfilled.
    const mixed = [
      { submitMs: 0, gpus: 3, runMs: HOUR },
      { submitMs: 0, gpus: 8, runMs: HOUR },
      { submitMs: 0, gpus: 2, runMs: HOUR },
    ];
    const [small, nodes, ...larger] = summary(mixed, 0, 4).waitBySize;
    expect(small).toMatchObject({ name: '1–7', submitted: 2, wait: { jobs: 2, meanMs: 0 } });
    expect(nodes).toMatchObject({ name: '8–63', submitted: 1, wait: { jobs: 1, meanMs: HOUR } });
    expect(larger.map(({ name, wait }) => [name, wait.meanMs])).toEqual([
      ['64–511', Number.NaN],
      ['512–4095', Number.NaN],
      ['4096 and more', Number.NaN],
    ]);
  });

  it('calls the share of free GPUs in partly held nodes fragmentation', () => {
    // From hour 7 on two GPUs of one node of 4 are held: 2 of the 6 free ones are in it. Before, nothing is free.
    expect(summary(rows, -1, 10).fragmentationFraction).toBeCloseTo(2 / 6, 12);
    // Free: 3 + 4 for an hour (3 in the held node), then 8 for three hours.
    const one = [{ submitMs: 0, gpus: 1, runMs: HOUR }];
    expect(summary(one, 0, 4).fragmentationFraction).toBeCloseTo(3 / (7 + 3 * 8), 12);
    const full = [{ submitMs: 0, gpus: 8, runMs: 9 * HOUR }];
    expect(summary(full, 0, 4).fragmentationFraction).toBeNaN();
  });

  it('takes Jain’s index over the users’ mean share of their time in the system that they ran', () => {
    const two = Array.from({ length: 2 }, () => ({ submitMs: 0, gpus: 8, runMs: HOUR }));
    // User 0 runs at once: 1. User 3 waits an hour and runs one: 1/2. (1.5)² / (2 × 1.25) = 0.9.
    expect(summary(two, 0, 4, [0, 3]).fairness).toMatchObject({ users: 2, jainIndex: 0.9 });
    expect(summary(two, 0, 4, [7, 7]).fairness).toMatchObject({ users: 1, jainIndex: 1 });
    expect(summary([], 0, 1).fairness).toMatchObject({ users: 0, jainIndex: Number.NaN, rhoMean: Number.NaN });
  });

  it('compares completion with a 1/N share of the machine, on which large gangs take longer', () => {
    // 8 job-hours in 4 h: N = 2, the share is 4 GPUs. The gang of 8 would take 4 h there and takes 2: ρ = 0.5.
    const small = [1, 1.5, 1.5, 1, 1].map((hours, i) => {
      return { submitMs: 2 * HOUR, gpus: i < 3 ? 2 : 1, runMs: hours * HOUR };
    });
    const { fairness } = summary([{ submitMs: 0, gpus: 8, runMs: 2 * HOUR }, ...small], 0, 4);
    expect(fairness.shareGpus).toBe(4);
    expect(fairness.rhoMean).toBeCloseTo((0.5 + 5) / 6, 12);
    expect(fairness.rhoMax).toBe(1);
  });
});

describe('the GPUs that are free', () => {
  const job = fc.record({
    submitMs: fc.integer({ min: -5, max: 40 }).map((quarters) => (quarters * HOUR) / 4),
    gpus: fc.integer({ min: 1, max: 12 }),
    runMs: fc.integer({ min: 1, max: 4 * HOUR }),
  });

  it('and those that are held make up the machine, at any time and under pre-emption', () => {
    fc.assert(
      fc.property(
        fc.array(job, { maxLength: 25 }),
        fc.constantFrom('fcfs+easy@pack', 'fcfs+none@spread', 'las+greedy/las@pack', 'srtf+easy/srtf@best-fit'),
        (rows, text) => {
          const parsed = parsePolicy(text);
          if (!parsed.ok) throw new Error(text);
          const { curves } = schedule({
            partitions: [machine(3, 4)],
            policy: parsed.policy,
            jobs: jobTable(rows),
            startMs: -2 * HOUR,
            horizonMs: 10 * HOUR,
            streams: new RandomStreams(1),
          });
          const [{ busyGpuMs, freeGpuMs, partlyFreeGpuMs }] = curves as [(typeof curves)[0]];
          const heldGpuMs = busyGpuMs.reduce((sum, ms) => sum + ms, 0);
          expect(heldGpuMs + freeGpuMs).toBe(12 * 10 * HOUR);
          expect(partlyFreeGpuMs).toBeGreaterThanOrEqual(0);
          // A node held in part has at most three free GPUs beside a held one.
          expect(partlyFreeGpuMs).toBeLessThanOrEqual(Math.min(freeGpuMs, 3 * heldGpuMs));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what interruptions and refusals did', () => {
  const table = jobTable([
    { submitMs: -HOUR, gpus: 4, runMs: HOUR },
    { submitMs: 0, gpus: 4, runMs: HOUR },
    { submitMs: HOUR, gpus: 4, runMs: HOUR },
    { submitMs: HOUR, gpus: 4, runMs: HOUR },
  ]);
  const curve = { binMs: 900_000, itWms: new Float64Array(40), busyGpuMs: new Float64Array(40) };
  const context = {
    ...{ partitions: [machine(2, 4)], fromMs: 0, toMs: 10 * HOUR, drained: false, queueMax: 0, events: 0 },
    ...{ offeredLoadTarget: undefined, rescaledJobs: 0 },
    curves: [{ ...curve, queuedJobMs: new Float64Array(40), freeGpuMs: 0, partlyFreeGpuMs: 0 }],
  };
  const startMs = Float64Array.of(0, 0, HOUR, Number.NaN);
  const endMs = Float64Array.of(HOUR, 3 * HOUR, 4 * HOUR, Number.NaN);

  it.each([1, 1.7, 2])('compares fairly with a policy that could interrupt and does not, at speed %d', (speed) => {
    // One node is reserved for hours 2 to 3: the job in it is killed there. The rest queue on the other node.
    const window = { name: 'course', kind: 'reservation', partition: 0, nodes: 1, drainMs: 2 * HOUR } as const;
    const windows = [{ ...window, fromMs: 2 * HOUR, toMs: 3 * HOUR }];
    const rows: RuledJob[] = [
      { submitMs: 0, gpus: 4, runMs: 3 * HOUR + 1, user: 1 },
      { submitMs: 1, gpus: 2, runMs: 7 * HOUR + 1, user: 2 },
      { submitMs: 2, gpus: 8, runMs: HOUR, user: 3 },
      { submitMs: 3, gpus: 4, runMs: 9 * HOUR, estimateMs: HOUR, reservation: 0, user: 4 },
    ];
    const traits: Partial<ClassTraits>[] = [{ speedByPartition: [speed] }];
    const plain = ruledSummary(rows, { windows, traits, policy: 'fcfs+easy@pack' });
    expect(plain).toMatchObject({ timedOut: 1, completed: 3 });
    expect(ruledSummary(rows, { windows, traits, policy: 'fcfs+easy/priority@pack' })).toEqual(plain);
  });

  it('is the same of a job killed while it restarts, whose work done is what was saved', () => {
    // Its reservation has one node for 10 h. Job 0 works 1 h at speed 2, is interrupted for 3 h, and restarts for ever.
    const window = { name: 'course', kind: 'reservation', partition: 0, nodes: 1, drainMs: 0 } as const;
    const windows = [{ ...window, fromMs: 0, toMs: 10 * HOUR }];
    const rows: RuledJob[] = [
      { submitMs: 0, gpus: 4, runMs: 9 * HOUR, reservation: 0 },
      { submitMs: HOUR, gpus: 4, runMs: 6 * HOUR, reservation: 0, priority: 1 },
    ];
    const traits = [{ speedByPartition: [2], restartMs: 9 * HOUR }];
    const found = ruledSummary(rows, { windows, traits, policy: 'fcfs+easy/priority@pack' });
    expect(found).toMatchObject({ timedOut: 1, completed: 1, preemptions: 1 });
    // 10 h for one hour's work; the other did not wait. Restarting cost 4 GPUs from hour 4 to 10; work done is not lost.
    expect(found.boundedSlowdownMean).toBe((10 + 1) / 2);
    expect(found.lostGpuHours).toBe(24);
  });

  it('is the same of a job that waits to go on when its reservation ends', () => {
    // One node for 10 h at speed 2. Job 0 works 1 h, then job 1 outlives its estimate and is killed with the window.
    const window = { name: 'course', kind: 'reservation', partition: 0, nodes: 1, drainMs: 0 } as const;
    const windows = [{ ...window, fromMs: 0, toMs: 10 * HOUR }];
    const rows: RuledJob[] = [
      { submitMs: 0, gpus: 4, runMs: 9 * HOUR, reservation: 0 },
      { submitMs: HOUR, gpus: 4, runMs: 90 * HOUR, estimateMs: HOUR, reservation: 0, priority: 1 },
    ];
    const traits = [{ speedByPartition: [2] }];
    const found = ruledSummary(rows, { windows, traits, policy: 'fcfs+easy/priority@pack' });
    expect(found).toMatchObject({ timedOut: 2, preemptions: 1, boundedSlowdownMean: (10 + 1) / 2 });
  });

  it('leaves a job that was interrupted and waits among those that wait, since its interruption', () => {
    const rows = [
      { submitMs: -HOUR, gpus: 8, runMs: 9 * HOUR },
      { submitMs: HOUR, gpus: 8, runMs: 9 * HOUR, priority: 1 },
    ];
    const found = ruledSummary(rows, { policy: 'fcfs+easy/priority@pack', horizonMs: 4 * HOUR });
    expect(found).toMatchObject({ runningAtEnd: 1, waitingAtEnd: 1, waitingSoFarMeanMs: 3 * HOUR, longestWaitMs: 0 });
  });

  it('counts what classes held inside the horizon alone, as it counts the machine', () => {
    const rows = [
      { submitMs: -2 * HOUR, gpus: 8, runMs: 3 * HOUR },
      { submitMs: 0, gpus: 8, runMs: 9 * HOUR, priority: -1 },
      { submitMs: 2 * HOUR, gpus: 4, runMs: HOUR },
    ];
    const found = ruledSummary(rows, { policy: 'fcfs+easy/priority@pack', horizonMs: 4 * HOUR });
    expect(found.preemptions).toBe(1);
    expect(found.classes[0]!.gpuHoursUsed).toBe(found.gpuHoursUsed);
    expect(found.gpuHoursUsed).toBe(8 + 8 + 4 + 8);
  });

  it('is counted of the jobs submitted inside the horizon, and their slowdown by the work they did', () => {
    const segments = new Segments();
    segments.add(1, 4, 0, HOUR / 2);
    segments.add(1, 4, 2 * HOUR, 3 * HOUR);
    const interruptions = {
      preemptions: Int32Array.of(9, 1, 0, 0),
      resizes: Int32Array.of(9, 0, 2, 0),
      lostGpuMs: Float64Array.of(9 * HOUR, 2 * HOUR, HOUR, 0),
      attainedGpuMs: new Float64Array(4),
      ranMs: Float64Array.of(HOUR, HOUR, HOUR, 0),
      running: new Uint8Array(4),
      queuedMs: Float64Array.of(-HOUR, HOUR / 2, HOUR, HOUR),
      segments,
    };
    const found = summariseSchedule({ table, startMs, endMs, interruptions }, context);
    expect(found).toMatchObject({ preemptions: 1, resizes: 2, lostGpuHours: 3 });
    expect(found.boundedSlowdownMean).toBe(3);
    expect(found.classes[0]!.gpuHoursUsed).toBe(6);
  });

  it('turns a refused job away: it is submitted, but neither waits nor is left unfinished', () => {
    const found = summariseSchedule({ table, startMs, endMs, rejectedFor: Uint8Array.of(0, 0, 0, 2) }, context);
    expect(found).toMatchObject({ submitted: 3, rejected: 1, waitingAtEnd: 0, unfinished: 0, longestWaitMs: 0 });
    expect(found.timeInSystemMeanMs).toBe(3 * HOUR);
  });

  it('tells a killed job from one that completed', () => {
    const timeout = END_STATES.indexOf('timeout');
    const found = summariseSchedule({ table, startMs, endMs, endState: Uint8Array.of(0, timeout, 0, 0) }, context);
    expect(found).toMatchObject({ completed: 1, timedOut: 1 });
  });
});
