import type { OrderByComparison } from 'gigasim';

/**
 * Jobs that run late go first: the one with the least slack between now, its estimated run and its deadline.
 * Among jobs without a deadline, the one that waited longest for its size.
 *
 * A comparison may use the present time, because the queue is sorted anew at each pass. That costs more than a key:
 * use it while trying ideas, and a key (or a full definition with `slope`) for runs of a million jobs.
 */
const policy: OrderByComparison = {
  name: 'deadline-pressure',
  summary: 'least slack to the deadline first, then longest wait for its size',
  compare(a, b, world) {
    const slack = (job: number): number => world.deadlineMs(job) - world.nowMs - world.plannedMs(job);
    const [slackA, slackB] = [slack(a), slack(b)];
    if (slackA !== slackB && (Number.isFinite(slackA) || Number.isFinite(slackB))) return slackA - slackB;
    const pressure = (job: number): number => (world.nowMs - world.submitMs(job)) / world.gpus(job);
    return pressure(b) - pressure(a);
  },
};

export default policy;
