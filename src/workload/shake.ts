import type { Draw } from '../base/random.js';
import type { JobTable } from './jobTable.js';

/**
 * A trace with each submission moved by a uniform draw from [−shakeMs, +shakeMs]: input shaking, which turns one log into
 * samples, so that a result can be told from an accident of that log (Tsafrir, Ouaknine and Feitelson, MASCOTS 2007).
 *
 * Jobs keep their order, so ids stay what they were: the moved times are dealt out in order, the k-th to the k-th
 * job, which moves none further than shakeMs. Deadlines move with their jobs. Sizes and run times stay.
 * Cost: O(jobs log jobs) and two columns; all others are shared with the trace.
 */
export function shakeTrace(table: JobTable, shakeMs: number, draw: Draw): JobTable {
  const { count } = table;
  const submitMs = new Float64Array(count);
  for (let job = 0; job < count; job++) {
    submitMs[job] = table.submitMs[job]! + Math.round((2 * draw() - 1) * shakeMs);
  }
  submitMs.sort();
  const given = table.extra?.deadlineMs;
  if (given === undefined) return { ...table, submitMs };
  const deadlineMs = new Float64Array(count);
  for (let job = 0; job < count; job++) deadlineMs[job] = given[job]! + submitMs[job]! - table.submitMs[job]!;
  return { ...table, submitMs, extra: { ...table.extra, deadlineMs } };
}
