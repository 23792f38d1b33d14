import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planScenario } from '../../src/plan/plan.js';
import type { TariffSpec } from '../../src/scenario/tariffSpec.js';
import { flatYear, settled } from '../support/tariffs.js';
import { planText, shipped } from './planning.js';

function tariffOfSite(site: string): TariffSpec {
  const plan = planText(
    `version: 1\nkind: scenario\nquestion: What is its tariff?\nsites: [${site}]\n` +
      'workload: { jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }\npolicy: fcfs+easy@pack\nhorizon: 1 d\n',
  );
  return plan.specs[0]!.sites[0]!.tariff;
}

/** EUR/MWh of 200 MW in every hour of 2027, at a day-ahead price of 70. */
function flatLoad(site: string) {
  const { bill } = settled(tariffOfSite(site), { mw: flatYear(200), price: 70 });
  const perMWh = (eur: number): number => Number((eur / (200 * 8760)).toFixed(2));
  return {
    network: perMWh(bill.networkEur),
    levies: perMWh(bill.leviesEur),
    // By kW: a flat load has 8,760 hours of use.
    eurPerKwYear: Number((bill.capacityEur / 200_000).toFixed(2)),
    lines: bill.lines.map(({ name }) => name),
  };
}

describe('the tariff of a shipped site', () => {
  it.each([
    // CHP 4.46, offshore 9.41, tax 20.50, and §19 at 15.59 for the first of 1,752 GWh and 0.50 for the rest.
    ['gf-de-jul', { network: 6.9, levies: 34.88, eurPerKwYear: 53.06 }],
    ['aif-de-24k', { network: 8, levies: 34.88, eurPerKwYear: 100 }],
    ['gf-fr-hdf', { network: 3, levies: 14, eurPerKwYear: 20 }],
    // 64 winter weekdays of 14 hours at 8.80 and the other hours at 2.50; 0.90 and 1.00 at all.
    ['gf-fi-kaj', { network: 5.04, levies: 22.4, eurPerKwYear: 0 }],
    // P1 to P5: 774, 1,007, 909, 1,038 and 448 hours at 12, 8, 5, 4 and 2.5; P6 at 1.9. Tax: 5.11 % of 70 + 4.09 + 25 / 8.76.
    ['gf-es-mora', { network: 4.09, levies: 3.93, eurPerKwYear: 25 }],
    ['gf-pl-balt', { network: 10, levies: 45, eurPerKwYear: 60 }],
    ['gf-pt-sines', { network: 5, levies: 4, eurPerKwYear: 30 }],
    ['gf-it-bo', { network: 5, levies: 5, eurPerKwYear: 20 }],
  ])('of %s asks of a flat load what its sources say', (site, expected) => {
    expect(flatLoad(site)).toMatchObject(expected);
  });

  it('has a line on the bill for every levy, so that none hides in a sum', () => {
    expect(flatLoad('gf-de-jul').lines).toEqual([
      ...['Day-ahead', 'Network charge', 'CHP levy', 'Offshore grid levy', '§19 StromNEV levy', 'Electricity tax'],
      'Capacity charge',
    ]);
    expect(flatLoad('gf-es-mora').lines).toContain('Contracted power: P1, high season');
    expect(flatLoad('gf-fi-kaj').lines).toContain('Network charge: winter weekdays');
  });

  it('is of all sites', () => {
    expect(shipped.names('site')).toHaveLength(8);
  });

  it('of a Finnish site in 2026 is refined to the tax class of the first half of the year', () => {
    const classII = '{ classes: [{ name: class II, months: 1-6, eurPerMWh: 0.63 }] }';
    const { levies } = flatLoad(`{ use: gf-fi-kaj, tariff: { charges: { 3: ${classII} } } }`);
    // 181 of 365 days, to the hour of the clock.
    expect(levies).toBeCloseTo((0.63 * 181 + 22.4 * 184) / 365, 1);
  });
});

describe('the scenario band-load', () => {
  const plan = planScenario(shipped.find('scenario', 'band-load')!, {
    library: shipped,
    readFile: (path) => readFileSync(path),
    buildVersion: 'test',
  });
  const [plain, band] = plan.specs[0]!.sites.map(({ tariff }) => tariff);
  const charges = (tariff: TariffSpec, hours: number): number => {
    // 300 MW in the first quarter hour, less in all others.
    const base = (hours * 300) / 8760;
    const { bill } = settled(tariff, { mw: flatYear(base, { 0: 300 }), price: 70 });
    return bill.networkEur + bill.capacityEur;
  };

  it('has one schedule for both sites, which differ in the rule alone', () => {
    expect(plan.groups).toHaveLength(1);
    expect({ ...band!, rules: [] }).toEqual(plain!);
  });

  it.each([
    [6990, 1],
    [7010, 0.2],
    [7510, 0.15],
    [8010, 0.1],
  ])('leaves of network and capacity charge, at %d hours of use, the fraction %d to pay', (hours, fraction) => {
    expect(charges(band!, hours) / charges(plain!, hours)).toBeCloseTo(fraction, 9);
  });
});
