import type { ErrorRecord } from '../base/errors.js';
import type { RunResult } from '../metrics/runResult.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { WaitRecord } from '../sim/waitProbe.js';
import type { RunInputs } from '../workload/runInputs.js';

/** One run to be done: everything `simulate` takes. */
export interface RunTask {
  readonly spec: RunSpec;
  /** Usually the same object for all tasks of a plan. */
  readonly inputs: RunInputs;
  /** Hand back the jobs with their starts and ends. */
  readonly keepJobs?: boolean;
  /** Jobs of which to note why they wait. */
  readonly explained?: readonly number[];
}

/** A run that came to its end. */
export interface FinishedTask {
  readonly ok: true;
  readonly result: RunResult;
  /** Of the explained jobs, by job, ascending. */
  readonly waits?: readonly WaitRecord[];
}

/** What became of a run. Errors are data: an error's class does not survive a thread. */
export type RunOutcome = FinishedTask | { readonly ok: false; readonly error: ErrorRecord };

/** A run's outcome with the time it took, which is no part of any result. */
export interface TimedOutcome {
  readonly outcome: RunOutcome;
  readonly wallMs: number;
}

/** How far a plan is. */
export interface PoolProgress {
  /** Runs with an outcome, good or bad. */
  readonly doneRuns: number;
  readonly runs: number;
  /** Simulated time done of each run, 0…1, by index; valid during the call. */
  readonly fractions: Float64Array;
}

export interface RunHooks {
  /** At the start, whenever a run ends, and a few times a second in between where the pool can look. */
  readonly onProgress?: (progress: PoolProgress) => void;
  /** As soon as a run has ended, in the order of ending, so that its result can be written out at once. */
  readonly onOutcome?: (index: number, outcome: RunOutcome, wallMs: number) => void;
  /** A gentle stop: no further run begins, running ones are asked to end; all of them are `run.interrupted`. */
  readonly signal?: AbortSignal;
}

/**
 * Does runs. Implementations differ in where, never in what comes out: results are byte-identical.
 */
export interface Pool {
  /**
   * One outcome for each task, **by index**, whatever order they ended in; a failed run is an outcome, not
   * an exception. An exception in a hook ends the plan with that exception.
   */
  run(tasks: readonly RunTask[], hooks?: RunHooks): Promise<RunOutcome[]>;
}
