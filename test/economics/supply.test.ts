import { describe, expect, it } from 'vitest';
import type { PayAsProducedSpec } from '../../src/scenario/tariffSpec.js';
import { binAt, eurOf, flatYear, lineOf, settled, supplying, tariffOf } from '../support/tariffs.js';

const HOUR_MS = 3_600_000;
/** One hour at a time. */
const hourly = (...values: number[]) => ({ stepMs: HOUR_MS, values: Float64Array.from(values) });
const hours = (...values: number[]) => values.flatMap((value) => [value, value, value, value]);

describe('energy bought at day-ahead', () => {
  it('is paid for where the price is negative: 100 MW for an hour at −40 EUR/MWh bring 4,000 EUR', () => {
    const found = settled(tariffOf({}), { mw: hours(100, 100), price: hours(-40, 60) });
    expect(eurOf(found, 'Day-ahead')).toBe(-4000 + 6000);
    expect(found.binEur[0]).toBe(-1000);
  });

  it('can make the whole bill negative, while network and levies stay due', () => {
    const charges = [{ kind: 'energy', name: 'N', group: 'network', eurPerMWh: 10 }] as const;
    const found = settled(tariffOf({ charges }), { mw: hours(100), price: -40 });
    expect(found.bill.totalEur).toBe(-4000 + 1000);
  });
});

describe('a fixed share', () => {
  it('of 0.6 at 70 leaves 0.4 to day-ahead with its adder', () => {
    const supply = [{ kind: 'fixed', name: 'F', share: 0.6, priceEurPerMWh: 70 }] as const;
    const found = settled(tariffOf({ supply, dayAheadAdderEurPerMWh: 2 }), {
      mw: hours(100, 200),
      price: hours(50, 80),
    });
    expect(eurOf(found, 'F')).toBeCloseTo(0.6 * 300 * 70, 9);
    expect(eurOf(found, 'Day-ahead')).toBeCloseTo(40 * 52 + 80 * 82, 9);
    expect(found.bill.contracts).toEqual([
      expect.objectContaining({ name: 'F', kind: 'fixed', usedMWh: 180, shareOfConsumption: 0.6, surplusMWh: 0 }),
    ]);
    expect(found.bill.contracts![0]!.capturePriceEurPerMWh).toBeCloseTo((100 * 50 + 200 * 80) / 300, 12);
  });
});

/** 120 MW installed give 96, 24, 60 and 0 MW in four hours of 60 MW drawn; 180 MWh, of them 60 + 24 + 60 used. */
const PLANT: Omit<PayAsProducedSpec, 'surplus'> = {
  ...{ kind: 'pay-as-produced', name: 'Wind', technology: 'onshore-wind', series: 'g' },
  ...{ capacityW: 120e6, priceEurPerMWh: 40 },
};
const FOUR_HOURS = {
  mw: hours(60, 60, 60, 60),
  price: hours(20, 100, -30, 50),
  series: { g: hourly(0.8, 0.2, 0.5, 0) },
};

describe('a pay-as-produced PPA', () => {
  it('is paid for all it produces; surplus is sold at day-ahead, the rest of the draw bought at it', () => {
    const found = settled(supplying({ ...PLANT, surplus: 'sold' }), FOUR_HOURS);
    expect(eurOf(found, 'Wind')).toBeCloseTo(180 * 40, 9);
    expect(eurOf(found, 'Wind: surplus sold')).toBeCloseTo(-36 * 20, 9);
    expect(eurOf(found, 'Day-ahead')).toBeCloseTo(36 * 100 + 60 * 50, 9);
    expect(found.bill.supplyEur).toBeCloseTo(7200 - 720 + 6600, 9);
    expect(found.bill.contracts).toHaveLength(1);
    const [contract] = found.bill.contracts!;
    expect(contract).toMatchObject({ name: 'Wind', technology: 'onshore-wind', surplus: 'sold' });
    expect(contract!.contractMWh).toBeCloseTo(180, 9);
    expect(contract!.usedMWh).toBeCloseTo(144, 9);
    expect(contract!.shareOfConsumption).toBeCloseTo(0.6, 12);
    expect(contract!.surplusMWh).toBeCloseTo(36, 9);
    expect(contract!.capturePriceEurPerMWh).toBeCloseTo((96 * 20 + 24 * 100 + 60 * -30) / 180, 12);
    expect(contract!.eur).toBeCloseTo(7200 - 720, 9);
  });

  it('earns nothing for surplus that is lost', () => {
    const found = settled(supplying({ ...PLANT, surplus: 'lost' }), FOUR_HOURS);
    expect(found.bill.supplyEur).toBeCloseTo(7200 + 6600, 9);
    expect(found.bill.lines.map(({ name }) => name)).toEqual(['Wind', 'Day-ahead']);
  });

  it('loses money on surplus sold at a negative price: 36 MWh at −20 cost 720 EUR', () => {
    const found = settled(supplying({ ...PLANT, surplus: 'sold' }), { ...FOUR_HOURS, price: hours(-20, 0, 0, 0) });
    expect(eurOf(found, 'Wind: surplus sold')).toBeCloseTo(720, 9);
  });

  it('puts EUR of quarter hours in which the site draws nothing on them all the same', () => {
    const found = settled(supplying({ ...PLANT, surplus: 'lost' }), { ...FOUR_HOURS, mw: hours(0, 60, 60, 60) });
    expect(found.binEur[0]).toBeCloseTo(24 * 40, 9);
    expect(found.yearEur).toBe(0);
  });
});

describe('several contracts', () => {
  it('cover what is left by those before them, in the order written', () => {
    const found = settled(
      supplying(
        { kind: 'baseload', name: 'B', powerW: 50e6, priceEurPerMWh: 55, surplus: 'sold' },
        { ...PLANT, surplus: 'sold' },
      ),
      FOUR_HOURS,
    );
    // 10 MW are left in each hour: the plant gives 10, 10, 10 and 0 of them.
    expect(found.bill.contracts!.map(({ usedMWh }) => Math.round(usedMWh))).toEqual([200, 30]);
    expect(lineOf(found, 'Wind: surplus sold').quantity).toBeCloseTo(150, 9);
    expect(eurOf(found, 'Wind: surplus sold')).toBeCloseTo(-(86 * 20 + 14 * 100 + 50 * -30), 9);
    expect(eurOf(found, 'Day-ahead')).toBeCloseTo(10 * 50, 9);
  });

  it('a block above the draw has surplus too: 80 MW against 60', () => {
    const block = { kind: 'baseload', name: 'B', powerW: 80e6, priceEurPerMWh: 55, surplus: 'sold' } as const;
    const found = settled(supplying(block), FOUR_HOURS);
    expect(eurOf(found, 'B')).toBeCloseTo(320 * 55, 9);
    expect(eurOf(found, 'B: surplus sold')).toBeCloseTo(-20 * (20 + 100 - 30 + 50), 9);
    expect(eurOf(found, 'Day-ahead')).toBe(0);
  });
});

describe('a minimum take', () => {
  const minimum = { kind: 'minimum-take', name: 'M', mwhPerYear: 10_000, eurPerMWh: 30 } as const;

  it('of 10,000 MWh charges the 1,240 that a flat MW leaves in a year', () => {
    expect(eurOf(settled(tariffOf({ charges: [minimum] }), { mw: flatYear(1) }), 'M')).toBeCloseTo(37_200, 6);
    expect(eurOf(settled(tariffOf({ charges: [minimum] }), { mw: flatYear(2) }), 'M')).toBe(0);
  });

  it('asks for the share of the year that the horizon is: 73 days are a fifth', () => {
    const found = settled(tariffOf({ charges: [minimum] }), { mw: flatYear(1, {}, 73 * 96) });
    expect(eurOf(found, 'M')).toBeCloseTo((2000 - 1752) * 30, 6);
  });
});

describe('a leap year', () => {
  it('has 8,784 hours: energy of all of them, and the yearly charge once', () => {
    const charges = [{ kind: 'capacity', name: 'C', eurPerKwYear: 20 }] as const;
    const found = settled(tariffOf({ charges }), { mw: flatYear(1, {}, 366 * 96), price: 50, calendarYear: 2028 });
    expect(eurOf(found, 'Day-ahead')).toBe(8784 * 50);
    expect(eurOf(found, 'C')).toBe(20_000);
    expect(found.bill.peak!.hoursOfUse).toBe(8784);
    expect(binAt('2028-03-01T00:00Z')).toBe(60 * 96);
  });
});
