import type { OrderDef } from '../contracts.js';

/** First come, first served: by submission, ties by job id. */
export const fcfs: OrderDef = {
  axis: 'order',
  name: 'fcfs',
  summary: 'first come, first served',
  create: (_params, { world }) => ({ byArrival: true, key: (job) => world.submitMs(job) }),
};
