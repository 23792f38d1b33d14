import type { Estimate } from '../metrics/statistics.js';
import { estimateCell } from './measures.js';
import type { Units } from './measures.js';
import { formatDeviation, formatNumber } from './numbers.js';
import { changesText, isChanged } from './rankChanges.js';
import { left, right, tableText, type Cell, type Column, type ReportTable } from './table.js';
import type { Tornado, TornadoEnd, TornadoRow } from './tornado.js';
import { wrap } from './wrap.js';

const HALF_BAR = 10;

/** A row for each input that matters to the first or to the gap, from the largest effect, with bars for people. */
export function tornadoTable(found: Tornado, units: Units): ReportTable {
  const rows = units === 'readable' ? telling(found) : found.rows;
  const { measure, second, changeFraction } = found;
  const ends = [-changeFraction, changeFraction];
  const titles = ends.map((change) => formatDeviation(change, 0));
  const largest = Math.max(...rows.flatMap((row) => row.ends.map(({ cost }) => Math.abs(cost.mean))));
  const columns: Column[] = [left('input')];
  if (units === 'readable') columns.push(left(found.first.label, `░ ${titles[0]!}   █ ${titles[1]!}`));
  columns.push(...titles.map((title) => right('cost', `at ${title}`)));
  if (second !== undefined) columns.push(...titles.map((title) => right('gap', `at ${title}`)));
  if (second !== undefined) columns.push(right('ranking'));
  return {
    columns,
    rows: rows.map((row): Cell[] => {
      const of = (value: (end: TornadoEnd) => Estimate | undefined): Cell[] =>
        ends.map((change) => endCell(row, change, value, { decimals: measure.decimals, units }));
      return [
        row.name,
        ...(units === 'readable' ? [bar(row, largest)] : []),
        ...of(({ cost }) => cost),
        ...(second === undefined ? [] : of(({ gap }) => gap)),
        ...(second === undefined ? [] : [row.ends.some(({ changes }) => isChanged(changes)) ? 'changes' : '']),
      ];
    }),
  };
}

const telling = ({ rows }: Tornado): readonly TornadoRow[] =>
  rows.filter(
    ({ swing, gapSwing, ends }) => swing !== 0 || gapSwing !== 0 || ends.some(({ changes }) => isChanged(changes)),
  );

function endCell(
  { ends }: TornadoRow,
  change: number,
  value: (end: TornadoEnd) => Estimate | undefined,
  { decimals, units }: { readonly decimals: number; readonly units: Units },
): Cell {
  const end = ends.find(({ changeFraction }) => changeFraction === change);
  const found = end === undefined ? undefined : value(end);
  if (found === undefined) return undefined;
  const cell = estimateCell(found, 1, decimals);
  // Intervals of paired differences are a fraction of what is shown; tables for programs and JSON have them.
  return units === 'readable' ? { ...cell, half: undefined } : cell;
}

/** `    ░░░░│████    `: less of the input light, more of it dark, to the left where the cost falls. */
function bar({ ends }: TornadoRow, largest: number): string {
  const cells = Array<string>(2 * HALF_BAR + 1).fill(' ');
  const widthOf = ({ cost }: TornadoEnd): number =>
    largest > 0 && Number.isFinite(cost.mean) ? Math.round((HALF_BAR * Math.abs(cost.mean)) / largest) : 0;
  // The longer first, so that of two on one side both are to be seen.
  for (const end of [...ends].sort((a, b) => widthOf(b) - widthOf(a))) {
    const direction = end.cost.mean < 0 ? -1 : 1;
    const block = end.changeFraction < 0 ? '░' : '█';
    for (let step = 1; step <= widthOf(end); step++) cells[HALF_BAR + direction * step] = block;
  }
  cells[HALF_BAR] = '│';
  return cells.join('').trimEnd();
}

/** Heading, table and what it says of the ranking; where nothing was varied, that alone. */
export function tornadoText(found: Tornado): string {
  const { measure, first, second, gap, cost, changeFraction, leftOut } = found;
  const change = `±${formatNumber(100 * changeFraction)} %`;
  const unit = `${measure.title} ${measure.scales[0]!.unit}`;
  const left = leftOut.map(({ name, why }) => `Not varied: ${name}: ${why}.`);
  if (found.rows.length === 0) return wrap(['Sensitivity: nothing was varied.', ...left].join(' '));
  const rows = telling(found);
  const idle = found.rows.filter((row) => !rows.includes(row)).map(({ name }) => name);
  const planned =
    `As planned ${first.label} costs ${formatNumber(cost.mean, measure.decimals)} ${unit}` +
    (second === undefined || gap === undefined
      ? '.'
      : `, ${formatNumber(gap.mean, measure.decimals)} less than ${second.label}: the gap.`);
  const notes = [
    `Each input is changed by ${change} at all sites at once, the others as planned, and what it affects is run ` +
      `anew. "cost": what ${first.label} pays more than as planned.${second === undefined ? '' : ' "gap": how much more ' + second.label + ' costs then.'}`,
    planned,
    ...(second === undefined ? [] : rankingNotes(rows, left.length === 0)),
    ...(idle.length > 0 ? [`No effect on this cost at any end: ${idle.join(', ')}.`] : []),
    ...left,
  ];
  return [
    `Sensitivity of ${unit} to ${change} of each input${rows.length > 0 ? ', from the largest effect' : ''}`,
    ...(rows.length > 0 ? [tableText(tornadoTable(found, 'readable'))] : []),
    notes.map((note) => wrap(note, { indent: '  ', first: '' })).join('\n'),
  ].join('\n\n');
}

function rankingNotes(rows: readonly TornadoRow[], all: boolean): string[] {
  const changed = rows.flatMap(({ name, ends }) =>
    ends
      .filter(({ changes }) => isChanged(changes))
      .map(({ changeFraction, changes }) => `${name} ${formatDeviation(changeFraction, 0)}: ${changesText(changes)}.`),
  );
  const of = all ? 'every input' : 'every input that was varied';
  return changed.length > 0 ? changed : [`The ranking is the same at both ends of ${of}.`];
}
