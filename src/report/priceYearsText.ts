import { estimateCell, type Units } from './measures.js';
import { plural } from './numbers.js';
import type { PriceYears } from './priceYears.js';
import { changesText, isChanged } from './rankChanges.js';
import { left, right, tableText, type Cell, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

/** A row for each candidate: its rank and cost under the prices of each year, and how often it is first. */
export function priceYearsTable({ measure, years, rows }: PriceYears, units: Units): ReportTable {
  const { unit } = measure.scales[0]!;
  const isRanked = rows.some(({ cells }) => cells.some((cell) => cell !== undefined && cell.rank !== ''));
  return {
    columns: [
      left('site'),
      ...years.flatMap((year) => [...(isRanked ? [right('rank', year)] : []), right(measure.title, `${unit} ${year}`)]),
      ...(isRanked ? [right('first', `of ${plural(years.length, 'year')}`)] : []),
    ],
    rows: rows.map(({ candidate, cells, first }): Cell[] => [
      candidate.label,
      ...cells.flatMap((cell): Cell[] => [
        ...(isRanked ? [cell === undefined ? '' : cell.rank] : []),
        cell === undefined
          ? units === 'readable'
            ? 'no mean'
            : undefined
          : estimateCell(cell.cost, 1, measure.decimals),
      ]),
      ...(isRanked ? [{ value: first, decimals: 0 }] : []),
    ]),
  };
}

/** Heading, table, gaps, and whether the ranking holds. */
export function priceYearsText(found: PriceYears): string {
  const { measure, years, gaps } = found;
  const notes = [
    ...gaps.map(({ year, site, why }) => `${site} is not ranked in ${year}: ${why}`),
    stabilityText(found),
  ];
  return [
    `Price years: ${measure.title} ${measure.scales[0]!.unit} under day-ahead prices of ${years.join(', ')}, all else as planned`,
    tableText(priceYearsTable(found, 'readable')),
    notes.map((note) => wrap(note, { indent: '  ', first: '' })).join('\n'),
  ].join('\n\n');
}

function stabilityText({ years, changes, rows }: PriceYears): string {
  if (rows.length < 2) return 'One candidate: there is nothing to rank.';
  if (!rows.some(({ cells }) => cells.some((cell) => cell !== undefined && cell.rank !== '')))
    return 'One replication cannot tell a difference from noise, so nothing is ranked.';
  const changed = changes.filter((one) => isChanged(one.changes));
  if (changed.length === 0)
    return years.length < 2
      ? 'One year says nothing of stability.'
      : `Stable: the same ranking in all ${String(years.length)} years.`;
  return `Not stable. ${changed.map(({ from, to, changes: what }) => `From ${from} to ${to}: ${changesText(what)}.`).join(' ')}`;
}
