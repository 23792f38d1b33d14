import { MS_PER_S } from '../../base/units.js';
import type { OrderDef } from '../contracts.js';

/** Weight of the submission against estimate and size in F1, as published. */
const SUBMISSION_WEIGHT = 870;

/**
 * F1 (Carastan-Santos and de Camargo, SC'17): smallest log₁₀(r)·n + 870·log₁₀(s) first, with r the estimate in
 * seconds, n the size and s the submission in seconds. Found by regression on simulated schedules.
 *
 * s is counted from the beginning of the run, its warm-up included; r and s below 1 s count as 1 s, so that both
 * logarithms are at least 0. The key is static.
 *
 * Where it is wrong: it was fitted with n in cores (up to 256) and s over short sequences of jobs; here n is GPUs and
 * s may be a year, where log₁₀(s) hardly grows any more. Large jobs then wait behind nearly all smaller ones.
 */
export const f1: OrderDef = {
  axis: 'order',
  name: 'f1',
  summary: 'smallest log₁₀(estimate)·GPUs + 870·log₁₀(submission) first',
  cite: "Carastan-Santos and de Camargo, Obtaining dynamic scheduling policies with simulation and machine learning, SC'17",
  starves: true,
  create: (_params, { world }) => {
    const beginMs = world.nowMs;
    const log = (ms: number): number => Math.log10(Math.max(1, ms / MS_PER_S));
    return {
      key: (job) =>
        log(world.estimateMs(job)) * world.gpus(job) + SUBMISSION_WEIGHT * log(world.submitMs(job) - beginMs),
    };
  },
};
