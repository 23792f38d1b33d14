import type { Issue } from '../base/errors.js';
import { SimError } from '../base/errors.js';
import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../base/units.js';
import { QUANTITY_LIMITS, type SeriesQuantity } from '../scenario/seriesSource.js';
import { yearStartEpochMs } from './calendar.js';
import { ZoneClock, instantText, isTimeZone, readTime } from './localTime.js';

/** What a user's series is and what it must cover. */
export interface SeriesCsvOptions {
  /** Name for messages. */
  readonly file: string;
  /** `UTC` or an IANA name; holds for times without an offset of their own. */
  readonly timeZone: string;
  /** Its 1 January 00:00 UTC is time 0. */
  readonly calendarYear: number;
  /** The series must cover [0, horizonMs). */
  readonly horizonMs: number;
  readonly quantity: SeriesQuantity;
}

/** More than this many faults are one fault: the wrong file. They are still counted. */
const MOST_ISSUES = 100;

interface Row {
  readonly line: number;
  readonly atMs: number;
  readonly value: number;
  /** Lines without a readable time since the row before: they are faults already, not gaps as well. */
  readonly unreadableBefore: number;
}

/**
 * Reads a user's series: lines `time,value`, hourly or quarter-hourly, with or without a header.
 *
 * Times are ISO (`2027-03-28T01:00`, seconds optional, `T` or a blank); `Z` or `+01:00` at the end wins over
 * `timeZone`. In a named zone the hour that the autumn change repeats is told apart by order, and the one the spring
 * change skips must be absent: days have 92, 96 or 100 quarter hours. Negative prices are legal. Rows before
 * 1 January 00:00 UTC and after the horizon are read and checked, but not used. Blank lines and lines starting with
 * `#` are skipped.
 *
 * @throws SimError `series.format` with every fault: unreadable times, missing or non-numeric values, gaps,
 * duplicates, rows out of order, an irregular step, a series that starts late or ends early; each with its line, what
 * was expected and what came. Nothing is filled in or sorted.
 *
 * Cost: a few µs a row.
 */
export function parseSeriesCsv(bytes: Uint8Array, options: SeriesCsvOptions): StepSeries {
  const faults = new FaultList(options.file);
  if (!isTimeZone(options.timeZone)) {
    faults.add(1, `expected UTC or a time zone such as Europe/Berlin, got "${options.timeZone}"`);
    throw faults.error();
  }
  const rows = readRows(new TextDecoder().decode(bytes), options, faults);
  if (rows.length === 0 && faults.count === 0) faults.add(1, 'expected lines "time,value", got an empty file');
  const stepMs = rows.length > 0 ? stepOf(rows, faults) : MS_PER_HOUR;
  checkOrder(rows, stepMs, faults);
  const startMs = yearStartEpochMs(options.calendarYear);
  if (rows.length > 0) checkCoverage(rows, stepMs, startMs, options.horizonMs, faults);
  if (faults.count > 0) throw faults.error();

  const first = (startMs - rows[0]!.atMs) / stepMs;
  const steps = Math.ceil(options.horizonMs / stepMs);
  return { stepMs, values: Float64Array.from(rows.slice(first, first + steps), (row) => row.value) };
}

/** Faults in the order found, sorted by line at the end, the surplus only counted. */
class FaultList {
  readonly #file: string;
  readonly #issues: Issue[] = [];
  count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  add(line: number, message: string, sourceLine?: string, hint?: string): void {
    this.count++;
    if (this.#issues.length >= MOST_ISSUES) return;
    this.#issues.push({
      path: '',
      file: this.#file,
      line,
      column: 1,
      message,
      ...(sourceLine === undefined ? {} : { sourceLine }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  error(): SimError {
    const issues = this.#issues.sort((a, b) => a.line! - b.line!);
    const faults = this.count === 1 ? '1 fault' : `${this.count} faults`;
    const shown = this.count > issues.length ? ` (the first ${issues.length} are listed)` : '';
    return new SimError('series.format', `${this.#file} has ${faults}${shown}`, issues);
  }
}

function readRows(text: string, options: SeriesCsvOptions, faults: FaultList): Row[] {
  const clock = new ZoneClock(options.timeZone);
  const rows: Row[] = [];
  let first = true;
  let unreadable = 0;
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .forEach((sourceLine, index) => {
      if (sourceLine.trim() === '' || sourceLine.startsWith('#')) return;
      const fields = sourceLine.split(',').map(unquoted);
      const isHeader = first && /^[A-Za-z]/.test(fields[0]!);
      first = false;
      if (isHeader) return;
      const timed = readRow(fields, { line: index + 1, sourceLine, previous: rows.at(-1), clock, options, faults });
      if (timed) rows.push({ ...timed, unreadableBefore: unreadable });
      unreadable = timed ? 0 : unreadable + 1;
    });
  return rows;
}

const unquoted = (field: string): string => field.trim().replace(/^"(.*)"$/, '$1');

interface RowContext {
  readonly line: number;
  readonly sourceLine: string;
  readonly previous: Row | undefined;
  readonly clock: ZoneClock;
  readonly options: SeriesCsvOptions;
  readonly faults: FaultList;
}

/** The row, also with a bad value (NaN), so that one bad value is not reported as a gap as well. */
function readRow(fields: readonly string[], context: RowContext): Omit<Row, 'unreadableBefore'> | undefined {
  const { line, sourceLine, faults } = context;
  if (fields.length !== 2) {
    const hint = sourceLine.includes(';') ? 'Separate columns with a comma and decimals with a point' : undefined;
    faults.add(line, `expected 2 columns "time,value", got ${fields.length}`, sourceLine, hint);
    return undefined;
  }
  const value = readValue(fields[1]!, context);
  const atMs = readInstant(fields[0]!, context);
  return atMs === undefined ? undefined : { line, atMs, value };
}

function readValue(text: string, { line, sourceLine, options, faults }: RowContext): number {
  const { unit, min, max } = QUANTITY_LIMITS[options.quantity];
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value)) {
    faults.add(line, `expected a number in ${unit}, got ${text === '' ? 'nothing' : `"${text}"`}`, sourceLine);
    return NaN;
  }
  if (value < min || value > max) {
    faults.add(line, `expected ${min} to ${max} ${unit}, got ${value}`, sourceLine, 'Is the unit right?');
  }
  return value;
}

function readInstant(text: string, context: RowContext): number | undefined {
  const { line, sourceLine, previous, clock, options, faults } = context;
  const time = readTime(text);
  if (!time) {
    faults.add(line, `expected a time such as 2027-01-31T23:00, got "${text}"`, sourceLine);
    return undefined;
  }
  if (time.offsetMs !== undefined) return time.wallMs - time.offsetMs;
  const instants = clock.instantsOf(time.wallMs);
  if (instants.length === 0) {
    const why = `a time that exists in ${options.timeZone}`;
    faults.add(line, `expected ${why}, got "${text}", which the change to summer time skips`, sourceLine);
    return undefined;
  }
  // Repeated hour: the second reading is the one that does not come after the row before it at its first instant.
  const last = instants[instants.length - 1]!;
  return previous && instants[0]! <= previous.atMs && previous.atMs < last ? last : instants[0];
}

/** The smallest distance of neighbours decides; it must be an hour or a quarter. */
function stepOf(rows: readonly Row[], faults: FaultList): number {
  let smallest = Infinity;
  for (let i = 1; i < rows.length; i++) {
    const distance = rows[i]!.atMs - rows[i - 1]!.atMs;
    if (distance > 0 && distance < smallest) smallest = distance;
  }
  if (smallest === MS_PER_QUARTER_HOUR || smallest === MS_PER_HOUR) return smallest;
  if (smallest === Infinity) return MS_PER_HOUR; // one row: the coverage check says what is missing
  const got = `${smallest / 60_000} minutes`;
  faults.add(rows[1]!.line, `expected a row every 60 or 15 minutes, got neighbours ${got} apart`);
  return smallest < MS_PER_HOUR ? MS_PER_QUARTER_HOUR : MS_PER_HOUR;
}

/** Each row against the latest before it, so that one stray row is one fault, not one at each of its neighbours. */
function checkOrder(rows: readonly Row[], stepMs: number, faults: FaultList): void {
  let latest = rows[0];
  let unreadable = 0;
  for (const row of rows.slice(1)) {
    const expected = latest!.atMs + stepMs;
    unreadable += row.unreadableBefore;
    if (row.atMs === expected) {
      latest = row;
      unreadable = 0;
      continue;
    }
    const got = instantText(row.atMs);
    if (row.atMs === latest!.atMs) {
      faults.add(row.line, `expected ${instantText(expected)}, got ${got} again (duplicate of line ${latest!.line})`);
    } else if (row.atMs < latest!.atMs) {
      faults.add(row.line, `expected ${instantText(expected)}, got ${got}, earlier than line ${latest!.line}`);
    } else {
      const missing = (row.atMs - expected) / stepMs;
      if (missing !== unreadable) faults.add(row.line, gapMessage(expected, got, missing));
      latest = row;
      unreadable = 0;
    }
  }
}

function gapMessage(expectedMs: number, got: string, missing: number): string {
  const rows = missing === 1 ? 'row' : 'rows';
  const gap = Number.isInteger(missing) ? `gap: ${missing} ${rows} missing` : 'off the step';
  return `expected ${instantText(expectedMs)}, got ${got} (${gap})`;
}

function checkCoverage(
  rows: readonly Row[],
  stepMs: number,
  startMs: number,
  horizonMs: number,
  faults: FaultList,
): void {
  const from = rows[0]!;
  const to = rows[rows.length - 1]!;
  const endMs = startMs + horizonMs;
  // A file of another year alone shares no hour with the horizon.
  const apart = from.atMs >= endMs || to.atMs < startMs;
  const year = instantText(startMs).slice(0, 4);
  const otherYear = apart ? `The scenario runs in calendarYear ${year}: set it to the year of the file.` : undefined;
  if (from.atMs > startMs) {
    const expected = `expected the series to start at ${instantText(startMs)} or before`;
    faults.add(from.line, `${expected}, got ${instantText(from.atMs)}`, undefined, otherYear);
  } else if ((startMs - from.atMs) % stepMs !== 0) {
    faults.add(
      from.line,
      `expected times on the full step from ${instantText(startMs)}, got ${instantText(from.atMs)}`,
    );
  }
  if (to.atMs + stepMs < endMs) {
    const expected = `expected the series to reach the end of the horizon, ${instantText(endMs)}`;
    faults.add(to.line, `${expected}, got an end at ${instantText(to.atMs + stepMs)}`, undefined, otherYear);
  }
}
