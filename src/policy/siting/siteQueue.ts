import type { World } from '../world.js';

/** What a siting policy asks about a site as a whole. Each is O(partitions of the run). */

/** Estimated queued work per GPU of the site: how long all of it needs for its queue, ms. Running jobs do not count. */
export function queueMs(world: World, site: number): number {
  let gpuMs = 0;
  let gpus = 0;
  for (let partition = 0; partition < world.partitionCount; partition++) {
    if (world.siteOfPartition(partition) !== site) continue;
    gpuMs += world.market.queuedGpuMs(partition);
    gpus += world.free(partition).layout.gpus;
  }
  return gpuMs / gpus;
}

/** Could the job be placed in some partition of the site now, if nobody were queued? */
export function fitsNow(world: World, job: number, site: number): boolean {
  for (let partition = 0; partition < world.partitionCount; partition++) {
    if (world.siteOfPartition(partition) !== site) continue;
    if (world.heldIn(job, partition) <= world.free(partition).largestFit()) return true;
  }
  return false;
}

/**
 * Watts at the site's meter for a unit of the job's work now: watts that a busy GPU adds under its class / its speed,
 * in the site's best partition that holds the job, × the facility watts of one more IT watt.
 */
export function meterWattsPerWork(world: World, job: number, site: number): number {
  const { market } = world;
  let least = Number.POSITIVE_INFINITY;
  for (let partition = 0; partition < world.partitionCount; partition++) {
    if (world.siteOfPartition(partition) !== site || !world.holds(job, partition)) continue;
    const speed = world.speedOn(job, partition, world.gpus(job));
    least = Math.min(least, market.activeWPerGpu(partition, world.classOf(job)) / speed);
  }
  return least * market.overheadFactor(site);
}
