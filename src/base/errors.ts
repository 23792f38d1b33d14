/**
 * Errors as data first, text second.
 *
 * An error carries a code, the exit status a command ends with, and what went wrong as fields; the
 * message is written from them in one order: where, what was expected, what came, what to do.
 * Class identity does not survive a thread, so across threads an error travels as {@link ErrorRecord}.
 */

/** Every error code and the exit status it ends a command with. */
export const EXIT_CODE_OF = {
  'internal.invariant': 1,
  'audit.failed': 1,
  usage: 2,
  'scenario.invalid': 2,
  'policy.invalid': 2,
  'trace.format': 2,
  'series.format': 2,
  'io.read': 2,
  'io.write': 2,
  'threshold.failed': 3,
  'run.failed': 4,
  'run.deadlock': 4,
  'policy.contract': 4,
  'run.interrupted': 130,
} as const;

export type ErrorCode = keyof typeof EXIT_CODE_OF;

/** One fault of an input, with the place it stands at. */
export interface Issue {
  /** Dotted path inside the document, e.g. `sites[1].tariff.leviesEurPerMWh`; '' is the whole document. */
  readonly path: string;
  /** What was expected and what came, as one sentence without a full stop. */
  readonly message: string;
  /** What to do, e.g. "Did you mean fcfs?". */
  readonly hint?: string;
  readonly file?: string;
  /** 1-based line and column in `file`. */
  readonly line?: number;
  readonly column?: number;
  /** The text of that line, for the caret. */
  readonly sourceLine?: string;
}

/** An error in the form that crosses threads and goes into `--json`. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly exitCode: number;
  readonly issues: readonly Issue[];
}

/** The one error class: a code, its exit status, and the issues behind it where there are several. */
export class SimError extends Error {
  override readonly name = 'SimError';
  readonly code: ErrorCode;
  readonly issues: readonly Issue[];

  constructor(code: ErrorCode, message: string, issues: readonly Issue[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.issues = issues;
  }

  get exitCode(): number {
    return EXIT_CODE_OF[this.code];
  }

  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, exitCode: this.exitCode, issues: this.issues };
  }

  static fromRecord(record: ErrorRecord): SimError {
    return new SimError(record.code, record.message, record.issues);
  }
}

/** Any thrown value as a record; what is not a `SimError` is our own bug and says so. */
export function errorRecord(thrown: unknown): ErrorRecord {
  if (thrown instanceof SimError) return thrown.toRecord();
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { code: 'internal.invariant', message, exitCode: EXIT_CODE_OF['internal.invariant'], issues: [] };
}

/** Throws `internal.invariant` with the numbers when a condition that cannot fail does. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new SimError('internal.invariant', `invariant broken: ${what}`);
}
