import type { OrderDef } from '../contracts.js';

/** Most GPUs asked for first: packs well, as large items before small ones. Small jobs wait behind every larger one. */
export const largestFirst: OrderDef = {
  axis: 'order',
  name: 'largest-first',
  summary: 'most GPUs first',
  cite: 'Li and Cheng, Job scheduling in a partitionable mesh using a two-dimensional buddy system partitioning scheme, IEEE TPDS 1991',
  starves: true,
  create: (_params, { world }) => ({ key: (job) => -world.gpus(job) }),
};
