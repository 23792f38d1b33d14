import type { ParameterDef } from '../parameters.js';
import type { World } from '../world.js';
import { shortestQueue } from './shortestQueue.js';
import { queueMs } from './siteQueue.js';

/** For policies that prefer some sites: how long a queue they put up with. */
export const MAX_QUEUE: ParameterDef = {
  name: 'maxQueue',
  kind: 'duration',
  default: 3_600_000,
  min: 0,
  summary:
    'queued work per GPU above which a site is passed over; 1 h (an assumption: electricity is the smaller part of ' +
    'the cost of a GPU-hour, so long queues for it do not pay)',
};

/**
 * The candidate of the lowest value among those whose queue is at most `maxQueueMs`, the home before others of the
 * same value, then the first; when all queues are longer, the shortest.
 */
export function lowest(
  world: World,
  job: number,
  home: number,
  candidates: readonly number[],
  maxQueueMs: number,
  value: (site: number) => number,
): number {
  let best = -1;
  let bestValue = 0;
  for (let i = 0; i < candidates.length; i++) {
    const site = candidates[i]!;
    if (queueMs(world, site) > maxQueueMs) continue;
    const own = value(site);
    if (best >= 0 && !(own < bestValue || (own === bestValue && site === home))) continue;
    best = site;
    bestValue = own;
  }
  return best < 0 ? shortestQueue(world, job, home, candidates) : best;
}
