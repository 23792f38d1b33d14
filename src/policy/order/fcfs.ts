import type { OrderDef } from '../contracts.js';
import { noParameters } from '../parameters.js';

/** First come, first served: by submission, ties by job id. */
export const fcfs: OrderDef<undefined> = {
  axis: 'order',
  name: 'fcfs',
  summary: 'first come, first served',
  readsMarket: false,
  parseParams: noParameters,
  create: () => ({ key: (world, job) => world.submitMs(job) }),
};
