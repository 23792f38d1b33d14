import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itCapacityW } from '../../src/power/derating.js';
import { facilityHours, facilitySpec } from '../../src/power/facility.js';
import { reusedHeat } from '../../src/power/heatReuse.js';
import { litresPerKwh, towerLatentShare, waterM3, waterRates } from '../../src/power/waterUse.js';
import { chillerWPerW } from '../../src/power/warmWater.js';
import { facilitySchema } from '../../src/scenario/facilitySchema.js';
import type { ChillerSpec, WaterSpec } from '../../src/scenario/facilitySpec.js';
import type { FacilitySpec } from '../../src/scenario/runSpec.js';

const MW = 1e6;
const AIR = { upsEfficiency: 0.98, distributionEfficiency: 0.9944, fixedFraction: 0.01 };
const HYBRID = { liquidFraction: 0.85, liquidCoolingFraction: 0.025, ...AIR };
const spec = (facility: object, designItW = 100 * MW): FacilitySpec =>
  facilitySpec(facilitySchema.parse(facility), designItW);
const wetBulb = (...values: number[]) => ({ stepMs: 3_600_000, values: Float64Array.from(values) });
const pue = (facility: FacilitySpec, celsius: number): number => {
  const { aW, b } = facilityHours(facility, wetBulb(celsius));
  return (aW[0]! + b[0]! * facility.designItW) / facility.designItW;
};
const warm = (supplyC: number, more: object = {}) => spec({ ...HYBRID, cooling: 'warm-water', supplyC, ...more });
const celsius = fc.double({ min: -40, max: 50, noNaN: true });

describe('cooling', () => {
  it('a building that does not say how it cools is a hybrid', () => {
    expect(spec({ ...HYBRID, cooling: 'hybrid' })).toEqual(spec(HYBRID));
    expect(Object.keys(spec(HYBRID))).toHaveLength(6);
  });

  it('air is the air-cooled table with the constant load', () => {
    expect(pue(spec({ ...AIR, cooling: 'air' }), 20)).toBeCloseTo(1.232 + 0.01, 10);
    expect(pue(spec({ ...AIR, cooling: 'air' }), 5)).toBeCloseTo(1.088 + 0.01, 10);
  });

  it('an air-cooled variant of a hybrid uses nothing of its loop', () => {
    expect(spec({ ...HYBRID, cooling: 'air' })).toEqual(spec({ ...AIR, cooling: 'air' }));
  });

  it('warm water is the hybrid while wet bulb and approach stay below the supply, and dearer beyond', () => {
    const hybrid = spec(HYBRID);
    for (const c of [-10, 0, 15, 21]) expect(pue(warm(32), c)).toBeCloseTo(pue(hybrid, c), 12);
    // 24 °C + 11 K is 3 K too warm for 32 °C: 0.3 of the rise of 10 K, at a COP of 5, of 0.85 of the heat.
    expect(pue(warm(32), 24) - pue(hybrid, 24)).toBeCloseTo((0.85 * 0.3) / 5, 12);
    expect(pue(warm(32), 24)).toBeCloseTo(1.152, 3);
  });

  it.each([
    [32, 21],
    [40, 29],
    [45, 34],
  ])('W%d needs no chiller up to a wet bulb of %d °C, and one beyond', (supplyC, lastC) => {
    const chiller = warm(supplyC).chiller!;
    expect(chillerWPerW(chiller, lastC)).toBe(0);
    expect(chillerWPerW(chiller, lastC + 1)).toBeCloseTo(0.1 / 5, 12);
  });

  it('a chiller carries all the heat from one rise of the water on, and no more', () => {
    const chiller: ChillerSpec = { supplyC: 32, approachK: 11, riseK: 10, cop: 4 };
    expect(chillerWPerW(chiller, 31)).toBe(0.25);
    expect(chillerWPerW(chiller, 48)).toBe(0.25);
  });

  it('PUE never falls with the wet bulb, nor with colder water, and is above 1', () => {
    const supply = fc.integer({ min: 15, max: 50 });
    fc.assert(
      fc.property(celsius, celsius, supply, supply, (t, u, s, r) => {
        const [cold, hot] = [Math.min(t, u), Math.max(t, u)];
        const [low, high] = [Math.min(s, r), Math.max(s, r)];
        expect(pue(warm(low), hot)).toBeGreaterThanOrEqual(pue(warm(low), cold) - 1e-12);
        expect(pue(warm(low), hot)).toBeGreaterThanOrEqual(pue(warm(high), hot) - 1e-12);
        expect(pue(warm(high), cold)).toBeGreaterThan(1);
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('refuses keys of another kind of cooling and asks for those of its own', () => {
    const paths = (facility: object) =>
      facilitySchema
        .safeParse(facility)
        .error!.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')]));
    expect(paths({ ...AIR, cooling: 'air', supplyC: 32 })).toEqual(['supplyC']);
    expect(paths({ ...HYBRID, cooling: 'warm-water' })).toEqual(['supplyC']);
    expect(paths({ ...HYBRID, supplyC: 32 })).toEqual(['supplyC']);
    expect(paths({ ...HYBRID, cooling: 'water' })).toEqual(['cooling']);
    expect(paths(AIR)).toEqual(['liquidFraction', 'liquidCoolingFraction']);
    expect(paths({ ...HYBRID, inOperationFrom: '2027' })).toEqual(['inOperationFrom']);
    expect(paths({ ...HYBRID, water: { cyclesOfConcentration: 1 } })).toEqual(['water.cyclesOfConcentration']);
  });
});

describe('heat waves', () => {
  it('take a share of the design power with each kelvin from a wet bulb on, never below 0', () => {
    const hot = spec({ ...HYBRID, derating: { fromWetBulbC: 26, perKFraction: 0.05 } }, 200 * MW);
    const { stepMs, values } = itCapacityW(hot, wetBulb(-5, 26, 27, 28, 45.9, 60));
    expect(stepMs).toBe(3_600_000);
    expect([...values].map((watts) => Math.round(watts / 1000))).toEqual([200_000, 200_000, 190_000, 180_000, 1000, 0]);
  });

  it('take their share of what is built so far, not of the whole design', () => {
    const steps = [
      { atMs: 0, itW: 50 * MW },
      { atMs: 7_200_000, itW: 200 * MW },
    ];
    const phased = { ...spec({ ...HYBRID, derating: { fromWetBulbC: 26, perKFraction: 0.05 } }, 200 * MW) };
    const megawatts = (facility: FacilitySpec): number[] =>
      [...itCapacityW({ ...facility, builtItW: steps }, wetBulb(20, 28, 28)).values].map((w) => Math.round(w / MW));
    expect(megawatts(phased)).toEqual([50, 45, 180]);
    expect(megawatts(spec(HYBRID, 200 * MW))).toEqual([50, 50, 200]);
  });

  it('take nothing of a building that says nothing of them', () => {
    expect([...itCapacityW(spec(HYBRID), wetBulb(0, 45)).values]).toEqual([100 * MW, 100 * MW]);
  });
});

describe('water', () => {
  const water: WaterSpec = {
    liquid: 'dry',
    air: 'tower',
    cyclesOfConcentration: 4,
    adiabaticFromWetBulbC: 16,
    adiabaticLitresPerKwh: 1,
  };

  it('dry coolers use none, wetted pads in warm hours alone', () => {
    for (const c of [-10, 10, 30]) expect(litresPerKwh('dry', water, c)).toBe(0);
    expect([15.9, 16, 30].map((c) => litresPerKwh('adiabatic', water, c))).toEqual([0, 1, 1]);
  });

  it('a tower evaporates the latent share of its heat: from tables of saturated air 0.49 at 0 °C, 0.75 at 20 °C', () => {
    // Saturated air holds 3.77, 7.63, 14.7 and 27.2 g/kg at 0, 10, 20 and 30 °C; 2,450 kJ/kg against 10.06 kJ/kg sensible.
    expect(towerLatentShare(0)).toBeCloseTo((2450 * 3.86e-3) / (2450 * 3.86e-3 + 10.06), 2);
    expect(towerLatentShare(20)).toBeCloseTo((2450 * 12.5e-3) / (2450 * 12.5e-3 + 10.06), 2);
    expect(litresPerKwh('tower', water, 0)).toBeCloseTo(0.95, 2);
    expect(litresPerKwh('tower', water, 20)).toBeCloseTo(1.47, 2);
  });

  it('blow-down is a third of the evaporation at 4 cycles, all of it again at 2', () => {
    const at = (cyclesOfConcentration: number) => litresPerKwh('tower', { ...water, cyclesOfConcentration }, 15);
    const evaporated = (towerLatentShare(15) * 3.6) / 2.45;
    expect(at(4) / evaporated).toBeCloseTo(4 / 3, 12);
    expect(at(2) / evaporated).toBeCloseTo(2, 12);
  });

  it('each heat goes its own way: 85 MWh over dry coolers cost nothing, 22 MWh through a tower at 20 °C 32.4 m³', () => {
    expect(waterM3({ liquidMWh: 85, airMWh: 22 }, waterRates(water, 20))).toBeCloseTo(22 * 1.47, 0);
    expect(waterM3({ liquidMWh: 85, airMWh: 22 }, waterRates({ ...water, liquid: 'adiabatic' }, 20))).toBeCloseTo(
      117.5,
      0,
    );
  });

  it('a tower never uses less in warmer air, and less than all heat is latent', () => {
    fc.assert(
      fc.property(celsius, celsius, (t, u) => {
        const [cold, hot] = [Math.min(t, u), Math.max(t, u)];
        expect(towerLatentShare(hot)).toBeGreaterThanOrEqual(towerLatentShare(cold) - 1e-12);
        expect(towerLatentShare(hot)).toBeLessThan(1);
        expect(towerLatentShare(cold)).toBeGreaterThan(0);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe('heat reuse', () => {
  const reuse = (more: object = {}) =>
    spec({
      ...HYBRID,
      heatReuse: { supplyC: 40, capacityMW: 60, efficiency: 0.95, demand: { constantMW: 1 }, ...more },
    });
  const reused = (facility: FacilitySpec, itMW: number, demandMW: number) => {
    const { deliveredW, takenW, electricityW } = reusedHeat(
      facility,
      Float64Array.of(itMW * MW),
      Float64Array.of(demandMW),
    )!;
    return [deliveredW[0]! / MW, takenW[0]! / MW, electricityW[0]! / MW];
  };

  it('gives what the network asks for while there is enough heat and room', () => {
    expect(reused(reuse(), 100, 50)).toEqual([50, expect.closeTo(50 / 0.95, 9), 0]);
  });

  it('gives no more than the connection carries, nor than leaves in water and gets through', () => {
    expect(reused(reuse(), 100, 75)[0]).toBe(60);
    expect(reused(reuse(), 40, 75)[0]).toBeCloseTo(40 * 0.85 * 0.95, 9);
    expect(reused(reuse(), 100, 0)).toEqual([0, 0, 0]);
  });

  it('a heat pump of COP 4 draws a quarter of what it delivers and takes the rest', () => {
    const [delivered, taken, electricity] = reused(reuse({ heatPumpCop: 4, supplyC: 70 }), 100, 50);
    expect([delivered, electricity]).toEqual([50, 12.5]);
    expect(taken).toBeCloseTo(37.5 / 0.95, 9);
  });

  it('takes the heat of the air where nothing leaves in water', () => {
    const air = spec({
      ...AIR,
      cooling: 'air',
      heatReuse: { supplyC: 30, capacityMW: 999, efficiency: 1, demand: { constantMW: 999 } },
    });
    expect(reused(air, 80, 999)[0]).toBe(80);
  });

  it('never gives more than asked for, than fits, or than source and pump have; heat and electricity add up', () => {
    const megawatts = fc.double({ min: 0, max: 300, noNaN: true });
    const cop = fc.option(fc.double({ min: 1.5, max: 8, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(megawatts, megawatts, cop, (it, demand, heatPumpCop) => {
        const facility = reuse(heatPumpCop === undefined ? {} : { heatPumpCop });
        const [delivered, taken, electricity] = reused(facility, it, demand) as [number, number, number];
        expect(delivered).toBeLessThanOrEqual(Math.min(demand, 60) + 1e-9);
        expect(taken).toBeLessThanOrEqual(0.85 * it + 1e-9);
        expect(taken * 0.95 + electricity).toBeCloseTo(delivered, 9);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});
