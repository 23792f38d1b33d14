import type { SitingDef } from '../contracts.js';
import { shortestQueue } from './shortestQueue.js';

/**
 * The site with the least queued work: estimated GPU·ms of its queued jobs, those whose data is still on the way
 * included, per GPU of the site. Among equals one where the job fits now, then its home, then the first.
 *
 * Running jobs do not count, so of two sites without a queue the fuller one is as good.
 */
export const leastQueued: SitingDef = {
  axis: 'siting',
  name: 'least-queued',
  summary: 'the site with the least queued work per GPU',
  create: (_params, { world }) => ({
    choose: (job, home, candidates) => shortestQueue(world, job, home, candidates),
  }),
};
