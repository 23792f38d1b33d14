import { SimError } from '../base/errors.js';
import type { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';

/** What no scheduler knows: how long jobs really run. Only for policies that declare to be clairvoyant. */
export interface Truth {
  /** Whole run time at reference speed, ms. */
  runMs(job: number): number;
  /** What is left of it, of a waiting job: what is not saved, ms at reference speed. */
  remainingMs(job: number): number;
}

export function truthOf(jobs: JobTable, progress: JobProgress, clock: { readonly nowMs: number }): Truth {
  return {
    runMs: (job) => jobs.runMs[job]!,
    remainingMs: (job) => jobs.runMs[job]! - (progress.interruptions?.workMs(job, clock.nowMs) ?? 0),
  };
}

/** For everybody else. */
export function noTruth(policy: string): Truth {
  const refuse = (): never => {
    throw new SimError(
      'policy.contract',
      `policy '${policy}' asked for the true run time of a job; expected the estimate, or 'clairvoyant: true' in its definition`,
    );
  };
  return { runMs: refuse, remainingMs: refuse };
}
