import type { OrderDef } from '../contracts.js';
import { layeredKey } from './layers.js';
import { levelOf, levelThresholds, SERVICE_LEVEL_PARAMETERS, type ServiceLevelParams } from './serviceLevels.js';

/**
 * Least attained service, discretised and in two dimensions (Tiresias): jobs are in levels by the GPU time (time ×
 * GPUs) they have received, lower levels go first, and within a level the order is that of submission. Needs
 * no estimates.
 *
 * A waiting job receives nothing, so its level, and the key, stand still while it is queued. Without pre-emption every
 * waiting job is in level 0, and this is `fcfs`. A job of a high level waits as long as new ones keep coming:
 * Tiresias' promotion of starved jobs, off by default there, is not modelled.
 */
export const las: OrderDef<ServiceLevelParams> = {
  axis: 'order',
  name: 'las',
  summary: 'least GPU time received first, in levels; first come first served within one',
  cite: "Gu et al., Tiresias: a GPU cluster manager for distributed deep learning, NSDI'19",
  starves: true,
  parameters: SERVICE_LEVEL_PARAMETERS,
  create: (params, { world }) => {
    const thresholds = levelThresholds(params);
    return { key: (job) => layeredKey(levelOf(thresholds, world.serviceGpuMs(job)), world.submitMs(job)) };
  },
};
