import type { JobOutcomes } from './runResult.js';

/** How jobs with a deadline fared, of those submitted inside the horizon and not turned away. */
export interface DeadlineSummary {
  /** Those whose deadline lies inside the horizon, or that ended inside it. */
  readonly jobs: number;
  readonly met: number;
  readonly missed: number;
}

/** What became of a job's deadline. */
export const DEADLINE = {
  /** It has none, does not count, or nothing is known yet. */
  none: 0,
  met: 1,
  missed: 2,
} as const;

/** `undefined` where no job has a deadline. One pass over the jobs. */
export function deadlinesOf(jobs: JobOutcomes, fromMs: number, toMs: number): DeadlineSummary | undefined {
  const outcomes = deadlineOutcomes(jobs, fromMs, toMs);
  if (outcomes === undefined) return undefined;
  let met = 0;
  let missed = 0;
  for (const outcome of outcomes) {
    if (outcome === DEADLINE.met) met++;
    else if (outcome === DEADLINE.missed) missed++;
  }
  return { jobs: met + missed, met, missed };
}

/** By job, one of {@link DEADLINE}; `undefined` where no job has a deadline. */
export function deadlineOutcomes(jobs: JobOutcomes, fromMs: number, toMs: number): Uint8Array | undefined {
  const { table, endMs, rejectedFor } = jobs;
  const deadlines = table.extra?.deadlineMs;
  if (deadlines === undefined) return undefined;
  const outcomes = new Uint8Array(table.count);
  for (let job = 0; job < table.count; job++) {
    const submit = table.submitMs[job]!;
    const deadline = deadlines[job]!;
    if (submit < fromMs || submit >= toMs || deadline === Number.POSITIVE_INFINITY) continue;
    if (rejectedFor !== undefined && rejectedFor[job] !== 0) continue;
    const end = endMs[job]!;
    if (end <= deadline) outcomes[job] = DEADLINE.met;
    // Of one that has not ended it is known only when the deadline has passed.
    else if (end > deadline || deadline < toMs) outcomes[job] = DEADLINE.missed;
  }
  return outcomes;
}

/** Jobs that miss their deadline in one of two runs of the same jobs and meet it in the other. */
export interface ChangedDeadlines {
  /** Missed here, met in the baseline. */
  readonly newlyMissed: readonly number[];
  readonly newlyMet: readonly number[];
}

/** @param baseline - of the same jobs under another policy */
export function changedDeadlines(outcomes: Uint8Array, baseline: Uint8Array): ChangedDeadlines {
  const newlyMissed: number[] = [];
  const newlyMet: number[] = [];
  for (let job = 0; job < outcomes.length; job++) {
    if (outcomes[job] === DEADLINE.missed && baseline[job] === DEADLINE.met) newlyMissed.push(job);
    if (outcomes[job] === DEADLINE.met && baseline[job] === DEADLINE.missed) newlyMet.push(job);
  }
  return { newlyMissed, newlyMet };
}
