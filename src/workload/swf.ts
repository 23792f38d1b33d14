import { SimError, type Issue } from '../base/errors.js';
import { MS_PER_S } from '../base/units.js';
import { allocateJobColumns, END_STATES, type JobColumns, type JobExtras, type JobTable } from './jobTable.js';
import { submitOrder } from './submitOrder.js';
import { SWF, SWF_FIELDS, SwfLineScanner } from './swfLine.js';

export interface SwfOptions {
  /** Name for messages. */
  readonly file: string;
  /** Unit of submit, run and requested times; the standard says seconds. Fractions are kept to the ms. */
  readonly timeUnit: 's' | 'ms';
  /** Skips and counts malformed lines instead of refusing the file. */
  readonly lenient: boolean;
  /** Reads field 17: a job waits for the job it names. */
  readonly dependencies?: boolean;
  /** Puts the columns into SharedArrayBuffers. */
  readonly shared: boolean;
}

export interface SwfTrace {
  /** Sorted by submit time, ties in file order; submit times as in the trace; one class, `trace`. */
  readonly table: JobTable;
  readonly counts: SwfCounts;
  /** `; Key: value` lines, e.g. MaxProcs, UnixStartTime; the first of a name. */
  readonly header: ReadonlyMap<string, string>;
  /** Where dependencies are read: what became of those that the file names. */
  readonly dependencies: SwfDependencyCounts | undefined;
  /** The first malformed lines that `lenient` skipped. */
  readonly malformed: readonly Issue[];
}

/** Lines by what became of them; `jobs` = lines − malformed − unknownSize. */
export interface SwfCounts {
  /** Neither blank nor comment. */
  readonly lines: number;
  readonly jobs: number;
  readonly malformed: number;
  /** Skipped: neither allocated nor requested processors are known. */
  readonly unknownSize: number;
  /** Run time 0, negative or unknown: kept as 0 ms jobs. */
  readonly zeroRun: number;
  /** Ran longer than requested: run cut to the request. */
  readonly runCut: number;
  /** Size taken from the request, because the allocation is unknown. */
  readonly sizeFromRequest: number;
  /** Estimate taken from the run time, because the request is unknown. */
  readonly unknownEstimate: number;
}

/** Preceding jobs named by field 17, by what became of them. */
export interface SwfDependencyCounts {
  readonly kept: number;
  /** The job named does not come before this one, or is not in the trace. */
  readonly unknown: number;
  /** The job named failed or was cancelled, and this one ran all the same: it did not wait for success. */
  readonly afterStopped: number;
}

/** How a line becomes a job, for a person to read. */
export const SWF_RULE =
  'size = allocated processors, else requested (a job with neither is skipped); ' +
  'run = min(run, requested time) where a time was requested; estimate = max(run, requested time); ' +
  'a run time of 0, below 0 or unknown is a job of 0 ms; submit times are kept as they are';

const MAX_ISSUES = 20;
const MAX_GPUS = 0x7fffffff;
const SOURCE_LINE_CHARS = 200;
/** 18 one-digit fields, each with a blank or the newline behind it. */
const MIN_ROW_BYTES = 2 * SWF_FIELDS.length;
const NEWLINE = 10;
const SEMICOLON = 59;
const STATUS_FAILED = 0;
const STATUS_CANCELLED = 5;
const COMPLETED = END_STATES.indexOf('completed');
const FAILED = END_STATES.indexOf('failed');
const CANCELLED = END_STATES.indexOf('cancelled');

/**
 * Reads a trace in the Standard Workload Format, with or without header, LF or CRLF, by {@link SWF_RULE}.
 *
 * Users are numbered by first appearance; unknown ones (−1) are one user. Groups (field 13) are accounts, numbered
 * alike, where any is known. Preceding jobs (field 17) are read on demand: the format means their end, the table
 * their success, so a job that followed one without success waits for nothing. Partition, memory and queue are not
 * read, waits and think times neither.
 *
 * @param bytes - plain text; io/ has already gunzipped it
 * @throws SimError `trace.format` with up to 20 malformed lines (all are counted), or when no job is left
 *
 * Cost: one pass, 4 to 5 million rows a second (400 MB/s), and about 110 bytes a row while it runs.
 */
export function parseSwf(bytes: Uint8Array, options: SwfOptions): SwfTrace {
  return new SwfReader(bytes, options).read();
}

class SwfReader {
  readonly #bytes: Uint8Array;
  readonly #options: SwfOptions;
  readonly #scanner: SwfLineScanner;
  readonly #msPerUnit: number;
  readonly #rows: JobColumns;
  readonly #originalId: Float64Array;
  readonly #users = new UserNumbers();
  readonly #groups = new UserNumbers();
  readonly #groupOf: Int32Array;
  #groupsKnown = false;
  /** Number of the preceding job, where it is read; 0 and below: none. */
  readonly #precedingOf: Float64Array | undefined;
  readonly #header = new Map<string, string>();
  readonly #issues: Issue[] = [];
  readonly #counts = {
    lines: 0,
    jobs: 0,
    malformed: 0,
    unknownSize: 0,
    zeroRun: 0,
    runCut: 0,
    sizeFromRequest: 0,
    unknownEstimate: 0,
  };

  constructor(bytes: Uint8Array, options: SwfOptions) {
    this.#bytes = endingInNewline(bytes);
    this.#options = options;
    this.#scanner = new SwfLineScanner(this.#bytes);
    this.#msPerUnit = options.timeUnit === 's' ? MS_PER_S : 1;
    const capacity = Math.ceil(this.#bytes.length / MIN_ROW_BYTES);
    this.#rows = allocateJobColumns(capacity);
    this.#originalId = new Float64Array(capacity);
    this.#groupOf = new Int32Array(capacity);
    this.#precedingOf = options.dependencies === true ? new Float64Array(capacity) : undefined;
  }

  read(): SwfTrace {
    const bytes = this.#bytes;
    const scanner = this.#scanner;
    // A byte order mark is not part of the first line.
    let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    for (let line = 1; from < bytes.length; line++) {
      if (bytes[from] === SEMICOLON) {
        const end = bytes.indexOf(NEWLINE, from);
        this.#readHeader(from, end);
        from = end + 1;
        continue;
      }
      const found = scanner.scan(from);
      if (found > 0 || scanner.faultAt >= 0) {
        this.#counts.lines++;
        const isRow = found === SWF_FIELDS.length && scanner.faultAt < 0;
        const fault = isRow ? this.#readJob() : this.#faultOf(found);
        if (fault !== undefined) this.#complain(fault, from, line);
      }
      from = scanner.end + 1;
    }
    this.#refuseBadFile();
    const rows = { ...this.#rows, originalId: this.#originalId };
    const order = submitOrder(rows.submitMs, rows.count);
    const { table, dependencies } = this.#withExtras(this.#table(rows, order), order);
    return { table, counts: this.#counts, header: this.#header, dependencies, malformed: this.#issues };
  }

  #faultOf(found: number): string {
    const { faultAt, end } = this.#scanner;
    if (faultAt < 0) return `expected ${SWF_FIELDS.length} fields, got ${found}`;
    const field = this.#textOf(faultAt, end).split(/\s/, 1)[0]!;
    return `expected ${SWF_FIELDS[found] ?? 'the end of the line'} as a number, got ${JSON.stringify(field)}`;
  }

  /** Turns the fields into a row; returns what is wrong with them, if anything. */
  #readJob(): string | undefined {
    const { fields } = this.#scanner;
    const counts = this.#counts;
    const msPerUnit = this.#msPerUnit;
    const submitMs = Math.round(fields[SWF.submit]! * msPerUnit);
    const run = Math.round(fields[SWF.run]! * msPerUnit);
    const requested = Math.round(fields[SWF.requestedTime]! * msPerUnit);
    if (submitMs < 0) return `expected a submit time of at least 0, got ${fields[SWF.submit]!}`;
    if (Math.max(submitMs, run, requested) > Number.MAX_SAFE_INTEGER) return 'expected times below 2^53 ms';
    const allocated = fields[SWF.allocated]!;
    const gpus = allocated > 0 ? allocated : fields[SWF.requested]!;
    if (gpus > MAX_GPUS || !Number.isInteger(gpus)) return `expected a whole number of processors, got ${gpus}`;
    if (gpus <= 0) {
      counts.unknownSize++;
      return undefined;
    }
    const isRequestKnown = requested > 0;
    if (!isRequestKnown) counts.unknownEstimate++;
    if (isRequestKnown && run > requested) counts.runCut++;
    if (run <= 0) counts.zeroRun++;
    if (allocated <= 0) counts.sizeFromRequest++;

    const rows = this.#rows;
    const row = rows.count++;
    rows.submitMs[row] = submitMs;
    rows.gpus[row] = gpus;
    rows.runMs[row] = Math.max(0, isRequestKnown ? Math.min(run, requested) : run);
    rows.estimateMs[row] = Math.max(0, run, requested);
    rows.endState[row] = endStateOf(fields[SWF.status]!);
    rows.userOf[row] = this.#users.of(fields[SWF.user]!);
    const group = fields[SWF.group]!;
    this.#groupOf[row] = this.#groups.of(group);
    if (group >= 0) this.#groupsKnown = true;
    if (this.#precedingOf !== undefined) this.#precedingOf[row] = fields[SWF.preceding]!;
    this.#originalId[row] = fields[SWF.job]!;
    counts.jobs++;
    return undefined;
  }

  #readHeader(from: number, to: number): void {
    const match = /^;\s*([A-Za-z][^:]*?)\s*:\s*(.*?)\s*$/.exec(this.#textOf(from, to));
    if (match && !this.#header.has(match[1]!)) this.#header.set(match[1]!, match[2]!);
  }

  #complain(message: string, from: number, line: number): void {
    this.#counts.malformed++;
    if (this.#issues.length >= MAX_ISSUES) return;
    const { faultAt, end } = this.#scanner;
    const column = faultAt < 0 ? 1 : faultAt - from + 1;
    const sourceLine = this.#textOf(from, Math.min(end, from + SOURCE_LINE_CHARS)).trimEnd();
    this.#issues.push({ path: '', message, file: this.#options.file, line, column, sourceLine });
  }

  #textOf(from: number, to: number): string {
    // A trace is ASCII; other bytes show as one character each, so that columns count bytes.
    return String.fromCharCode(...this.#bytes.subarray(from, Math.min(to, from + 4096)));
  }

  #refuseBadFile(): void {
    const { file, lenient } = this.#options;
    const { malformed, lines, unknownSize } = this.#counts;
    if (malformed > 0 && !lenient) {
      const more =
        malformed > MAX_ISSUES ? ` (the first ${MAX_ISSUES} are listed, and ${malformed - MAX_ISSUES} more)` : '';
      const what = malformed === 1 ? '1 malformed line' : `${malformed} malformed lines`;
      throw new SimError('trace.format', `${file} has ${what}${more}`, this.#issues);
    }
    if (this.#rows.count > 0) return;
    const why = lines === 0 ? 'the file holds no job lines' : `${malformed} malformed, ${unknownSize} of unknown size`;
    throw new SimError('trace.format', `${file} has no jobs: ${why}`, this.#issues);
  }

  #table(rows: JobColumns & { readonly originalId: Float64Array }, order: Int32Array | undefined): JobTable {
    const columns = allocateJobColumns(rows.count, this.#options.shared, true);
    gather(columns.submitMs, rows.submitMs, order);
    gather(columns.gpus, rows.gpus, order);
    gather(columns.runMs, rows.runMs, order);
    gather(columns.estimateMs, rows.estimateMs, order);
    gather(columns.userOf, rows.userOf, order);
    gather(columns.endState, rows.endState, order);
    gather(columns.originalId!, rows.originalId, order);
    return { ...columns, count: rows.count, classNames: ['trace'] };
  }

  #withExtras(
    table: JobTable,
    order: Int32Array | undefined,
  ): { table: JobTable; dependencies: SwfDependencyCounts | undefined } {
    const { shared } = this.#options;
    const ints = (count: number): Int32Array =>
      new Int32Array(shared ? new SharedArrayBuffer(4 * count) : new ArrayBuffer(4 * count));
    let extra: JobExtras = {};
    if (this.#groupsKnown) {
      const accountOf = ints(table.count);
      gather(accountOf, this.#groupOf, order);
      extra = { ...extra, accountOf };
    }
    let dependencies: SwfDependencyCounts | undefined;
    if (this.#precedingOf !== undefined) {
      const precedingOf = new Float64Array(table.count);
      gather(precedingOf, this.#precedingOf, order);
      const read = swfDependencies(table, precedingOf, ints);
      dependencies = read.counts;
      if (dependencies.kept > 0) extra = { ...extra, afterOk: read.afterOk };
    }
    return { table: Object.keys(extra).length === 0 ? table : { ...table, extra }, dependencies };
  }
}

/** Rows by the number of their job, and of each the row it waits for: an earlier one that completed. */
function swfDependencies(
  table: JobTable,
  precedingOf: Float64Array,
  ints: (count: number) => Int32Array,
): { readonly afterOk: NonNullable<JobExtras['afterOk']>; readonly counts: SwfDependencyCounts } {
  const rowOf = new Map<number, number>();
  for (let row = table.count - 1; row >= 0; row--) rowOf.set(table.originalId![row]!, row);
  const before = new Int32Array(table.count).fill(-1);
  const counts = { kept: 0, unknown: 0, afterStopped: 0 };
  for (let row = 0; row < table.count; row++) {
    const preceding = precedingOf[row]!;
    if (preceding <= 0) continue;
    const found = rowOf.get(preceding);
    if (found === undefined || found >= row) counts.unknown++;
    else if (table.endState[found] !== COMPLETED) counts.afterStopped++;
    else {
      before[row] = found;
      counts.kept++;
    }
  }
  const offsets = ints(table.count + 1);
  const jobs = ints(counts.kept);
  for (let row = 0, next = 0; row < table.count; row++) {
    if (before[row]! >= 0) jobs[next++] = before[row]!;
    offsets[row + 1] = next;
  }
  return { afterOk: { offsets, jobs }, counts };
}

function endStateOf(status: number): number {
  return status === STATUS_FAILED ? FAILED : status === STATUS_CANCELLED ? CANCELLED : COMPLETED;
}

function gather<T extends Float64Array | Int32Array | Uint8Array>(
  into: T,
  from: T,
  order: Int32Array | undefined,
): void {
  if (order) for (let i = 0; i < into.length; i++) into[i] = from[order[i]!]!;
  else into.set(from.subarray(0, into.length));
}

function endingInNewline(bytes: Uint8Array): Uint8Array {
  if (bytes.at(-1) === NEWLINE) return bytes;
  const copy = new Uint8Array(bytes.length + 1);
  copy.set(bytes);
  copy[bytes.length] = NEWLINE;
  return copy;
}

/** Numbers users 0, 1, … in order of first appearance. */
class UserNumbers {
  /** Number + 1 of small ids, so that 0 is unseen; ids of −1 and up are at id + 1. */
  readonly #small = new Int32Array(1 << 16);
  readonly #others = new Map<number, number>();
  #count = 0;

  of(id: number): number {
    const slot = id + 1;
    if (!(slot >= 0 && slot < this.#small.length && Number.isInteger(slot))) return this.#other(id);
    if (this.#small[slot] === 0) this.#small[slot] = ++this.#count;
    return this.#small[slot]! - 1;
  }

  #other(id: number): number {
    let number = this.#others.get(id);
    if (number === undefined) this.#others.set(id, (number = this.#count++));
    return number;
  }
}
