import { capacityMs } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { JobOutcomes, LoadCurve, SiteShare } from './runResult.js';

export interface SiteShareContext {
  readonly partitions: readonly PartitionSpec[];
  /** By site. */
  readonly curves: readonly LoadCurve[];
  /** Jobs submitted in [0, horizonMs) count. */
  readonly horizonMs: number;
}

/** What a broker sent to each site, and how it fared there. One pass over the jobs. */
export function siteShares(jobs: JobOutcomes, { partitions, curves, horizonMs }: SiteShareContext): SiteShare[] {
  const { table } = jobs;
  const partitionOf = jobs.partitionOf ?? table.partitionOf;
  const sites = curves.length;
  const submitted = new Float64Array(sites);
  const started = new Float64Array(sites);
  const waitMs = new Float64Array(sites);
  const away = new Float64Array(sites);
  for (let job = 0; job < table.count; job++) {
    const submit = table.submitMs[job]!;
    if (submit < 0 || submit >= horizonMs) continue;
    const site = partitions[partitionOf[job]!]!.site ?? 0;
    submitted[site]!++;
    if ((partitions[table.partitionOf[job]!]!.site ?? 0) !== site) away[site]!++;
    const start = jobs.startMs[job]!;
    if (Number.isNaN(start)) continue;
    started[site]!++;
    waitMs[site]! += start - submit;
  }
  return curves.map(({ busyGpuMs }, site) => {
    const own = partitions.filter((partition) => (partition.site ?? 0) === site);
    const gpus = own.reduce((sum, { nodes, gpusPerNode }) => sum + nodes * gpusPerNode, 0);
    const busyMs = busyGpuMs.reduce((sum, ms) => sum + ms, 0);
    return {
      gpus,
      submitted: submitted[site]!,
      fromElsewhere: away[site]!,
      utilisationFraction: busyMs / capacityMs(own, 0, horizonMs),
      waitMeanMs: waitMs[site]! / started[site]!,
      waits: started[site]!,
    };
  });
}
