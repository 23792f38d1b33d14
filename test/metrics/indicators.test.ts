import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coolingDegreeDays } from '../../src/energy/degreeDays.js';
import { lawChecks, type CheckedIndicators } from '../../src/metrics/energyLaw.js';
import { siteIndicators, type IndicatorInputs } from '../../src/metrics/siteIndicators.js';
import { facilityHours } from '../../src/power/facility.js';
import { reusedHeat } from '../../src/power/heatReuse.js';
import type { FacilitySpec } from '../../src/scenario/runSpec.js';

const MW = 1e6;
const HOUR = 3_600_000;
const QUARTER = HOUR / 4;

/** Losses of 10 % alone, half of the heat in water. */
const FACILITY: FacilitySpec = {
  liquidFraction: 0.5,
  liquidCoolingFraction: 0,
  upsEfficiency: 1,
  distributionEfficiency: 1 / 1.1,
  fixedFraction: 0,
  designItW: 100 * MW,
};
const WATER = {
  liquid: 'adiabatic',
  air: 'dry',
  cyclesOfConcentration: 4,
  adiabaticFromWetBulbC: 16,
  adiabaticLitresPerKwh: 2,
} as const;
const REUSE = { sourceC: 40, supplyC: 40, capacityW: 20 * MW, efficiency: 1 };

/** Four quarter hours with 80, 80, 100 and 100 MW of IT at 10, 20, 28 and 28 °C of wet bulb. */
function indicators(facility: FacilitySpec = FACILITY, change: Partial<IndicatorInputs> = {}) {
  const itW = Float64Array.of(80 * MW, 80 * MW, 100 * MW, 100 * MW);
  const heat = reusedHeat(facility, itW, Float64Array.of(30, 10, 30, 0));
  const facilityW = itW.map((watts, bin) => watts * 1.1 + (heat?.electricityW[bin] ?? 0));
  return siteIndicators({
    spec: {
      country: 'DE',
      inOperationFrom: '2027-01-01',
      calendarYear: 2027,
      intakeC: 27.4,
      wasteHeatC: 40,
    },
    facility,
    binMs: QUARTER,
    itW,
    facilityW,
    wetBulbC: Float64Array.of(10, 20, 28, 28),
    dryBulb: undefined,
    heat,
    horizonMs: HOUR,
    calendarYearMs: HOUR,
    locationKg: 9900,
    renewables: undefined,
    ...change,
  });
}

describe('indicators of Regulation (EU) 2024/1364', () => {
  it('of an hour of 90 MW of IT: EIT 90 MWh, EDC 99 MWh, PUE 1.1, CUE 0.11 kg/kWh', () => {
    const { pditKw, eitMWh, edcMWh, pue, cue, twhC, tinC } = indicators();
    expect([pditKw, twhC, tinC]).toEqual([100_000, 40, 27.4]);
    expect(eitMWh).toBeCloseTo(90, 9);
    expect(edcMWh).toBeCloseTo(99, 9);
    expect(pue).toBeCloseTo(1.1, 12);
    expect(cue).toBeCloseTo(0.11, 12);
  });

  it('what a site says nothing of is absent, not 0', () => {
    for (const key of ['winM3', 'wue', 'ref', 'eresTotMWh', 'cddKd', 'cbtgKw', 'derating', 'heatRevenueEur']) {
      expect(indicators()).not.toHaveProperty(key);
    }
  });

  it('WIN: wetted pads for the loop in three warm quarter hours, 2 m³ for each of (40 + 50 + 50) / 4 MWh', () => {
    const { winM3, wue } = indicators({ ...FACILITY, water: WATER });
    expect(winM3).toBeCloseTo(70, 9);
    expect(wue).toBeCloseTo(70 / 90, 12);
  });

  it('heat that is reused takes no water', () => {
    // Delivered 20 (the connection), 10 (the demand), 20 and 0 MW: 12.5 MWh, of them 7.5 in wetted hours.
    const { winM3, ereuseMWh, erf } = indicators({ ...FACILITY, water: WATER, heatReuse: REUSE });
    expect(ereuseMWh).toBeCloseTo(12.5, 9);
    expect(erf).toBeCloseTo(12.5 / 99, 12);
    expect(winM3).toBeCloseTo(70 - 2 * 7.5, 9);
  });

  it('other heat goes by its own way: losses and the half in air, (88 − 40 + 88 − 40 + 2 · (110 − 50)) / 4 MWh', () => {
    const water = { ...WATER, liquid: 'dry', air: 'adiabatic', adiabaticFromWetBulbC: -40 } as const;
    expect(indicators({ ...FACILITY, water }).winM3).toBeCloseTo(2 * 54, 9);
  });

  it('a heat pump is part of EDC, and not of the PUE that the EnEfG looks at', () => {
    const { edcMWh, heatPumpMWh, checks, pue } = indicators({ ...FACILITY, heatReuse: { ...REUSE, heatPumpCop: 4 } });
    expect(heatPumpMWh).toBeCloseTo(12.5 / 4, 9);
    expect(edcMWh).toBeCloseTo(99 + 12.5 / 4, 9);
    expect(pue).toBeGreaterThan(1.13);
    expect(checks.find(({ rule, indicator }) => rule.startsWith('EnEfG') && indicator === 'PUE')!.figure).toBeCloseTo(
      1.1,
      9,
    );
  });

  it('EUR of heat: 12.5 MWh at 20 EUR', () => {
    expect(indicators({ ...FACILITY, heatReuse: { ...REUSE, revenueEurPerMWh: 20 } }).heatRevenueEur).toBeCloseTo(250);
  });

  it('REF: 40 MWh of PPA and 9.5 MWh of guarantees of 99 MWh are half of it', () => {
    const renewables = { ppaMWh: 40, guaranteesMWh: 9.5 };
    const { eresTotMWh, eresPpaMWh, eresGooMWh, ref } = indicators(FACILITY, { renewables });
    expect([eresTotMWh, eresPpaMWh, eresGooMWh]).toEqual([49.5, 40, 9.5]);
    expect(ref).toBeCloseTo(0.5, 12);
  });

  it('at 28 °C a building that loses 5 % a kelvin from 26 °C carries 90 MW: two quarter hours of 100 MW are above', () => {
    const derating = { fromWetBulbC: 26, perKFraction: 0.05 };
    const { hours, leastItMW, overCapacityQuarterHours } = indicators({ ...FACILITY, derating }).derating!;
    expect([hours, overCapacityQuarterHours]).toEqual([0.5, 2]);
    expect(leastItMW).toBeCloseTo(90, 9);
  });
});

describe('indicators of any building, weather, load and network', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const facilities = fc.record({
    liquidFraction: share,
    liquidCoolingFraction: fc.double({ min: 0, max: 0.1, noNaN: true }),
    upsEfficiency: fc.double({ min: 0.8, max: 1, noNaN: true }),
    distributionEfficiency: fc.double({ min: 0.9, max: 1, noNaN: true }),
    fixedFraction: fc.double({ min: 0, max: 0.05, noNaN: true }),
    cop: fc.option(fc.double({ min: 1.5, max: 8, noNaN: true }), { nil: undefined }),
    efficiency: fc.double({ min: 0.5, max: 1, noNaN: true }),
  });
  const hours = fc.array(
    fc.record({
      itMW: fc.double({ min: 1, max: 100, noNaN: true }),
      wetBulbC: fc.double({ min: -30, max: 40, noNaN: true }),
      demandMW: fc.double({ min: 0, max: 300, noNaN: true }),
    }),
    { minLength: 1, maxLength: 24 },
  );

  it('PUE is at least 1, ERF at most 1, REF what is contracted, water never negative, reuse no more than asked for', () => {
    fc.assert(
      fc.property(facilities, hours, share, ({ cop, efficiency, ...building }, bins, contracted) => {
        const facility: FacilitySpec = {
          ...building,
          designItW: 100 * MW,
          chiller: { supplyC: 32, approachK: 11, riseK: 10, cop: 5 },
          water: { ...WATER, liquid: 'tower', air: 'tower' },
          heatReuse: { ...REUSE, efficiency, heatPumpCop: cop },
        };
        const column = (of: (bin: (typeof bins)[number]) => number) => Float64Array.from(bins.map(of));
        const wetBulbC = column((bin) => bin.wetBulbC);
        const itW = column((bin) => bin.itMW * MW);
        const { aW, b } = facilityHours(facility, { stepMs: HOUR, values: wetBulbC });
        const heat = reusedHeat(
          facility,
          itW,
          column((bin) => bin.demandMW),
        )!;
        const facilityW = itW.map((watts, bin) => aW[bin]! + b[bin]! * watts + heat.electricityW[bin]!);
        const edcMWh = facilityW.reduce((sum, watts) => sum + watts, 0) / MW;
        const found = indicators(facility, {
          ...{ binMs: HOUR, itW, facilityW, wetBulbC, heat },
          renewables: { ppaMWh: contracted * edcMWh, guaranteesMWh: 0 },
        });
        expect(found.pue).toBeGreaterThanOrEqual(1);
        expect(found.erf).toBeLessThanOrEqual(1 + 1e-12);
        expect(found.ref).toBeCloseTo(contracted, 9);
        expect(found.winM3).toBeGreaterThanOrEqual(-1e-9);
        expect(found.ereuseMWh).toBeLessThanOrEqual(bins.reduce((sum, { demandMW }) => sum + demandMW, 0) + 1e-9);
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});

describe('cooling degree days', () => {
  const days = (...means: number[]) => ({
    stepMs: HOUR,
    values: Float64Array.from(means.flatMap((mean) => Array.from({ length: 24 }, (_, h) => mean + (h < 12 ? -5 : 5)))),
  });

  it('are kelvins of a day’s mean beyond 21 °C: days of 20, 22 and 25 °C make 5', () => {
    expect(coolingDegreeDays(days(20, 22, 25), 3 * 24 * HOUR)).toBeCloseTo(5, 12);
  });

  it('end with the horizon, whole days alone', () => {
    expect(coolingDegreeDays(days(20, 22, 25), 2.9 * 24 * HOUR)).toBeCloseTo(1, 12);
    expect(coolingDegreeDays(days(25), 99 * 24 * HOUR)).toBeCloseTo(4, 12);
  });
});

describe('limits of the EnEfG', () => {
  const GOOD: CheckedIndicators = {
    country: 'DE',
    inOperationFrom: '2027-01-01',
    calendarYear: 2027,
    wholeYear: true,
    pueWithoutHeatPump: 1.09,
    pue: 1.1,
    erf: 0.12,
    ref: 1,
  };
  const short = (change: Partial<CheckedIndicators>) =>
    lawChecks({ ...GOOD, ...change }).map(
      ({ indicator, limit, verdict }) => `${indicator} ${String(limit)} ${verdict}`,
    );

  it('of a data centre that begins in 2027: PUE 1.2, a tenth of its energy reused, renewables alone', () => {
    expect(short({})).toEqual(['PUE 1.2 pass', 'ERF 0.1 pass', 'REF 1 pass', 'PUE 1.15 pass']);
    const [pue] = lawChecks(GOOD);
    expect(pue).toMatchObject({ binding: true, figure: 1.09, note: 'at the latest from 2029-01-01' });
  });

  it.each([
    ['2026-06-30', []],
    ['2026-07-01', ['ERF 0.1 pass']],
    ['2027-06-30', ['ERF 0.1 pass']],
    ['2027-07-01', ['ERF 0.15 fail']],
    ['2028-07-01', ['ERF 0.2 fail']],
  ])('beginning on %s, an ERF of 0.12 is held against %j', (inOperationFrom, expected) => {
    expect(short({ inOperationFrom }).filter((text) => text.startsWith('ERF'))).toEqual(expected);
  });

  it('an older one may have a PUE of 1.5 from 2027 and 1.3 from 2030, and half renewables until 2026', () => {
    const old = { inOperationFrom: '2020-01-01', pueWithoutHeatPump: 1.4, ref: 0.6 };
    expect(short({ ...old, calendarYear: 2026 })).toEqual(['REF 0.5 pass', 'PUE 1.15 pass']);
    expect(short({ ...old, calendarYear: 2027 }).slice(0, 2)).toEqual(['PUE 1.5 pass', 'REF 1 fail']);
    expect(short({ ...old, calendarYear: 2030 })[0]).toBe('PUE 1.3 fail');
  });

  it('are not known without contracts, and none over less than a year', () => {
    expect(short({ ref: undefined })[2]).toBe('REF 1 not known');
    expect(short({ wholeYear: false }).every((text) => text.endsWith('not known'))).toBe(true);
  });

  it('bind in Germany alone; the target of the Union holds for its members', () => {
    expect(short({ country: 'FR', pue: 1.2 })).toEqual(['PUE 1.15 fail']);
    expect(lawChecks({ ...GOOD, country: 'FR' })[0]!.binding).toBe(false);
    expect(short({ country: 'NO' })).toEqual([]);
  });
});
