import Table from 'cli-table3';
import { formatNumber, MISSING } from './numbers.js';
import { REPORT_WIDTH, wrap } from './wrap.js';

/** A number with how it is printed, and half of its 95 % interval where it has one. */
export interface NumberCell {
  readonly value: number;
  readonly decimals: number;
  /** `undefined`: no interval can be given, or the value is the same in every replication. */
  readonly half?: number | undefined;
}

/** Text stands left, numbers right; `undefined` is what does not exist. */
export type Cell = string | NumberCell | undefined;

export interface Column {
  readonly title: string;
  /** Second line of the heading. */
  readonly unit?: string;
  readonly align: 'left' | 'right';
}

/** A table before it is text: the terminal's and the tab-separated form are made from the same cells. */
export interface ReportTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

export const left = (title: string, unit?: string): Column => ({
  title,
  align: 'left',
  ...(unit === undefined ? {} : { unit }),
});
export const right = (title: string, unit?: string): Column => ({ ...left(title, unit), align: 'right' });

const PLAIN_CHARS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '-',
  'mid-mid': '-',
  right: '',
  'right-mid': '',
  middle: ' ',
};

/**
 * For people: aligned columns under one rule, no colour, no blanks at line ends.
 *
 * A table wider than {@link REPORT_WIDTH} is split into several below each other; each begins with the columns
 * that say what a row is about, those up to the last of text.
 */
export function tableText({ columns, rows }: ReportTable): string {
  const cells = columns.map((_, column) => columnTexts(rows.map((row) => row[column])));
  const wrapped = wrapLast(columns, cells);
  const drawn = columns.map((column, at): DrawnColumn => ({ column, cells: wrapped[at]! }));
  const keys = 1 + columns.findLastIndex(({ align }) => align === 'left');
  return splitWide(drawn.slice(0, keys), drawn.slice(keys)).map(draw).join('\n\n');
}

interface DrawnColumn {
  readonly column: Column;
  readonly cells: readonly string[];
}

const GAP = 2;

function widthOf({ column: { title, unit = '' }, cells }: DrawnColumn): number {
  return Math.max(title.length, unit.length, ...cells.flatMap((cell) => cell.split('\n').map((line) => line.length)));
}

function splitWide(keys: readonly DrawnColumn[], rest: readonly DrawnColumn[]): (readonly DrawnColumn[])[] {
  const keysWidth = keys.reduce((sum, column) => sum + widthOf(column) + GAP, 0);
  const parts: DrawnColumn[][] = [[...keys]];
  let width = keysWidth;
  for (const column of rest) {
    const part = parts.at(-1)!;
    const own = widthOf(column) + GAP;
    if (width + own - GAP > REPORT_WIDTH && part.length > keys.length) {
      parts.push([...keys, column]);
      width = keysWidth + own;
    } else {
      part.push(column);
      width += own;
    }
  }
  return parts;
}

function draw(columns: readonly DrawnColumn[]): string {
  const hasUnits = columns.some(({ column }) => column.unit !== undefined);
  const table = new Table({
    head: columns.map(({ column: { title, unit } }) => (hasUnits ? `${title}\n${unit ?? ''}` : title)),
    colAligns: columns.map(({ column }) => column.align),
    chars: PLAIN_CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1, compact: true },
  });
  columns[0]?.cells.forEach((_, row) => {
    table.push(columns.map(({ cells }) => cells[row]!));
  });
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A last column of text is broken so that the table stays inside the width of a report. */
function wrapLast(columns: readonly Column[], cells: readonly string[][]): readonly string[][] {
  if (columns.at(-1)?.align !== 'left') return cells;
  const before = cells
    .slice(0, -1)
    .reduce((sum, column, at) => sum + widthOf({ column: columns[at]!, cells: column }) + GAP, 0);
  const width = Math.max(MIN_TEXT_WIDTH, REPORT_WIDTH - before);
  return [...cells.slice(0, -1), cells.at(-1)!.map((cell) => wrap(cell, { width }))];
}

const MIN_TEXT_WIDTH = 30;

/** The cells of a column with values, ± and half-widths under one another. */
export function columnTexts(cells: readonly Cell[]): string[] {
  const halves = cells.map(halfText);
  const width = Math.max(...halves.map((half) => half.length));
  return cells.map((cell, row) => {
    if (cell === undefined) return MISSING;
    if (typeof cell === 'string') return cell.replaceAll(/[\t\n]/g, ' ');
    const half = halves[row]!;
    const tail = half === '' ? ' '.repeat(width === 0 ? 0 : width + 3) : ` ± ${half.padStart(width)}`;
    return formatNumber(cell.value, cell.decimals) + tail;
  });
}

const halfText = (cell: Cell): string =>
  typeof cell === 'object' && Number.isFinite(cell.half) ? formatNumber(cell.half!, cell.decimals) : '';

/**
 * For programs: tab-separated with one heading line, full precision, no blanks in numbers. A column that has
 * an interval anywhere is followed by one of half-widths.
 */
export function tablePlain({ columns, rows }: ReportTable): string {
  const withHalf = columns.map((_, column) => rows.some((row) => hasHalf(row[column])));
  const heading = columns.flatMap(({ title, unit }, column) => {
    const name = unit === undefined || unit === '' ? title : `${title} [${unit}]`;
    return withHalf[column] ? [name, `${name} ±95%`] : [name];
  });
  const lines = rows.map((row) =>
    columns.flatMap((_, column) => {
      const cell = row[column];
      return withHalf[column] ? [plainCell(cell), plainHalf(cell)] : [plainCell(cell)];
    }),
  );
  return [heading, ...lines].map((cells) => cells.join('\t')).join('\n');
}

const hasHalf = (cell: Cell): boolean => typeof cell === 'object' && Number.isFinite(cell.half);

function plainCell(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return cell.replaceAll(/[\t\n]/g, ' ');
  return Number.isFinite(cell.value) ? String(cell.value) : '';
}

const plainHalf = (cell: Cell): string => (hasHalf(cell) ? String((cell as NumberCell).half) : '');
