import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunningEnds } from '../../src/policy/backfill/runningEnds.js';

interface Entry {
  endMs: number;
  gpus: number;
}

/** The definition, from a list. */
function shadowOf(entries: readonly Entry[], free: number, need: number): { shadowMs: number; spare: number } {
  const times = [...new Set(entries.map((e) => e.endMs))].sort((x, y) => x - y);
  for (const at of times) {
    const freeThen = free + entries.filter((e) => e.endMs <= at).reduce((sum, e) => sum + e.gpus, 0);
    if (freeThen >= need) return { shadowMs: at, spare: freeThen - need };
  }
  return { shadowMs: times.at(-1) ?? Infinity, spare: 0 };
}

describe('running ends', () => {
  it.each([
    ['many ties', 6],
    ['few ties', 100_000],
  ])('finds the shadow and the spare GPUs as a list does, with %s', (_, range) => {
    const step = fc.record({
      endMs: fc.integer({ min: 0, max: range }),
      gpus: fc.integer({ min: 1, max: 5 }),
      remove: fc.boolean(),
      which: fc.nat(),
      need: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 700, size: 'max' }), (steps) => {
        const running = new RunningEnds();
        let naive: Entry[] = [];
        steps.forEach((s, i) => {
          if (s.remove && naive.length > 0 && i % 3 === 0) {
            const [gone] = naive.splice(s.which % naive.length, 1);
            running.remove(gone!.endMs, gone!.gpus);
          } else {
            running.add(s.endMs, s.gpus);
            naive = [...naive, { endMs: s.endMs, gpus: s.gpus }];
          }
          expect(running.length).toBe(naive.length);
          if (i % 20 !== 0) return;
          running.findShadow(0, s.need);
          expect({ shadowMs: running.shadowMs, spare: running.spareGpus }).toEqual(shadowOf(naive, 0, s.need));
        });
        for (const entry of naive) running.remove(entry.endMs, entry.gpus);
        expect(running.length).toBe(0);
        running.findShadow(0, 1);
        expect(running.shadowMs).toBe(Infinity);
      }),
      { numRuns: 20 },
    );
  });

  it('counts every job that ends at the shadow, ties included', () => {
    const running = new RunningEnds();
    for (const gpus of [4, 2, 3]) running.add(10, gpus);
    running.add(20, 8);
    running.findShadow(1, 5);
    expect([running.shadowMs, running.spareGpus]).toEqual([10, 5]);
  });
});
