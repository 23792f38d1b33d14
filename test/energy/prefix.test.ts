import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeriesIntegral } from '../../src/energy/prefix.js';

const STEP_MS = 900_000;
const series = (values: number[]) => ({ stepMs: STEP_MS, values: Float64Array.from(values) });

describe('integral of a series', () => {
  it('charges each step for the time inside it', () => {
    const price = new SeriesIntegral(series([40, 80, -10]));
    // Last 5 minutes of the first step, all of the second, first 10 minutes of the third.
    expect(price.between(600_000, 2_400_000)).toBe(300_000 * 40 + 900_000 * 80 - 600_000 * 10);
    expect(price.mean(0, 1_800_000)).toBe(60);
  });

  it('is zero over nothing and complete at the end', () => {
    const price = new SeriesIntegral(series([40, 80]));
    expect(price.between(700_000, 700_000)).toBe(0);
    expect(price.between(0, price.endMs)).toBe(900_000 * 120);
  });

  it('prices nothing outside the series', () => {
    const price = new SeriesIntegral(series([40, 80]));
    expect(price.between(-1, 10)).toBeNaN();
    expect(price.between(0, price.endMs + 1)).toBeNaN();
    expect(price.until(NaN)).toBeNaN();
  });

  it('agrees with adding up milliseconds step by step', () => {
    const value = fc.double({ min: -500, max: 4000, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        (values, a, b) => {
          const integral = new SeriesIntegral(series(values));
          const [from, to] = [a, b].map((n) => Math.round((n / 1_000_000) * integral.endMs)).sort((x, y) => x - y);
          let naive = 0;
          values.forEach((v, i) => {
            const overlap = Math.min(to!, (i + 1) * STEP_MS) - Math.max(from!, i * STEP_MS);
            if (overlap > 0) naive += v * overlap;
          });
          expect(Math.abs(integral.between(from!, to!) - naive)).toBeLessThanOrEqual(1e-12 * 4000 * integral.endMs);
        },
      ),
    );
  });

  it('gives the whole as the sum of its parts', () => {
    const integral = new SeriesIntegral(series([1, 2, 3, 4]));
    const cuts = [0, 1, 899_999, 900_000, 2_000_000, 3_600_000];
    const parts = cuts.slice(1).map((cut, i) => integral.between(cuts[i]!, cut));
    expect(parts.reduce((a, b) => a + b)).toBe(integral.between(0, 3_600_000));
  });
});
