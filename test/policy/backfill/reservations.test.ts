import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import type { PolicyDef } from '../../../src/policy/contracts.js';
import { parsePolicy } from '../../../src/policy/parse.js';
import { Reservations } from '../../../src/policy/backfill/reservations.js';
import { policyNames } from '../../../src/policy/registry.js';
import { schedule, type Schedule } from '../../../src/sim/schedule.js';
import { jobTable, machine, type PlainJob } from '../../support/jobs.js';
import { naiveEasy } from '../../support/naiveEasy.js';
import { naiveReservations } from '../../support/naiveReservations.js';

/** Parts of a policy that stand for the registered ones. */
type Own = Partial<Record<'order' | 'backfill', PolicyDef>>;

function run(jobs: readonly PlainJob[], policyText: string, gpusPerNode = 1, own: Own = {}): Schedule {
  const parsed = parsePolicy(policyText);
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  const modules = new Map(Object.entries(own));
  const parts = Object.fromEntries([...modules.keys()].map((axis) => [axis, { name: axis, params: {}, module: axis }]));
  return schedule({
    partitions: [machine(10, gpusPerNode)],
    policy: { ...parsed.policy, ...parts },
    jobs: jobTable(jobs),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('t'),
    modules,
  });
}

const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 60 }),
  gpus: fc.integer({ min: 1, max: 10 }),
  runMs: fc.integer({ min: 0, max: 20 }),
  over: fc.integer({ min: 0, max: 15 }),
});
const someJobs = fc
  .array(aJob, { minLength: 1, maxLength: 70, size: 'max' })
  .map((jobs) =>
    jobs.map((job) => ({ ...job, estimateMs: job.runMs + job.over })).sort((x, y) => x.submitMs - y.submitMs),
  );

const POLICIES = [
  ['conservative', { depth: Infinity, onRoom: 'earlier' }],
  ['conservative(1)', { depth: 1, onRoom: 'earlier' }],
  ['conservative(3)', { depth: 3, onRoom: 'earlier' }],
  ['easy(2)', { depth: 2, onRoom: 'anew' }],
  ['easy(5)', { depth: 5, onRoom: 'anew' }],
] as const;

describe.each(POLICIES)('%s', (backfill, rules) => {
  it('agrees with the definition computed from lists', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        expect([...run(jobs, `fcfs+${backfill}@pack`).startMs]).toEqual(naiveReservations(jobs, 10, rules));
      }),
      { numRuns: 300 },
    );
  });

  it('agrees on whole nodes of 8 GPUs, counted in nodes', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const wide = jobs.map((job) => ({ ...job, gpus: job.gpus * 8 - (job.gpus > 1 ? job.over % 8 : 0) }));
        expect([...run(wide, `fcfs+${backfill}@pack`, 8).startMs]).toEqual(naiveReservations(jobs, 10, rules));
      }),
    );
  });
});

const ORDERS: readonly (readonly [string, (job: PlainJob) => number])[] = [
  ['shortest estimate', (job) => job.estimateMs!],
  ['most GPUs', (job) => -job.gpus],
  ['smallest area', (job) => job.gpus * job.estimateMs!],
];

describe.each(ORDERS)('in order of %s', (_, key) => {
  it.each(POLICIES)('%s agrees with the definition computed from lists', (backfill, rules) => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const order: PolicyDef = {
          axis: 'order',
          name: 'by-key',
          summary: '',
          create: (_params, { world }) => ({
            key: (job) => key({ submitMs: 0, gpus: world.gpus(job), runMs: 0, estimateMs: world.estimateMs(job) }),
          }),
        };
        expect([...run(jobs, `fcfs+${backfill}@pack`, 1, { order }).startMs]).toEqual(
          naiveReservations(jobs, 10, { ...rules, key }),
        );
      }),
    );
  });
});

/** The keys of the registered orders that are lines over time. */
const MOVING: readonly (readonly [string, (job: PlainJob) => number])[] = [
  ['wfp3', (job) => -Math.cbrt(job.gpus) / Math.max(1, job.estimateMs!)],
  ['unicef', (job) => -1 / (Math.log2(Math.max(2, job.gpus)) * Math.max(1, job.estimateMs!))],
];

describe.each(MOVING)('in the order of %s, which moves', (order, slope) => {
  it.each(POLICIES)('%s agrees with the definition computed from lists', (backfill, rules) => {
    // Rounded as the queue does it: crossings fall on whole ms, where the last bit decides.
    const key = (job: PlainJob, nowMs: number): number => -slope(job) * job.submitMs + slope(job) * nowMs;
    fc.assert(
      fc.property(someJobs, (jobs) => {
        expect([...run(jobs, `${order}+${backfill}@pack`).startMs]).toEqual(
          naiveReservations(jobs, 10, { ...rules, key }),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('an order that moves', () => {
  /*
   * 10 GPUs, held by A until 100. B (10 GPUs for 20, key 0) is submitted at 1 and stands first, at 100; C (10 for 30, key
   * 50 at 2, falling by 1 a ms) stands behind it at 120. From 52 on C goes first: the pass that D's submission makes
   * at 60 plans C at 100, B at 130, and D, last, at 150. Where only one job holds a reservation, B gives back its own.
   */
  it('has reservations made again in its present order', () => {
    const order: PolicyDef = {
      axis: 'order',
      name: 'overtaking',
      summary: '',
      create: () => ({ key: (job) => [0, 0, 50, 70][job]!, slope: (job) => (job === 2 ? -1 : 0) }),
    };
    const jobs = [
      { submitMs: 0, gpus: 10, runMs: 100 },
      { submitMs: 1, gpus: 10, runMs: 20 },
      { submitMs: 2, gpus: 10, runMs: 30 },
      { submitMs: 60, gpus: 10, runMs: 5 },
    ];
    for (const backfill of ['conservative', 'conservative(2)', 'conservative(1)', 'easy(2)']) {
      expect([...run(jobs, `fcfs+${backfill}@pack`, 1, { order }).startMs]).toEqual([0, 130, 100, 150]);
    }
  });
});

describe('a machine nothing runs on', () => {
  /*
   * 10 GPUs, A on 4 until 1. At 0 B (7 for 1) stands at 1 and C (6 for 2) at 2; E (1) starts beside A; D (4 for 2) would
   * delay B. At 1 D has overtaken C: its score is 1/(2·2), that of C 1/(2.58·2), and it is D that holds the second
   * reservation. B starts at 1 and ends at once, so D and C, 10 GPUs together, start at 1 too.
   */
  it('has a job start that was overtaken while it held a reservation', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 1 },
      { submitMs: 0, gpus: 7, runMs: 0 },
      { submitMs: 0, gpus: 6, runMs: 0, estimateMs: 2 },
      { submitMs: 0, gpus: 4, runMs: 0, estimateMs: 2 },
      { submitMs: 0, gpus: 1, runMs: 0 },
    ];
    expect([...run(jobs, 'unicef+conservative(2)@pack').startMs]).toEqual([0, 1, 1, 1, 0]);
  });

  const rows = fc.array(
    fc.record({
      submitMs: fc.integer({ min: 0, max: 60 }),
      gpus: fc.integer({ min: 1, max: 10 }),
      runMs: fc.integer({ min: 0, max: 20 }),
      over: fc.integer({ min: 0, max: 15 }),
      user: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 40, size: 'max' },
  );

  it.each(policyNames('order'))('has nobody wait in the order %s, whoever holds reservations', (order) => {
    fc.assert(
      fc.property(rows, fc.constantFrom('conservative', 'conservative(2)', 'easy', 'easy(3)'), (drawn, backfill) => {
        const jobs = drawn
          .map((job) => ({ ...job, estimateMs: job.runMs + job.over }))
          .sort((x, y) => x.submitMs - y.submitMs);
        const { startMs, endMs } = run(jobs, `${order}+${backfill}@pack`);
        const others = (job: number): number[] => jobs.map((_, id) => id).filter((id) => id !== job);
        jobs.forEach(({ submitMs }, job) => {
          const start = startMs[job]!;
          if (start === submitMs) return;
          // Up to its start something ran, or did so up to that very instant.
          const before = others(job).filter((id) => startMs[id]! < start || endMs[id] === start);
          expect(Math.max(...before.map((id) => endMs[id]!))).toBeGreaterThanOrEqual(start);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('conservative backfilling', () => {
  /*
   * 10 GPUs. t=0: A 6 GPUs, estimate 100. t=1: B 8, stands at 100 (2 spare to 150). t=2: C 6 for 40, stands at 150 after B.
   * t=3: D 4 GPUs for 90 would end at 93 ≤ 100: starts. t=4: E 2 GPUs for 500: free now none; at 93 there are 4, but B needs
   * 8 of 10 from 100, C 6 of 10 from 150: 2 stay free, so E stands at 93.
   */
  const jobs = [
    { submitMs: 0, gpus: 6, runMs: 100 },
    { submitMs: 1, gpus: 8, runMs: 50 },
    { submitMs: 2, gpus: 6, runMs: 40 },
    { submitMs: 3, gpus: 4, runMs: 90 },
    { submitMs: 4, gpus: 2, runMs: 500 },
  ];

  it('starts a job early where it delays no reservation', () => {
    expect([...run(jobs, 'fcfs+conservative@pack').startMs]).toEqual([0, 100, 150, 3, 93]);
  });

  it('moves reservations up in order of the queue when a job ends early', () => {
    // A ends at 50 instead of 100: B needs 8, D holds 4 until 93, so B moves to 93; C (6 GPUs for 40, to 90) fits at 50
    // beside D and before B; E moves behind, 2 beside B: with C on 6 and D on 4 nothing is free until 90.
    const early = jobs.map((job, i) => (i === 0 ? { ...job, runMs: 50, estimateMs: 100 } : job));
    expect([...run(early, 'fcfs+conservative@pack').startMs]).toEqual([0, 93, 50, 3, 90]);
  });

  it('never starts a job after the reservation it was given when it was submitted', () => {
    fc.assert(
      fc.property(someJobs, fc.nat(), (all, cut) => {
        // Run to the estimate from then on, the plan made at a submission is what happens: its promise to the last job.
        const jobs = all.slice(0, 1 + (cut % all.length));
        const last = jobs.at(-1)!;
        const starts = run(all, 'fcfs+conservative@pack').startMs;
        const seen = jobs.map((job, i) => {
          const ended = !Number.isNaN(starts[i]!) && starts[i]! + job.runMs <= last.submitMs;
          return ended ? job : { ...job, runMs: job.estimateMs };
        });
        const promised = naiveReservations(seen, 10, { depth: Infinity, onRoom: 'earlier' }).at(-1)!;
        expect(starts[jobs.length - 1]).toBeLessThanOrEqual(promised);
      }),
      { numRuns: 200 },
    );
  });
});

describe('reservations made anew for the head alone', () => {
  const backfill: PolicyDef = {
    axis: 'backfill',
    name: 'head-alone',
    summary: '',
    create: (_params, context) => new Reservations(context, { depth: 1, onRoom: 'anew' }),
  };

  it('are EASY', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        expect([...run(jobs, 'fcfs+none@pack', 1, { backfill }).startMs]).toEqual(naiveEasy(jobs, 10));
      }),
      { numRuns: 300 },
    );
  });
});
