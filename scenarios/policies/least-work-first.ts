import type { OrderByKey } from 'gigasim';

/**
 * Least GPU time first, by the users' estimates, but no job waits for ever: each hour of waiting takes off as
 * much as an hour on one node of 8 GPUs.
 *
 * A job's key is taken when it is queued: smaller goes first. What grows by the same for all jobs (the hour that
 * passes) changes no order, so the ageing can be written with the time of submission and never needs an update.
 */
const policy: OrderByKey = {
  name: 'least-work-first',
  summary: 'least estimated GPU time first, with ageing',
  key: (job, world) => world.estimateMs(job) * world.gpus(job) + 8 * world.submitMs(job),
};

export default policy;
