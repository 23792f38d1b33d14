import type { SiteResult } from '../metrics/runResult.js';
import type { CandidateRun } from './candidates.js';

/** What is read off a run here. */
export type RunAtSite = Pick<CandidateRun, 'schedule'> & { readonly site: Pick<SiteResult, 'gpuHoursUsed'> };

/**
 * GPU-hours of a site as if no power policy had slowed a job: useful ones where jobs have phases, else used ones, less
 * what caps, suspensions and waking nodes took; of one site of a broker in proportion to what it used.
 *
 * A capped job holds its GPUs for longer and does no more for it, so cost per GPU-hour used falls with speed alone.
 */
export function fullSpeedGpuHours({ schedule, site }: RunAtSite): number {
  const { power, goodput, gpuHoursUsed } = schedule;
  const effective = power?.effectiveGpuHours ?? goodput?.usefulGpuHours ?? gpuHoursUsed;
  return gpuHoursUsed === 0 ? 0 : (effective * site.gpuHoursUsed) / gpuHoursUsed;
}

/** Whether a policy with a power part ran, which may have slowed jobs. */
export const hasPower = ({ schedule }: Pick<CandidateRun, 'schedule'>): boolean => schedule.power !== undefined;
