import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import type { JobId, OrderDef } from '../../../src/policy/contracts.js';
import { parsePolicy } from '../../../src/policy/parse.js';
import { definitionOf } from '../../../src/policy/registry.js';
import { schedule } from '../../../src/sim/schedule.js';
import { jobTable, machine, type PlainJob } from '../../support/jobs.js';
import { OrderRig } from '../../support/orderRig.js';

const HOUR = 3_600_000;

describe('gittins', () => {
  /** Jobs 0–4 take 5, 12, 12, 12 and 100 GPU·ms and end; 5, 6 and 7 wait, having received 0, 10 and 25. */
  const jobs = jobTable(Array.from({ length: 8 }, (_, i) => ({ submitMs: i, gpus: i === 4 ? 4 : 1, runMs: 1 })));
  const rig = () => {
    const made = new OrderRig('gittins(levels=3, threshold=10 ms, factor=2)', jobs);
    made.interruptions.attainedGpuMs.set([0, 0, 0, 0, 0, 0, 10, 25]);
    return made;
  };
  const history = (made: OrderRig) => made.ran(0, 0, 5).ran(1, 5, 17).ran(2, 17, 29).ran(3, 29, 41).ran(4, 41, 66);

  it('is least attained service until jobs have ended', () => {
    expect(
      rig()
        .join(100, 7, 6, 5)
        .at(2 * HOUR),
    ).toEqual([5, 6, 7]);
  });

  it('ranks levels by the best ratio of ends to GPU time still to come', () => {
    // From 0: of 5 jobs 1 ends by 10 for 5 + 4·10 (0.022), 4 by 20 for 5 + 36 + 20 (0.066), 5 for 141 (0.035).
    // From 10: 3 of 4 by 20 for 6 + 10 (0.19). From 20: 1 for 80 (0.0125).
    const made = history(rig()).join(100, 5, 6, 7);
    expect(made.at(2 * HOUR)).toEqual([6, 5, 7]);
  });

  it('looks beyond the end of a level: a hump of ends behind it is worth going through to', () => {
    // As above, but the longest takes 44. From 20: 1 for 24 (0.042). From 0 to 10 alone it would be 0.022, to 20 it is 0.066.
    const made = rig().ran(0, 0, 5).ran(1, 5, 17).ran(2, 17, 29).ran(3, 29, 41).ran(4, 41, 52);
    expect(made.join(100, 5, 6, 7).at(2 * HOUR)).toEqual([6, 5, 7]);
  });

  it('does not take an interruption for an end', () => {
    const many = jobTable(Array.from({ length: 28 }, (_, i) => ({ submitMs: i, gpus: i === 4 ? 4 : 1, runMs: 1 })));
    const made = new OrderRig('gittins(levels=3, threshold=10 ms, factor=2)', many);
    made.interruptions.attainedGpuMs.set([0, 0, 0, 0, 0, 0, 10, 25]);
    history(made);
    // As ends, twenty after 1 GPU·ms each would put level 0 first: 21 of 25 end by 10 for 25 + 4·10 (0.32).
    for (let job = 8; job < 28; job++) {
      made.clock.nowMs = 70 + job;
      made.policy.onStarted!(job);
      made.clock.nowMs = 71 + job;
      made.policy.onStopped!(job, false);
    }
    expect(made.join(200, 5, 6, 7).at(2 * HOUR)).toEqual([6, 5, 7]);
  });

  it('keeps its ranks until the next refresh', () => {
    const made = history(rig()).join(100, 5, 6, 7);
    expect(made.at(HOUR - 1)).toEqual([5, 6, 7]);
    expect(made.at(HOUR)).toEqual([6, 5, 7]);
  });
});

describe('qssf', () => {
  const jobs = jobTable([
    { submitMs: 0, gpus: 2, runMs: 1, user: 1 },
    { submitMs: 1, gpus: 2, runMs: 1, user: 1 },
    { submitMs: 2, gpus: 2, runMs: 1, user: 1, jobClass: 1 },
    { submitMs: 3, gpus: 2, runMs: 1, user: 2 },
    { submitMs: 4, gpus: 2, runMs: 1, user: 1, estimateMs: 999 }, // as jobs 0 and 1
    { submitMs: 5, gpus: 2, runMs: 1, user: 1, jobClass: 2, estimateMs: 999 }, // the user's size, another class
    { submitMs: 6, gpus: 2, runMs: 1, user: 3, estimateMs: 999 }, // the size alone
    { submitMs: 7, gpus: 5, runMs: 1, user: 1, estimateMs: 999 }, // nothing
  ]);
  const key = (text: string, job: JobId): number =>
    new OrderRig(text, jobs).ran(0, 0, 100).ran(1, 100, 300).ran(2, 300, 700).ran(3, 700, 1500).policy.key(job);

  it("predicts from the user's similar jobs, newest weighted most", () => {
    expect(key('qssf', 4)).toBe(2 * (0.5 * 200 + 0.5 * 100));
    expect(key('qssf(0.9)', 4)).toBeCloseTo(2 * (0.9 * 200 + 0.1 * 100), 9);
  });

  it("falls back to the user's jobs of the size, then everybody's, then the estimate", () => {
    expect(key('qssf', 5)).toBeCloseTo((2 * (100 + 200 + 400)) / 3, 9);
    expect(key('qssf', 6)).toBeCloseTo((2 * (100 + 200 + 400 + 800)) / 4, 9);
    expect(key('qssf', 7)).toBe(5 * 999);
  });
});

/** Keys as they were when each job first joined the queue, in a run without pre-emption. */
function keysOnJoining(order: string, jobs: readonly PlainJob[]): readonly number[] {
  const parsed = parsePolicy(`${order}+none@first-fit`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const definition = definitionOf('order', parsed.policy.order);
  const keys: number[] = [];
  const spy: OrderDef = {
    ...definition,
    create: (params, setup) => {
      const real = definition.create(params, setup);
      return {
        ...(real.rekeyEveryMs === undefined ? {} : { rekeyEveryMs: real.rekeyEveryMs }),
        key: (job) => {
          const key = real.key(job);
          keys[job] ??= key;
          return key;
        },
        refresh: () => real.refresh?.(),
        onStarted: (job) => real.onStarted?.(job),
        onStopped: (job, ended) => real.onStopped?.(job, ended),
      };
    },
  };
  schedule({
    partitions: [machine(8, 1)],
    policy: { ...parsed.policy, order: { ...parsed.policy.order, module: 'spy' } },
    modules: new Map([['spy', spy]]),
    jobs: jobTable(jobs),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('learning'),
  });
  return keys;
}

describe.each(['qssf', 'gittins(levels=4, threshold=1 h, refresh=10 min)', 'fair-share'])('%s', (order) => {
  const between = (min: number, max: number) => fc.integer({ min, max });
  const aJob = fc.record({
    submitMs: between(0, 20 * HOUR),
    gpus: between(1, 8),
    runMs: between(1, 3 * HOUR),
    user: between(0, 2),
  });

  it('knows the past alone: what comes later, or runs longer than it has so far, changes no key', () => {
    fc.assert(
      fc.property(fc.array(aJob, { minLength: 10, maxLength: 40 }), between(0, 20 * HOUR), (rows, now) => {
        const jobs = rows.map((row) => ({ ...row, estimateMs: 5 * HOUR })).sort((x, y) => x.submitMs - y.submitMs);
        const ended = endsOf(order, jobs);
        const other = jobs.map((job, i) =>
          job.submitMs > now || !(ended[i]! <= now) ? { ...job, runMs: job.runMs + 7 * HOUR } : job,
        );
        const seen = jobs.filter(({ submitMs }) => submitMs <= now).length;
        expect(keysOnJoining(order, other).slice(0, seen)).toEqual(keysOnJoining(order, jobs).slice(0, seen));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});

function endsOf(order: string, jobs: readonly PlainJob[]): Float64Array {
  const parsed = parsePolicy(`${order}+none@first-fit`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return schedule({
    partitions: [machine(8, 1)],
    policy: parsed.policy,
    jobs: jobTable(jobs),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('learning'),
  }).endMs;
}
