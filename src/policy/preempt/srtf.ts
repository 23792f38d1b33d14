import type { PreemptDef } from '../contracts.js';
import type { RunTimeParams } from '../order/sjf.js';
import { SRTF_PARAMETERS } from '../order/srtf.js';
import { RankedPreemption } from './ranked.js';

/**
 * Shortest remaining time first with pre-emption: a running job gives way to a queued one that would end earlier if it
 * started now, its restart included; the one that would end last gives way first.
 *
 * All running jobs come closer to their ends alike, so ends order them and ranks stand still. By default it knows the
 * true run times; `by=estimate` is what a scheduler can do, and a job that outlives its estimate ranks by the raised one.
 * What the interrupted job loses by it is not weighed.
 */
export const srtf: PreemptDef<RunTimeParams> = {
  axis: 'preempt',
  name: 'srtf',
  summary: 'jobs that would end later give way to those that would end earlier',
  cite: 'Schrage, A proof of the optimality of the shortest remaining processing time discipline, Operations Research 1968',
  starves: true,
  clairvoyant: ({ by }) => by === 'run',
  parameters: SRTF_PARAMETERS,
  create: ({ by }, context) => {
    const { world, truth } = context;
    const leftMs = (job: number): number => {
      const workMs = by === 'run' ? truth.remainingMs(job) : Math.max(0, world.estimateMs(job) - world.workMs(job));
      return world.overheadMs(job) + Math.ceil(workMs / world.speedOn(job, world.partitionOf(job), world.gpusNow(job)));
    };
    return new RankedPreemption(context, {
      rank: (job) => world.nowMs + leftMs(job),
      key: leftMs,
      bar: (key) => world.nowMs + key,
    });
  },
};
