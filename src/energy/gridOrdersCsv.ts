import type { Issue } from '../base/errors.js';
import { SimError } from '../base/errors.js';
import { MS_PER_QUARTER_HOUR, W_PER_MW, parseDurationMs } from '../base/units.js';
import type { GridOrderSpec } from '../scenario/gridSpec.js';
import { yearStartEpochMs } from './calendar.js';
import { ZoneClock, isTimeZone, readTime } from './localTime.js';

export interface GridOrdersCsvOptions {
  /** Name for messages. */
  readonly file: string;
  /** `UTC` or an IANA name; holds for times without an offset of their own. */
  readonly timeZone: string;
  /** Its 1 January 00:00 UTC is time 0. */
  readonly calendarYear: number;
  /** Order names that do not stand in the file begin with it. */
  readonly prefix: string;
}

/** An order with the line it stands in. */
export interface GridOrderRow {
  readonly line: number;
  readonly order: GridOrderSpec;
}

const COLUMNS = 'start,duration,order,notice,name';

/**
 * Reads a grid operator's orders: lines `start,duration,order,notice,name`, the last two optional, with or without a
 * header.
 *
 * `start` is an ISO time (`2027-06-01T17:00`, with `Z` or an offset, else in `timeZone`), `duration` and `notice` have
 * units (`3 h`, `15 min`; no notice is none), `order` is a limit (`120 MW`) or a reduction (`25 %`, of the mean of the
 * hour before). Blank lines and lines that start with `#` are skipped. Rows may stand in any order.
 *
 * @throws SimError `series.format` with every fault and its line. Whether orders overlap or lie beyond the horizon is
 *   the caller's to check.
 *
 * A time that the autumn change repeats means its first reading; write the offset to mean the second.
 */
export function parseGridOrdersCsv(bytes: Uint8Array, options: GridOrdersCsvOptions): GridOrderRow[] {
  const { file, timeZone } = options;
  const issues: Issue[] = [];
  if (!isTimeZone(timeZone)) {
    const message = `expected UTC or a time zone such as Europe/Berlin, got "${timeZone}"`;
    throw new SimError('series.format', `${file}: ${message}`, [{ path: '', file, line: 1, column: 1, message }]);
  }
  const clock = new ZoneClock(timeZone);
  const rows: GridOrderRow[] = [];
  let first = true;
  new TextDecoder()
    .decode(bytes)
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .forEach((sourceLine, index) => {
      if (sourceLine.trim() === '' || sourceLine.startsWith('#')) return;
      const fields = sourceLine.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
      const isHeader = first && /^[A-Za-z]/.test(fields[0]!);
      first = false;
      if (isHeader) return;
      const line = index + 1;
      const fault = (message: string): void => {
        issues.push({ path: '', file, line, column: 1, message, sourceLine });
      };
      const order = readOrder(fields, { clock, options, number: rows.length + 1, fault });
      if (order !== undefined) rows.push({ line, order });
    });
  if (rows.length === 0 && issues.length === 0) {
    issues.push({ path: '', file, line: 1, column: 1, message: `expected lines "${COLUMNS}", got an empty file` });
  }
  if (issues.length > 0) {
    const faults = issues.length === 1 ? '1 fault' : `${issues.length} faults`;
    throw new SimError('series.format', `${file} has ${faults}`, issues);
  }
  return rows;
}

interface RowContext {
  readonly clock: ZoneClock;
  readonly options: GridOrdersCsvOptions;
  readonly number: number;
  readonly fault: (message: string) => void;
}

/** The order, or `undefined` with all its faults noted. */
function readOrder(fields: readonly string[], context: RowContext): GridOrderSpec | undefined {
  const { options, number, fault } = context;
  if (fields.length < 3 || fields.length > 5) {
    fault(`expected 3 to 5 columns "${COLUMNS}", got ${fields.length}`);
    return undefined;
  }
  const [start, lasts, asked, notice = '', name = ''] = fields as [string, string, string, string?, string?];
  const fromMs = readStart(start, context);
  const durationMs = parseDurationMs(lasts);
  const isSound = durationMs !== undefined && durationMs > 0 && durationMs % MS_PER_QUARTER_HOUR === 0;
  if (!isSound) fault(`expected a duration in whole quarter hours such as 3 h, got "${lasts}"`);
  const noticeMs = notice === '' ? 0 : parseDurationMs(notice);
  if (noticeMs === undefined) fault(`expected a notice such as 15 min, got "${notice}"`);
  const limit = readLimit(asked, fault);
  if (fromMs === undefined || !isSound || noticeMs === undefined || limit === undefined) return undefined;
  const own = name === '' ? `${options.prefix}-${number}` : name;
  return { name: own, fromMs, toMs: fromMs + durationMs, noticeMs, ...limit };
}

/** ms from the start of the calendar year. */
function readStart(text: string, { clock, options, fault }: RowContext): number | undefined {
  const time = readTime(text);
  if (!time) {
    fault(`expected a time such as 2027-06-01T17:00, got "${text}"`);
    return undefined;
  }
  const { wallMs, offsetMs } = time;
  const atMs = offsetMs === undefined ? clock.instantsOf(wallMs)[0] : wallMs - offsetMs;
  if (atMs === undefined) {
    fault(`expected a time that exists in ${options.timeZone}, got "${text}", which the change to summer time skips`);
    return undefined;
  }
  const fromMs = atMs - yearStartEpochMs(options.calendarYear);
  if (fromMs % MS_PER_QUARTER_HOUR !== 0) {
    fault(`expected the beginning of a quarter hour, such as 17:00 or 17:15, got "${text}"`);
    return undefined;
  }
  return fromMs;
}

function readLimit(
  text: string,
  fault: (message: string) => void,
): Pick<GridOrderSpec, 'limitW'> | Pick<GridOrderSpec, 'reduceFraction'> | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*(MW|%)$/.exec(text) ?? [];
  const value = Number(digits);
  if (unit === 'MW') return { limitW: value * W_PER_MW };
  if (unit === '%' && value > 0 && value <= 100) return { reduceFraction: value / 100 };
  fault(`expected a limit such as 120 MW or a reduction such as 25 %, got "${text}"`);
  return undefined;
}
