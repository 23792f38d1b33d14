import type { OrderDef } from '../contracts.js';

/**
 * By the time at which a job last joined the queue: one that was interrupted goes behind all that wait. With time-slice
 * pre-emption jobs take turns; without pre-emption this is `fcfs`.
 */
export const roundRobin: OrderDef = {
  axis: 'order',
  name: 'round-robin',
  summary: 'by the time a job last joined the queue: with time slices, in turn',
  cite: 'Ousterhout, Scheduling techniques for concurrent systems, ICDCS 1982',
  create: (_params, { world }) => ({ byArrival: true, key: (job) => world.queuedMs(job) }),
};
