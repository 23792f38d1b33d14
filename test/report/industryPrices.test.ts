import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { billOf } from '../../src/economics/energyBill.js';
import type { IndustryPrice } from '../../src/plan/planTypes.js';
import type { Candidate } from '../../src/report/candidates.js';
import { besideIndustry, industryTable, industryText } from '../../src/report/industryPrices.js';
import { planText } from '../plan/planning.js';
import { candidatesWith } from './candidate.js';

/** 1,000 MWh: supply 80, network 7, levies 35, capacity 8 EUR/MWh, a battery that saves 1: 129 delivered. */
const bill = billOf([
  { name: 'Day-ahead', group: 'supply', eur: 80_000 },
  { name: 'Network charge', group: 'network', eur: 7_000 },
  { name: 'Levies', group: 'levies', eur: 35_000 },
  { name: 'Capacity charge', group: 'capacity', eur: 8_000 },
  { name: 'Battery', group: 'battery', eur: -1_000 },
]);
const candidates: readonly Candidate[] = candidatesWith(() => ({ bill, facilityMWh: 1000 }))
  .candidates.slice(0, 1)
  .map((candidate) => ({ ...candidate, label: 'here', horizonMs: 365 * MS_PER_DAY }));
const zone = candidates[0]!.spec.zone;
const price = (more: Partial<IndustryPrice> = {}): Record<string, IndustryPrice> => ({
  [zone]: { band: 'IG', deliveredEurPerMWh: 139, dayAheadEurPerMWh: 88, why: undefined, ...more },
});

describe('a site beside what industry pays', () => {
  it('has its bill by the MWh in parts that add up, and the difference in supply and charges', () => {
    const [line] = besideIndustry(candidates, price());
    expect(line!.industry).toEqual({ delivered: 139, dayAhead: 88, charges: 51 });
    const { delivered, supply, network, levies, capacity, battery, charges } = line!.ours;
    expect(
      [delivered, supply, network, levies, capacity, battery, charges].map((eur) => Number(eur.toFixed(9))),
    ).toEqual([129, 80, 7, 35, 8, -1, 49]);
    expect(industryTable([line!]).rows[0]!.map((cell) => (typeof cell === 'object' ? cell.value : cell))).toEqual([
      'here',
      'IG',
      139,
      delivered,
      88,
      supply,
      51,
      charges,
      network,
      levies,
      capacity,
    ]);
  });

  it('says in words what makes the difference, and why', () => {
    const text = industryText(candidates, price({ why: 'Industry has rebates.' }))!.replaceAll(/\s+/g, ' ');
    expect(text).toContain('band IG, 150 GWh a year and more');
    expect(text).toContain(
      'here: 10.0 below industry: supply 8.0 less than day-ahead was in those months, ' +
        'charges 2.0 less than what industry paid above it. Industry has rebates.',
    );
    const equal = industryText(candidates, price({ deliveredEurPerMWh: 129.2, dayAheadEurPerMWh: 80 }))!;
    expect(equal).toContain('here: as industry: supply alike, charges alike.');
    const dear = industryText(candidates, price({ deliveredEurPerMWh: 60, dayAheadEurPerMWh: 40 }))!;
    expect(dear.replaceAll(/\s+/g, ' ')).toContain('69.0 above industry: supply 40.0 more');
  });

  it('is left out where the zone has no figure, the horizon is no year, or several sites are one', () => {
    expect(industryText(candidates, {})).toBeUndefined();
    expect(industryText(candidates, undefined)).toBeUndefined();
    const changed = (more: Partial<Candidate>) => besideIndustry([{ ...candidates[0]!, ...more }], price());
    expect(changed({ horizonMs: 7 * MS_PER_DAY })).toEqual([]);
    expect(changed({ parts: [] })).toEqual([]);
    expect(changed({})).toHaveLength(1);
  });

  it('comes from the zones of the shipped sites, all of which have it', () => {
    const sites = ['gf-de-jul', 'gf-es-mora', 'gf-fi-kaj', 'gf-fr-hdf', 'gf-it-bo', 'gf-pl-balt', 'gf-pt-sines'];
    const { industryPrices } = planText(
      `version: 1\nkind: scenario\nquestion: Which?\nsites: [${sites.join(', ')}]\n` +
        'workload: { jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }\npolicy: fcfs+easy@pack\nhorizon: 1 d\n',
    );
    const bands = Object.entries(industryPrices!).map(([id, { band, deliveredEurPerMWh }]) => [
      id,
      band,
      deliveredEurPerMWh,
    ]);
    expect(bands).toEqual([
      ['DE-LU', 'IG', 139],
      ['ES', 'IG', 97],
      ['FI', 'IF', 50],
      ['FR', 'IG', 75],
      ['IT-NORD', 'IG', 134],
      ['PL', 'IG', 186],
      ['PT', 'IG', 100],
    ]);
    expect(Object.values(industryPrices!).every(({ why }) => why !== undefined)).toBe(true);
  });
});
