/**
 * One line of a Standard Workload Format file: 18 numbers between blanks or tabs.
 * Names and order are version 2.2 of the format (Feitelson, Parallel Workloads Archive).
 */
export const SWF_FIELDS = [
  'job number',
  'submit time',
  'wait time',
  'run time',
  'allocated processors',
  'average CPU time',
  'used memory',
  'requested processors',
  'requested time',
  'requested memory',
  'status',
  'user',
  'group',
  'executable',
  'queue',
  'partition',
  'preceding job',
  'think time',
] as const;

/** Places of the fields that are read. */
export const SWF = {
  job: 0,
  submit: 1,
  run: 3,
  allocated: 4,
  requested: 7,
  requestedTime: 8,
  status: 10,
  user: 11,
  group: 12,
  preceding: 16,
};

const NEWLINE = 10;
const SPACE = 32;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** Digits that an int32 holds. */
const INT_DIGITS = 9;
/** Decimals that are read; a ms is the third of a second. */
const MAX_SCALE = 1e6;

/**
 * Reads one line after another: in each the numbers between blanks, which are an optional minus, digits and
 * optional decimals. Exact below 2^53. About 1 ns a byte; allocates nothing.
 */
export class SwfLineScanner {
  /** The numbers of the line; those past the 18th are counted, not kept. */
  readonly fields = new Float64Array(SWF_FIELDS.length);
  /** Position of the first byte of the first thing that is no number, or −1. */
  faultAt = -1;
  /** Position of the newline that ended the line. */
  end = 0;
  readonly #bytes: Uint8Array;

  /** @param bytes - must end in a newline: no end is checked for within a line */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Scans the line that starts at `from`; returns how many fields it has, 0 when it is blank. */
  scan(from: number): number {
    const bytes = this.#bytes;
    const fields = this.fields;
    let count = 0;
    let at = from;
    this.faultAt = -1;
    while (true) {
      let byte = bytes[at]!;
      while (byte <= SPACE && byte !== NEWLINE) byte = bytes[++at]!;
      if (byte === NEWLINE) break;
      const start = at;
      if (byte === MINUS) byte = bytes[++at]!;
      const firstDigit = at;
      // Whole numbers as int32, several times as fast as in double.
      let head = 0;
      while (byte >= ZERO && byte <= NINE && at - firstDigit < INT_DIGITS) {
        head = (head * 10 + byte - ZERO) | 0;
        byte = bytes[++at]!;
      }
      let value = head;
      while (byte >= ZERO && byte <= NINE) {
        value = value * 10 + (byte - ZERO);
        byte = bytes[++at]!;
      }
      let digits = at - firstDigit;
      if (byte === POINT) {
        let scale = 1;
        byte = bytes[++at]!;
        while (byte >= ZERO && byte <= NINE) {
          if (scale < MAX_SCALE) {
            value = value * 10 + (byte - ZERO);
            scale *= 10;
          }
          digits++;
          byte = bytes[++at]!;
        }
        value /= scale;
      }
      if (digits === 0 || byte > SPACE) {
        this.faultAt = start;
        while (bytes[at] !== NEWLINE) at++;
        break;
      }
      if (count < fields.length) fields[count] = bytes[start] === MINUS ? -value : value;
      count++;
    }
    this.end = at;
    return count;
  }
}
