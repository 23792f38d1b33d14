import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineQueue } from '../../src/policy/lineQueue.js';

interface Entry {
  readonly job: number;
  readonly base: number;
  readonly slope: number;
  readonly gpus: number;
  readonly estimateMs: number;
}

const step = fc.record({
  remove: fc.boolean(),
  which: fc.nat(1000),
  base: fc.integer({ min: 0, max: 1000 }),
  slope: fc.integer({ min: -5, max: 5 }),
  gpus: fc.integer({ min: 1, max: 8 }),
  estimateMs: fc.integer({ min: 1, max: 20 }),
  maxGpus: fc.integer({ min: 1, max: 8 }),
  windowMs: fc.integer({ min: 0, max: 20 }),
  spare: fc.integer({ min: 0, max: 8 }),
  passes: fc.integer({ min: 0, max: 40 }),
});

describe('a queue of keys that are lines over time', () => {
  it.each([true, false])('agrees with sorting everything at every look (keys that stand still: %s)', (still) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const queue = new LineQueue(new Int32Array(steps.length));
        let naive: Entry[] = [];
        let now = 0;
        steps.forEach((s, job) => {
          now += s.passes;
          if (s.remove && naive.length > 0) {
            const gone = naive[s.which % naive.length]!;
            queue.remove(gone.job, now);
            naive = naive.filter((entry) => entry !== gone);
          } else {
            const entry = { job, base: s.base, slope: still ? 0 : s.slope, gpus: s.gpus, estimateMs: s.estimateMs };
            queue.add(entry.job, entry.base, entry.slope, entry.gpus, entry.estimateMs, now);
            naive.push(entry);
          }
          const keyOf = (e: Entry): number => e.base + e.slope * now;
          const sorted = naive.toSorted((x, y) => keyOf(x) - keyOf(y) || x.job - y.job);
          const fits = (e: Entry): boolean => e.gpus <= s.maxGpus && (e.gpus <= s.spare || e.estimateMs <= s.windowMs);
          expect(queue.live).toBe(naive.length);
          expect(queue.head(now)).toBe(sorted[0]?.job ?? -1);
          expect(queue.first(s.maxGpus, s.windowMs, s.spare, now)).toBe(sorted.find(fits)?.job ?? -1);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('takes all keys again in one go', () => {
    const queue = new LineQueue(new Int32Array(100));
    for (let job = 0; job < 100; job++) queue.add(job, job, 0, 1, 1, 0);
    queue.rekey(
      (job) => -job,
      () => 0,
      5,
    );
    expect(queue.head(5)).toBe(99);
    queue.remove(99, 5);
    expect(queue.head(5)).toBe(98);
  });
});
