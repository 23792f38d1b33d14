import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldGpus } from '../../src/cluster/layout.js';
import type { LimitsSpec, LimitSpec } from '../../src/scenario/runSpec.js';
import type { Schedule } from '../../src/sim/schedule.js';
import { machine } from '../support/jobs.js';
import { runRuled, startsOrReasons, type RuledJob, type Rules } from '../support/rules.js';

const starts = (rows: readonly RuledJob[], rules: Rules): (number | string)[] => startsOrReasons(runRuled(rows, rules));
const job = (submitMs: number, gpus: number, runMs: number, more: Partial<RuledJob> = {}): RuledJob => ({
  ...{ submitMs, gpus, runMs },
  ...more,
});
const NO_QOS: LimitsSpec = { qos: [] };

describe('MaxWall', () => {
  it('turns away at submission what asks for more, and takes what asks for just as much', () => {
    const rows = [job(0, 1, 50, { estimateMs: 100 }), job(0, 1, 50, { estimateMs: 101 })];
    expect(starts(rows, { limits: { qos: [], maxWallMs: 100 } })).toEqual([0, 'wall']);
  });

  it('of a QoS and of the site hold both', () => {
    const limits: LimitsSpec = {
      maxWallMs: 100,
      qos: [
        { name: 'short', priority: 0, maxWallMs: 20 },
        { name: 'long', priority: 0, maxWallMs: 500 },
      ],
    };
    const traits = [{ qos: 0 }, { qos: 1 }, {}];
    const rows = [0, 1, 2].flatMap((jobClass) => [
      job(0, 1, 20, { jobClass }),
      job(0, 1, 90, { jobClass }),
      job(0, 1, 101, { jobClass }),
    ]);
    expect(starts(rows, { limits, traits })).toEqual([0, 'wall', 'wall', 0, 0, 'wall', 0, 0, 'wall']);
  });
});

describe('a cap on running jobs', () => {
  /*
   * 10 GPUs, MaxJobs 2 a user. User 0 submits four jobs of 10 ms at 0: two run, two wait though 8 GPUs are free.
   * User 1's job starts at once. At 10 the other two start.
   */
  it('of a user holds only the jobs of that user', () => {
    const rows = [...[1, 1, 1, 1].map((gpus) => job(0, gpus, 10, { user: 7 })), job(0, 1, 10, { user: 8 })];
    expect(starts(rows, { limits: { qos: [], perUser: { maxJobs: 2 } } })).toEqual([0, 0, 10, 10, 0]);
  });

  /*
   * 10 GPUs. User 0 runs 1 GPU until 100 under MaxJobs 1, and has a second job of 10 GPUs: first in the queue by
   * arrival, it would block everybody under none, and hold a reservation under EASY. Held back, it does neither.
   */
  it.each(['none', 'easy', 'conservative', 'greedy'])(
    'leaves a held job without place and reservation under %s',
    (backfill) => {
      const rows = [job(0, 1, 100, { user: 0 }), job(1, 10, 10, { user: 0 }), job(2, 9, 500, { user: 1 })];
      const limits: LimitsSpec = { qos: [], perUser: { maxJobs: 1 } };
      expect(starts(rows, { limits, policy: `fcfs+${backfill}@first-fit` })).toEqual([0, 502, 2]);
    },
  );

  /*
   * 10 GPUs, MaxJobs 1. X (user 9) holds 4 until 100. t=1: B (user 0, 8 GPUs) is the head, shadow 100, spare 2. t=2: C
   * (user 0, 2 GPUs for 5) overtakes, which holds B; D (user 1, 4 GPUs for 500) would have delayed B and now is the
   * head: it starts at the same instant. B is back at 7 and finds 8 GPUs when D ends.
   */
  it('that a start brings to bear lets the next of the queue start at the same instant', () => {
    const rows = [
      job(0, 4, 100, { user: 9 }),
      job(1, 8, 10, { user: 0 }),
      job(2, 2, 5, { user: 0 }),
      job(2, 4, 500, { user: 1 }),
    ];
    expect(starts(rows, { limits: { qos: [], perUser: { maxJobs: 1 } } })).toEqual([0, 502, 2, 2]);
    expect(starts(rows, {})).toEqual([0, 100, 2, 110]);
  });

  it('lets held jobs back in the order of the queue', () => {
    // MaxJobs 1: the five run one after the other, shortest first once there is a choice.
    const rows = [50, 40, 30, 20, 10].map((runMs) => job(0, 1, runMs));
    expect(starts(rows, { limits: { qos: [], perUser: { maxJobs: 1 } }, policy: 'sjf+easy@first-fit' })).toEqual([
      100, 60, 30, 10, 0,
    ]);
  });

  it('of an account counts the jobs of all its users', () => {
    const rows = [
      job(0, 1, 10, { user: 0, account: 5 }),
      job(0, 1, 10, { user: 1, account: 5 }),
      job(0, 1, 10, { user: 0, account: 6 }),
    ];
    expect(starts(rows, { limits: { qos: [], perAccount: { maxJobs: 1 } } })).toEqual([0, 10, 0]);
  });

  it('counts over all partitions of the site, and a job that ends in one lets one start in another', () => {
    const rows = [job(0, 1, 10, { partition: 1 }), job(1, 1, 10, { partition: 0 })];
    const partitions = [machine(4, 1), machine(4, 1)];
    expect(starts(rows, { limits: { qos: [], perUser: { maxJobs: 1 } }, partitions })).toEqual([0, 10]);
  });

  it('counts each site of a brokered run for itself', () => {
    const rows = [job(0, 1, 10, { partition: 0 }), job(0, 1, 10, { partition: 1 })];
    const partitions = [machine(4, 1), { ...machine(4, 1), site: 1 }];
    expect(starts(rows, { limits: { qos: [], perUser: { maxJobs: 1 } }, partitions })).toEqual([0, 0]);
  });
});

describe('a cap on GPUs', () => {
  /*
   * 10 GPUs, 6 a user. t=0: 4 run until 100, 3 would make 7: held. t=1: 2 make 6: start, until 51. t=51: 4 run, 3 still
   * make 7: held. t=100: the 3 start. User 1's 4 GPUs start at 2.
   */
  it('holds what would exceed it and lets smaller jobs of the same user pass', () => {
    const rows = [
      job(0, 4, 100, { user: 0 }),
      job(0, 3, 10, { user: 0 }),
      job(1, 2, 50, { user: 0 }),
      job(2, 4, 10, { user: 1 }),
    ];
    expect(starts(rows, { limits: { qos: [], perUser: { maxGpus: 6 } } })).toEqual([0, 100, 1, 2]);
  });

  it('turns away a job that exceeds it alone, and takes one that just fits', () => {
    expect(starts([job(0, 7, 10), job(0, 6, 10)], { limits: { qos: [], perUser: { maxGpus: 6 } } })).toEqual([
      'cap',
      0,
    ]);
  });

  it('counts whole nodes for jobs of nodes: 9 GPUs hold two nodes of 8', () => {
    const partitions = [machine(4, 8)];
    const limits: LimitsSpec = { qos: [], perUser: { maxGpus: 20 } };
    expect(starts([job(0, 9, 10), job(0, 5, 10)], { limits, partitions })).toEqual([0, 10]);
    expect(starts([job(0, 17, 10)], { limits, partitions })).toEqual(['cap']);
  });

  it('of a QoS counts its classes together, that of users within it each user alone', () => {
    // Classes 0 and 1 are of one QoS with 6 GPUs, at most 4 a user; class 2 is of none.
    const limits: LimitsSpec = { qos: [{ name: 'debug', priority: 0, maxGpus: 6, perUser: { maxGpus: 4 } }] };
    const traits = [{ qos: 0 }, { qos: 0 }, {}];
    const rows = [
      job(0, 3, 10, { user: 0, jobClass: 0 }),
      job(0, 2, 10, { user: 0, jobClass: 1 }), // 5 > 4 of the user
      job(0, 3, 20, { user: 1, jobClass: 1 }),
      job(0, 1, 10, { user: 2, jobClass: 0 }), // 7 > 6 of the QoS
      job(0, 2, 10, { user: 0, jobClass: 2 }),
    ];
    expect(starts(rows, { limits, traits })).toEqual([0, 10, 0, 10, 0]);
  });
});

describe('a quality of service', () => {
  it('adds its priority to its jobs', () => {
    const limits: LimitsSpec = {
      qos: [
        { name: 'low', priority: 0 },
        { name: 'high', priority: 10 },
      ],
    };
    const rows = [job(0, 10, 10, { jobClass: 1 }), job(1, 10, 10, { jobClass: 0 }), job(2, 10, 10, { jobClass: 1 })];
    const traits = [{ qos: 0 }, { qos: 1 }];
    expect(starts(rows, { limits, traits, policy: 'priority+none@first-fit' })).toEqual([0, 20, 10]);
    expect(starts(rows, { limits: NO_QOS, policy: 'priority+none@first-fit' })).toEqual([0, 10, 20]);
  });
});

describe('afterok', () => {
  it('lets a job in when all it depends on have completed, and holds back nobody else', () => {
    const rows = [job(0, 4, 100), job(0, 4, 30), job(1, 8, 10, { after: [0, 1] }), job(2, 2, 500)];
    expect(starts(rows, { policy: 'fcfs+none@first-fit' })).toEqual([0, 0, 100, 2]);
  });

  it('is met at once where the job depended on has ended before', () => {
    expect(starts([job(0, 1, 10), job(50, 1, 10, { after: [0] })], {})).toEqual([0, 50]);
  });

  it.each(['failed', 'cancelled', 'timeout'] as const)('turns away the whole chain behind a job that %s', (ends) => {
    const rows = [
      job(0, 1, 10, { ends }),
      job(1, 1, 10, { after: [0] }),
      job(2, 1, 10, { after: [1] }),
      job(40, 1, 10, { after: [2] }),
      job(3, 1, 10),
    ].sort((a, b) => a.submitMs - b.submitMs);
    // In order of submission the independent job is row 3 and the last of the chain row 4.
    expect(starts(rows, {})).toEqual([0, 'dependency', 'dependency', 3, 'dependency']);
  });

  it('turns away what depends on a job that was turned away itself', () => {
    const rows = [job(0, 1, 10, { estimateMs: 99 }), job(0, 1, 1, { after: [0] }), job(5, 1, 1, { after: [1] })];
    expect(starts(rows, { limits: { qos: [], maxWallMs: 50 } })).toEqual(['wall', 'dependency', 'dependency']);
  });

  it('walks a chain of 30,000 failures without running out of stack', () => {
    const rows = Array.from({ length: 30_000 }, (_, i) =>
      job(0, 1, 10, i === 0 ? { ends: 'failed' } : { after: [i - 1] }),
    );
    const { progress } = runRuled(rows, {});
    expect(progress.rejectedFor!.reduce((sum, why) => sum + Math.sign(why), 0)).toBe(29_999);
  });

  it('and caps hold one after the other', () => {
    // The dependent is let in at 10, when its user is at MaxJobs until 40.
    const rows = [job(0, 1, 10, { user: 1 }), job(0, 1, 40, { user: 0 }), job(1, 1, 5, { user: 0, after: [0] })];
    expect(starts(rows, { limits: { qos: [], perUser: { maxJobs: 1 } } })).toEqual([0, 0, 40]);
  });

  it('of jobs that wait for each other stops the run, with the reason', () => {
    const rows = [job(0, 1, 10, { after: [1] }), job(0, 1, 10, { after: [0] })];
    expect(() => runRuled(rows, {})).toThrow(/held because a job it depends on has not completed/);
  });
});

/** Caps of a kind, or none. */
const cap = fc.option(
  fc.record({
    maxJobs: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    maxGpus: fc.option(fc.integer({ min: 1, max: 14 }), { nil: undefined }),
  }),
  { nil: undefined },
);
const someLimits = fc.record({
  perUser: cap,
  perAccount: cap,
  qos: fc.array(
    fc.record({ own: cap, perUser: cap }).map(({ own, perUser }) => ({ name: 'q', priority: 0, ...own, perUser })),
    { minLength: 2, maxLength: 2 },
  ),
});
const someJobs = fc
  .array(
    fc.record({
      submitMs: fc.integer({ min: 0, max: 60 }),
      gpus: fc.integer({ min: 1, max: 12 }),
      runMs: fc.integer({ min: 0, max: 20 }),
      over: fc.integer({ min: 0, max: 15 }),
      user: fc.integer({ min: 0, max: 3 }),
      account: fc.integer({ min: 0, max: 1 }),
      jobClass: fc.integer({ min: 0, max: 2 }),
      partition: fc.integer({ min: 0, max: 1 }),
      ends: fc.constantFrom<'completed' | 'failed'>('completed', 'completed', 'failed'),
      after: fc.array(fc.nat(), { maxLength: 1 }),
    }),
    { minLength: 1, maxLength: 50 },
  )
  .map((jobs) =>
    jobs
      .map(({ over, ...of }) => ({ ...of, estimateMs: of.runMs + over }))
      .sort((x, y) => x.submitMs - y.submitMs)
      .map(({ after, ...of }, at) => ({ ...of, ...(at === 0 ? {} : { after: after.map((n) => n % at) }) })),
  );
const MACHINES = [machine(6, 2, 2, 2), machine(3, 4, 2, 2)];
const CLASSES = [{ qos: 0 }, { qos: 1 }, {}];

interface Cap {
  readonly spec: LimitSpec;
  readonly counts: (row: RuledJob) => boolean;
}

/** Every cap there is, with the jobs it counts. */
function capsOf(limits: LimitsSpec): Cap[] {
  const users = [0, 1, 2, 3];
  const caps: Cap[] = [];
  const add = (spec: LimitSpec | undefined, counts: (row: RuledJob) => boolean): void => {
    if (spec !== undefined) caps.push({ spec, counts });
  };
  for (const user of users) add(limits.perUser, (row) => row.user === user);
  for (const account of [0, 1]) add(limits.perAccount, (row) => row.account === account);
  limits.qos.forEach((qos, index) => {
    add(qos, (row) => row.jobClass === index);
    for (const user of users) add(qos.perUser, (row) => row.jobClass === index && row.user === user);
  });
  return caps;
}

const heldBy = (row: RuledJob): number => heldGpus(row.gpus, MACHINES[row.partition!]!.gpusPerNode);

/** Jobs running after the instant's pass. */
const runningAt = ({ startMs, endMs }: Schedule, at: number): number[] =>
  [...startMs.keys()].filter((row) => startMs[row]! <= at && endMs[row]! > at);

const allows = (caps: readonly Cap[], rows: readonly RuledJob[], running: readonly number[], one: RuledJob): boolean =>
  caps.every(({ spec, counts }) => {
    if (!counts(one)) return true;
    const own = running.filter((row) => counts(rows[row]!));
    const gpus = own.reduce((sum, row) => sum + heldBy(rows[row]!), 0);
    return own.length < (spec.maxJobs ?? Infinity) && gpus + heldBy(one) <= (spec.maxGpus ?? Infinity);
  });

describe.each(['fcfs+none', 'fcfs+easy', 'fcfs+conservative', 'sjf+greedy', 'las+easy'])('limits under %s', (parts) => {
  const policy = `${parts}@pack`;
  const run = (rows: readonly RuledJob[], limits: LimitsSpec): Schedule =>
    runRuled(rows, { limits, traits: CLASSES, partitions: MACHINES, policy });

  it('are never exceeded, and every job ends or is turned away', () => {
    fc.assert(
      fc.property(someJobs, someLimits, (rows, limits) => {
        const ran = run(rows, limits);
        const caps = capsOf(limits);
        for (const at of new Set(ran.startMs)) {
          const running = runningAt(ran, at);
          for (const { spec, counts } of caps) {
            const own = running.filter((row) => counts(rows[row]!));
            expect(own.length).toBeLessThanOrEqual(spec.maxJobs ?? Infinity);
            expect(own.reduce((sum, row) => sum + heldBy(rows[row]!), 0)).toBeLessThanOrEqual(spec.maxGpus ?? Infinity);
          }
        }
        rows.forEach((row, i) => {
          const turnedAway = ran.progress.rejectedFor![i] !== 0;
          expect(Number.isNaN(ran.endMs[i]!)).toBe(turnedAway);
          const ends = (row.after ?? []).map((before) => ran.endMs[before]!);
          const failed = (row.after ?? []).some(
            (before) => rows[before]!.ends === 'failed' || Number.isNaN(ran.endMs[before]!),
          );
          const tooLarge = !allows(caps, rows, [], row);
          expect(turnedAway).toBe(failed || tooLarge);
          if (!turnedAway) expect(ran.startMs[i]).toBeGreaterThanOrEqual(Math.max(row.submitMs, ...ends));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('hold no job that they allow: a partition is never empty while such a job waits for it', () => {
    fc.assert(
      fc.property(someJobs, someLimits, (rows, limits) => {
        const ran = run(rows, limits);
        const caps = capsOf(limits);
        rows.forEach((row, i) => {
          if (Number.isNaN(ran.startMs[i]!)) return;
          const readyMs = Math.max(row.submitMs, ...(row.after ?? []).map((before) => ran.endMs[before]!));
          // With nothing running in its partition it fits, and any that goes before it would run: only a cap can hold it.
          for (const at of new Set([...ran.startMs, ...ran.endMs, ...rows.map(({ submitMs }) => submitMs)])) {
            if (!(at >= readyMs && at < ran.startMs[i]!)) continue;
            const running = runningAt(ran, at);
            const empty = !running.some((other) => rows[other]!.partition === row.partition);
            if (empty) expect(allows(caps, rows, running, row)).toBe(false);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('that never bind change nothing', () => {
    fc.assert(
      fc.property(someJobs, (rows) => {
        const wide = { maxJobs: 1000, maxGpus: 100_000 };
        const limits: LimitsSpec = {
          maxWallMs: 1e9,
          perUser: wide,
          perAccount: wide,
          qos: [
            { name: 'a', priority: 0, ...wide, perUser: wide },
            { name: 'b', priority: 0 },
          ],
        };
        const free = runRuled(rows, { traits: CLASSES, partitions: MACHINES, policy });
        expect(run(rows, limits).fingerprint).toBe(free.fingerprint);
      }),
      { numRuns: 40 },
    );
  });
});

describe('limits and pre-emption', () => {
  const traits = CLASSES.map((of, index) => ({ ...of, priority: index, restartMs: 1 }));

  it('are kept through interruptions, and that never bind change nothing', () => {
    fc.assert(
      fc.property(someJobs, someLimits, (jobs, limits) => {
        const rules = { traits, partitions: MACHINES, policy: 'priority+easy/priority@pack', guaranteedRunMs: 3 };
        const ran = runRuled(jobs, { ...rules, limits });
        const { segments } = ran;
        const stretches = Array.from({ length: segments!.count }, (_, i) => i);
        for (const at of new Set(segments!.fromMs.subarray(0, segments!.count))) {
          const running = stretches.filter((i) => segments!.fromMs[i]! <= at && segments!.toMs[i]! > at);
          for (const { spec, counts } of capsOf(limits)) {
            const own = running.map((i) => jobs[segments!.job[i]!]!).filter(counts);
            expect(own.length).toBeLessThanOrEqual(spec.maxJobs ?? Infinity);
            expect(own.reduce((sum, row) => sum + heldBy(row), 0)).toBeLessThanOrEqual(spec.maxGpus ?? Infinity);
          }
        }
        const wide: LimitsSpec = {
          perUser: { maxJobs: 1000, maxGpus: 1e6 },
          qos: limits.qos.map(({ name }) => ({ name, priority: 0 })),
        };
        expect(runRuled(jobs, { ...rules, limits: wide }).fingerprint).toBe(runRuled(jobs, rules).fingerprint);
        expect([...ran.endMs].every((end, i) => Number.isNaN(end) === (ran.progress.rejectedFor![i] !== 0))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
