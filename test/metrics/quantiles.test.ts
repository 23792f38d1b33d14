import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantiles, quantilesInPlace } from '../../src/metrics/quantiles.js';

const value = fc.oneof(fc.constantFrom(0, 1, 2), fc.double({ noNaN: true, min: -1e9, max: 1e9 }));

/** Type 7 as its definition reads. */
function naive(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const h = p * (sorted.length - 1);
  const low = sorted[Math.floor(h)]!;
  return h === Math.floor(h) ? low : low + (h - Math.floor(h)) * (sorted[Math.floor(h) + 1]! - low);
}

describe('quantiles', () => {
  it('interpolate between order statistics as R and NumPy do by default', () => {
    expect(quantiles(Float64Array.of(4, 1, 3, 2), [0, 0.25, 0.5, 1])).toEqual([1, 1.75, 2.5, 4]);
    expect(quantiles(Float64Array.of(4, 1, 3, 2), [0.95])[0]).toBeCloseTo(3.85, 12);
    expect(quantiles(Float64Array.of(7), [0, 0.5, 0.99])).toEqual([7, 7, 7]);
  });

  it('of nothing are NaN, never 0', () => {
    expect(quantiles(new Float64Array(0), [0.5, 0.95])).toEqual([NaN, NaN]);
  });

  it('equal the sorted definition on any values, in any order of probabilities', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 200 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
        (values, probabilities) => {
          const expected = probabilities.map((p) => naive(values, p) + 0);
          expect(quantilesInPlace(Float64Array.from(values), probabilities).map((q) => q + 0)).toEqual(expected);
        },
      ),
    );
  });

  it('leave the values as they were unless asked to work in place', () => {
    const values = Float64Array.of(3, 1, 2);
    quantiles(values, [0.5]);
    expect([...values]).toEqual([3, 1, 2]);
  });

  it('take sorted, reversed, constant and saw-toothed columns without going quadratic', () => {
    const n = 200_001;
    const shapes = [(i: number) => i, (i: number) => n - 1 - i, () => 5, (i: number) => i % 3];
    const medians = shapes.map((shape) =>
      quantilesInPlace(
        Float64Array.from({ length: n }, (_, i) => shape(i)),
        [0.5],
      ),
    );
    expect(medians).toEqual([[100_000], [100_000], [5], [1]]);
  });
});
