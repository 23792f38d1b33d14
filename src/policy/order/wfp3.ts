import type { OrderDef } from '../contracts.js';

/**
 * WFP3 (Tang et al. 2009): largest (wait / estimate)³ · GPUs first, which favours jobs that have waited long for
 * their length, and large ones. Wait is counted from submission.
 *
 * The order changes as time passes, but a cube root keeps it: (w/e)³·n is larger exactly when (w/e)·n^⅓ is, and that is
 * a line over time, t·n^⅓/e − s·n^⅓/e with s the submission. So the key is minus that line, and a queue of lines finds
 * the first without sorting.
 *
 * It may starve jobs. Every job's score grows without bound, but that of a short job grows faster: while the machine
 * drains for a long gang, short jobs that wait with it overtake it, and the first of a steady stream of them is always
 * another. With 5 nodes, jobs of a node and an hour at load 0.9 and `easy`, a gang of all nodes for 20 h waits until no
 * more of them come; under `none` at load 0.5 already one of 5 h.
 */
export const wfp3: OrderDef = {
  axis: 'order',
  name: 'wfp3',
  summary: 'largest (wait / estimate)³ · GPUs first',
  cite: 'Tang, Lan, Desai and Buettner, Fault-aware, utility-based job scheduling on Blue Gene/P systems, CLUSTER 2009',
  starves: true,
  create: (_params, { world }) => {
    const slope = (job: number): number => -Math.cbrt(world.gpus(job)) / Math.max(1, world.estimateMs(job));
    return { slope, key: (job) => slope(job) * (world.nowMs - world.submitMs(job)) };
  },
};
