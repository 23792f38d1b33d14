import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams, drawNormal } from '../../src/base/random.js';
import { estimate, meanOf, pairedDifference, relativeDifference, tQuantile975 } from '../../src/metrics/statistics.js';

const column = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 20 });

describe('estimate', () => {
  it('gives mean, sample sd and the Student t interval of a hand-checked column', () => {
    const { n, mean, sd, halfWidth } = estimate([1, 2, 3, 4, 5]);
    expect([n, mean]).toEqual([5, 3]);
    expect(sd).toBeCloseTo(Math.sqrt(2.5), 12);
    expect(halfWidth).toBeCloseTo((2.7764451052 * Math.sqrt(2.5)) / Math.sqrt(5), 8);
  });

  it('uses the t quantiles of the tables', () => {
    const table: readonly (readonly [number, number])[] = [
      [1, 12.7062047362],
      [2, 4.3026527297],
      [4, 2.7764451052],
      [9, 2.2621571628],
      [29, 2.0452296421],
      [1000, 1.962339081],
    ];
    for (const [degrees, quantile] of table) expect(tQuantile975(degrees)).toBeCloseTo(quantile, 6);
  });

  it('knows no spread from one value, and none in a constant column', () => {
    expect(estimate([42])).toEqual({ n: 1, mean: 42, sd: NaN, halfWidth: NaN });
    expect(estimate([0.1, 0.1, 0.1])).toEqual({ n: 3, mean: 0.1, sd: 0, halfWidth: 0 });
    expect(() => estimate([])).toThrow(/at least one value/);
  });

  it('moves with its values and scales with their unit', () => {
    fc.assert(
      fc.property(column, fc.integer({ min: -1000, max: 1000 }), (values, shift) => {
        const base = estimate(values);
        const moved = estimate(values.map((value) => 1000 * (value + shift)));
        const size = 1000 * (Math.max(...values.map(Math.abs)) + 1000);
        expect(Math.abs(moved.mean - 1000 * (base.mean + shift))).toBeLessThanOrEqual(1e-12 * size);
        expect(Math.abs(moved.halfWidth - 1000 * base.halfWidth)).toBeLessThanOrEqual(1e-9 * size);
        expect(base.mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
        expect(base.mean).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      }),
    );
  });

  it('covers the true mean in about 95 of 100 samples of five', () => {
    const draw = new RandomStreams('statistics.test').fork('normal');
    let covered = 0;
    for (let sample = 0; sample < 2000; sample++) {
      const { mean, halfWidth } = estimate(Array.from({ length: 5 }, () => 10 + drawNormal(draw)));
      if (Math.abs(mean - 10) <= halfWidth) covered++;
    }
    // 1900 ± 3 standard deviations of a binomial (9.7).
    expect(covered).toBeGreaterThan(1870);
    expect(covered).toBeLessThan(1930);
  });

  it('takes the mean of large equal values without rounding', () => {
    expect(meanOf([1e15 + 1, 1e15 + 1, 1e15 + 1])).toBe(1e15 + 1);
  });
});

describe('pairedDifference', () => {
  it('sees a small difference through a large common spread', () => {
    // Alone both intervals overlap wholly: 30 ± 24.8; paired, the difference is 1.0 ± 0.12.
    const baseline = [10, 20, 30, 40, 50];
    const values = [11, 21.1, 30.9, 41, 51];
    const { difference, verdict } = pairedDifference(values, baseline);
    expect(difference.mean).toBeCloseTo(1, 12);
    expect(difference.halfWidth).toBeCloseTo((2.7764451052 * Math.sqrt(0.02 / 4)) / Math.sqrt(5), 8);
    expect(verdict).toBe('higher');
    expect(pairedDifference(baseline, values).verdict).toBe('lower');
  });

  it('is unclear when the interval holds 0, ends at 0, or there is one replication', () => {
    expect(pairedDifference([1, 2, 4], [2, 2, 2]).verdict).toBe('no clear difference');
    expect(pairedDifference([7, 7, 7], [7, 7, 7]).verdict).toBe('no clear difference');
    expect(pairedDifference([1], [100]).verdict).toBe('one replication');
    expect(() => pairedDifference([1, 2], [1])).toThrow(/one value for each replication/);
  });

  it('is unclear where a replication lacks a value', () => {
    expect(pairedDifference([1, NaN, 3], [9, 9, 9]).verdict).toBe('no clear difference');
    expect(pairedDifference([1, 2, 3], [NaN, NaN, NaN]).verdict).toBe('no clear difference');
  });

  it('is antisymmetric', () => {
    const opposite = {
      ...{ lower: 'higher', higher: 'lower' },
      ...{ 'no clear difference': 'no clear difference', 'one replication': 'one replication' },
    } as const;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer(), fc.integer()), { minLength: 1, maxLength: 12 }), (pairs) => {
        const [a, b] = [pairs.map((pair) => pair[0]), pairs.map((pair) => pair[1])];
        expect(pairedDifference(b, a).verdict).toBe(opposite[pairedDifference(a, b).verdict]);
      }),
    );
  });
});

describe('relativeDifference', () => {
  it('is the paired difference in units of the baseline’s mean', () => {
    const { mean, halfWidth } = relativeDifference([8, 12], [10, 10]);
    expect(mean).toBe(0);
    expect(halfWidth).toBeCloseTo(2.5412, 4);
    expect(relativeDifference([9, 19], [10, 20])).toMatchObject({ mean: -1 / 15, halfWidth: 0 });
    expect(relativeDifference([-9, -19], [-10, -20]).mean).toBeCloseTo(1 / 15, 12);
  });

  it('spans 0 exactly where the difference does', () => {
    fc.assert(
      fc.property(column, column, (a, b) => {
        const n = Math.min(a.length, b.length);
        const [values, baseline] = [a.slice(0, n), b.slice(0, n)];
        const { mean, halfWidth } = relativeDifference(values, baseline);
        fc.pre(Number.isFinite(mean));
        const { difference } = pairedDifference(values, baseline);
        const margin = Math.abs(Math.abs(difference.mean) - difference.halfWidth);
        fc.pre(margin > 1e-9 * Math.abs(difference.mean));
        expect(Math.abs(mean) <= halfWidth).toBe(Math.abs(difference.mean) <= difference.halfWidth);
      }),
    );
  });

  it('does not exist beside a baseline of 0', () => {
    expect(relativeDifference([1, 2], [0, 0]).mean).toBeNaN();
  });
});
