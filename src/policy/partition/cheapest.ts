import type { PartitionDef } from '../contracts.js';
import { leastOf } from './delay.js';

/**
 * The partition that needs the least electricity for the job: watts a busy GPU adds under its class, divided by
 * its speed there; among equals the one with the shortest queue (see `delayMs`), then the first.
 *
 * Price, carbon and cooling are those of the site, the same for all its partitions, so the least electricity is
 * the least money and the least carbon (at a negative price still the least electricity). Idle watts are drawn
 * either way and do not count, nor does the rest of a node that a job of more than one takes whole.
 */
export const cheapest: PartitionDef = {
  axis: 'partition',
  name: 'cheapest',
  summary: 'the partition that draws the least electricity for the work: active watts / speed',
  create: (_params, { world }) => {
    let job = 0;
    const wattsPerWork = (partition: number): number =>
      world.market.activeWPerGpu(partition, world.classOf(job)) / world.speedOn(job, partition, world.gpus(job));
    return {
      choose(asked, candidates) {
        job = asked;
        return leastOf(world, job, candidates, wattsPerWork);
      },
    };
  },
};
