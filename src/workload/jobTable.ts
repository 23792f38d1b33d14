/**
 * Jobs as a struct of arrays; a job's id is its index.
 *
 * Rows are sorted by (submitMs, original order), so ids grow with submission and a queue in order of
 * arrival is a queue in order of id. All columns may lie in SharedArrayBuffers; a run never writes them.
 */
export interface JobTable {
  readonly count: number;
  /** Submission, ms from the start of the horizon; negative in the warm-up. Ascending. */
  readonly submitMs: Float64Array;
  /** GPUs of the gang, ≥ 1. */
  readonly gpus: Int32Array;
  /** True run time at reference speed, ms, ≥ 0. Policies do not see it. */
  readonly runMs: Float64Array;
  /** What the user asked for, ms. Policies see this. A job that outlives it is killed or extended, by the run's rule. */
  readonly estimateMs: Float64Array;
  /** Index into {@link classNames}. */
  readonly classOf: Uint8Array;
  readonly userOf: Int32Array;
  /** Index of the partition the job was submitted to. */
  readonly partitionOf: Uint8Array;
  /** How it ends once started: an index into {@link END_STATES}. */
  readonly endState: Uint8Array;
  /** The trace's own job number, where there is one; otherwise the id. */
  readonly originalId: Float64Array | undefined;
  readonly classNames: readonly string[];
  /** Columns that few workloads have; absent: no job has any. */
  readonly extra?: JobExtras | undefined;
}

/** Optional columns of a {@link JobTable}, each by job. */
export interface JobExtras {
  /** Account (Slurm) or group (SWF) of the job; absent: each user is an account of its own. */
  readonly accountOf?: Int32Array | undefined;
  /** Shares of the machine by account, > 0, relative to each other; absent: equal. */
  readonly accountShares?: Float64Array | undefined;
  /** Added to the class's priority; higher goes first. */
  readonly priority?: Float64Array | undefined;
  /** When it should have ended, ms; Infinity: no deadline. */
  readonly deadlineMs?: Float64Array | undefined;
  /** Sizes an elastic job can run at; both equal to `gpus` for a rigid one. */
  readonly minGpus?: Int32Array | undefined;
  readonly maxGpus?: Int32Array | undefined;
  /** Jobs that must have completed before (Slurm's afterok): `jobs[offsets[j]…offsets[j+1])` are those of j. */
  readonly afterOk?: { readonly offsets: Int32Array; readonly jobs: Int32Array } | undefined;
  /** Index among the run's windows of the advance reservation it was submitted to; -1: none. */
  readonly reservationOf?: Int16Array | undefined;
}

/**
 * How a job ends by itself. Cancelled and failed jobs end early; their run time already says so. One that was
 * killed at its estimate has timed out (Slurm's TIMEOUT).
 */
export const END_STATES = ['completed', 'failed', 'cancelled', 'timeout'] as const;

/** The columns, writable: what generators and readers fill before they hand over a {@link JobTable}. */
export interface JobColumns {
  count: number;
  submitMs: Float64Array;
  gpus: Int32Array;
  runMs: Float64Array;
  estimateMs: Float64Array;
  classOf: Uint8Array;
  userOf: Int32Array;
  partitionOf: Uint8Array;
  endState: Uint8Array;
  originalId: Float64Array | undefined;
}

/** Empty columns for up to `capacity` jobs; `shared` puts them into SharedArrayBuffers for worker threads. */
export function allocateJobColumns(capacity: number, shared = false, withOriginalId = false): JobColumns {
  const buffer = (bytes: number): ArrayBufferLike => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  return {
    count: 0,
    submitMs: new Float64Array(buffer(8 * capacity)),
    gpus: new Int32Array(buffer(4 * capacity)),
    runMs: new Float64Array(buffer(8 * capacity)),
    estimateMs: new Float64Array(buffer(8 * capacity)),
    classOf: new Uint8Array(buffer(capacity)),
    userOf: new Int32Array(buffer(4 * capacity)),
    partitionOf: new Uint8Array(buffer(capacity)),
    endState: new Uint8Array(buffer(capacity)),
    originalId: withOriginalId ? new Float64Array(buffer(8 * capacity)) : undefined,
  };
}
