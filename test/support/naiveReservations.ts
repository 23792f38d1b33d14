import type { PlainJob } from './jobs.js';

export interface NaiveRules {
  /** So many jobs, the first in order, hold reservations. */
  readonly depth: number;
  /** Reservations move up one by one when a job ends, or are all made anew. */
  readonly onRoom: 'earlier' | 'anew';
  /**
   * Ascending keys go first, ties by position; absent: in order of arrival. When they change as time passes, so does the
   * order, and reservations are made again from the first place at which it did.
   */
  readonly key?: (job: PlainJob, nowMs: number) => number;
}

interface Stretch {
  fromMs: number;
  toMs: number;
  gpus: number;
}

/**
 * Backfilling with reservations as defined, from lists of stretches: every question about the plan goes over all of
 * them. One pool of GPUs, all times whole ms. Returns starts by job, in the order given, which must be that of submission.
 */
export function naiveReservations(jobs: readonly PlainJob[], total: number, rules: NaiveRules): number[] {
  const { depth, onRoom, key = () => 0 } = rules;
  const starts = jobs.map(() => Number.NaN);
  const ends = new Map<number, number>(); // true ends of running jobs
  const plan = new Map<number, Stretch>(); // running jobs and reservations
  const queue: number[] = [];
  let arrived = 0;
  let wokenMs = Infinity; // asked for when a reservation began then; it may have moved since

  const freeAt = (at: number): number =>
    total - [...plan.values()].reduce((sum, s) => sum + (s.fromMs <= at && at < s.toMs ? s.gpus : 0), 0);
  const span = (job: number): number => Math.max(1, jobs[job]!.estimateMs ?? jobs[job]!.runMs);
  const isFree = (from: number, to: number, gpus: number): boolean =>
    [from, ...[...plan.values()].map((s) => s.fromMs).filter((at) => at > from && at < to)].every(
      (at) => freeAt(at) >= gpus,
    );
  const earliest = (job: number, now: number): number =>
    [now, ...[...plan.values()].map((s) => s.toMs).filter((at) => at > now)]
      .sort((x, y) => x - y)
      .find((at) => isFree(at, at + span(job), jobs[job]!.gpus))!;

  for (let now = -1; ;) {
    const next = Math.min(...ends.values(), wokenMs, arrived < jobs.length ? jobs[arrived]!.submitMs : Infinity);
    if (next === Infinity) return starts;
    now = next;
    let room = false;
    for (const [job, endMs] of [...ends]) {
      if (endMs !== now) continue;
      ends.delete(job);
      plan.delete(job);
      room = true;
    }
    let anewFrom = room && onRoom === 'anew' ? 0 : Infinity;
    const before = [...queue];
    while (arrived < jobs.length && jobs[arrived]!.submitMs === now) queue.push(arrived++);
    queue.sort((x, y) => key(jobs[x]!, now) - key(jobs[y]!, now) || x - y);
    const moved = before.findIndex((job, i) => queue[i] !== job);
    if (moved >= 0) anewFrom = Math.min(anewFrom, moved);
    for (const job of queue.slice(anewFrom === Infinity ? queue.length : anewFrom)) plan.delete(job);
    const stand = (job: number, at: number): void => {
      plan.set(job, { fromMs: at, toMs: at + span(job), gpus: jobs[job]!.gpus });
      if (at > now) return;
      starts[job] = now;
      ends.set(job, now + jobs[job]!.runMs);
      queue.splice(queue.indexOf(job), 1);
    };
    for (const job of [...queue]) {
      const standing = plan.get(job);
      if (standing === undefined || (!room && standing.fromMs > now)) continue;
      plan.delete(job);
      stand(job, standing.fromMs === now ? now : earliest(job, now));
    }
    for (let i = 0; i < Math.min(depth, queue.length);) {
      const job = queue[i]!;
      if (!plan.has(job)) stand(job, earliest(job, now));
      if (queue[i] === job) i++;
    }
    for (const job of [...queue]) {
      if (queue.length > depth && isFree(now, now + span(job), jobs[job]!.gpus)) stand(job, now);
    }
    const begins = queue.map((job) => plan.get(job)?.fromMs ?? Infinity);
    wokenMs = Math.min(wokenMs > now ? wokenMs : Infinity, ...begins);
  }
}
