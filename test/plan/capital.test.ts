import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { capexEur, capexLines, yearlyCostLines } from '../../src/economics/tco.js';
import { capitalSpecs } from '../../src/plan/capital.js';
import type { PlanOptions } from '../../src/plan/plan.js';
import { financeSchema } from '../../src/scenario/financeSchema.js';
import { hardwareSchema } from '../../src/scenario/hardwareSchema.js';
import { faultsOf, libraryWith, planText, shipped } from './planning.js';

const scenario = (site: string, more = ''): string => `version: 1
kind: scenario
question: What does it cost?
sites: [${site}]
workload: { jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }
policy: fcfs+easy@pack
horizon: 1 d
${more}`;

const siteOf = (text: string, options: Partial<PlanOptions> = {}) => planText(text, options).specs[0]!.sites[0]!;
/** No capital of its own, whatever the shipped one says. */
const FRANCE = (capital: string): string => `{ use: gf-fr-hdf, ${capital} }`;

describe('capital of a site', () => {
  it('is made of the catalogue, its nameplate power and the defaults', () => {
    const { capital } = siteOf(scenario(FRANCE('capital: {}')));
    expect(capital).toEqual({
      hardware: [{ name: 'gb300-nvl72', gpus: 100_008, serverEurPerGpu: 41_000, networkStorageEurPerGpu: 9000 }],
      // 25,002 trays of 4 × (1,400 + 163) + 1,900 W.
      designItKw: 203_816.304,
      facilityEurPerKwIt: 11_000,
      connectionKw: expect.closeTo(234_388.75, 2) as number,
      gridEurPerKw: 100,
      staffFte: 152,
      staffEurPerFteYear: 100_000,
      waterEurPerM3: 2,
      finance: {
        wacc: 0.08,
        lifeYears: { it: 5, facility: 15, grid: 25, battery: 15 },
        grantFraction: 0,
        residualFraction: 0.1,
        insuranceFraction: 0.005,
        maintenanceFraction: { it: 0.03, facility: 0.03, battery: 0.02 },
        hardwarePriceDeclineFraction: 0.3,
      },
    });
    expect(capexEur(capital!) / 1e9).toBeCloseTo(7.27, 2);
  });

  it('is as the site and the scenario say where they do', () => {
    const own =
      'capital: { serverEurPerGpu: 30000, facilityEurMPerMWIt: 9, staffFte: 40, waterEurPerM3: 3 }, grid: { connectionMW: 300 }, ' +
      'battery: { powerMW: 100, energyMWh: 400, roundTripEfficiency: 0.88, uses: [peak-shaving] }';
    const terms =
      'finance: { wacc: 0.05, grantFraction: 0.35, lifeYears: { facility: 20 }, maintenanceFraction: { it: 0.04 } }';
    const { capital } = siteOf(scenario(FRANCE(own), terms));
    expect(capital!.hardware[0]).toMatchObject({ serverEurPerGpu: 30_000, networkStorageEurPerGpu: 9000 });
    expect(capital).toMatchObject({ facilityEurPerKwIt: 9000, connectionKw: 300_000, staffFte: 40, waterEurPerM3: 3 });
    expect(capital!.battery).toEqual({ energyKWh: 400_000, eurPerKWh: 125 / 1.16 });
    expect(capital!.finance).toMatchObject({
      wacc: 0.05,
      grantFraction: 0.35,
      lifeYears: { it: 5, facility: 20, grid: 25, battery: 15 },
      maintenanceFraction: { it: 0.04, facility: 0.03, battery: 0.02 },
    });
  });

  it('of two kinds of hardware has a building by the power of each', () => {
    const partitions = `partitions: [
      { name: new, hardware: gb300-nvl72, racks: 1 }, { name: old, hardware: h100-sxm, nodes: 12 }]`;
    const { capital } = siteOf(scenario(FRANCE(`capital: {}, ${partitions}`)));
    const [newW, oldW] = [18 * (4 * 1563 + 1900), 12 * (8 * 814 + 4600)];
    expect(capital!.facilityEurPerKwIt).toBeCloseTo((11_000 * newW + 10_000 * oldW) / (newW + oldW), 6);
    expect(capital!.hardware.map(({ gpus }) => gpus)).toEqual([72, 96]);
  });

  it('of a machine that grows is bought in steps, each at the prices of its time', () => {
    const hardware = hardwareSchema.parse(shipped.find('hardware', 'gb300-nvl72')!.value);
    const halfMs = (365 * MS_PER_DAY) / 2;
    const inService = [
      { atMs: 0, nodes: 18 },
      { atMs: halfMs, nodes: 54 },
    ];
    const partition = { hardware, nodes: 54, gpus: 216, gpuCapW: undefined, inService };
    const { capital } = capitalSpecs({ site: {}, partitions: [partition] }, financeSchema.parse({}), 2027);
    const price = { name: 'gb300-nvl72', serverEurPerGpu: 41_000, networkStorageEurPerGpu: 9000 };
    expect(capital!.hardware).toEqual([
      { ...price, gpus: 72 },
      { ...price, gpus: 144, boughtAfterYears: 0.5, inServiceAfterYears: 0.5 },
    ]);
    expect(capexLines(capital!)[0]!.eur).toBeCloseTo(41_000 * (72 + 144 * Math.sqrt(0.7)), 6);
    expect(capital!.designItKw).toBeCloseTo((54 * (4 * 1563 + 1900)) / 1000, 9);
  });

  it('of a partition that is in service later is bought then', () => {
    const later = `partitions: [
      { name: first, hardware: gb300-nvl72, racks: 1 }, { name: second, hardware: gb300-nvl72, racks: 2, inService: 12 h }]`;
    const { capital } = siteOf(scenario(FRANCE(`capital: {}, ${later}`)));
    expect(capital!.hardware.map(({ gpus, inServiceAfterYears = 0 }) => [gpus, inServiceAfterYears])).toEqual([
      [72, 0],
      [144, 0.5 / 365],
    ]);
  });

  it('is not worked out where neither site nor scenario asks', () => {
    const plain = siteOf(scenario(bare, ''), { library });
    expect(plain).not.toHaveProperty('capital');
    expect(plain).not.toHaveProperty('capitalGaps');
    expect(siteOf(scenario(bare, 'finance: {}'), { library })).toHaveProperty('capital');
  });

  it('names the prices that are missing, and makes no cost of the rest', () => {
    const unpriced = FRANCE('capital: {}, partitions: [{ name: main, hardware: mi355x, nodes: 4 }]');
    const site = siteOf(scenario(unpriced));
    expect(site).not.toHaveProperty('capital');
    expect(site.capitalGaps).toEqual(['serverEurPerGpu of mi355x', 'networkStorageEurPerGpu of mi355x']);
    const given = unpriced.replace('capital: {}', 'capital: { serverEurPerGpu: 20000, networkStorageEurPerGpu: 4000 }');
    expect(yearlyCostLines(siteOf(scenario(given)).capital!).length).toBeGreaterThan(5);
  });

  it('lists its assumptions once, and only where a cost is asked for', () => {
    const flagged = (text: string, options = {}): string[] =>
      planText(text, options)
        .assumptions.map(({ document, path }) => `${document} ${path}`)
        .filter((line) => /finance|capital|EurPerGpu|EurMPerMWIt/.test(line));
    expect(flagged(scenario(bare), { library })).toEqual([]);
    const lines = flagged(scenario(FRANCE('capital: { staffEurPerFteYear: 90000 }')));
    expect(lines).toContain('scenario finance.wacc');
    expect(lines).toContain('scenario finance.lifeYears.it');
    expect(lines).toContain('site gf-fr-hdf capital.staffFte');
    expect(lines).toContain('hardware gb300-nvl72 serverEurPerGpu');
    expect(lines).not.toContain('site gf-fr-hdf capital.staffEurPerFteYear');
    expect(lines).not.toContain('scenario finance.usdPerEur'); // no battery without a price
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('shows every term with who set it', () => {
    const { config } = planText(scenario(FRANCE('capital: { waterEurPerM3: 4 }'), 'finance: { wacc: 0.05 }'));
    const of = (key: string) => config.find((entry) => entry.key === key);
    expect(of('finance.wacc')).toMatchObject({ value: 0.05, from: 's.yaml:8' });
    expect(of('finance.lifeYears.grid')).toMatchObject({ value: 25, from: 'default' });
    expect(of('sites[0].capital.waterEurPerM3')).toMatchObject({ value: 4, from: 's.yaml:4' });
    expect(of('sites[0].capital.gridEurPerKw')).toMatchObject({ value: 100, from: 'default' });
    for (const { from, reason } of config) expect(reason !== undefined).toBe(from === 'default');
  });

  it('refuses shares above 1, lives of nothing and unknown keys, all at once', () => {
    const terms = 'finance: { wacc: 8, lifeYears: { it: 0 }, grantFraction: 1.2, grant: 0.35 }';
    const paths = faultsOf(scenario(FRANCE('capital: { staffFte: -1, gridEurPerKw: x }'), terms)).map(
      ({ path }) => path,
    );
    expect(paths).toEqual(
      expect.arrayContaining([
        'finance.wacc',
        'finance.lifeYears.it',
        'finance.grantFraction',
        'finance.grant',
        'sites[0].capital.staffFte',
        'sites[0].capital.gridEurPerKw',
      ]),
    );
  });
});

/** A site that says nothing of capital. */
const bare = 'bare';
const facility =
  '{ liquidFraction: 0.85, liquidCoolingFraction: 0.025, upsEfficiency: 0.98, distributionEfficiency: 0.9944, fixedFraction: 0.01 }';
const library = libraryWith({
  'site/bare': `version: 1
kind: site
name: bare
title: Bare
zone: FR
partitions: [{ name: main, hardware: gb300-nvl72, racks: 1 }]
facility: ${facility}
tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
`,
});

it('shipped prices of hardware are those of GB200, GB300 and H100 alone', () => {
  const priced = shipped
    .names('hardware')
    .filter((name) => (shipped.find('hardware', name)!.value as Record<string, unknown>)['serverEurPerGpu']);
  expect(priced).toEqual(['gb200-nvl72', 'gb300-nvl72', 'h100-sxm']);
});
