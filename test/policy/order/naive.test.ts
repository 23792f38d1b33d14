import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { parsePolicy } from '../../../src/policy/parse.js';
import { policyNames } from '../../../src/policy/registry.js';
import { PLAIN_TRAITS } from '../../../src/scenario/classTraits.js';
import { schedule } from '../../../src/sim/schedule.js';
import { jobTable, machine } from '../../support/jobs.js';
import { naiveOrder, type ComparatorAt, type Past } from '../../support/naiveOrder.js';

/** One GPU a node, so that a job holds what it asks for and places do not matter. */
const GPUS = 16;
const HOUR = 3_600_000;
const between = (min: number, max: number) => fc.noBias(fc.integer({ min, max }));

const aJob = fc.record({
  submitMs: between(0, 20 * HOUR),
  gpus: between(1, GPUS),
  runMs: between(1, 3 * HOUR),
  over: between(0, 2 * HOUR),
  user: between(0, 3),
  account: between(0, 1),
  jobClass: between(0, 2),
  priority: between(0, 3),
  deadlineMs: fc.oneof(between(0, 40 * HOUR), fc.constant(Infinity)),
});
type Job = Omit<typeof aJob extends fc.Arbitrary<infer T> ? T : never, 'over'> & { readonly estimateMs: number };

const someJobs: fc.Arbitrary<readonly Job[]> = fc
  .array(aJob, { minLength: 20, maxLength: 60 })
  .map((jobs) =>
    jobs.map(({ over, ...job }) => ({ ...job, estimateMs: job.runMs + over })).sort((x, y) => x.submitMs - y.submitMs),
  );

const CLASS_PRIORITY = [0, 1, 2.5];
const ACCOUNT_SHARES = [1, 3];

type Definition = (jobs: readonly Job[]) => ComparatorAt;
const byKey =
  (key: (job: Job, nowMs: number, id: number) => number): Definition =>
  (jobs) =>
  (now) =>
  (a, b) => {
    const x = key(jobs[a]!, now, a);
    const y = key(jobs[b]!, now, b);
    return x < y ? -1 : x > y ? 1 : 0;
  };
const log2 = (gpus: number): number => Math.log2(Math.max(2, gpus));
const log10 = (ms: number): number => Math.log10(Math.max(1, ms / 1000));
const submitted = byKey((job) => job.submitMs);

const DEFINITIONS: Readonly<Record<string, Definition>> = {
  fcfs: submitted,
  sjf: byKey((job) => job.estimateMs),
  'sjf(run)': byKey((job) => job.runMs),
  ljf: byKey((job) => -job.estimateMs),
  'smallest-first': byKey((job) => job.gpus),
  'largest-first': byKey((job) => -job.gpus),
  'smallest-area': byKey((job) => job.estimateMs * job.gpus),
  edf: byKey((job) => job.deadlineMs),
  priority: byKey(
    ({ jobClass, priority, submitMs }, now) =>
      -(CLASS_PRIORITY[jobClass]! + priority + (0.006 * (now - submitMs)) / HOUR),
  ),
  'priority(0.5)': byKey(
    ({ jobClass, priority, submitMs }, now) =>
      -(CLASS_PRIORITY[jobClass]! + priority + (0.5 * (now - submitMs)) / HOUR),
  ),
  'fair-share': (jobs) => fairShare(jobs, 7 * 24 * HOUR, HOUR / 12),
  'fair-share(2 h, 30 min)': (jobs) => fairShare(jobs, 2 * HOUR, HOUR / 2),
  wfp3: byKey((job, now) => -(((now - job.submitMs) / job.estimateMs) ** 3 * job.gpus)),
  unicef: byKey((job, now) => -((now - job.submitMs) / (log2(job.gpus) * job.estimateMs))),
  f1: byKey((job) => log10(job.estimateMs) * job.gpus + 870 * log10(job.submitMs)),
  srtf: byKey((job) => job.runMs),
  'srtf(estimate)': byKey((job) => job.estimateMs),
  las: submitted,
  gittins: submitted,
  qssf: (jobs) => qssf(jobs, 0.5),
  'qssf(0.2)': (jobs) => qssf(jobs, 0.2),
  'round-robin': submitted,
};

/** Slurm's formula, usage integrated over all past runs at each recalculation. */
function fairShare(jobs: readonly Job[], halfLifeMs: number, recalcMs: number): ComparatorAt {
  let recalculatedMs = 0;
  let key: (job: Job) => number = () => 0;
  const sum = (xs: readonly number[]): number => xs.reduce((total, x) => total + x, 0);
  return (now, _queue, past) => {
    if (now - recalculatedMs >= recalcMs) {
      recalculatedMs = now;
      const left = (ms: number): number => 2 ** (-ms / halfLifeMs);
      const used = jobs.map(({ gpus }, j) => {
        const from = past.startMs[j]!;
        if (Number.isNaN(from)) return 0;
        const to = Number.isNaN(past.endMs[j]!) ? now : past.endMs[j]!;
        return ((gpus * halfLifeMs) / Math.LN2) * (left(now - to) - left(now - from));
      });
      const usage = (of: (job: Job) => boolean): number => sum(used.filter((_, j) => of(jobs[j]!)));
      const total = usage(() => true);
      const accounts = [...new Set(jobs.map((job) => job.account))];
      const allShares = sum(accounts.map((account) => ACCOUNT_SHARES[account]!));
      key = ({ user, account }) => {
        const users = new Set(jobs.filter((job) => job.account === account).map((job) => job.user)).size;
        const own = usage((job) => job.account === account && job.user === user) / total;
        const effective = own + (usage((job) => job.account === account) / total - own) / users;
        return total === 0 ? 0 : -(2 ** (-effective / (ACCOUNT_SHARES[account]! / allShares / users)));
      };
      const keys = jobs.map((job) => key(job));
      key = (job) => keys[jobs.indexOf(job)]!;
    }
    return (a, b) => key(jobs[a]!) - key(jobs[b]!);
  };
}

/** Helios' rolling estimate from the list of ended jobs, taken when a job is first seen in the queue. */
function qssf(jobs: readonly Job[], weight: number): ComparatorAt {
  const key = new Map<number, number>();
  const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const predicted = (j: number, { endMs }: Past): number => {
    const { user, gpus, jobClass, estimateMs } = jobs[j]!;
    const ended = jobs
      .map((job, id) => ({ ...job, id, endMs: endMs[id]! }))
      .filter((job) => job.gpus === gpus && !Number.isNaN(job.endMs))
      .sort((x, y) => x.endMs - y.endMs);
    const own = ended.filter((job) => job.user === user);
    const similar = own.filter((job) => job.jobClass === jobClass);
    if (similar.length > 0) {
      return similar.slice(1).reduce((m, { runMs }) => weight * runMs + (1 - weight) * m, similar[0]!.runMs);
    }
    if (own.length > 0) return mean(own.map(({ runMs }) => runMs));
    return ended.length > 0 ? mean(ended.map(({ runMs }) => runMs)) : estimateMs;
  };
  return (_now, queue, past) => {
    for (const j of queue) if (!key.has(j)) key.set(j, predicted(j, past) * jobs[j]!.gpus);
    return (a, b) => key.get(a)! - key.get(b)!;
  };
}

it('every order is compared with its definition', () => {
  const named = new Set(Object.keys(DEFINITIONS).map((text) => text.replace(/\(.*/, '')));
  expect([...named].sort()).toEqual([...policyNames('order')].sort());
});

describe.each(Object.entries(DEFINITIONS))('%s', (order, definition) => {
  it.each(['none', 'easy'])('with %s agrees with sorting the whole queue at every instant', (backfill) => {
    const parsed = parsePolicy(`${order}+${backfill}@first-fit`);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const { startMs } = schedule({
          partitions: [machine(GPUS, 1)],
          policy: parsed.policy,
          jobs: {
            ...jobTable(jobs),
            extra: {
              accountOf: Int32Array.from(jobs, ({ account }) => account),
              accountShares: Float64Array.from(ACCOUNT_SHARES),
              priority: Float64Array.from(jobs, ({ priority }) => priority),
              deadlineMs: Float64Array.from(jobs, ({ deadlineMs }) => deadlineMs),
            },
          },
          traits: CLASS_PRIORITY.map((priority) => ({ ...PLAIN_TRAITS, priority })),
          startMs: 0,
          horizonMs: undefined,
          streams: new RandomStreams('orders'),
        });
        expect([...startMs]).toEqual(naiveOrder(jobs, GPUS, definition(jobs), backfill === 'easy'));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
