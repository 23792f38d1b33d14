import type { World } from '../world.js';

/**
 * How long a job would wait in a partition, roughly, ms: nothing where nobody is queued and it fits now; otherwise
 * what the whole partition needs for the queue and this job, by the estimates.
 *
 * Too short where large jobs are about to keep the partition busy with nobody queued, too long where small jobs
 * backfill; it is for choosing between partitions, not for promises. O(1).
 */
export function delayMs(world: World, job: number, partition: number): number {
  const { market } = world;
  const free = world.free(partition);
  const held = world.heldIn(job, partition);
  if (market.queuedJobs(partition) === 0 && held <= free.largestFit()) return 0;
  return (market.queuedGpuMs(partition) + held * runMs(world, job, partition)) / free.layout.gpus;
}

/** Estimated run time in a partition on the GPUs asked for, ms. */
export function runMs(world: World, job: number, partition: number): number {
  return world.estimateMs(job) / world.speedOn(job, partition, world.gpus(job));
}

/** Which candidate has the smallest value; among equals the one with the smaller delay, then the first. */
export function leastOf(
  world: World,
  job: number,
  candidates: readonly number[],
  value: (partition: number) => number,
): number {
  let best = candidates[0]!;
  let bestValue = value(best);
  for (let i = 1; i < candidates.length; i++) {
    const partition = candidates[i]!;
    const own = value(partition);
    if (own > bestValue) continue;
    if (own === bestValue && delayMs(world, job, partition) >= delayMs(world, job, best)) continue;
    best = partition;
    bestValue = own;
  }
  return best;
}
