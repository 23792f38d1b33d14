import { describe, expect, it } from 'vitest';
import type { SiteResult } from '../../src/metrics/runResult.js';
import type { Candidates } from '../../src/report/candidates.js';
import { comparePlain, compareText, type CompareContext } from '../../src/report/compareText.js';
import { compareJson } from '../../src/report/compareJson.js';
import { costStack } from '../../src/report/costStack.js';
import { priceYears } from '../../src/report/priceYears.js';
import { priceYearsText } from '../../src/report/priceYearsText.js';
import { EUR_PER_GPU_HOUR } from '../../src/report/siteMeasures.js';
import { tornado, type VariedComparison } from '../../src/report/tornado.js';
import { tornadoText } from '../../src/report/tornadoText.js';
import { candidatesWith } from './candidate.js';

const context: CompareContext = {
  questions: ['Which?'],
  baseYears: {},
  flagged: { assumptions: 0, unverified: 0 },
  resampled: false,
  assumptionsCommand: 'gigasim validate x --assumptions',
};

/** North and south at these EUR per GPU-hour, with a spread that all replications share, and one of their own. */
const at = (north: number, south: number, own = 0.001): Candidates =>
  candidatesWith((_, replication, position) => ({
    eurPerGpuHour: (position === 0 ? north : south) + 0.1 * replication + own * ((replication + position) % 2),
  }));

const varied = (key: string, low: Candidates, high: Candidates): VariedComparison[] =>
  [low, high].map((found, end) => ({
    ...{ key, name: key, affects: 'bill', changeFraction: end === 0 ? -0.2 : 0.2, found },
  }));

const options = { measure: EUR_PER_GPU_HOUR, changeFraction: 0.2 };
const lines = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('the tornado', () => {
  const planned = at(1, 1.5);
  const found = tornado(
    planned,
    [
      ...varied('small', at(0.9, 1.4), at(1.1, 1.6)),
      ...varied('none', planned, planned),
      ...varied('large', at(0.7, 1.2), at(1.3, 1.8)),
      ...varied('swaps', at(1, 1.7), at(1, 0.8)),
      ...varied('blurs', at(1, 1.6), at(1, 1.0005)),
    ],
    options,
  )!;

  it('is sorted by what each input does to the cost of the first, paired by replication', () => {
    expect(found.rows.map(({ key }) => key)).toEqual(['large', 'small', 'none', 'swaps', 'blurs']);
    const [large] = found.rows;
    expect(large!.ends.map(({ cost }) => cost.mean)).toEqual([expect.closeTo(-0.3, 9), expect.closeTo(0.3, 9)]);
    expect(large!.ends[0]!.cost.halfWidth).toBeCloseTo(0, 9);
    expect(large!.swing).toBeCloseTo(0.6, 9);
  });

  it('has a bar of 0 for an input that does not matter, named apart', () => {
    const none = found.rows.find(({ key }) => key === 'none')!;
    expect(none.swing).toBe(0);
    expect(none.gapSwing).toBe(0);
    expect(lines(tornadoText(found))).toContain('No effect on this cost at any end: none.');
  });

  it('tells the gap between the first two at each end, and where it closes', () => {
    expect(found.first.label).toBe('north');
    expect(found.gap!.mean).toBeCloseTo(0.5, 2);
    const swaps = found.rows.find(({ key }) => key === 'swaps')!;
    expect(swaps.ends.map(({ gap }) => gap!.mean)).toEqual([expect.closeTo(0.7, 2), expect.closeTo(-0.2, 2)]);
    expect(swaps.ends.map(({ changes }) => changes.swapped)).toEqual([[], [['south', 'north']]]);
    const text = lines(tornadoText(found));
    expect(text).toContain('swaps +20 %: south before north.');
    expect(text).toContain('blurs +20 %: no clear difference between north and south.');
    expect(text).not.toContain('large +20 %:');
  });

  it('says that the ranking holds where it does', () => {
    const stable = tornado(planned, varied('large', at(0.7, 1.2), at(1.3, 1.8)), options)!;
    expect(lines(tornadoText(stable))).toContain('The ranking is the same at both ends of every input.');
  });

  it('draws a bar to each side, the longest for the largest effect', () => {
    const rows = tornadoText(found).split('\n');
    const barOf = (key: string): string => /[░█ ]*│[░█]*/.exec(rows.find((row) => row.startsWith(key))!)![0].trim();
    expect(barOf('large')).toBe(`${'░'.repeat(10)}│${'█'.repeat(10)}`);
    expect(barOf('small')).toBe(`${'░'.repeat(3)}│${'█'.repeat(3)}`);
  });

  it('names what was not varied, with the reason', () => {
    const left = tornado(planned, [], { ...options, leftOut: [{ name: 'any input', why: 'the market decides' }] })!;
    expect(lines(tornadoText(left))).toBe(
      'Sensitivity: nothing was varied. Not varied: any input: the market decides.',
    );
    const some = tornado(planned, varied('large', at(0.7, 1.2), at(1.3, 1.8)), { ...options, leftOut: left.leftOut })!;
    expect(lines(tornadoText(some))).toContain('The ranking is the same at both ends of every input that was varied.');
    expect(lines(tornadoText(some))).toContain('Not varied: any input: the market decides.');
    expect(tornado(planned, [], options)).toBeUndefined();
  });
});

describe('price years', () => {
  const planned = at(1, 1.5);
  const compared = (...of: readonly (readonly [string, Candidates, (readonly string[])?])[]) =>
    of.map(([year, found, gaps = []]) => ({ year, found, gaps: gaps.map((site) => ({ site, why: 'no mean' })) }));

  it('name the pairs that swap from one year to the next, and count who is first', () => {
    const found = priceYears(
      planned,
      compared(['2022', at(2, 1.8)], ['2023', at(1, 1.5)], ['2024', at(1, 1.4)]),
      EUR_PER_GPU_HOUR,
    );
    expect(found.rows.map(({ candidate: { label }, first }) => [label, first])).toEqual([
      ['north', 2],
      ['south', 1],
    ]);
    expect(found.rows.map(({ cells }) => cells.map((cell) => cell!.rank))).toEqual([
      ['2', '1', '1'],
      ['1', '2', '2'],
    ]);
    expect(lines(priceYearsText(found))).toContain('Not stable. From 2022 to 2023: north before south.');
  });

  it('are stable where no pair changes', () => {
    const found = priceYears(planned, compared(['2023', at(1, 1.5)], ['2024', at(2, 2.4)]), EUR_PER_GPU_HOUR);
    expect(lines(priceYearsText(found))).toContain('Stable: the same ranking in all 2 years.');
  });

  it('mark a site without prices of a year, and leave it out of that ranking alone', () => {
    const south = at(1, 1.5);
    const alone = { ...south, candidates: south.candidates.filter(({ label }) => label === 'south') };
    const found = priceYears(planned, compared(['2022', alone, ['north']], ['2023', at(1, 1.5)]), EUR_PER_GPU_HOUR);
    expect(found.rows[0]!.cells.map((cell) => cell?.rank)).toEqual([undefined, '1']);
    expect(found.rows[1]!.cells.map((cell) => cell?.cost.mean)).toEqual([
      expect.closeTo(1.6, 2),
      expect.closeTo(1.6, 2),
    ]);
    const text = lines(priceYearsText(found));
    expect(text).toContain('north is not ranked in 2022: no mean');
    expect(text).toContain('Stable');
  });

  it('claim nothing from one replication', () => {
    const one = candidatesWith((_, __, position) => ({ eurPerGpuHour: 1 + position }), [1, 2]);
    const found = priceYears(one, compared(['2022', one], ['2023', one]), EUR_PER_GPU_HOUR);
    expect(found.rows.every(({ cells }) => cells.every((cell) => cell!.rank === ''))).toBe(true);
    expect(lines(priceYearsText(found))).toContain('nothing is ranked');
  });
});

describe('the comparison', () => {
  it('refuses to rank neighbours whose paired difference may be 0, in words', () => {
    const text = lines(compareText(at(1, 1.0001, 0.01), context));
    expect(text).toContain(
      'No clear difference between north and south: the 95 % interval of the paired difference holds 0.',
    );
    expect(lines(compareText(at(1, 1.5), context))).not.toContain('No clear difference between');
  });

  it('shows what a GPU-hour costs by term, which add up to the bill in every replication', () => {
    const { candidates } = candidatesWith();
    const { terms, totals, per, isAllIn } = costStack(candidates);
    expect([per, isAllIn]).toEqual(['GPU-hour used', false]);
    expect(terms.map(({ name }) => name)).toEqual(['supply', 'network charges', 'levies', 'capacity charge']);
    candidates.forEach(({ runs }, index) => {
      runs.forEach(({ site }, replication) => {
        const sum = terms.reduce((total, { values }) => total + values[index]![replication]!, 0);
        expect(sum).toBeCloseTo(site.eurPerGpuHour, 9);
        expect(totals[index]![replication]).toBeCloseTo(site.eurPerGpuHour, 12);
      });
    });
  });

  it('counts capital and operation in, and ranks by them, where every site has them and useful hours', () => {
    const cost = (eur: number) => ({
      ...{ totalEur: eur, energyEur: eur - 60, eurPerUsefulGpuHour: eur / 50, eurPerSoldGpuHour: eur / 100 },
      lines: [
        { name: 'servers', group: 'capital', eur: 50 },
        { name: 'staff', group: 'operation', eur: 10 },
        { name: 'energy', group: 'energy', eur: eur - 60 },
      ],
    });
    // Cheap energy at the first site, dear capital: the order turns.
    const costed = candidatesWith(
      (site, replication, position) =>
        ({
          usefulGpuHours: 50,
          eurPerGpuHour: 1 + position + replication / 10,
          bill: { ...site.bill, totalEur: 100 },
          cost: cost((position === 0 ? 200 : 150) + replication),
        }) as unknown as Partial<SiteResult>,
    );
    const { terms, isAllIn, per } = costStack(costed.candidates);
    expect([isAllIn, per]).toEqual([true, 'useful GPU-hour']);
    expect(terms.slice(0, 2).map(({ name, values }) => [name, values[0]![0]])).toEqual([
      ['servers', 1],
      ['staff', 0.2],
    ]);
    const json = compareJson(costed, context) as { rankedBy: string; ranking: Record<string, { candidate: string }[]> };
    expect(json.rankedBy).toBe('allInEurPerUsefulGpuHour');
    expect(json.ranking['allInEurPerUsefulGpuHour']!.map(({ candidate }) => candidate)).toEqual(['south', 'north']);
    expect(json.ranking['eurPerGpuHour']!.map(({ candidate }) => candidate)).toEqual(['north', 'south']);
  });

  it('tells its variants in text, tables and JSON of version 3', () => {
    const planned = at(1, 1.5);
    const told = {
      tornado: tornado(planned, varied('levies', at(0.9, 1.5), at(1.1, 1.5)), options),
      priceYears: priceYears(planned, [{ year: '2022', found: at(2, 1.8), gaps: [] }], EUR_PER_GPU_HOUR),
    };
    const text = compareText(planned, context, told);
    expect(text).toContain('Price years: ');
    expect(text).toContain('Sensitivity of ');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    expect(comparePlain(planned, told)).toContain('levies\t');
    const json = JSON.parse(JSON.stringify(compareJson(planned, context, told))) as Record<string, unknown>;
    expect(json).toMatchObject({
      schemaVersion: 3,
      priceYears: { years: ['2022'], candidates: [{ candidate: 'north', timesFirst: 0 }, { timesFirst: 1 }] },
      sensitivity: { first: 'north', second: 'south', inputs: [{ key: 'levies' }] },
    });
    expect(compareJson(planned, context)).toMatchObject({ priceYears: null, sensitivity: null, powerPolicies: [] });
  });
});
