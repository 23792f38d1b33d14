import { describe, expect, it } from 'vitest';
import { marginalPrice } from '../../src/economics/marginalPrice.js';
import { flatTariff, flatYear, settled, tariffOf } from '../support/tariffs.js';

const hourly = (...values: number[]) => ({ stepMs: 3_600_000, values: Float64Array.from(values) });

describe('what one more MWh costs', () => {
  it('under flat figures is day-ahead, adder, network and levies', () => {
    const tariff = flatTariff({
      networkEurPerMWh: 5,
      leviesEurPerMWh: 10,
      dayAheadAdderEurPerMWh: 1,
      capacityEurPerKwYear: 99,
    });
    expect([...marginalPrice(tariff, hourly(50, -20), 2027).values]).toEqual([66, -4]);
  });

  it('knows time classes by the local clock, fixed shares, and percents on them', () => {
    const tariff = tariffOf({
      timeZone: 'Europe/Berlin',
      supply: [{ kind: 'fixed', name: 'F', share: 0.5, priceEurPerMWh: 70 }],
      charges: [
        {
          kind: 'energy',
          name: 'N',
          group: 'network',
          eurPerMWh: 4,
          classes: [{ name: 'w', eurPerMWh: 10, hours: [2] }],
        },
        { kind: 'percent', name: 'T', fraction: 0.1, of: ['supply', 'N'] },
      ],
    });
    // 01:00 UTC is 02:00 in Berlin in January.
    const found = [...marginalPrice(tariff, hourly(50, 50, 30), 2027).values];
    expect(found.map((eur) => Number(eur.toPrecision(12)))).toEqual(
      [1.1 * (60 + 4), 1.1 * (60 + 10), 1.1 * (50 + 4)].map((eur) => Number(eur.toPrecision(12))),
    );
  });

  it('has percents of a group tax its charges wherever they are written, and of percents the ones before', () => {
    const percent = (name: string, of: string[]) => ({ kind: 'percent', name, fraction: 0.1, of }) as const;
    const energy = (name: string, group: 'network' | 'levies', eurPerMWh: number) =>
      ({ kind: 'energy', name, group, eurPerMWh }) as const;
    const tariff = tariffOf({
      charges: [
        ...[percent('T1', ['network']), energy('N', 'network', 4), energy('L', 'levies', 20)],
        ...[percent('T2', ['levies']), percent('T3', ['T2'])],
      ],
    });
    // T1 0.4; T2 0.1 × (20 + 0.4); T3 a tenth of that.
    const [eur] = marginalPrice(tariff, hourly(50), 2027).values;
    expect(eur).toBeCloseTo(50 + 4 + 20 + 0.4 + 2.04 + 0.204, 9);
    expect(settled(tariff, { mw: flatYear(1, {}, 96), price: 50 }).bill.totalEur).toBeCloseTo(24 * eur!, 6);
  });

  it('is the difference of two bills that are an hour of 1 MW apart, away from the peak', () => {
    const tariff = tariffOf({
      charges: [
        {
          kind: 'energy',
          name: 'N',
          group: 'network',
          eurPerMWh: 4,
          classes: [{ name: 'w', eurPerMWh: 10, hours: [12] }],
        },
        { kind: 'capacity', name: 'C', eurPerKwYear: 20 },
        { kind: 'percent', name: 'T', fraction: 0.05, of: ['supply', 'network'] },
      ],
    });
    const base = { 0: 9 };
    const more = Object.fromEntries([48, 49, 50, 51].map((bin) => [bin, 2]));
    const eur = (other: Record<number, number>) =>
      settled(tariff, { mw: flatYear(1, other, 96), price: 40 }).bill.totalEur;
    const [marginal] = marginalPrice(tariff, hourly(...Array<number>(24).fill(40)), 2027).values.slice(12);
    expect(eur({ ...base, ...more }) - eur(base)).toBeCloseTo(marginal!, 9);
  });
});
