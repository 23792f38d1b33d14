import { describe, expect, it } from 'vitest';
import type { PlanOptions } from '../../src/plan/plan.js';
import { faultsOf, inShort, planText } from './planning.js';

const scenario = (tariff: string, rest = '', horizon = '1 d'): string => `version: 1
kind: scenario
question: Is the tariff sound?
policy: fcfs+easy@pack
horizon: ${horizon}
workload: mmc
sites:
  - name: mine
    zone: DE-LU
    partitions: [{ name: main, hardware: h100-sxm, gpus: 1024 }]
    facility: { liquidFraction: 0.85, liquidCoolingFraction: 0.02, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff:
${tariff
  .trim()
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
${rest}
`;

/** Faults without their line, which is that of the text above. */
const faults = (tariff: string, rest?: string, options?: Partial<PlanOptions>): string[] =>
  faultsOf(scenario(tariff, rest), options).map(({ path, message, hint }) => {
    const place = path.replace('sites[0].tariff.', '');
    return `${place}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
  });

describe('a capacity charge', () => {
  const missing = 'is missing: expected a number in EUR per kW and year (eurPerKwYear) or { value, source, year, … }';

  it('without the year in its unit is asked for EUR per kW and year', () => {
    expect(faults('charges: [{ kind: capacity, name: C, eurPerKw: 50 }]')).toEqual([
      `charges[0].eurPerKwYear: ${missing}`,
      'charges[0].eurPerKw: unknown key: expected one of kind, name, eurPerKwYear | Did you mean eurPerKwYear?',
    ]);
  });

  it('as a bare number, or with its unit in the value, is told where it belongs', () => {
    expect(faults('charges: [{ kind: capacity, name: C, eurPerKwYear: 50 EUR }]')).toEqual([
      `charges[0].eurPerKwYear: ${missing.slice('is missing: '.length)}, got "50 EUR"`,
    ]);
    expect(faults('capacity: 50\nnetworkEurPerMWh: 5\nleviesEurPerMWh: 3')).toEqual([
      'capacityEurPerKwYear: is missing: expected a number of at least 0 (EUR per kW and year), or charges',
      expect.stringMatching(/^capacity: unknown key: .* \| Did you mean capacityEurPerKwYear\?$/),
    ]);
  });
});

const FAULTY = `
timeZone: Europe/Berlinn
leviesEurPerMWh: 3
supply:
  - { kind: fixed, name: A, share: 0.7, priceEurPerMWh: 50 }
  - { kind: fixed, name: B, share: 0.5, priceEurPerMWh: 50 }
  - { kind: pay-as-produced, name: A, capacityMW: 5, priceEurPerMWh: 4, surplus: kept }
charges:
  - kind: energy
    name: N
    group: network
    classes:
      - { name: peak, eurPerMWh: 5, hours: 8-20 }
      - { name: winter, eurPerMWh: 6, months: 11-3, hours: 18-22 }
  - { kind: energy, name: L, group: levies }
  - { kind: energy, name: R, group: levies, eurPerMWh: 3, classes: [{ name: a, eurPerMWh: 4, days: montag }], reduced: { aboveMWh: 3, eurPerMWh: 1 } }
  - { kind: contracted, name: K, periods: [{ name: P1, contractedMW: 5, eurPerKwYear: 3, days: weekdays }] }
  - { kind: percent, name: T, percent: 5, of: [supply, Nets, T] }
rules:
  - { kind: band-discount, name: §19, of: [N, supply], aboveGWh: 10, tiers: [{ fromHours: 7000, payFraction: 20 }] }
  - { kind: band-discount, name: §20, of: [N], aboveGWh: 10, tiers: [{ fromHours: 7000, payFraction: 0.2 }, { fromHours: 7000, payFraction: 0.1 }] }
`;

describe('a tariff with many faults', () => {
  it('is reported with all of them, in document order', () => {
    expect(faults(FAULTY)).toEqual([
      'timeZone: expected UTC or a time zone such as Europe/Berlin, got "Europe/Berlinn" | Did you mean Europe/Berlin?',
      'leviesEurPerMWh: expected either leviesEurPerMWh or charges of levies, got both (L, R) | Remove one; a charge of the list is changed by its index: charges: { 0: … }.',
      'supply[1].share: expected fixed shares of at most 1 (100 %) together, got 0.7 + 0.5 = 1.2 | Lower the shares; what they leave is bought at day-ahead.',
      'supply[2]: expected exactly one of technology and profile; got none',
      'supply[2].name: expected a name of its own, got A, that of supply[0]',
      'supply[2].surplus: expected one of sold, lost, got "kept"',
      'charges[0].classes: expected every hour in one of classes, or eurPerMWh for all other hours; none has January, Monday, 00:00–01:00 | An entry without months, days and hours holds always.',
      'charges[0].classes[1]: expected no hour in two of classes; winter overlaps with peak, first in January, Monday, 18:00–19:00',
      'charges[1]: expected eurPerMWh, classes or both (eurPerMWh then for all other hours); got neither',
      'charges[2].classes[0].days: expected weekdays, weekend, or days such as mon, [sat, sun] or mon-fri, got "montag"',
      'charges[2].reduced: expected classes or a reduced rate, not both: which hours would be reduced is not known | Make two charges of them.',
      'charges[3].periods: expected every hour in one of periods; none has January, Saturday, 00:00–01:00 | An entry without months, days and hours holds always.',
      'charges[4].of[1]: expected the name of a group, a term or an earlier percent (supply, network, levies, capacity, Day-ahead, Levies, A, B, A, N, L, R and 1 more), got "Nets" | Did you mean N?',
      'charges[4].of[2]: expected the name of a group, a term or an earlier percent (supply, network, levies, capacity, Day-ahead, Levies, A, B, A, N, L, R and 1 more), got "T" | Did you mean A?',
      'rules[0].of[1]: expected the name of an energy, capacity or contracted charge (Levies, N, L, R, K), got "supply"',
      'rules[0].tiers[0].payFraction: expected a number from 0 to 1, got 20',
      'rules[1].of[0]: expected each charge once; N is discounted by §19',
      'rules[1].tiers[1].fromHours: expected each tier once, got 7000 h again',
    ]);
  });

  it('points at the line of each', () => {
    const [first] = faultsOf(scenario(FAULTY));
    expect(inShort(first!)).toMatch(/^s\.yaml:13:17 sites\[0\]\.tariff\.timeZone: /);
  });
});

const PLANT =
  'supply: [{ kind: pay-as-produced, name: W, profile: wind.csv, capacityMW: 5, priceEurPerMWh: 4, surplus: sold }]';
const rows = (count: number, value: number): string =>
  Array.from({ length: count }, (_, hour) => `2027-01-01T${String(hour).padStart(2, '0')}:00,${value}`).join('\n');
const files = (texts: Readonly<Record<string, string>>) => ({
  readFile: (path: string) => new TextEncoder().encode(texts[path]),
});

describe('series of a tariff', () => {
  it('that end before the horizon are named with the hour they end at: the profile and the price beside it', () => {
    const texts = { 'wind.csv': rows(20, 0.5), 'price.csv': rows(23, 50) };
    const found = faultsOf(scenario(`${PLANT}\ncharges: []`, '    series: { price: price.csv }'), files(texts));
    expect(found.map(({ file, line, message }) => `${file!}:${line!} ${message}`)).toEqual([
      'price.csv:23 expected the series to reach the end of the horizon, 2027-01-02T00:00:00Z, got an end at 2027-01-01T23:00:00Z',
      'wind.csv:20 expected the series to reach the end of the horizon, 2027-01-02T00:00:00Z, got an end at 2027-01-01T20:00:00Z',
    ]);
  });

  it('of generation are MW per MW installed: a file in MW is refused', () => {
    const [first] = faultsOf(scenario(`${PLANT}\ncharges: []`), files({ 'wind.csv': rows(24, 55) }));
    expect(first!.message).toBe('expected 0 to 1 MW per MW installed, got 55');
  });

  it('stand among the inputs under the name that the term has', () => {
    const plan = planText(scenario(`${PLANT}\ncharges: []`), files({ 'wind.csv': rows(24, 0.5) }));
    const [term] = plan.specs[0]!.sites[0]!.tariff.supply;
    if (term?.kind !== 'pay-as-produced') throw new Error('unreachable');
    expect(term).toMatchObject({ name: 'W', capacityW: 5e6, surplus: 'sold' });
    expect([...plan.inputs.series[term.series]!.values]).toEqual(Array<number>(24).fill(0.5));
    const other = planText(scenario(`${PLANT}\ncharges: []`), files({ 'wind.csv': rows(24, 0.4) }));
    expect(other.runs[0]!.key).not.toBe(plan.runs[0]!.key);
  });

  it('of a technology are those of the zone', () => {
    const plan = planText(scenario(`${PLANT.replace('profile: wind.csv', 'technology: solar')}\ncharges: []`));
    const [term] = plan.specs[0]!.sites[0]!.tariff.supply;
    expect(term).toMatchObject({ technology: 'solar', series: 'generation/DE-LU/solar' });
    expect(plan.inputs.series['generation/DE-LU/solar']!.values).toHaveLength(8760);
  });
});

describe('a tariff in its long form', () => {
  it('becomes terms in SI units: hours, days and months as numbers, in the time zone of the bidding zone', () => {
    const { sites } = planText(
      scenario(`
dayAheadAdderEurPerMWh: 1.5
supply: [{ kind: baseload, name: B, powerMW: 2, priceEurPerMWh: 60, surplus: lost }]
charges:
  - { kind: energy, name: N, group: network, eurPerMWh: 2, classes: [{ name: w, eurPerMWh: 8, months: [11-2, 5], days: [fri-sat], hours: [22-2, 12-13] }] }
  - { kind: percent, name: T, percent: 5, of: [supply] }
rules: [{ kind: band-discount, name: R, of: [N], aboveGWh: 10, tiers: [{ fromHours: 8000, payFraction: 0.1 }, { fromHours: 7000, payFraction: 0.2 }] }]
`),
    ).specs[0]!;
    expect(sites[0]!.tariff).toEqual({
      timeZone: 'Europe/Berlin',
      dayAheadAdderEurPerMWh: 1.5,
      supply: [{ kind: 'baseload', name: 'B', powerW: 2e6, priceEurPerMWh: 60, surplus: 'lost' }],
      charges: [
        {
          ...{ kind: 'energy', name: 'N', group: 'network', eurPerMWh: 2 },
          classes: [{ name: 'w', eurPerMWh: 8, months: [1, 2, 5, 11, 12], days: [4, 5], hours: [0, 1, 12, 22, 23] }],
        },
        { kind: 'percent', name: 'T', fraction: 0.05, of: ['supply'] },
      ],
      rules: [
        {
          ...{ kind: 'band-discount', name: 'R', of: ['N'], aboveMWhPerYear: 10_000 },
          tiers: [
            { fromHours: 7000, payFraction: 0.2 },
            { fromHours: 8000, payFraction: 0.1 },
          ],
        },
      ],
    });
  });

  it('may have a rule on flat figures, by the names of their lines', () => {
    const rule =
      'rules: [{ kind: band-discount, name: R, of: [Capacity charge, Network charge], aboveGWh: 10, tiers: [{ fromHours: 7000, payFraction: 0.2 }] }]';
    expect(faults(`capacityEurPerKwYear: 50\nnetworkEurPerMWh: 5\nleviesEurPerMWh: 3\n${rule}`)).toEqual([]);
    expect(faults(`charges: []\n${rule}`)).toHaveLength(2);
  });

  it('refuses overlapping shares that only together exceed 100 %, and takes three thirds', () => {
    const shares = (...values: number[]) =>
      `charges: []\nsupply:\n${values.map((share, i) => `  - { kind: fixed, name: F${i}, share: ${share}, priceEurPerMWh: 50 }`).join('\n')}`;
    expect(faults(shares(1 / 3, 1 / 3, 1 / 3))).toEqual([]);
    expect(faults(shares(0.5, 0.5, 0.1))).toEqual([expect.stringContaining('got 0.5 + 0.5 + 0.1 = 1.1')]);
  });

  it('refuses blocks that no load of the site could use, and any contract beside shares of 100 %', () => {
    const block = (powerMW: number) =>
      `{ kind: baseload, name: B${powerMW}, powerMW: ${powerMW}, priceEurPerMWh: 50, surplus: sold }`;
    const half = '{ kind: fixed, name: F, share: 0.5, priceEurPerMWh: 50 }';
    // 1,024 H100 are designed for about 1.4 MW.
    expect(faults(`charges: []\nsupply: [${block(1)}, ${block(0.5)}]`)).toEqual([]);
    expect(faults(`charges: []\nsupply: [${block(1)}, ${block(200)}]`)).toEqual([
      expect.stringMatching(
        /^supply\[1\]\.powerMW: expected blocks of at most 2\.\d+ MW together, twice the design IT power; got 201 MW/,
      ),
    ]);
    expect(faults(`charges: []\nsupply: [${half}, ${block(1)}, ${block(0.7)}]`)).toEqual([
      expect.stringContaining('twice what fixed shares leave of the design IT power; got 1.7 MW'),
    ]);
    const all = '{ kind: fixed, name: F, share: 1, priceEurPerMWh: 50 }';
    expect(faults(`charges: []\nsupply: [${all}, ${block(1)}]`)).toEqual([
      'supply[1]: expected something left to cover; fixed shares make 100 % already | Lower the shares, or remove the contract.',
    ]);
  });

  it('refuses plants, and contracts together, that the site could use little of', () => {
    const plant = (capacityMW: number) =>
      `{ kind: pay-as-produced, name: W${capacityMW}, technology: solar, capacityMW: ${capacityMW}, priceEurPerMWh: 40, surplus: sold }`;
    const block = '{ kind: baseload, name: B, powerMW: 2, priceEurPerMWh: 50, surplus: sold }';
    const supply = (...contracts: string[]) => faults(`charges: []\nsupply: [${contracts.join(', ')}]`);
    // 1,024 H100 are designed for about 1.4 MW.
    expect(supply(plant(14))).toEqual([]);
    expect(supply(plant(500))).toEqual([
      'supply[0].capacityMW: expected contracts of at most 14.223 MW together, ten times the design IT power (a plant yields a tenth to a half of its capacity); got 500 MW | Is the unit right?',
    ]);
    expect(supply(block, plant(6), plant(7))).toEqual([
      expect.stringMatching(/^supply\[2\]\.capacityMW: .* got 15 MW/),
    ]);
    expect(supply(block.replace('2', '200'), plant(6), plant(300))).toEqual([
      expect.stringMatching(/^supply\[0\]\.powerMW: .* got 200 MW/),
      expect.stringMatching(/^supply\[2\]\.capacityMW: .* got 306 MW/),
    ]);
    const half = '{ kind: fixed, name: F, share: 0.5, priceEurPerMWh: 50 }';
    expect(supply(half, plant(8))).toEqual([
      expect.stringContaining('ten times what fixed shares leave of the design'),
    ]);
  });
});
