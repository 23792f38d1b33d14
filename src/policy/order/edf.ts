import type { OrderDef } from '../contracts.js';

/**
 * Earliest deadline first. Jobs without a deadline come last, among themselves in order of submission, and wait as
 * long as jobs with one keep coming. A deadline that has passed is still the earliest.
 */
export const edf: OrderDef = {
  axis: 'order',
  name: 'edf',
  summary: 'earliest deadline first; jobs without one last',
  cite: 'Liu and Layland, Scheduling algorithms for multiprogramming in a hard-real-time environment, J. ACM 1973',
  starves: true,
  create: (_params, { world }) => ({ key: (job) => world.deadlineMs(job) }),
};
