import type { Issue } from '../base/errors.js';
import { SimError } from '../base/errors.js';
import type { StepSeries } from '../base/stepSeries.js';
import { parseSeriesCsv } from './seriesCsv.js';

export interface PriceYearFileOptions {
  /** Name for messages. */
  readonly file: string;
  readonly calendarYear: number;
  /** Prices must cover [0, horizonMs). */
  readonly horizonMs: number;
  /** Zones whose prices are wanted, each once. */
  readonly zones: readonly string[];
  /** Names that a column may have. */
  readonly knownZones: readonly string[];
}

/** More faults than this are counted, not listed. */
const MOST_ISSUES = 100;

/**
 * Reads day-ahead prices of one or more zones, EUR/MWh: lines `time,value` for all zones alike, or `time,DE-LU,FR,…`
 * with a head that names the zones of its columns; other columns are left aside.
 *
 * Times are as in a site's own series: ISO, UTC unless they carry an offset, hourly or quarter-hourly, covering the
 * horizon in the scenario's calendar year.
 *
 * @returns prices by zone, for each of `zones`
 * @throws SimError `series.format` with every fault of the file, each once: a wanted zone without a column, and
 * everything that {@link parseSeriesCsv} refuses
 */
export function parsePriceYearCsv(bytes: Uint8Array, options: PriceYearFileOptions): ReadonlyMap<string, StepSeries> {
  const { file, zones, knownZones } = options;
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
  const lines = text.split(/\r\n|\n|\r/);
  const head = lines.findIndex((line) => !isSkipped(line));
  const columns = head < 0 ? [] : fieldsOf(lines[head]!).slice(1);
  const isHead = head >= 0 && /^"?[A-Za-z]/.test(lines[head]!.trim());
  if (!isHead || (columns.length < 2 && !columns.some((name) => knownZones.includes(name)))) {
    const series = readSeries(bytes, options);
    return new Map(zones.map((zone) => [zone, series]));
  }
  const issues: Issue[] = [];
  const fault = (line: number, message: string, hint?: string): void => {
    const place = { path: '', file, line, column: 1, sourceLine: lines[line - 1]! };
    issues.push({ ...place, message, ...(hint === undefined ? {} : { hint }) });
  };
  for (const zone of zones) {
    const count = columns.filter((name) => name === zone).length;
    if (count === 1) continue;
    const got = count === 0 ? columns.map((name) => `"${name}"`).join(', ') : `${count} of them`;
    fault(
      head + 1,
      `expected one column "${zone}", a zone of the scenario; got ${got}`,
      'Add it, or leave its sites out.',
    );
  }
  lines.forEach((line, index) => {
    if (isSkipped(line) || index <= head) return;
    const count = fieldsOf(line).length - 1;
    if (count !== columns.length) fault(index + 1, `expected ${columns.length} columns behind the time, got ${count}`);
  });
  if (issues.length > 0) throw failure(file, issues);

  const found = new Map<string, StepSeries>();
  const faults = new Map<string, { issue: Issue; zones: string[] }>();
  for (const zone of zones) {
    try {
      found.set(zone, readSeries(new TextEncoder().encode(columnText(lines, 1 + columns.indexOf(zone))), options));
    } catch (thrown) {
      if (!(thrown instanceof SimError) || thrown.code !== 'series.format') throw thrown;
      for (const issue of thrown.issues) {
        const key = `${issue.line} ${issue.message}`;
        const before = faults.get(key);
        if (before === undefined) faults.set(key, { issue, zones: [zone] });
        else before.zones.push(zone);
      }
    }
  }
  if (faults.size === 0) return found;
  const all = [...faults.values()].map(({ issue, zones: of }) => {
    // A fault of the times is one of every column.
    const message = of.length === zones.length && of.length > 1 ? issue.message : `${issue.message} (${of.join(', ')})`;
    return { ...issue, message, ...(issue.line === undefined ? {} : { sourceLine: lines[issue.line - 1]! }) };
  });
  throw failure(
    file,
    all.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
  );
}

function readSeries(bytes: Uint8Array, { file, calendarYear, horizonMs }: PriceYearFileOptions): StepSeries {
  return parseSeriesCsv(bytes, { file, timeZone: 'UTC', calendarYear, horizonMs, quantity: 'price' });
}

const isSkipped = (line: string): boolean => line.trim() === '' || line.startsWith('#');

const fieldsOf = (line: string): string[] => line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));

/** The times and one column, every line in its place. */
function columnText(lines: readonly string[], column: number): string {
  return lines
    .map((line) => {
      if (isSkipped(line)) return line;
      const fields = fieldsOf(line);
      return `${fields[0]!},${fields[column]!}`;
    })
    .join('\n');
}

function failure(file: string, issues: readonly Issue[]): SimError {
  const faults = issues.length === 1 ? '1 fault' : `${issues.length} faults`;
  const shown = issues.length > MOST_ISSUES ? ` (the first ${MOST_ISSUES} are listed)` : '';
  return new SimError('series.format', `${file} has ${faults}${shown}`, issues.slice(0, MOST_ISSUES));
}
