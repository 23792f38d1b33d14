import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { annuityEur } from '../../src/economics/annuity.js';
import { parseGridOrdersCsv } from '../../src/energy/gridOrdersCsv.js';
import { planText, shipped } from '../plan/planning.js';

const text = (name: string): string => readFileSync(`docs/${name}`, 'utf8');
const blocks = (name: string, language: string): string[] =>
  [...text(name).matchAll(new RegExp(`\`\`\`${language}\\n([^\`]*)\`\`\``, 'g'))].map(([, block]) => block!);

const siteOf = (keys: string) =>
  planText(`
version: 1
kind: scenario
question: Do the examples hold?
sites:
  - use: gf-de-jul
${keys.replace(/^(?=.)/gm, '    ')}
workload: { jobClasses: [{ name: a, gpuPowerFraction: 0.95 }], jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }
policy: fcfs+none@first-fit
horizon: 365 d
warmup: 0 h
`).specs[0]!.sites[0]!;

describe('docs/grid.md', () => {
  it('shows a grid that a site may have', () => {
    const { grid } = siteOf(blocks('grid.md', 'yaml')[0]!);
    expect(grid!.orders.map(({ name }) => name)).toEqual(['phoenix', 'evening']);
    expect(grid!.limitSeries).toBeDefined();
  });

  it('shows a file of orders that can be read', () => {
    const bytes = new TextEncoder().encode(blocks('grid.md', 'csv')[0]);
    const options = { file: 'o.csv', timeZone: 'UTC', calendarYear: 2027, prefix: 'order' };
    expect(parseGridOrdersCsv(bytes, options).map(({ order }) => order.name)).toEqual(['winter evening', 'order-2']);
  });
});

describe('docs/battery.md', () => {
  it('shows a battery that a site may have', () => {
    const { battery } = siteOf(blocks('battery.md', 'yaml')[0]!);
    expect(battery!.uses).toEqual(['ride-through', 'peak-shaving', 'arbitrage']);
  });

  it('has the break-even spread that its price, its life and its cycles make', () => {
    // EUR 43 M is 400 MWh at USD 125/kWh and 1.163 USD/EUR.
    const capexEur = 43e6;
    const yearEur =
      annuityEur(0.08, { capexEur, lifeYears: 15, residualFraction: 0, grantFraction: 0 }) + 0.02 * capexEur;
    expect(Number((yearEur / 1e6).toFixed(1))).toBe(5.9);
    expect(Math.round(yearEur / (0.88 * 400 * 330))).toBe(51);
  });

  it('tells the answers of a scenario that is shipped, with the uses of its table', () => {
    const scenario = readFileSync('scenarios/battery-jul.yaml', 'utf8');
    const { specs } = planText(scenario, { library: shipped });
    expect(specs[0]!.sites.map(({ battery }) => battery?.uses.join(' and ') ?? 'none')).toEqual([
      'none',
      'arbitrage',
      'peak-shaving',
      'peak-shaving and arbitrage',
      'ride-through and arbitrage',
    ]);
  });
});
