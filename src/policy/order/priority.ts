import { MS_PER_HOUR } from '../../base/units.js';
import type { OrderDef } from '../contracts.js';

interface PriorityParams {
  readonly ageing: number;
}

/**
 * Highest priority first, where priority = class + job's own + ageing × hours since submission (Slurm's multifactor
 * priority with the factors job, QoS and age; a job that was interrupted keeps its age).
 *
 * Every job ages alike, so the difference between two never changes: p₁ + a·(t − s₁) > p₂ + a·(t − s₂) holds exactly
 * when s₁ − p₁/a < s₂ − p₂/a. The key is that instant s − p/a, static, though the priorities themselves grow. With
 * Slurm's PriorityMaxAge ageing ends at a maximum; here it does not, so no job starves unless ageing is 0.
 *
 * The default, 0.006 an hour, is one point a week: the 7 days after which Slurm's age factor is full by default
 * (PriorityMaxAge), taking one point for a step between classes.
 */
export const priority: OrderDef<PriorityParams> = {
  axis: 'order',
  name: 'priority',
  summary: 'highest priority of class and job first, growing with time waited',
  cite: 'SchedMD, Slurm multifactor priority plugin',
  starves: ({ ageing }) => ageing === 0,
  parameters: [
    {
      name: 'ageing',
      kind: 'number',
      default: 0.006,
      min: 0,
      summary: 'points of priority gained in an hour of waiting; one in a week, as Slurm ages fully in 7 d by default',
    },
  ],
  create: ({ ageing }, { world }) => ({
    key:
      ageing === 0
        ? (job) => -world.priority(job)
        : (job) => world.submitMs(job) - (world.priority(job) / ageing) * MS_PER_HOUR,
  }),
};
