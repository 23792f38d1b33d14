import type { PlainJob } from './jobs.js';

/** What has happened so far, by job; NaN: not yet. */
export interface Past {
  readonly startMs: readonly number[];
  readonly endMs: readonly number[];
}

/** The order at one instant, asked for once at each instant at which something happens while jobs wait. */
export type ComparatorAt = (nowMs: number, queue: readonly number[], past: Past) => (a: number, b: number) => number;

/**
 * A scheduler with nothing clever: at each instant at which a job arrives or ends it sorts the whole queue by the
 * comparator, ties by id, starts from the front what fits, and with `backfill` does EASY from lists.
 * One pool of GPUs; jobs in order of submission. Returns starts by job.
 */
export function naiveOrder(
  jobs: readonly PlainJob[],
  gpus: number,
  comparatorAt: ComparatorAt,
  backfill: boolean,
): number[] {
  const startMs = jobs.map(() => Number.NaN);
  const endMs = jobs.map(() => Number.NaN);
  let queue: number[] = [];
  let running: { job: number; endMs: number; estimatedMs: number }[] = [];
  let arrived = 0;
  for (;;) {
    const now = Math.min(...running.map((r) => r.endMs), jobs[arrived]?.submitMs ?? Infinity);
    if (now === Infinity) return startMs;
    for (const r of running) if (r.endMs === now) endMs[r.job] = now;
    running = running.filter((r) => r.endMs > now);
    while (jobs[arrived]?.submitMs === now) queue.push(arrived++);
    if (queue.length === 0) continue;
    const compare = comparatorAt(now, queue, { startMs, endMs });
    queue.sort((a, b) => compare(a, b) || a - b);
    const free = (): number => gpus - running.reduce((sum, r) => sum + jobs[r.job]!.gpus, 0);
    const start = (job: number): void => {
      const { runMs, estimateMs = runMs } = jobs[job]!;
      startMs[job] = now;
      running.push({ job, endMs: now + runMs, estimatedMs: now + estimateMs });
      queue = queue.filter((other) => other !== job);
    };
    while (queue.length > 0 && jobs[queue[0]!]!.gpus <= free()) start(queue[0]!);
    if (queue.length === 0 || !backfill) continue;
    const need = jobs[queue[0]!]!.gpus;
    const freeBy = (at: number): number =>
      free() + running.filter((r) => r.estimatedMs <= at).reduce((sum, r) => sum + jobs[r.job]!.gpus, 0);
    const shadow = Math.min(...running.map((r) => r.estimatedMs).filter((at) => freeBy(at) >= need));
    let spare = freeBy(shadow) - need;
    for (const job of queue.slice(1)) {
      const { gpus: size, runMs, estimateMs = runMs } = jobs[job]!;
      if (size > free()) continue;
      if (now + estimateMs <= shadow) start(job);
      else if (size <= spare) {
        spare -= size;
        start(job);
      }
    }
  }
}
