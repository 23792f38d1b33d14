import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { ScheduleSummary } from '../../src/metrics/runResult.js';
import { summariseSchedule } from '../../src/metrics/scheduleSummary.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { schedule } from '../../src/sim/schedule.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';

const HOUR = 3_600_000;

/** Runs the jobs on 2 nodes of 4 GPUs, from hour `fromH` to `toH` (or until drained), and summarises. */
function summary(rows: readonly PlainJob[], fromH: number, toH: number | undefined): ScheduleSummary {
  const parsed = parsePolicy('fcfs+easy@pack');
  if (!parsed.ok) throw new Error('unreachable');
  const partitions = [machine(2, 4)];
  const table = jobTable(rows);
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
});
