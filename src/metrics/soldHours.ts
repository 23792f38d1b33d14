import { MS_PER_HOUR } from '../base/units.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { JobOutcomes } from './runResult.js';

/**
 * GPU-hours that jobs asked for and held inside the horizon, by site: where a job of a few GPUs more than a node holds
 * whole nodes, only those it asked for. A job that changes its size asks for what it has.
 *
 * One pass over the jobs, or over their stretches. Exact (whole GPU·ms) below 2^53: a year of 285,000 GPUs.
 *
 * @param sites - of a broker; 1 where one schedule serves all sites
 */
export function soldGpuHoursBySite(
  jobs: JobOutcomes,
  partitions: readonly PartitionSpec[],
  sites: number,
  horizonMs: number,
): readonly number[] {
  const { table, startMs, endMs, interruptions, partitionOf = table.partitionOf } = jobs;
  const segments = interruptions?.segments;
  const gpuMs = new Float64Array(sites);
  const rows = segments?.count ?? table.count;
  for (let row = 0; row < rows; row++) {
    const job = segments === undefined ? row : segments.job[row]!;
    const start = segments === undefined ? startMs[job]! : segments.fromMs[row]!;
    const end = segments === undefined ? endMs[job]! : segments.toMs[row]!;
    const from = start > 0 ? start : 0;
    const to = end < horizonMs ? end : horizonMs; // still running (NaN): to the horizon
    if (!(start < horizonMs) || to <= from) continue;
    const site = sites === 1 ? 0 : (partitions[partitionOf[job]!]!.site ?? 0);
    gpuMs[site]! += (segments === undefined ? table.gpus[job]! : segments.gpus[row]!) * (to - from);
  }
  return Array.from(gpuMs, (ms) => ms / MS_PER_HOUR);
}
