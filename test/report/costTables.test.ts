import { expect, it } from 'vitest';
import { siteCost } from '../../src/economics/siteCost.js';
import { withFinance } from '../../src/economics/tco.js';
import {
  costSummaryTable,
  costTermsTable,
  costTexts,
  leversTable,
  type CostedSite,
} from '../../src/report/costTables.js';
import { tableText } from '../../src/report/table.js';
import { GB300_100K, H100_100K } from '../economics/capital.js';

const capacityGpuHours = 100_000 * 8760;
const sold = { soldGpuHours: 0.85 * capacityGpuHours, allocatedGpuHours: 0.85 * capacityGpuHours, years: 1 };
const granted = withFinance(GB300_100K, { grantFraction: 0.35 });
const sites: CostedSite[] = [
  {
    ...{ id: 'france', capital: granted, capacityGpuHours, years: 1 },
    cost: siteCost(granted, { ...sold, energyEur: 133e6, usefulGpuHours: 0.8 * capacityGpuHours }),
  },
  {
    ...{ id: 'older', capital: H100_100K, capacityGpuHours, years: 1 },
    cost: siteCost(H100_100K, { ...sold, energyEur: 93e6, waterM3: 5e5 }),
  },
];

it('terms add up, and what a site does not have is not a 0', () => {
  expect(tableText(costTermsTable(sites, 'horizon')).replaceAll(/[^\S\n]/g, ' ')).toBe(`\
term                                france        older
                               EUR million  EUR million
--------------------------------------------------------
servers                              667.5        651.2
network and storage                  146.5        112.7
facility                             167.1        163.6
grid connection                        1.4          1.5
maintenance, IT                      150.0         91.5
maintenance, facility                 66.0         42.0
staff                                 15.0         15.0
insurance, property tax, land          0.0          0.0
water                                  n/a          1.0
energy                               133.0         93.0
total                              1 346.5      1 171.5`);
});

it('public money stands beside what the owner pays, and useful hours only where they are known', () => {
  const text = tableText(costSummaryTable(sites));
  expect(text).toContain('france');
  const { columns, rows } = costSummaryTable(sites);
  const cells = Object.fromEntries(
    columns.map(({ title, unit }, at) => [`${title} ${unit ?? ''}`, rows.map((row) => row[at])]),
  );
  const values = (key: string) => cells[key]!.map((cell) => (typeof cell === 'object' ? cell.value.toFixed(3) : cell));
  expect(values('sold EUR/GPU-hour')).toEqual(['1.808', '1.573']);
  expect(values('useful EUR/GPU-hour')).toEqual(['1.921', undefined]);
  expect(values('useful, gross EUR/GPU-hour')).toEqual(['2.676', undefined]);
  expect(values('useful, public EUR/GPU-hour')).toEqual(['0.755', undefined]);
  expect(values('cost EUR million')).toEqual(['1346.450', '1171.462']);
  expect(values('public EUR million')).toEqual(['529.012', undefined]);
  expect(values('gross cost EUR million')).toEqual(['1875.462', undefined]);
});

it('without a grant nothing is said of one', () => {
  const { columns } = costSummaryTable([sites[1]!]);
  expect(columns.map(({ title }) => title)).toEqual(['site', 'capex', 'cost', 'sold', 'allocated']);
});

it('levers stand in rows, sites in columns', () => {
  const { rows } = leversTable(sites);
  const [first] = rows;
  expect(first!.map((cell) => (typeof cell === 'object' ? Number(cell.value.toFixed(3)) : cell))).toEqual([
    'grant',
    0,
    2.519,
    1.573,
  ]);
  expect(rows).toHaveLength(10);
});

it('a site without a price says which is missing', () => {
  const [only] = costTexts([], [{ id: 'mine', capitalGaps: ['serverEurPerGpu of mi355x'] }]);
  expect(only!.replaceAll(/\s+/g, ' ')).toContain('mine has no cost of ownership: expected serverEurPerGpu of mi355x');
  expect(costTexts([], [])).toEqual([]);
});
