import { describe, expect, it } from 'vitest';
import type { EnergyChargeSpec } from '../../src/scenario/tariffSpec.js';
import { binAt, charging, eurOf, flatYear, lineOf, settled, tariffOf, YEAR_BINS } from '../support/tariffs.js';

const CAPACITY = { kind: 'capacity', name: 'C', eurPerKwYear: 20 } as const;

describe('a capacity charge', () => {
  it('is set by one spike: a single quarter hour at 3 MW costs 40,000 EUR beside a flat MW', () => {
    const flat = settled(charging(CAPACITY), { mw: flatYear(1) });
    const spiky = settled(charging(CAPACITY), { mw: flatYear(1, { 12_345: 3 }) });
    expect(eurOf(flat, 'C')).toBe(20_000);
    expect(eurOf(spiky, 'C')).toBe(60_000);
    expect(spiky.yearEur).toBe(60_000);
    expect(spiky.binEur.every((eur) => eur === 0)).toBe(true);
  });

  it('costs its price for one more MW of peak, pro rata', () => {
    expect(settled(charging(CAPACITY), { mw: flatYear(1) }).bill.peak!.eurPerMoreMW).toBeCloseTo(20_000, 9);
    const fifth = settled(charging(CAPACITY), { mw: flatYear(1, {}, 73 * 96) });
    expect(fifth.bill.peak!.eurPerMoreMW).toBeCloseTo(4000, 9);
  });
});

/** 1 MW in the quarter hours [from, to) of 2027 alone. */
function onlyBetween(from: string, to: string): Float64Array {
  const mw = new Float64Array(YEAR_BINS);
  mw.fill(1, binAt(from), binAt(to));
  return mw;
}

describe('an energy charge by time class', () => {
  const peakHours: EnergyChargeSpec = {
    ...{ kind: 'energy', name: 'N', group: 'network' },
    classes: [
      { name: 'peak', eurPerMWh: 30, hours: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] },
      { name: 'night', eurPerMWh: 4, hours: [0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23] },
    ],
  };
  const berlin = { ...charging(peakHours), timeZone: 'Europe/Berlin' };

  it('has a line for each class', () => {
    const found = settled(charging(peakHours), { mw: flatYear(1) });
    expect(lineOf(found, 'N: peak')).toEqual({
      ...{ name: 'N: peak', group: 'network', eur: 365 * 12 * 30, quantity: 365 * 12, unit: 'MWh' },
    });
    expect(eurOf(found, 'N: night')).toBe(365 * 12 * 4);
  });

  it('takes the hour that the spring change skips from the night: 28 March has 92 quarter hours, 11 MWh of night', () => {
    // Midnight to midnight in Berlin: 23:00 UTC to 22:00 UTC.
    const mw = onlyBetween('2027-03-27T23:00Z', '2027-03-28T22:00Z');
    expect(mw.filter((one) => one === 1)).toHaveLength(92);
    const found = settled(berlin, { mw });
    expect(lineOf(found, 'N: peak').quantity).toBe(12);
    expect(lineOf(found, 'N: night').quantity).toBe(11);
    expect(found.bill.networkEur).toBe(12 * 30 + 11 * 4);
    expect(found.binEur[binAt('2027-03-28T05:45Z')]).toBe(1); // 07:45, night
    expect(found.binEur[binAt('2027-03-28T06:00Z')]).toBe(7.5); // 08:00, peak
  });

  it('counts the hour that the autumn change repeats twice: 31 October has 100 quarter hours, 13 MWh of night', () => {
    const mw = onlyBetween('2027-10-30T22:00Z', '2027-10-31T23:00Z');
    expect(mw.filter((one) => one === 1)).toHaveLength(100);
    const found = settled(berlin, { mw });
    expect(lineOf(found, 'N: peak').quantity).toBe(12);
    expect(lineOf(found, 'N: night').quantity).toBe(13);
    expect(found.binEur[binAt('2027-10-31T06:45Z')]).toBe(1); // 07:45
    expect(found.binEur[binAt('2027-10-31T07:00Z')]).toBe(7.5); // 08:00 again at UTC+1
  });

  it('knows months and weekdays, and charges other hours what is given for them', () => {
    const winter: EnergyChargeSpec = {
      ...{ kind: 'energy', name: 'W', group: 'network', eurPerMWh: 2.5 },
      classes: [{ name: 'winter weekdays', eurPerMWh: 8.8, months: [1, 2, 12], days: [0, 1, 2, 3, 4] }],
    };
    const found = settled(charging(winter), { mw: flatYear(1) });
    // 2027 begins on a Friday: 21 weekdays in January, 20 in February, 23 in December.
    expect(lineOf(found, 'W: winter weekdays').quantity).toBe(64 * 24);
    expect(lineOf(found, 'W: other hours').quantity).toBe(301 * 24);
    expect(found.bill.networkEur).toBeCloseTo(64 * 24 * 8.8 + 301 * 24 * 2.5, 6);
  });

  it('goes by the clock of its own zone: 08:00 in Helsinki is 06:00 UTC in January', () => {
    const helsinki = { ...charging(peakHours), timeZone: 'Europe/Helsinki' };
    expect(settled(helsinki, { mw: flatYear(1) }).binEur[6 * 4]).toBe(7.5);
    expect(settled(helsinki, { mw: flatYear(1) }).binEur[6 * 4 - 1]).toBe(1);
  });

  it('sees 29 February in a leap year', () => {
    const february: EnergyChargeSpec = {
      ...{ kind: 'energy', name: 'F', group: 'levies', eurPerMWh: 1 },
      classes: [{ name: 'February', eurPerMWh: 5, months: [2] }],
    };
    const found = settled(charging(february), { mw: flatYear(1, {}, 366 * 96), calendarYear: 2028 });
    expect(lineOf(found, 'F: February').quantity).toBe(29 * 24);
  });
});

describe('a reduced rate', () => {
  const levy: EnergyChargeSpec = {
    ...{ kind: 'energy', name: 'L', group: 'levies', eurPerMWh: 15 },
    reduced: { aboveMWhPerYear: 1000, eurPerMWh: 0.5 },
  };

  it('holds beyond 1,000 MWh of a year: 15,000 + 7,760 × 0.5 EUR, the same on each MWh', () => {
    const found = settled(charging(levy), { mw: flatYear(1) });
    expect(eurOf(found, 'L')).toBeCloseTo(15_000 + 3880, 6);
    expect(found.binEur[0]).toBeCloseTo((18_880 / 8760) * 0.25, 12);
    expect(found.binEur[YEAR_BINS - 1]).toBe(found.binEur[0]);
  });

  it('begins at the share of the amount that the horizon is of the year', () => {
    const found = settled(charging(levy), { mw: flatYear(1, {}, 73 * 96) });
    expect(eurOf(found, 'L')).toBeCloseTo(200 * 15 + (1752 - 200) * 0.5, 6);
  });

  it('is not reached by a site that draws less', () => {
    expect(eurOf(settled(charging(levy), { mw: flatYear(0.1) }), 'L')).toBeCloseTo(876 * 15, 6);
  });
});

describe('contracted power', () => {
  const all = { name: 'P', contractedW: 10e6, eurPerKwYear: 24 };

  it('is paid whether used or not, and each month its highest excess', () => {
    const excess = { ...all, excessEurPerKw: 2 };
    const spikes = {
      [binAt('2027-03-10T12:00Z')]: 12,
      [binAt('2027-04-01T00:00Z')]: 11,
      [binAt('2027-04-02T00:00Z')]: 11,
    };
    const found = settled(charging({ kind: 'contracted', name: 'K', periods: [excess] }), { mw: flatYear(5, spikes) });
    expect(eurOf(found, 'K: P')).toBe(240_000);
    expect(lineOf(found, 'K: P, excess')).toEqual({
      ...{ name: 'K: P, excess', group: 'capacity', eur: 2000 * 2 + 1000 * 2, quantity: 3000, unit: 'kW·month' },
    });
    expect(found.bill.capacityEur).toBe(246_000);
  });

  it.each(['UTC', 'Europe/Berlin', 'Pacific/Auckland', 'America/New_York'])(
    'has 12 months a year by the clock of %s: a flat MW too much is paid for 12 times',
    (timeZone) => {
      const tariff = charging({ kind: 'contracted', name: 'K', periods: [{ ...all, excessEurPerKw: 2 }] });
      const found = settled({ ...tariff, timeZone }, { mw: flatYear(11) });
      expect(lineOf(found, 'K: P, excess')).toMatchObject({ quantity: 12_000, eur: 24_000 });
    },
  );

  it('counts local hours outside the year of UTC with the month beside them, in its period', () => {
    const january = { ...all, name: 'January', excessEurPerKw: 2, months: [1] };
    const rest = { ...all, name: 'rest', excessEurPerKw: 1, months: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] };
    const tariff = charging({ kind: 'contracted', name: 'K', periods: [january, rest] });
    const excess = (timeZone: string, at: string): number[] => {
      const found = settled({ ...tariff, timeZone }, { mw: flatYear(5, { [binAt(at)]: 12 }) });
      return [eurOf(found, 'K: January, excess'), eurOf(found, 'K: rest, excess')];
    };
    expect(excess('Europe/Berlin', '2027-12-31T23:30Z')).toEqual([0, 2000]);
    expect(excess('America/New_York', '2027-01-01T02:00Z')).toEqual([4000, 0]);
  });

  it('without a price of excess is raised to the peak of its period', () => {
    const found = settled(charging({ kind: 'contracted', name: 'K', periods: [all] }), { mw: flatYear(5, { 7: 12 }) });
    expect(eurOf(found, 'K: P')).toBe(12_000 * 24);
  });

  it('by period: a spike at night does not touch what is contracted by day', () => {
    const [day8to20, night] = [
      {
        name: 'day',
        contractedW: 6e6,
        eurPerKwYear: 30,
        excessEurPerKw: 3,
        hours: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      },
      {
        name: 'night',
        contractedW: 10e6,
        eurPerKwYear: 10,
        excessEurPerKw: 1,
        hours: [0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23],
      },
    ];
    const tariff = charging({ kind: 'contracted', name: 'K', periods: [day8to20, night] });
    const found = settled(tariff, { mw: flatYear(5, { 8: 12 }) });
    expect(found.bill.lines.filter(({ group }) => group === 'capacity').map(({ eur }) => eur)).toEqual([
      180_000, 0, 100_000, 2000,
    ]);
    expect(found.bill.peak!.eurPerMoreMW).toBeCloseTo(1000, 6); // its excess at night
    const below = settled(tariff, { mw: flatYear(5, { 8: 8 }) });
    expect(below.bill.peak!.eurPerMoreMW).toBe(0); // 9 MW are still within the contract
  });
});

describe('a contracted period in two parts of the year', () => {
  it('is paid once and has one peak: spikes at 18:00 in January and at 12:00 in July are both its own', () => {
    const periods = [
      {
        ...{ name: 'P1', contractedW: 6e6, eurPerKwYear: 30, excessEurPerKw: 3 },
        ...{ months: [1], hours: [18], or: [{ months: [7], hours: [12] }] },
      },
      {
        ...{ name: 'P2', contractedW: 9e6, eurPerKwYear: 10, months: [2, 3, 4, 5, 6, 8, 9, 10, 11, 12] },
        or: [
          { months: [1], hours: Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => hour !== 18) },
          { months: [7], hours: Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => hour !== 12) },
        ],
      },
    ];
    const spikes = {
      [binAt('2027-01-20T18:15Z')]: 8,
      [binAt('2027-07-20T12:00Z')]: 7,
      [binAt('2027-07-21T13:00Z')]: 9,
    };
    const found = settled(charging({ kind: 'contracted', name: 'K', periods }), { mw: flatYear(5, spikes) });
    expect(eurOf(found, 'K: P1')).toBe(180_000);
    expect(eurOf(found, 'K: P1, excess')).toBe(2000 * 3 + 1000 * 3);
    expect(eurOf(found, 'K: P2')).toBe(90_000);
  });
});

describe('a tax in percent', () => {
  const network = { kind: 'energy', name: 'N', group: 'network', eurPerMWh: 5 } as const;
  const tax = (of: string[], name = 'T') => ({ kind: 'percent', name, fraction: 0.0511, of }) as const;

  it('of 5.11 % on supply and capacity leaves the network charge out', () => {
    const found = settled(charging(network, CAPACITY, tax(['supply', 'C'])), { mw: flatYear(1), price: 50 });
    expect(eurOf(found, 'T')).toBeCloseTo(0.0511 * (438_000 + 20_000), 6);
    expect(lineOf(found, 'T')).toMatchObject({ group: 'levies', quantity: 458_000, unit: 'EUR' });
  });

  it('falls on quarter hours as far as what it taxes does', () => {
    const found = settled(charging(network, CAPACITY, tax(['supply', 'C'])), { mw: flatYear(1), price: 50 });
    expect(found.binEur[0]).toBeCloseTo(0.25 * (5 + 50 * 1.0511), 12);
    expect(found.yearEur).toBeCloseTo(20_000 * 1.0511, 9);
  });

  it('may be taxed by the next one', () => {
    const found = settled(charging(network, tax(['N']), tax(['T', 'N'], 'T2')), { mw: flatYear(1) });
    expect(eurOf(found, 'T2')).toBeCloseTo(0.0511 * (43_800 * 1.0511), 6);
  });

  it('taxes what is written after it all the same, a minimum take too; but no later percent', () => {
    const least = { kind: 'minimum-take', name: 'M', mwhPerYear: 10_000, eurPerMWh: 30 } as const;
    const load = { mw: flatYear(1), price: 50 };
    for (const charges of [[tax(['supply']), least] as const, [least, tax(['supply'])] as const]) {
      expect(eurOf(settled(charging(...charges), load), 'T')).toBeCloseTo(0.0511 * (438_000 + 37_200), 6);
    }
    const found = settled(charging(tax(['levies'], 'T1'), tax(['supply'], 'T2')), load);
    expect([eurOf(found, 'T1'), eurOf(found, 'T2')]).toEqual([0, expect.closeTo(0.0511 * 438_000, 6)]);
  });

  it('is nothing where what it taxes adds up to less than 0', () => {
    expect(eurOf(settled(charging(tax(['supply'])), { mw: flatYear(1), price: -5 }), 'T')).toBe(0);
  });

  it('rises with the peak when it taxes the capacity charge', () => {
    const found = settled(charging(CAPACITY, tax(['capacity'])), { mw: flatYear(1) });
    expect(found.bill.peak!.eurPerMoreMW).toBeCloseTo(20_000 * 1.0511, 6);
  });
});

describe('lines of a bill', () => {
  it('stand by group in its order, and add up to it to the bit', () => {
    const tariff = tariffOf({
      charges: [
        CAPACITY,
        { kind: 'energy', name: 'L', group: 'levies', eurPerMWh: 0.1 },
        { kind: 'energy', name: 'N', group: 'network', eurPerMWh: 0.7 },
      ],
    });
    const { bill } = settled(tariff, { mw: flatYear(1.37), price: 33.3 });
    expect(bill.lines.map(({ name }) => name)).toEqual(['Day-ahead', 'N', 'L', 'C']);
    expect(bill.totalEur).toBe(bill.lines.reduce((sum, { eur }) => sum + eur, 0));
  });
});
