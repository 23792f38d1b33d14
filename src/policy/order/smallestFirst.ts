import type { OrderDef } from '../contracts.js';

/** Fewest GPUs asked for first. Large jobs wait as long as smaller ones keep coming. */
export const smallestFirst: OrderDef = {
  axis: 'order',
  name: 'smallest-first',
  summary: 'fewest GPUs first',
  cite: 'Majumdar, Eager and Bunt, Scheduling in multiprogrammed parallel systems, SIGMETRICS 1988',
  starves: true,
  create: (_params, { world }) => ({ key: (job) => world.gpus(job) }),
};
