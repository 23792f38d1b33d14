import type { OrderDef } from '../contracts.js';

/** Least estimated GPU time (estimate × GPUs) first. Large long jobs wait as long as lesser ones keep coming. */
export const smallestArea: OrderDef = {
  axis: 'order',
  name: 'smallest-area',
  summary: 'least GPU time first: estimate × GPUs',
  cite: 'Majumdar, Eager and Bunt, Scheduling in multiprogrammed parallel systems, SIGMETRICS 1988',
  starves: true,
  create: (_params, { world }) => ({ key: (job) => world.estimateMs(job) * world.gpus(job) }),
};
