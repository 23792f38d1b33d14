import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tariffSpec } from '../../src/economics/tariff.js';
import { namesIn, shippedSite } from '../power/catalogue.js';
import { flatTariff, flatYear, settled } from '../support/tariffs.js';

const FLAT = { capacityEurPerKwYear: 20, networkEurPerMWh: 5, leviesEurPerMWh: 10, dayAheadAdderEurPerMWh: 0 };
const billed = (change: object, mw: Float64Array, calendarYear = 2027) =>
  settled(flatTariff({ ...FLAT, ...change }), { mw, price: 50, calendarYear }).bill;

describe('the bill of a tariff in its short form', () => {
  it('of a flat megawatt for a year, by hand', () => {
    const bill = billed({}, flatYear(1));
    expect(bill.lines).toEqual([
      { name: 'Day-ahead', group: 'supply', eur: 438_000, quantity: 8760, unit: 'MWh' },
      { name: 'Network charge', group: 'network', eur: 43_800, quantity: 8760, unit: 'MWh' },
      { name: 'Levies', group: 'levies', eur: 87_600, quantity: 8760, unit: 'MWh' },
      { name: 'Capacity charge', group: 'capacity', eur: 20_000, quantity: 1000, unit: 'kW' },
    ]);
    expect(bill).toMatchObject({
      ...{ supplyEur: 438_000, networkEur: 43_800, leviesEur: 87_600, capacityEur: 20_000, batteryEur: 0 },
      totalEur: 589_400,
    });
  });

  it('takes the capacity charge pro rata: a week pays 7 of 365 days of it, 7 of 366 in a leap year', () => {
    const week = flatYear(1, {}, 7 * 96);
    expect(billed({}, week).capacityEur).toBeCloseTo((20_000 * 7) / 365, 9);
    expect(billed({}, week, 2028).capacityEur).toBeCloseTo((20_000 * 7) / 366, 9);
  });

  it('charges the peak and not the mean: one quarter hour at 3 MW triples the capacity line', () => {
    expect(billed({}, flatYear(1, { 20_000: 3 })).capacityEur).toBe(60_000);
  });

  it('puts the adder on every MWh of the day-ahead line; a discount is negative', () => {
    expect(billed({ dayAheadAdderEurPerMWh: 2 }, flatYear(1)).supplyEur).toBe(438_000 + 17_520);
    expect(billed({ dayAheadAdderEurPerMWh: -2 }, flatYear(1)).supplyEur).toBe(438_000 - 17_520);
  });

  it('adds up to the bit, and is linear in the tariff', () => {
    const rate = fc.double({ min: 0, max: 500, noNaN: true });
    const mw = flatYear(1, {}, 96);
    fc.assert(
      fc.property(rate, rate, rate, rate, (capacity, network, levies, adder) => {
        const change = { networkEurPerMWh: network, leviesEurPerMWh: levies, dayAheadAdderEurPerMWh: adder };
        const bill = billed({ ...change, capacityEurPerKwYear: capacity }, mw);
        expect(bill.totalEur).toBe(bill.supplyEur + bill.networkEur + bill.leviesEur + bill.capacityEur);
        expect(bill.totalEur).toBeCloseTo(24 * (50 + network + levies + adder) + (1000 * capacity) / 365, 5);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('reference bills of the shipped sites', () => {
  it.each(namesIn('sites'))('%s: total and carbon follow from its own numbers and tariff', (name) => {
    const site = shippedSite(name);
    const reference = site.reference!;
    const designMW = reference.itMW * reference.pue;
    const mw = flatYear(designMW * reference.loadFactor, { 0: designMW });
    const { bill } = settled(
      tariffSpec(site.tariff, 'UTC', ({ name: plant }) => plant),
      { mw, price: reference.energyEurPerMWh },
    );
    // The references are rounded to a million, and fold tax classes and periods into flat figures.
    const toleranceEurM = Math.max(0.5, 0.01 * reference.totalEurMPerYear);
    expect(Math.abs(bill.totalEur / 1e6 - reference.totalEurMPerYear)).toBeLessThan(toleranceEurM);
    const facilityMWh = designMW * reference.loadFactor * 8760;
    expect(Math.abs((facilityMWh * reference.carbonKgPerMWh) / 1e6 - reference.ktCo2PerYear)).toBeLessThan(0.6);
  });
});
