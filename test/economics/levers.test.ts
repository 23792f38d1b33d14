import { expect, it } from 'vitest';
import { levers } from '../../src/economics/levers.js';
import { siteCost } from '../../src/economics/siteCost.js';
import { withFinance } from '../../src/economics/tco.js';
import { GB300_100K } from './capital.js';

const capacityGpuHours = 100_000 * 8760;
const horizon = {
  soldGpuHours: 0.85 * capacityGpuHours,
  allocatedGpuHours: 0.9 * capacityGpuHours,
  energyEur: 133e6,
  waterM3: 1e5,
  heatRevenueEur: 3e5,
  years: 1,
};

it('changes one thing at a time: the published levers of a site in France, to a hundredth', () => {
  const cost = siteCost(GB300_100K, horizon);
  const found = levers(GB300_100K, cost, { capacityGpuHours, years: 1 });
  expect(found.map(({ name, value, eurPerSoldGpuHour }) => [name, value, eurPerSoldGpuHour.toFixed(2)])).toEqual([
    ['grant', 0, '2.52'],
    ['grant', 0.17, '2.17'],
    ['grant', 0.35, '1.81'],
    ['utilisation', 0.6, '3.57'],
    ['utilisation', 0.7, '3.06'],
    ['utilisation', 0.85, '2.52'],
    ['utilisation', 0.95, '2.25'],
    ['wacc', 0.05, '2.33'],
    ['wacc', 0.08, '2.52'],
    ['wacc', 0.12, '2.79'],
  ]);
  // What is as it was costs what it cost, water and heat included.
  for (const at of [0, 5, 8]) expect(found[at]!.totalEur).toBe(cost.totalEur);
});

it('starts from the terms of the site', () => {
  const spec = withFinance(GB300_100K, { grantFraction: 0.35, wacc: 0.05 });
  const found = levers(spec, siteCost(spec, horizon), { capacityGpuHours, years: 1 });
  const gross = siteCost(withFinance(GB300_100K, { wacc: 0.05 }), horizon);
  expect(found[0]!.totalEur).toBe(gross.totalEur);
  expect(found[2]!.totalEur + found[2]!.publicEur).toBeCloseTo(gross.totalEur, 2);
});
