import type { JobOutcomes } from './runResult.js';

/** How jobs with a deadline fared, of those submitted inside the horizon and not turned away. */
export interface DeadlineSummary {
  /** Those whose deadline lies inside the horizon, or that ended inside it. */
  readonly jobs: number;
  readonly met: number;
  readonly missed: number;
}

/** `undefined` where no job has a deadline. One pass over the jobs. */
export function deadlinesOf(jobs: JobOutcomes, fromMs: number, toMs: number): DeadlineSummary | undefined {
  const { table, endMs, rejectedFor } = jobs;
  const deadlines = table.extra?.deadlineMs;
  if (deadlines === undefined) return undefined;
  let met = 0;
  let missed = 0;
  for (let job = 0; job < table.count; job++) {
    const submit = table.submitMs[job]!;
    const deadline = deadlines[job]!;
    if (submit < fromMs || submit >= toMs || deadline === Number.POSITIVE_INFINITY) continue;
    if (rejectedFor !== undefined && rejectedFor[job] !== 0) continue;
    const end = endMs[job]!;
    if (end <= deadline) met++;
    // Of one that has not ended it is known only when the deadline has passed.
    else if (end > deadline || deadline < toMs) missed++;
  }
  return { jobs: met + missed, met, missed };
}
