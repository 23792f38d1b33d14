import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SizeClassQueue } from '../../src/policy/sizeClassQueue.js';

interface Entry {
  job: number;
  key: number;
  gpus: number;
  estimateMs: number;
}
const step = fc.record({
  key: fc.integer({ min: 0, max: 12 }),
  gpus: fc.integer({ min: 1, max: 8 }),
  estimateMs: fc.integer({ min: 1, max: 20 }),
  remove: fc.boolean(),
  which: fc.nat(),
  maxGpus: fc.integer({ min: 0, max: 9 }),
  windowMs: fc.integer({ min: -1, max: 20 }),
  spare: fc.integer({ min: 0, max: 9 }),
});

it('agrees with a sorted list on head and first fit, for keys in any order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), fc.boolean(), (steps, ascending) => {
      const queue = new SizeClassQueue(new Int32Array(steps.length));
      let naive: Entry[] = [];
      steps.forEach((s, job) => {
        if (s.remove && naive.length > 0) {
          const gone = naive[s.which % naive.length]!;
          queue.remove(gone.job);
          naive = naive.filter((entry) => entry !== gone);
        } else {
          const entry = { job, key: ascending ? job : s.key, gpus: s.gpus, estimateMs: s.estimateMs };
          queue.add(entry.job, entry.key, 0, entry.gpus, entry.estimateMs);
          naive.push(entry);
          naive.sort((x, y) => x.key - y.key || x.job - y.job);
        }
        expect(queue.live).toBe(naive.length);
        expect(queue.head()).toBe(naive[0]?.job ?? -1);
        const fits = (e: Entry): boolean => e.gpus <= s.maxGpus && (e.gpus <= s.spare || e.estimateMs <= s.windowMs);
        expect(queue.first(s.maxGpus, s.windowMs, s.spare)).toBe(naive.find(fits)?.job ?? -1);
        for (const entry of naive) expect(queue.keyOf(entry.job)).toBe(entry.key);
      });
    }),
    { numRuns: 300 },
  );
});
