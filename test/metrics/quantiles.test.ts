import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quantiles } from '../../src/metrics/quantiles.js';

it('gives the value a sort puts at the nearest rank', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (list) => {
      const sorted = [...list].sort((x, y) => x - y);
      const fractions = [0.001, 0.25, 0.5, 0.95, 0.99, 1];
      const expected = fractions.map((p) => sorted[Math.max(0, Math.ceil(p * list.length) - 1)]!);
      quantiles(Float64Array.from(list), fractions).forEach((q, i) => {
        expect(q === expected[i]).toBe(true); // === so that 0 and -0 are equal
      });
    }),
  );
});

it('by hand: of 1…20, p50 is 10, p95 is 19, p99 is 20', () => {
  const values = Float64Array.from({ length: 20 }, (_, i) => 20 - i);
  expect(quantiles(values, [0.5, 0.95, 0.99])).toEqual([10, 19, 20]);
});

it('has no quantile of nothing', () => {
  expect(quantiles(new Float64Array(0), [0.5])).toEqual([Number.NaN]);
});
