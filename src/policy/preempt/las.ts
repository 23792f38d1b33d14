import type { PreemptDef } from '../contracts.js';
import { levelOf, levelThresholds, SERVICE_LEVEL_PARAMETERS, type ServiceLevelParams } from '../order/serviceLevels.js';
import { RankedPreemption } from './ranked.js';

/**
 * Least attained service with pre-emption, discretised and in two dimensions (Tiresias): a job that has received more
 * GPU time (time × GPUs) is in a higher level and gives way to queued jobs of a lower one. Needs no estimates. Used
 * with the order `las` of the same parameters.
 *
 * A running job leaves its level at the instant at which its GPU time reaches the threshold, computed from its GPUs;
 * within a level nobody gives way, which is what the levels are for. Time spent restarting counts as received.
 */
export const las: PreemptDef<ServiceLevelParams> = {
  axis: 'preempt',
  name: 'las',
  summary: 'jobs that have received more GPU time, by levels, give way to those of a lower level',
  cite: "Gu et al., Tiresias: a GPU cluster manager for distributed deep learning, NSDI'19",
  starves: true,
  parameters: SERVICE_LEVEL_PARAMETERS,
  create: (params, context) => {
    const { world } = context;
    const thresholds = levelThresholds(params);
    const level = (job: number): number => levelOf(thresholds, world.serviceGpuMs(job));
    return new RankedPreemption(context, {
      rank: level,
      key: level,
      bar: (key) => key,
      changesMs: (job) => {
        const next = thresholds[level(job)];
        if (next === undefined) return Number.POSITIVE_INFINITY;
        return world.nowMs + Math.ceil((next - world.serviceGpuMs(job)) / world.gpusNow(job));
      },
    });
  },
};
