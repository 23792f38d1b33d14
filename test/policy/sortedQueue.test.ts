import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedQueue } from '../../src/policy/sortedQueue.js';

interface Entry {
  readonly job: number;
  readonly key: number;
  readonly gpus: number;
  readonly estimateMs: number;
}

const step = fc.record({
  remove: fc.integer({ min: 0, max: 9 }),
  which: fc.nat(10_000),
  key: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Infinity)),
  gpus: fc.integer({ min: 1, max: 8 }),
  estimateMs: fc.integer({ min: 1, max: 20 }),
  maxGpus: fc.integer({ min: 1, max: 8 }),
  windowMs: fc.integer({ min: 0, max: 20 }),
  spare: fc.integer({ min: 0, max: 8 }),
});

describe('a queue of keys that stand still', () => {
  // Few removals fill and split chunks, many empty them again.
  it.each([2, 6])('agrees with sorting everything at every look (%i of 10 steps remove)', (removals) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 300, maxLength: 900 }), (steps) => {
        const queue = new SortedQueue(new Float64Array(steps.length));
        let naive: Entry[] = [];
        steps.forEach((s, job) => {
          const removing = job > 200 && s.remove < removals;
          if (removing && naive.length > 0) {
            const gone = naive[s.which % naive.length]!;
            queue.remove(gone.job);
            naive = naive.filter((entry) => entry !== gone);
          } else {
            const entry = { job, key: s.key, gpus: s.gpus, estimateMs: s.estimateMs };
            queue.add(job, s.key, 0, s.gpus, s.estimateMs);
            const behind = naive.findIndex((other) => other.key > entry.key);
            naive.splice(behind < 0 ? naive.length : behind, 0, entry);
          }
          const fits = (e: Entry): boolean => e.gpus <= s.maxGpus && (e.gpus <= s.spare || e.estimateMs <= s.windowMs);
          if (queue.live !== naive.length || queue.head() !== (naive[0]?.job ?? -1)) throw new Error('head or length');
          const found = queue.first(s.maxGpus, s.windowMs, s.spare);
          if (found !== (naive.find(fits)?.job ?? -1)) throw new Error(`found ${found}`);
        });
        const all: number[] = [];
        queue.forEach((job) => all.push(job));
        expect(all).toEqual(naive.map(({ job }) => job));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
