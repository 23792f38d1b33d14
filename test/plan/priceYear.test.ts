import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.js';
import { seriesStatistics } from '../../src/energy/seriesStatistics.js';
import { localClock } from '../../src/energy/calendar.js';
import { ZONES } from '../energy/zones.js';
import { priceYearsOf, yearFactors } from '../../src/energy/priceYear.js';
import { faultsOf, planText } from './planning.js';

const scenario = (sites = '[gf-de-jul, gf-fr-hdf]', more = ''): string => `version: 1
kind: scenario
question: What in another year?
sites: ${sites}
workload: { jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }
policy: fcfs+easy@pack
horizon: 365 d
${more}`;
const seriesOf = (plan: Plan, quantity: 'price' | 'carbon' | 'wetBulb', site = 0): Float64Array =>
  plan.inputs.series[plan.specs[0]!.sites[site]!.series[quantity]]!.values;
const statistics = (values: Float64Array) => seriesStatistics(values, localClock('Europe/Berlin', 2027));
const messages = (text: string, options = {}) =>
  faultsOf(text, options).map(({ path, message }) => `${path}: ${message}`);
const csv = (head: string, row: (hour: number) => string, hours = 8760): string =>
  [
    head,
    ...Array.from({ length: hours }, (_, h) => {
      const at = new Date(Date.UTC(2027, 0, 1) + h * 3_600_000).toISOString().slice(0, 16);
      return `${at},${row(h)}`;
    }),
  ].join('\n');
const reading = (text: string) => ({ readFile: () => new TextEncoder().encode(text) });

describe('a price year', () => {
  const base = planText(scenario());

  it('scales the representative year to the published mean: mean and deviation by one factor, negative hours as many', () => {
    const dear = planText(scenario(), { priceYear: '2022' });
    const [before, after] = [statistics(seriesOf(base, 'price')), statistics(seriesOf(dear, 'price'))];
    expect(before.mean).toBeCloseTo(78, 2);
    expect(after.mean).toBeCloseTo(235, 1);
    expect(after.mean / before.mean).toBeCloseTo(235 / 78, 9);
    expect(after.sd / before.sd).toBeCloseTo(235 / 78, 9);
    expect(after.negativeHours).toBe(before.negativeHours);
    expect(after.negativeHours).toBeGreaterThan(400);
    expect(statistics(seriesOf(dear, 'price', 1)).mean).toBeCloseTo(275, 0);
  });

  it('takes carbon along where it has a figure of that year, and says where it has none', () => {
    const of2023 = planText(scenario('[gf-fr-hdf]'), { priceYear: '2023' });
    expect(statistics(seriesOf(of2023, 'carbon')).mean).toBeCloseTo(55, 1);
    expect(of2023.baseYears['FR']).toBe('prices of 2023, carbon of 2023; price shape 2024, carbon shape 2022');
    const of2025 = planText(scenario('[gf-fr-hdf]'), { priceYear: '2025' });
    expect(seriesOf(of2025, 'carbon')).toEqual(seriesOf(base, 'carbon', 1));
    expect(of2025.baseYears['FR']).toMatch(/^prices of 2025, carbon of 2024 \(no figure for 2025\);/);
  });

  it('leaves weather, names and run keys alone when it is the base year or is not said', () => {
    for (const priceYear of ['2024', 'base']) {
      const same = planText(scenario(), { priceYear });
      expect(same.runs).toEqual(base.runs);
      expect(same.specs[0]!.sites[0]!.series).toEqual(base.specs[0]!.sites[0]!.series);
      expect(same.baseYears['DE-LU']).toBe('levels of 2024; price shape 2024, carbon shape 2024');
    }
    const dear = planText(scenario(), { priceYear: '2022' });
    expect(seriesOf(dear, 'wetBulb')).toEqual(seriesOf(base, 'wetBulb'));
    expect(dear.runs[0]!.key).not.toBe(base.runs[0]!.key);
  });

  it('scales each replication of resampled prices', () => {
    const more = 'prices: resample\nreplications: 2\n';
    const [plain, dear] = [
      planText(scenario('[gf-de-jul]', more)),
      planText(scenario('[gf-de-jul]', `${more}priceYear: 2022\n`)),
    ];
    for (const replication of [0, 1]) {
      const of = (plan: Plan) => plan.inputs.series[plan.specs[replication]!.sites[0]!.series.price]!.values;
      expect(of(dear)[5000]! / of(plain)[5000]!).toBeCloseTo(235 / 78, 9);
    }
  });

  it('is refused where a zone has no mean of it, with the zone and the years it has', () => {
    const site = '{ use: gf-es-mora, zone: PT, name: pt }';
    expect(messages(scenario(`[gf-de-jul, ${site}]`, 'priceYear: 2022\n'))).toEqual([
      'priceYear: expected a year that zone PT has a mean price of, 2023, 2024, 2025; got 2022',
    ]);
    expect(messages(scenario(), { priceYear: '2019' })).toHaveLength(2);
  });

  it('is refused beside prices that a site brings itself', () => {
    const site = '{ use: gf-de-jul, series: { price: { constant: 50 } } }';
    expect(messages(scenario(`[${site}]`), { priceYear: '2022' })).toEqual([
      'priceYear: expected sites with the prices of their zone; gf-de-jul brings its own (series.price)',
    ]);
  });

  it('flags the means that are assumptions only where they are used', () => {
    const site = '[{ use: gf-fi-kaj, zone: SE3, name: se }]';
    const flags = (priceYear: string) =>
      planText(scenario(site), { priceYear }).assumptions.filter(({ document }) => document === 'zone SE3');
    expect(flags('2023').map(({ path }) => path)).toEqual([]);
    expect(flags('2025').map(({ path, value }) => [path, value])).toEqual([['priceYears.2025', 40.1]]);
  });
});

describe('the years of the shipped zones', () => {
  it('hold the base year at its level, and scale to every mean exactly', () => {
    for (const zone of ZONES) {
      expect(priceYearsOf(zone)).toEqual(expect.arrayContaining([2023, 2024, 2025]));
      expect(yearFactors(zone, 2024)).toEqual({ price: 1, carbon: 1, carbonYear: 2024 });
      for (const year of priceYearsOf(zone)) {
        const level = yearFactors(zone, year)!.price * zone.baseYear.priceEurPerMWh.value;
        expect(level).toBeCloseTo(zone.priceYears![year]!.value, 9);
      }
      expect(yearFactors(zone, 1999)).toBeUndefined();
    }
    expect(ZONES.filter((zone) => priceYearsOf(zone).includes(2022)).map(({ id }) => id)).toEqual([
      ...['DE-LU', 'ES', 'FI', 'FR', 'IT-NORD', 'PL'],
    ]);
  });
});

describe('a file of prices', () => {
  it('stands for every zone when its head names none', () => {
    const plan = planText(scenario(), { priceYear: 'p.csv', ...reading(csv('time,EUR/MWh', (h) => String(h % 24))) });
    expect(seriesOf(plan, 'price').slice(0, 25)).toEqual(seriesOf(plan, 'price', 1).slice(0, 25));
    expect(Array.from(seriesOf(plan, 'price').slice(22, 26))).toEqual([22, 23, 0, 1]);
    expect(seriesOf(plan, 'carbon')).toEqual(seriesOf(planText(scenario()), 'carbon'));
    expect(plan.baseYears['DE-LU']).toBe('prices of p.csv, carbon of 2024; carbon shape 2024');
  });

  it('gives each zone its column; columns of other zones are left aside', () => {
    const text = csv('time,FR,PL,DE-LU', (h) => `${h},x,${10 - h}`);
    const plan = planText(scenario(), { priceYear: 'p.csv', ...reading(text) });
    expect(Array.from(seriesOf(plan, 'price').slice(0, 3))).toEqual([10, 9, 8]);
    expect(Array.from(seriesOf(plan, 'price', 1).slice(0, 3))).toEqual([0, 1, 2]);
  });

  it('is refused with every fault at once, each where it stands and once', () => {
    const lines = csv('time,FR,DE-LU', () => '1,2').split('\n');
    lines[3] = '2027-01-01T02:00,1,abc';
    lines[5] = 'yesterday,1,2';
    expect(faultsOf(scenario(), { priceYear: 'p.csv', ...reading(lines.join('\n')) })).toMatchObject([
      { file: 'p.csv', line: 4, message: 'expected a number in EUR/MWh, got "abc" (DE-LU)' },
      { file: 'p.csv', line: 6, message: 'expected a time such as 2027-01-31T23:00, got "yesterday"' },
    ]);
    const short = csv('time,FR,DE-LU', () => '1,2', 24);
    expect(messages(scenario(), { priceYear: 'p.csv', ...reading(short) })[0]).toMatch(/reach the end of the horizon/);
  });

  it('is refused without a column for a zone of the scenario, and with rows of another width', () => {
    expect(messages(scenario(), { priceYear: 'p.csv', ...reading(csv('time,FR,PL', () => '1,2', 2)) })).toEqual([
      ': expected one column "DE-LU", a zone of the scenario; got "FR", "PL"',
    ]);
    expect(messages(scenario(), { priceYear: 'p.csv', ...reading('time,FR,DE-LU\n2027-01-01T00:00,1\n') })).toEqual([
      ': expected 2 columns behind the time, got 1',
    ]);
  });
});

describe('levels', () => {
  it('multiply prices and carbon of zones and of own series alike', () => {
    const sites = '[gf-de-jul, { use: gf-fr-hdf, series: { price: { constant: 50 }, carbon: { constant: 100 } } }]';
    const plain = planText(scenario(sites));
    const plan = planText(scenario(sites, 'levels: { price: 1.2, carbon: 0.5 }\n'));
    const ratio = (quantity: 'price' | 'carbon', site: number): number =>
      seriesOf(plan, quantity, site)[4000]! / seriesOf(plain, quantity, site)[4000]!;
    for (const site of [0, 1]) {
      expect(ratio('price', site)).toBeCloseTo(1.2, 12);
      expect(ratio('carbon', site)).toBeCloseTo(0.5, 12);
    }
    expect(plan.baseYears['DE-LU']).toBe(
      'levels of 2024, prices × 1.2, carbon × 0.5; price shape 2024, carbon shape 2024',
    );
  });

  it('multiply a price year and a file too, and 1 changes nothing', () => {
    const both = planText(scenario('[gf-de-jul]', 'priceYear: 2022\nlevels: { price: 2 }\n'));
    expect(statistics(seriesOf(both, 'price')).mean).toBeCloseTo(470, 1);
    const text = csv('time,value', () => '10');
    const file = planText(scenario('[gf-de-jul]', 'levels: { price: 3 }\n'), { priceYear: 'p.csv', ...reading(text) });
    expect(seriesOf(file, 'price')[0]).toBe(30);
    const one = planText(scenario('[gf-de-jul]', 'levels: { price: 1, carbon: 1 }\n'));
    expect(one.runs).toEqual(planText(scenario('[gf-de-jul]')).runs);
  });

  it('of 0 or beyond a hundred are refused', () => {
    expect(messages(scenario('[gf-de-jul]', 'levels: { price: 0, carbon: 101 }\n'))).toHaveLength(2);
  });
});
