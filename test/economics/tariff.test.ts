import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { energyBill, tariffSpec, type MeteredEnergy } from '../../src/economics/tariff.js';
import type { TariffSpec } from '../../src/scenario/runSpec.js';
import { namesIn, shippedSite } from '../power/catalogue.js';

const YEAR_MS = 365 * MS_PER_DAY;
const J_PER_MWH = 3.6e9;
const TARIFF: TariffSpec = {
  capacityEurPerKwYear: 20,
  networkEurPerMWh: 5,
  leviesEurPerMWh: 10,
  dayAheadAdderEurPerMWh: 0,
};
const flatYear: MeteredEnergy = {
  dayAheadEur: 438_000, // 50 EUR/MWh
  facilityMWh: 8760,
  peakFacilityW: 1e6,
  horizonMs: YEAR_MS,
  calendarYearMs: YEAR_MS,
};

describe('energy bill', () => {
  it('of a flat megawatt for a year, by hand', () => {
    expect(energyBill(TARIFF, flatYear)).toEqual({
      dayAheadEur: 438_000,
      networkEur: 43_800,
      leviesEur: 87_600,
      capacityEur: 20_000,
      totalEur: 589_400,
    });
  });

  it('takes the capacity charge pro rata: a week pays 7 of 365 days of it, 7 of 366 in a leap year', () => {
    const week = { ...flatYear, horizonMs: 7 * MS_PER_DAY };
    expect(energyBill(TARIFF, week).capacityEur).toBeCloseTo((20_000 * 7) / 365, 9);
    expect(energyBill(TARIFF, { ...week, calendarYearMs: 366 * MS_PER_DAY }).capacityEur).toBeCloseTo(
      (20_000 * 7) / 366,
      9,
    );
  });

  it('charges the peak and not the mean: one spike to 3 MW triples the capacity line alone', () => {
    const spiky = energyBill(TARIFF, { ...flatYear, peakFacilityW: 3e6 });
    expect(spiky.capacityEur).toBe(60_000);
    expect(spiky.totalEur - energyBill(TARIFF, flatYear).totalEur).toBe(40_000);
  });

  it('puts the adder on every MWh of the day-ahead line; a discount is negative', () => {
    expect(energyBill({ ...TARIFF, dayAheadAdderEurPerMWh: 2 }, flatYear).dayAheadEur).toBe(438_000 + 17_520);
    expect(energyBill({ ...TARIFF, dayAheadAdderEurPerMWh: -2 }, flatYear).dayAheadEur).toBe(438_000 - 17_520);
  });

  it('lets negative prices lower the bill, network and levies staying due', () => {
    const paid = energyBill(TARIFF, { ...flatYear, dayAheadEur: -1000 });
    expect(paid.totalEur).toBe(-1000 + 43_800 + 87_600 + 20_000);
  });

  it('adds up, and is linear in the tariff', () => {
    const rate = fc.double({ min: 0, max: 500, noNaN: true });
    fc.assert(
      fc.property(rate, rate, rate, rate, (capacity, network, levies, adder) => {
        const tariff: TariffSpec = {
          capacityEurPerKwYear: capacity,
          networkEurPerMWh: network,
          leviesEurPerMWh: levies,
          dayAheadAdderEurPerMWh: adder,
        };
        const bill = energyBill(tariff, flatYear);
        expect(bill.totalEur).toBe(bill.dayAheadEur + bill.networkEur + bill.leviesEur + bill.capacityEur);
        expect(bill.totalEur).toBeCloseTo(438_000 + 8760 * (network + levies + adder) + 1000 * capacity, 5);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('reference bills of the shipped sites', () => {
  it.each(namesIn('sites'))('%s: total and carbon follow from its own numbers and tariff', (name) => {
    const site = shippedSite(name);
    const reference = site.reference!;
    const designW = reference.itMW * 1e6 * reference.pue;
    const facilityMWh = (designW * reference.loadFactor * 8760 * 3600) / J_PER_MWH;
    const bill = energyBill(tariffSpec(site.tariff), {
      dayAheadEur: facilityMWh * reference.energyEurPerMWh,
      facilityMWh,
      peakFacilityW: designW,
      horizonMs: 8760 * MS_PER_HOUR,
      calendarYearMs: YEAR_MS,
    });
    expect(Math.abs(bill.totalEur / 1e6 - reference.totalEurMPerYear)).toBeLessThan(0.5);
    expect(Math.abs((facilityMWh * reference.carbonKgPerMWh) / 1e6 - reference.ktCo2PerYear)).toBeLessThan(0.6);
  });
});
