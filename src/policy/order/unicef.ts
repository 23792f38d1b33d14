import type { OrderDef } from '../contracts.js';

/**
 * UNICEF (Tang et al. 2009): largest wait / (log₂(GPUs) · estimate) first, for a fast turnaround of small jobs. Wait is
 * counted from submission.
 *
 * A line over time as it stands: t/(log₂(n)·e) − s/(log₂(n)·e); the key is minus that. For 1 GPU log₂ is 0 and the
 * score would be infinite; such a job is taken as one of 2 (a choice of ours: the systems it was made for hand out
 * no single processors).
 *
 * It may starve jobs. Every job's score grows without bound, but that of a short or small job grows faster: while the
 * machine drains for a gang, those that wait with it overtake it, and the first of a steady stream of them is always
 * another. With 5 nodes, jobs of a node and an hour at load 0.9 and `easy`, a gang of all nodes for 5 h waits until no
 * more of them come; under `none` at load 0.25 already.
 */
export const unicef: OrderDef = {
  axis: 'order',
  name: 'unicef',
  summary: 'largest wait / (log₂(GPUs) · estimate) first',
  cite: 'Tang, Lan, Desai and Buettner, Fault-aware, utility-based job scheduling on Blue Gene/P systems, CLUSTER 2009',
  starves: true,
  create: (_params, { world }) => {
    const slope = (job: number): number =>
      -1 / (Math.log2(Math.max(2, world.gpus(job))) * Math.max(1, world.estimateMs(job)));
    return { slope, key: (job) => slope(job) * (world.nowMs - world.submitMs(job)) };
  },
};
