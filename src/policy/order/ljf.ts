import type { OrderDef } from '../contracts.js';

/** Longest job first, by estimate. Short jobs wait as long as longer ones keep coming. */
export const ljf: OrderDef = {
  axis: 'order',
  name: 'ljf',
  summary: 'longest job first, by estimate',
  cite: 'Graham, Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 1969',
  starves: true,
  create: (_params, { world }) => ({ key: (job) => -world.estimateMs(job) }),
};
