import { MS_PER_HOUR } from '../base/units.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { JobOutcomes } from './runResult.js';

/**
 * Useful GPU-hours inside the horizon by site, of a run whose jobs have phases; `undefined` without. A job counts where
 * it last was: under a broker it stays at the site it was sent to. O(jobs).
 *
 * @param sites - of a broker; 1 where one schedule serves all sites
 */
export function usefulGpuHoursBySite(
  jobs: JobOutcomes,
  partitions: readonly PartitionSpec[],
  sites: number,
): readonly number[] | undefined {
  const usefulGpuMs = jobs.interruptions?.phases?.usefulGpuMs;
  if (usefulGpuMs === undefined) return undefined;
  const { table, partitionOf = table.partitionOf } = jobs;
  const bySite = new Float64Array(sites);
  for (let job = 0; job < table.count; job++) {
    const site = sites === 1 ? 0 : (partitions[partitionOf[job]!]!.site ?? 0);
    bySite[site]! += usefulGpuMs[job]!;
  }
  return Array.from(bySite, (gpuMs) => gpuMs / MS_PER_HOUR);
}
