import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingQuantile } from '../../../src/policy/power/slidingQuantile.js';

describe('a sliding quantile', () => {
  it('is the nearest rank of the window', () => {
    const of = new SlidingQuantile(Float64Array.of(5, 1, 4, 2, 9, 0), 4, 0.5);
    expect([3, 4, 5].map((step) => of.upTo(step))).toEqual([2, 2, 2]); // of 1245, 1249, 0249
    expect(new SlidingQuantile(Float64Array.of(5, 1, 4, 2), 4, 0).upTo(3)).toBe(1);
    expect(new SlidingQuantile(Float64Array.of(5, 1, 4, 2), 4, 1).upTo(3)).toBe(5);
  });

  it('is that of the sorted window at every step, repeats and skipped steps included', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 3 }),
        (values, wanted, q, stride) => {
          const length = Math.min(wanted, values.length);
          const of = new SlidingQuantile(Float64Array.from(values), length, q);
          for (let step = length - 1; step < values.length; step += stride) {
            const window = values.slice(step - length + 1, step + 1).sort((a, b) => a - b);
            expect(of.upTo(step)).toBe(window[Math.max(0, Math.ceil(q * length) - 1)]);
          }
        },
      ),
    );
  });
});
