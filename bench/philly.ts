import { gunzipSync } from 'node:zlib';
import { allocateJobColumns, type JobTable } from '../src/workload/jobTable.js';

/**
 * Jobs of the Philly trace as the Pollux authors published it (Jeon et al., ATC'19; CC BY 4.0): a CSV, plain or
 * gzipped, with `timestamp` (local wall clock), `duration` s, `num_gpus` and `cluster` (a virtual cluster) in any order.
 *
 * Each virtual cluster counts as a user. There are no estimates in it: they equal the durations here, so policies that
 * use them do better than they would on Philly. Wall clock times are taken as they are, so that one hour of autumn
 * stands twice.
 *
 * @throws Error with the line that is not as said
 */
export function readPhilly(bytes: Uint8Array): JobTable {
  const text = new TextDecoder().decode(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
  const [heading = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const names = heading.split(',');
  const at = (name: string): number => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`line 1: expected a column ${name}, got ${heading}`);
    return index;
  };
  const [time, duration, gpus, cluster] = [at('timestamp'), at('duration'), at('num_gpus'), at('cluster')];
  const clusters: string[] = [];
  const rows = lines.map((line, index) => {
    const fields = line.split(',');
    const epochMs = Date.parse(`${(fields[time] ?? '').replace(' ', 'T')}Z`);
    const runMs = Math.round(1000 * Number(fields[duration]));
    const size = Number(fields[gpus]);
    if (!Number.isFinite(epochMs) || !(runMs >= 0) || !(Number.isInteger(size) && size >= 1)) {
      throw new Error(`line ${index + 2}: expected a time, seconds and whole GPUs, got ${line}`);
    }
    const name = fields[cluster] ?? '';
    if (!clusters.includes(name)) clusters.push(name);
    return { epochMs, runMs, size, user: clusters.indexOf(name) };
  });
  rows.sort((a, b) => a.epochMs - b.epochMs); // stable: equal times keep the order of the file
  const columns = allocateJobColumns(rows.length, true);
  const startMs = rows[0]?.epochMs ?? 0;
  rows.forEach(({ epochMs, runMs, size, user }, job) => {
    columns.submitMs[job] = epochMs - startMs;
    columns.runMs[job] = runMs;
    columns.estimateMs[job] = runMs;
    columns.gpus[job] = size;
    columns.userOf[job] = user;
  });
  return { ...columns, count: rows.length, classNames: ['job'] };
}

/** A stretch of whole weeks from the trace's first job on. */
export interface Weeks {
  /** First week, 0-based, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

export const WEEK_MS = 7 * 24 * 3_600_000;

/** The longest stretch of weeks that each have at least so many submissions. */
export function busyWeeks({ count, submitMs }: JobTable, fewest: number): Weeks {
  const jobs: number[] = [];
  for (let job = 0; job < count; job++) {
    const week = Math.floor(submitMs[job]! / WEEK_MS);
    jobs[week] = (jobs[week] ?? 0) + 1;
  }
  let best: Weeks = { from: 0, to: 0 };
  let from = 0;
  for (let week = 0; week <= jobs.length; week++) {
    if ((jobs[week] ?? 0) >= fewest) continue;
    if (week - from > best.to - best.from) best = { from, to: week };
    from = week + 1;
  }
  return best;
}

/** Nodes on which the jobs submitted in these weeks would be a load, rounded to whole nodes, at least one. */
export function nodesForLoad(
  { count, submitMs, gpus, runMs }: JobTable,
  weeks: Weeks,
  load: number,
  perNode: number,
): number {
  let gpuMs = 0;
  for (let job = 0; job < count; job++) {
    const week = submitMs[job]! / WEEK_MS;
    if (week >= weeks.from && week < weeks.to) gpuMs += gpus[job]! * runMs[job]!;
  }
  return Math.max(1, Math.round(gpuMs / ((weeks.to - weeks.from) * WEEK_MS * load * perNode)));
}

/** Mean time from submission to end of the jobs submitted in each of these weeks, ms. */
export function weeklyJctMs({ count, submitMs }: JobTable, endMs: Float64Array, weeks: Weeks): number[] {
  const sums = Array.from({ length: weeks.to - weeks.from }, () => ({ ms: 0, jobs: 0 }));
  for (let job = 0; job < count; job++) {
    const week = sums[Math.floor(submitMs[job]! / WEEK_MS) - weeks.from];
    if (week === undefined) continue;
    week.ms += endMs[job]! - submitMs[job]!;
    week.jobs++;
  }
  return sums.map(({ ms, jobs }) => ms / jobs);
}
