import type { PartitionDef } from '../contracts.js';
import { leastOf } from './delay.js';

/**
 * The partition with the highest speed declared for the job's class; among equals the one with the shortest queue
 * (see `delayMs`), then the first.
 *
 * Waits however long for the fastest GPUs while others stand idle: it minimises run time, not turnaround.
 */
export const fastest: PartitionDef = {
  axis: 'partition',
  name: 'fastest',
  summary: 'the partition of the highest declared speed, among equals the shortest queue',
  create: (_params, { world }) => {
    let job = 0;
    const slowness = (partition: number): number => -world.speedOn(job, partition, world.gpus(job));
    return {
      choose(asked, candidates) {
        job = asked;
        return leastOf(world, job, candidates, slowness);
      },
    };
  },
};
