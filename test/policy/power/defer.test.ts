import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../../src/base/units.js';
import { WaitProbe } from '../../../src/sim/waitProbe.js';
import { costOfRun, HOUR as H, runDeferred, startsH, type Deferred, type WaitingJob } from '../../support/deferred.js';

/** A summer day with cheap sunshine and a dear evening, EUR/MWh by hour UTC; the days after are dear. */
const DAY = [
  ...[40, 40, 40, 40, 40, 40, 90, 90, 90, 60, 60, 20],
  ...[-10, 5, 30, 60, 60, 120, 120, 120, 70, 70, 70, 45],
];
const PRICES = [...DAY, 100];
const ALL_DAY = MS_PER_DAY;
const day: Deferred = { prices: PRICES, deferMs: [ALL_DAY] };

/** Two hours from 7:00; an hour and a half from 8:00, to end by 13:30; three hours from 10:00. A node each. */
const THREE: readonly WaitingJob[] = [
  { submitMs: 7 * H, gpus: 4, runMs: 2 * H },
  { submitMs: 8 * H, gpus: 4, runMs: 1.5 * H, deadlineMs: 13.5 * H },
  { submitMs: 10 * H, gpus: 4, runMs: 3 * H, deadlineMs: 14.5 * H },
];
const costs = (starts: readonly number[], jobs: readonly WaitingJob[]): number[] =>
  starts.map((startH, job) => costOfRun(PRICES, startH * H, jobs[job]!.runMs));

const perfect = 'fcfs+easy@pack~price-aware(perfect)';

describe('price-aware, on a day of which all prices are on paper', () => {
  it('without it, everything starts as it comes', () => {
    const starts = startsH(runDeferred('fcfs+easy@pack~none', THREE, day));
    expect(starts).toEqual([7, 8, 10]);
    expect(costs(starts, THREE)).toEqual([180, 120, 70]); // 90 + 90; 90 + 60/2; 60 + 20 − 10
  });

  it('starts each job where it costs least, the last start before the deadline and its reserve being the latest', () => {
    const starts = startsH(runDeferred(perfect, THREE, day));
    // 12:00: −10 + 5. 11:30, half an hour before the last start: 20/2 − 10. 11:00, likewise: 20 − 10 + 5.
    expect(starts).toEqual([12, 11.5, 11]);
    expect(costs(starts, THREE)).toEqual([-5, 0, 15]);
  });

  it('does the same by forecast where the auction has told all that matters', () => {
    const run = runDeferred('fcfs+easy@pack~price-aware(error=2)', THREE.slice(1), day);
    expect(startsH(run)).toEqual([11.5, 11]);
  });

  it('does by forecast without error what it does knowing the future', () => {
    const free = [{ submitMs: 3 * H, gpus: 4, runMs: 40 * H }, ...THREE];
    const of = { ...day, deferMs: [5 * ALL_DAY] };
    const known = runDeferred(perfect, free, of);
    expect(runDeferred('fcfs+easy@pack~price-aware(error=0)', free, of).fingerprint).toBe(known.fingerprint);
    expect(startsH(runDeferred('fcfs+easy@pack~price-aware(error=2)', free, of))).not.toEqual(startsH(known));
  });

  it('waits by threshold until an hour is among the cheapest of a week', () => {
    // Of a week of 168 hours, all but the first day's at 100, a twentieth are 8.4: the ninth cheapest costs 40.
    const run = runDeferred('fcfs+easy@pack~price-aware(threshold, 0.05)', THREE, day);
    expect(startsH(run)).toEqual([11, 11, 11]);
    // Three hundredths are 5.04: the sixth costs 40, as the tenth does. Two hundredths are 3.36: 30.
    const [first] = startsH(
      runDeferred('fcfs+easy@pack~price-aware(threshold, 0.02)', [{ ...THREE[0]!, submitMs: 0 }], day),
    );
    expect(first).toBe(11);
    const [atOnce] = startsH(
      runDeferred('fcfs+easy@pack~price-aware(threshold, 0.03)', [{ ...THREE[0]!, submitMs: 0 }], day),
    );
    expect(atOnce).toBe(0);
  });

  it('lets a job go at its latest start when the threshold is never met', () => {
    const jobs = [{ submitMs: 17 * H + 1, gpus: 4, runMs: H }];
    const of = { ...day, deferMs: [90 * MS_PER_MINUTE] };
    expect(startsH(runDeferred('fcfs+easy@pack~price-aware(threshold, 0)', jobs, of))).toEqual([(18.5 * H + 1) / H]);
  });

  it('counts what cooling and losses add to a watt', () => {
    // The cheap hour has the heat: 10 × 3 against 12 × 2.
    const of = { prices: [50, 10, 12, 50], overheadFactor: [1, 3, 2, 1], deferMs: [ALL_DAY] };
    expect(startsH(runDeferred(perfect, [{ submitMs: 0, gpus: 4, runMs: H }], of))).toEqual([2]);
  });
});

describe('carbon-aware', () => {
  it('does with carbon what price-aware does with prices', () => {
    const of = { prices: [0], carbon: PRICES.map((price) => price + 10), deferMs: [ALL_DAY] };
    expect(startsH(runDeferred('fcfs+easy@pack~carbon-aware(perfect)', THREE, of))).toEqual([12, 11.5, 11]);
    expect(startsH(runDeferred(perfect, THREE, of))).toEqual([7, 8, 10]);
  });

  it('has forecasts of today, since nobody announces it', () => {
    const of = { prices: [0], carbon: PRICES.map((price) => price + 10), deferMs: [ALL_DAY] };
    const starts = ['a', 'b', 'c', 'd'].map((seed) => {
      const streams = { fork: () => seededDraw(seed) };
      return startsH(
        runDeferred('fcfs+easy@pack~carbon-aware(error=1)', THREE, { ...of, streams: streams as never }),
      )[0];
    });
    expect(new Set(starts).size).toBeGreaterThan(1);
  });
});

/** A plain linear congruential stream: only that seeds differ matters here. */
function seededDraw(seed: string): () => number {
  let state = seed.charCodeAt(0);
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

describe('whoever may not wait', () => {
  const two: readonly WaitingJob[] = THREE.map((job, index) => ({ ...job, jobClass: index === 1 ? 0 : 1 }));

  it('starts as it comes: classes that are not deferrable, and jobs without slack', () => {
    expect(startsH(runDeferred(perfect, two, { ...day, deferMs: [undefined, ALL_DAY] }))).toEqual([12, 8, 11]);
    expect(startsH(runDeferred(perfect, THREE, { ...day, deferMs: [0] }))).toEqual([7, 8, 10]);
    const tight = THREE.map((job) => ({ ...job, deadlineMs: job.submitMs + job.runMs + 29 * MS_PER_MINUTE }));
    expect(startsH(runDeferred(perfect, tight, day))).toEqual([7, 8, 10]);
  });

  it('is the same run as without the policy where no class is deferrable', () => {
    const plain = runDeferred('fcfs+easy@pack~none', THREE, { prices: PRICES });
    const { fingerprint, events } = runDeferred(perfect, THREE, { prices: PRICES });
    expect({ fingerprint, events }).toEqual({ fingerprint: plain.fingerprint, events: plain.events });
  });

  it('does not wait at constant prices', () => {
    expect(startsH(runDeferred(perfect, THREE, { ...day, prices: [77] }))).toEqual([7, 8, 10]);
  });
});

describe('held jobs and room', () => {
  const policy = 'fcfs+easy@pack~price-aware(perfect, spare=0)';
  const waits: WaitingJob = { submitMs: 7 * H, gpus: 8, runMs: 2 * H };

  it('are let go, before anything starts, by the first job that would leave them too little', () => {
    // 8 nodes, of which 2 are held for: 6 are taken at 8:00, the seventh at 9:00.
    const jobs: WaitingJob[] = [
      waits,
      { submitMs: 8 * H, gpus: 24, runMs: 9 * H, jobClass: 1 },
      { submitMs: 9 * H, gpus: 1, runMs: 9 * H, jobClass: 1 },
    ];
    expect(startsH(runDeferred(policy, jobs.slice(0, 2), day))).toEqual([12, 8]);
    expect(startsH(runDeferred(policy, jobs, day))).toEqual([9, 8, 11]);
    // With a fifth to spare, 1.6 nodes, of which half must be left, the first of them is one too many.
    expect(startsH(runDeferred(perfect, jobs.slice(0, 2), day))).toEqual([8, 8]);
  });

  it('all start when they would be more than could at once, the last come waiting as it would have', () => {
    const jobs = Array.from({ length: 5 }, (_, at): WaitingJob => ({ ...waits, submitMs: 7 * H + at }));
    expect(startsH(runDeferred(policy, jobs.slice(0, 4), day))).toEqual([12, 12, 12, 12]);
    const starts = [...runDeferred(policy, jobs, day).startMs];
    expect(starts.slice(0, 4)).toEqual([0, 1, 2, 3].map(() => 7 * H + 4));
    expect(starts[4]).toBe(9 * H + 4);
  });

  it('are not held where others wait, unless so many may', () => {
    const jobs: WaitingJob[] = [
      { submitMs: 6 * H, gpus: 16, runMs: 3 * H, jobClass: 1 },
      { submitMs: 6 * H, gpus: 32, runMs: H, jobClass: 1 },
      { ...waits, runMs: H },
    ];
    expect(startsH(runDeferred(policy, jobs, day))).toEqual([6, 9, 7]);
    const some = 'fcfs+easy@pack~price-aware(perfect, spare=0, queue=1)';
    expect(startsH(runDeferred(some, jobs, day))).toEqual([6, 9, 12]);
  });

  it('are asked about in the warm-up too, where the first week stands in for the days before', () => {
    const early = THREE.map((job) => ({ ...job, submitMs: job.submitMs - 7 * ALL_DAY, deadlineMs: Infinity }));
    expect(startsH(runDeferred(perfect, early, day))).toEqual([12, 12, 11].map((hour) => hour - 168));
  });

  it('do not wait into times whose prices nobody has', () => {
    // A day and a half of prices, ever cheaper: a run of 3 h is known to the end from 33:00 at the latest.
    const prices = Array.from({ length: 36 }, (_, hour) => 100 - hour);
    const of = { prices, steps: 36, deferMs: [5 * ALL_DAY] };
    const jobs = [
      { submitMs: 30 * H, gpus: 4, runMs: 3 * H },
      { submitMs: 34 * H, gpus: 4, runMs: 3 * H },
    ];
    expect(startsH(runDeferred(perfect, jobs, of))).toEqual([33, 34]);
    expect(startsH(runDeferred(perfect, [{ submitMs: 50 * H, gpus: 4, runMs: H }], of))).toEqual([50]);
  });

  it('are counted, with their time until the end of the run', () => {
    const held = runDeferred(perfect, THREE, { ...day, horizonMs: 11.75 * H });
    // From 7:00 to the end, from 8:00 to 11:30, from 10:00 to 11:00.
    expect(held.power).toMatchObject({ heldJobs: 3, heldMs: (4.75 + 3.5 + 1) * H });
    expect(held.startMs[0]).toBeNaN();
  });

  it('are told apart from those that wait for GPUs', () => {
    const probe = new WaitProbe([0, 1, 2]);
    runDeferred(perfect, THREE, { ...day, probe });
    expect(probe.records.map(({ stretches }) => stretches.map(({ reason, toMs }) => [reason, toMs / H]))).toEqual([
      [['deferred', 12]],
      [['deferred', 11.5]],
      [['deferred', 11]],
    ]);
  });

  it('have one event pending each, however often they are asked about', () => {
    const many = Array.from({ length: 200 }, (_, at): WaitingJob => ({
      submitMs: at * MS_PER_MINUTE,
      gpus: 1,
      runMs: MS_PER_MINUTE,
      jobClass: 1,
    }));
    const of = { ...day, deferMs: [ALL_DAY, undefined] };
    // An arrival, a release, a pass, a completion; by threshold each hour that costs something else is asked about.
    const alone = runDeferred(perfect, [waits], of).events;
    expect(alone).toBe(4);
    const byThreshold = 'fcfs+easy@pack~price-aware(threshold, 0.02)';
    expect(runDeferred(byThreshold, [waits], of).events).toBe(3 + 4);
    const plain = runDeferred(perfect, many, of).events;
    expect(runDeferred(perfect, [...many, waits], of).events).toBe(plain + alone);
  });
});

describe('a price-aware run', () => {
  it('is the same twice', () => {
    const jobs = Array.from({ length: 60 }, (_, at): WaitingJob => ({
      submitMs: at * 40 * MS_PER_MINUTE,
      gpus: 1 + ((7 * at) % 16),
      runMs: (1 + (at % 5)) * H,
    }));
    const text = 'fcfs+easy@pack~price-aware(error=0.5)';
    const [one, two] = [runDeferred(text, jobs, day), runDeferred(text, jobs, day)];
    expect(one.fingerprint).toBe(two.fingerprint);
    expect(one.power).toEqual(two.power);
  });
});
