import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_QUARTER_HOUR as Q } from '../../../src/base/units.js';
import { cheapestStart } from '../../../src/policy/power/cheapestStart.js';
import { CostCurve } from '../../../src/policy/power/costCurve.js';

const hourly = (values: readonly number[]): CostCurve =>
  new CostCurve(
    0,
    Float64Array.from({ length: 4 * values.length }, (_, bin) => values[Math.floor(bin / 4)]!),
  );
const H = MS_PER_HOUR;

/** The integral, minute by minute. */
function naiveCost(values: readonly number[], fromMin: number, minutes: number): number {
  let sum = 0;
  for (let minute = fromMin; minute < fromMin + minutes; minute++)
    sum += values[Math.min(Math.floor(minute / 15), values.length - 1)]!;
  return sum;
}

describe('the cheapest start', () => {
  const curve = hourly([50, 50, 50, 10, 90, 90, 90, 90]);

  it('is where the run costs least, as on paper', () => {
    expect(cheapestStart(curve, 0, 6 * H, H)).toBe(3 * H);
    expect(cheapestStart(curve, 0, 6 * H, 2 * H)).toBe(2 * H);
    expect(cheapestStart(curve, 0, 6 * H, 4 * H)).toBe(0);
  });

  it('may lie within a quarter hour, where the run then ends with one', () => {
    // 70 min: all of the cheap hour, and 10 min before it rather than after.
    expect(cheapestStart(curve, 0, 6 * H, 70 * MS_PER_MINUTE)).toBe(3 * H - 10 * MS_PER_MINUTE);
  });

  it('is the last allowed where everything becomes cheaper, and now where nothing does', () => {
    expect(cheapestStart(hourly([9, 8, 7, 6, 5]), 0, 2.1 * H, H)).toBe(2.1 * H);
    expect(cheapestStart(hourly([5, 5, 5, 5, 5]), 7, 3 * H, H)).toBe(7);
    expect(cheapestStart(hourly([5, 1]), 0, H, 0)).toBe(0);
  });

  it('is no later than another that costs as little', () => {
    expect(cheapestStart(hourly([9, 3, 9, 3, 9]), 0, 4 * H, H)).toBe(H);
  });

  it('is the best of all minutes, whatever the values', () => {
    const values = fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 4, maxLength: 60 });
    const minutes = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(values, minutes, minutes, fc.integer({ min: 1, max: 300 }), (given, now, slack, run) => {
        const of = new CostCurve(0, Float64Array.from(given));
        const start = cheapestStart(of, now * MS_PER_MINUTE, (now + slack) * MS_PER_MINUTE, run * MS_PER_MINUTE);
        expect(start % MS_PER_MINUTE).toBe(0);
        const costs = Array.from({ length: slack + 1 }, (_, at) => naiveCost(given, now + at, run));
        expect(start / MS_PER_MINUTE).toBe(now + costs.indexOf(Math.min(...costs)));
      }),
    );
  });
});

describe('a cost curve', () => {
  it('integrates between any two times, and beyond its ends with what holds there', () => {
    const curve = new CostCurve(-Q, Float64Array.of(3, -1));
    expect(curve.between(-Q / 2, Q / 2)).toBe((3 * Q) / 2 - Q / 2);
    expect(curve.between(Q, 3 * Q)).toBe(-2 * Q);
    expect(curve.between(-3 * Q, -Q)).toBe(6 * Q);
  });
});
