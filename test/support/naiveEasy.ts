import type { PlainJob } from './jobs.js';

/**
 * EASY as defined, with nothing clever: at each instant everything is recomputed from lists.
 * One pool of GPUs. Returns starts by job in order of submission.
 */
export function naiveEasy(jobs: readonly PlainJob[], gpus: number, backfill = true): number[] {
  const starts = jobs.map(() => Number.NaN);
  let queue: number[] = [];
  let running: { job: number; endMs: number; estimatedMs: number }[] = [];
  let arrived = 0;
  for (;;) {
    const next = Math.min(...running.map((r) => r.endMs), arrived < jobs.length ? jobs[arrived]!.submitMs : Infinity);
    if (next === Infinity) return starts;
    running = running.filter((r) => r.endMs > next);
    while (arrived < jobs.length && jobs[arrived]!.submitMs === next) queue.push(arrived++);
    const free = (): number => gpus - running.reduce((sum, r) => sum + jobs[r.job]!.gpus, 0);
    const start = (job: number): void => {
      const { runMs, estimateMs = runMs } = jobs[job]!;
      starts[job] = next;
      running.push({ job, endMs: next + runMs, estimatedMs: next + estimateMs });
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
      if (next + estimateMs <= shadow) start(job);
      else if (size <= spare) {
        spare -= size;
        start(job);
      }
    }
  }
}
