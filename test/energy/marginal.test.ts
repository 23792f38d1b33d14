import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortedYear } from '../../src/energy/marginal.js';
import { meanOf } from '../../src/energy/seriesStatistics.js';
import { ZONES, zoneNamed } from './zones.js';

const at = (values: Float64Array, share: number): number => values[Math.floor(share * values.length)]!;
const negativeShare = (id: string): number => zoneNamed(id).price.negativeHours / 8784;

describe('marginal distribution', () => {
  it('is ascending, has the mean exactly and the wanted share of negative hours, in every zone', () => {
    for (const { id, price } of ZONES) {
      const share = price.negativeHours / 8784;
      const values = sortedYear(price, share, 8760);
      expect(values.every((value, i) => i === 0 || value >= values[i - 1]!)).toBe(true);
      expect(Math.abs(meanOf(values) - price.mean)).toBeLessThan(1e-9 * 8760);
      const negative = values.filter((value) => value < 0).length;
      expect({ id, close: Math.abs(negative - share * 8760) <= 1 }).toEqual({ id, close: true });
    }
  });

  it('runs through the quantiles outside the middle that carries the mean', () => {
    const { price } = zoneNamed('DE-LU');
    const values = sortedYear(price, negativeShare('DE-LU'), 8760);
    expect(at(values, 0.01)).toBeCloseTo(price.quantiles.p1, 0);
    expect(at(values, 0.95)).toBeCloseTo(price.quantiles.p95, 0);
    expect(at(values, 0.99)).toBeCloseTo(price.quantiles.p99, 0);
  });

  it('has tails whose mean excess is the wanted one', () => {
    const { price } = zoneNamed('FI');
    const values = sortedYear(price, negativeShare('FI'), 87_600);
    const top = values.slice(Math.ceil(0.99 * 87_600));
    expect(meanOf(top) - price.quantiles.p99).toBeGreaterThan(0.9 * price.upperTail.meanExcess);
    expect(meanOf(top) - price.quantiles.p99).toBeLessThan(1.1 * price.upperTail.meanExcess);
  });

  it("passes no limit of the market, which FI's tail would", () => {
    const share = negativeShare('FI');
    const limits = { min: -500, max: 4000 };
    expect(sortedYear(zoneNamed('FI').price, share, 8760)[0]).toBeLessThan(-500);
    expect(sortedYear(zoneNamed('FI').price, share, 8760, limits)[0]).toBe(-500);
  });

  it('has no negative hour where the source has none', () => {
    expect(sortedYear(zoneNamed('IT-NORD').price, 0, 8760)[0]).toBeGreaterThanOrEqual(0);
  });

  it('stays ascending and finite for any quantiles, tails and sign change', () => {
    const shares = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
    const gaps = fc.array(fc.double({ min: 0.1, max: 200, noNaN: true }), { minLength: 9, maxLength: 9 });
    const excess = fc.double({ min: 0, max: 500, noNaN: true });
    fc.assert(
      fc.property(gaps, excess, excess, fc.nat(7), (steps, meanExcess, sdExcess, negatives) => {
        let value = -0.05 - steps.slice(0, negatives).reduce((a, b) => a + b, 0);
        const values = steps.map((step) => (value += step));
        const [p1, p5, p10, p25, p50, p75, p90, p95, p99] = values as [
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
          number,
        ];
        const tail = { meanExcess, sdExcess };
        const calibration = {
          mean: p50,
          sd: 1,
          quantiles: { p1, p5, p10, p25, p50, p75, p90, p95, p99 },
          lowerTail: tail,
          upperTail: tail,
          monthlyMean: [],
        };
        const share = negatives === 0 ? 0 : (shares[negatives - 1]! + shares[negatives]!) / 2;
        const hours = sortedYear(calibration, share, 500);
        expect(hours.every((v, i) => Number.isFinite(v) && (i === 0 || v >= hours[i - 1]!))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
