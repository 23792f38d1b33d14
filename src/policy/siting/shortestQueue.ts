import type { World } from '../world.js';
import { fitsNow, queueMs } from './siteQueue.js';

/**
 * The candidate with the least queued work per GPU; among equals one where the job fits now, then its home, then
 * the first.
 */
export function shortestQueue(world: World, job: number, home: number, candidates: readonly number[]): number {
  let best = candidates[0]!;
  for (let i = 1; i < candidates.length; i++) {
    if (isBetter(world, job, home, candidates[i]!, best)) best = candidates[i]!;
  }
  return best;
}

function isBetter(world: World, job: number, home: number, site: number, than: number): boolean {
  const difference = queueMs(world, site) - queueMs(world, than);
  if (difference !== 0) return difference < 0;
  const fits = fitsNow(world, job, site);
  return fits === fitsNow(world, job, than) ? site === home : fits;
}
