import type { PreemptDef } from '../contracts.js';
import { RankedPreemption } from './ranked.js';

/**
 * Pre-emption by priority of class and job, without ageing: strictly lower priority gives way, the lowest first and
 * among these the last to start.
 *
 * A job of low priority may be interrupted again and again while better ones keep coming; the guaranteed minimum run
 * of the scenario bounds how often, and lets it save something each time where that is longer than its checkpoints
 * are apart.
 */
export const priority: PreemptDef = {
  axis: 'preempt',
  name: 'priority',
  summary: 'jobs of strictly lower priority give way, the lowest and last started first',
  cite: 'SchedMD, Slurm preemption (PreemptType=preempt/qos); Kokolis et al., Revisiting Reliability in Large-Scale Machine Learning Research Clusters, HPCA 2025',
  starves: true,
  create: (_params, context) =>
    new RankedPreemption(context, {
      rank: (job) => -context.world.priority(job),
      key: (job) => -context.world.priority(job),
      bar: (key) => key,
    }),
};
