import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../src/workload/distribution.js';
import { normalCdf, normalQuantile } from '../../src/workload/normal.js';
import { WeightedIndex } from '../../src/workload/weightedIndex.js';

/** Mean of a distribution by the midpoint rule over its quantiles. */
function numericMean(distribution: Distribution, steps = 200_000): number {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += distribution.quantile((i + 0.5) / steps);
  return sum / steps;
}

describe('normal distribution', () => {
  it('has the tabulated values', () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316301, 15);
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.9)).toBeCloseTo(1.2815515655446, 7);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.0902323061678, 7);
  });

  it('is inverted by its quantile', () => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
        expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 5);
      }),
    );
  });
});

describe('Distribution', () => {
  const aLognormal = fc.record({
    shape: fc.constant('lognormal' as const),
    median: fc.double({ min: 1, max: 1e6, noNaN: true }),
    sigma: fc.double({ min: 0, max: 2, noNaN: true }),
    min: fc.double({ min: 0, max: 1e3, noNaN: true }),
    max: fc.double({ min: 2e3, max: 1e9, noNaN: true }),
  });

  it('ascends with u and stays inside its bounds', () => {
    const u = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(aLognormal, u, u, (spec, a, b) => {
        const distribution = new Distribution(spec);
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((value) => distribution.quantile(value));
        expect(low).toBeGreaterThanOrEqual(spec.min);
        expect(high).toBeLessThanOrEqual(spec.max);
        expect(low).toBeLessThanOrEqual(high! * (1 + 1e-8));
      }),
    );
  });

  it.each([
    ['a truncated lognormal', { shape: 'lognormal', median: 10, sigma: 1.2, min: 2, max: 50 } as const],
    ['a lognormal without upper bound', { shape: 'lognormal', median: 3, sigma: 0.7, min: 0, max: null } as const],
    ['an exponential', { shape: 'exponential', mean: 5 } as const],
    ['a constant', { shape: 'constant', value: 7 } as const],
  ])('knows the mean of %s', (_, spec) => {
    const distribution = new Distribution(spec);
    expect(numericMean(distribution) / distribution.mean).toBeCloseTo(1, 3);
  });

  it('takes the nearer bound when the bounds lie out of reach', () => {
    const distribution = new Distribution({ shape: 'lognormal', median: 1, sigma: 0.01, min: 100, max: 200 });
    expect(distribution.quantile(0.3)).toBe(100);
    expect(distribution.mean).toBe(100);
  });
});

describe('WeightedIndex', () => {
  it('finds the index that a linear search finds, and never one of weight 0', () => {
    const weights = fc
      .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e6, noNaN: true })), { minLength: 1, maxLength: 60 })
      .filter((list) => list.some((weight) => weight > 0));
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, u) => {
        const index = new WeightedIndex(list);
        const found = index.at(u);
        expect(found).toBe(index.cumulative.findIndex((share) => share > u));
        expect(list[found]).toBeGreaterThan(0);
      }),
    );
  });
});
