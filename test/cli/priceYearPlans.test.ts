import { describe, expect, it } from 'vitest';
import { errorRecord, type ErrorRecord } from '../../src/base/errors.js';
import { priceYearPlans, type Replan } from '../../src/cli/priceYearPlans.js';
import type { Plan } from '../../src/plan/plan.js';
import { planText } from '../plan/planning.js';

const scenario = (zone: string, more = ''): string => `
version: 1
kind: scenario
question: Which?
sites:
  - { use: gf-fr-hdf, name: known, partitions: [{ name: main, hardware: h100-sxm, nodes: 2 }] }
  - { use: gf-fr-hdf, name: other, zone: ${zone}, partitions: [{ name: main, hardware: h100-sxm, nodes: 2 }] }
workload: { use: mmc, load: 0.5 }
policy: fcfs+easy@pack
horizon: 2 d
warmup: 1 d
replications: 1
${more}`;

const replanOf =
  (text: string): Replan =>
  (variant, onlySites) =>
    Promise.resolve(planText(text, { variant, ...(onlySites === undefined ? {} : { onlySites }) }));

const sitesOf = (plan: Pick<Plan, 'specs'> | undefined): string[] =>
  plan === undefined ? [] : plan.specs.flatMap(({ sites }) => sites.map(({ id }) => id));

describe('plans of price years', () => {
  it('have all sites where every zone has prices of the year', async () => {
    const text = scenario('DE-LU');
    const [year] = await priceYearPlans(planText(text), ['2022'], replanOf(text));
    expect(sitesOf(year!.plan)).toEqual(['known', 'other']);
    expect(year!.gaps).toEqual([]);
  });

  it('leave out a site whose zone has none, with the reason, though a rule names it', async () => {
    const text = scenario(
      'SE3',
      `windows: [{ name: works, kind: maintenance, site: other, partition: main, nodes: 1, from: 1 h, to: 2 h }]`,
    );
    const [year] = await priceYearPlans(planText(text), ['2022'], replanOf(text));
    expect(sitesOf(year!.plan)).toEqual(['known']);
    expect(year!.gaps).toEqual([
      { site: 'other', why: expect.stringContaining('zone SE3 has a mean price of') as string },
    ]);
  });

  it('are known of zones, and not where a site brings its own prices', () => {
    expect(planText(scenario('SE3')).priceYears).toEqual(expect.arrayContaining([2022, 2023, 2024, 2025]));
    expect(
      planText(scenario('SE3').replace('name: other,', 'name: other, series: { price: { constant: 60 } },')).priceYears,
    ).toEqual([]);
  });

  it('are refused for a year that no zone has', async () => {
    const text = scenario('SE3');
    await expect(priceYearPlans(planText(text), ['1999'], replanOf(text))).rejects.toThrow();
    const both = await priceYearPlans(planText(text), ['1999', '1998'], replanOf(text)).catch(errorRecord);
    const { issues, message } = both as ErrorRecord;
    expect(issues.filter(({ message: said }) => said.includes('got 1999'))).toHaveLength(2); // two zones
    expect(issues.filter(({ message: said }) => said.includes('got 1998'))).toHaveLength(2);
    expect(message).toBe('--price-years: 4 faults');
    for (const issue of issues) expect(issue).toMatchObject({ path: '--price-years' });
    for (const { hint, line } of issues)
      expect([hint, line]).toEqual([expect.stringContaining(': --price-years prices.csv'), undefined]);
  });
});
