import { describe, expect, it } from 'vitest';
import type { SiteCarbon } from '../../src/metrics/siteCarbon.js';
import type { SiteIndicators } from '../../src/metrics/siteIndicators.js';
import { compareJson } from '../../src/report/compareJson.js';
import { comparePlain, compareText, type CompareContext } from '../../src/report/compareText.js';
import { carbonTable, checkedLimits, indicatorTable, limitTable, rowsOf } from '../../src/report/indicatorTables.js';
import { tablePlain } from '../../src/report/table.js';
import { candidatesWith } from './candidate.js';

const INDICATORS: SiteIndicators = {
  pditKw: 1000,
  edcMWh: 1100,
  eitMWh: 1000,
  pue: 1.1,
  ereuseMWh: 110,
  erf: 0.1,
  cue: 0.33,
  twhC: 40,
  tinC: 27.4,
  checks: [
    {
      rule: 'EnEfG §11(2)',
      indicator: 'PUE',
      bound: 'at most',
      limit: 1.2,
      figure: 1.1,
      verdict: 'pass',
      binding: true,
      note: 'at the latest from 2029-01-01',
    },
    {
      rule: 'EnEfG §11',
      indicator: 'REF',
      bound: 'at least',
      limit: 1,
      verdict: 'not known',
      binding: true,
      note: 'the contracts are not known',
    },
  ],
};
const CARBON: SiteCarbon = {
  locationT: 330,
  locationKgPerMWh: 300,
  marketT: 110,
  marketKgPerMWh: 100,
  ppaMWh: 0,
  guaranteesMWh: 550,
  residualMWh: 550,
  residualKgPerMWh: 200,
  residualGiven: true,
  shadowEur: 24_750,
  gPerGpuHour: 330,
};
const CONTEXT: CompareContext = {
  questions: ['Which?'],
  baseYears: {},
  flagged: { assumptions: 0, unverified: 0 },
  resampled: false,
  assumptionsCommand: 'gigasim validate --assumptions',
};

/** `north` says all of it, `south` nothing. */
const found = candidatesWith((_, replication, position) =>
  position === 0 ? { indicators: { ...INDICATORS, pue: 1.1 + 0.01 * replication }, carbon: CARBON } : {},
);
const rows = rowsOf(found.candidates);

describe('tables of indicators', () => {
  it('show the sites that ask for them, without columns that none of them knows', () => {
    const [heading, ...lines] = tablePlain(indicatorTable(rows, 'fixed')!).split('\n');
    expect(heading).toMatch(/^site\tPUE \[EDC\/EIT\]\tPUE \[EDC\/EIT\] ±95%\tERF/);
    expect(heading).not.toMatch(/WUE|REF|CDD|CBtG|derated/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^north\t1\.11\d*\t0\.02\d*\t0\.1\t/);
  });

  it('show each limit with its figure, and n/a where it is not known', () => {
    const table = limitTable(rows)!;
    expect(table.rows.map((row) => [row[1], row[2], row[4]])).toEqual([
      ['EnEfG §11(2)', 'PUE at most 1.20', 'pass; at the latest from 2029-01-01'],
      ['EnEfG §11', 'REF at least 1.00', 'not known; the contracts are not known'],
    ]);
    expect(tablePlain(table).split('\n')[2]).toContain('REF at least 1.00\t\tnot known');
  });

  it('a limit that one replication misses is missed', () => {
    const failing = candidatesWith((_, replication) => ({
      indicators: {
        ...INDICATORS,
        checks: INDICATORS.checks.map((check) => (replication === 2 ? { ...check, verdict: 'fail' as const } : check)),
      },
    }));
    expect(checkedLimits(failing.candidates[0]!.runs)[0]!.verdict).toBe('fail');
    expect(checkedLimits(found.candidates[0]!.runs)[0]!.verdict).toBe('pass');
  });

  it('show carbon by place, market and shadow; useful GPU-hours only where they are known', () => {
    const [heading, line] = tablePlain(carbonTable(rows, 'fixed')!).split('\n');
    expect(heading!.split('\t')).toEqual([
      'site',
      'location [kt CO2]',
      'market [kt CO2]',
      'location [kg/MWh]',
      'market [kg/MWh]',
      'shadow cost [EUR million]',
      'per GPU-hour [g]',
    ]);
    expect(line!.split('\t')).toEqual(['north', '0.33', '0.11', '300', '100', '0.02475', '330']);
  });
});

describe('a comparison', () => {
  it('has the tables where some site asks, and none where none does', () => {
    const text = compareText(found, CONTEXT);
    for (const heading of ['Indicators of the data centre', 'Limits and targets', 'Carbon by way of counting']) {
      expect(text).toContain(heading);
      expect(compareText(candidatesWith(), CONTEXT)).not.toContain(heading);
    }
    expect(comparePlain(found)).toContain('\tERF [EREUSE/EDC]');
  });

  it('says in JSON what a site says and leaves out what it does not', () => {
    const json = JSON.parse(JSON.stringify(compareJson(found, CONTEXT))) as {
      candidates: { site: string; carbon?: Record<string, { mean: number }>; indicators?: object; limits?: object[] }[];
    };
    const north = json.candidates.find(({ site }) => site === 'north')!;
    const south = json.candidates.find(({ site }) => site === 'south')!;
    expect(north.carbon!['marketT']!.mean).toBe(110);
    expect(Object.keys(north.indicators!)).toContain('erf');
    expect(Object.keys(north.indicators!)).not.toContain('wue');
    expect(north.limits).toHaveLength(2);
    expect(south).not.toHaveProperty('carbon');
    expect(south).not.toHaveProperty('indicators');
  });
});
