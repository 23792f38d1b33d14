import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { airCooledPue } from '../../src/power/airCooledPue.js';
import { facilityHours } from '../../src/power/facility.js';
import type { FacilitySpec } from '../../src/scenario/runSpec.js';

const DESIGN_W = 200e6;
const DEFAULTS: FacilitySpec = {
  liquidFraction: 0.85,
  liquidCoolingFraction: 0.025,
  upsEfficiency: 0.98,
  distributionEfficiency: 0.9944,
  fixedFraction: 0.01,
  designItW: DESIGN_W,
};
const ALL_AIR: FacilitySpec = { ...DEFAULTS, liquidFraction: 0, fixedFraction: 0 };
const wetBulb = (...celsius: number[]) => ({ stepMs: 3_600_000, values: Float64Array.from(celsius) });

function pue(facility: FacilitySpec, wetBulbC: number, itW = DESIGN_W): number {
  const { aW, b } = facilityHours(facility, wetBulb(wetBulbC));
  return (aW[0]! + b[0]! * itW) / itW;
}

describe('facility overhead', () => {
  it.each([
    [-20, 1.088],
    [14, 1.088],
    [15.5, 1.1155], // half way between 1.103 and 1.128
    [20, 1.232],
    [25, 1.33], // half way between 1.316 and 1.344
    [33, 1.4035],
    [34, 1.407],
    [45, 1.407],
  ])('with air alone PUE is the published table, at %f °C %f', (celsius, expected) => {
    expect(pue(ALL_AIR, celsius)).toBeCloseTo(expected, 10);
  });

  it('with 0.85 of the heat in water PUE is 1.06–1.08 up to 14 °C and about 1.10 at 24 °C', () => {
    expect(pue(DEFAULTS, 5)).toBeCloseTo(1.0667, 4);
    expect(pue(DEFAULTS, 14, 0.6 * DESIGN_W)).toBeLessThan(1.08);
    expect(pue(DEFAULTS, 24)).toBeCloseTo(1.1009, 4);
  });

  it('the constant load weighs more at low load: 1 % of design is 2 % at half of it', () => {
    expect(pue(DEFAULTS, 10, DESIGN_W / 2) - pue(DEFAULTS, 10)).toBeCloseTo(0.01, 12);
  });

  it('worse conversion adds to every watt of IT, at any wet bulb', () => {
    const old = { ...DEFAULTS, upsEfficiency: 0.93 };
    const more = 1 / (0.93 * 0.9944) - 1 / (0.98 * 0.9944);
    for (const celsius of [0, 20, 30]) expect(pue(old, celsius) - pue(DEFAULTS, celsius)).toBeCloseTo(more, 12);
  });

  it('keeps the step of the weather and gives one pair a step, a whole watts', () => {
    const hours = facilityHours(
      { ...DEFAULTS, designItW: 12_345_678 },
      { stepMs: 900_000, values: Float64Array.of(1, 2) },
    );
    expect(hours.stepMs).toBe(900_000);
    expect([...hours.aW]).toEqual([123_457, 123_457]);
    expect(hours.b).toHaveLength(2);
  });

  it.each([NaN, Infinity, -Infinity])('refuses a wet bulb of %f and says where', (bad) => {
    expect(() => facilityHours(DEFAULTS, wetBulb(10, bad))).toThrow(/wet bulb, step 1: expected a finite number/);
  });

  it('PUE is above 1 and never falls as the wet bulb rises or the share in water shrinks', () => {
    const celsius = fc.double({ min: -40, max: 50, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(celsius, celsius, share, share, (t, u, f, g) => {
        const [cold, warm] = [Math.min(t, u), Math.max(t, u)];
        const [dry, wet] = [Math.min(f, g), Math.max(f, g)];
        const at = (liquidFraction: number, c: number) => pue({ ...DEFAULTS, liquidFraction }, c);
        expect(at(wet, cold)).toBeGreaterThan(1);
        expect(at(wet, warm)).toBeGreaterThanOrEqual(at(wet, cold) - 1e-12);
        expect(at(dry, warm)).toBeGreaterThanOrEqual(at(wet, warm) - 1e-12);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('the air-cooled table is continuous', () => {
    for (let c = 10; c < 40; c += 0.01) expect(Math.abs(airCooledPue(c + 0.01) - airCooledPue(c))).toBeLessThan(0.001);
  });
});
