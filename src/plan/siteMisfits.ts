import type { Issue } from '../base/errors.js';
import { issueAt } from '../scenario/issues.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import { eligiblePartitions, largestGang, type PartitionSize } from '../workload/fitting.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import type { SiteParts } from './sites.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/**
 * Classes with jobs too large for every site they are allowed at, where a policy is a broker; a job that is shrunk
 * to the partition it is drawn in counts with what is left of it.
 */
export function siteMisfits(
  workload: ResolvedWorkload,
  sites: readonly SiteParts[],
  policies: readonly PolicySpec[],
): Issue[] {
  const brokered = policies.some(({ siting }) => siting !== undefined);
  if (!brokered || sites.some(({ partitions }) => partitions === undefined)) return [];
  const all = sites.flatMap(({ partitions }) => partitions!);
  return workload.traits.flatMap(({ sites: allowed }, index): Issue[] => {
    if (allowed === undefined) return [];
    const there = sites.filter(({ name }) => allowed.includes(name)).flatMap(({ partitions }) => partitions!);
    const largest = largestOf(there);
    const gpus = largestJob(workload, index, all);
    if (gpus <= largest || there.length === 0) return [];
    const message = `expected sites with a partition that holds its jobs of up to ${gpus} GPUs; the largest there has ${largest}`;
    return [issueAt(workload.doc, [...workload.classPaths[index]!, 'sites'], message)];
  });
}

const largestOf = (partitions: readonly PartitionSize[]): number => Math.max(0, ...partitions.map(largestGang));

/** Most GPUs that a job of the class can ask for on these partitions. */
function largestJob({ specFor, trace }: ResolvedWorkload, index: number, partitions: readonly PartitionSize[]): number {
  if (trace !== undefined) {
    const { count, gpus, classOf } = trace.read.table;
    let most = 0;
    for (let job = 0; job < count; job++) if (classOf[job] === index) most = Math.max(most, gpus[job]!);
    return most;
  }
  const spec = specFor(partitions);
  const generator = spec.kind === 'generated' ? (spec.generator as ResolvedGenerator) : undefined;
  if (generator === undefined) return 0;
  const drawnIn = (name: string | null): number =>
    largestOf(eligiblePartitions(name, partitions).map((at) => partitions[at]!));
  const asked =
    generator.kind === 'mix'
      ? generator.classes[index]!.sizes.map(({ gpus }) => Math.min(gpus, drawnIn(generator.classes[index]!.partition)))
      : generator.jobs
          .filter((job) => job.class === index)
          .map(({ gpus, partition }) => Math.min(gpus, drawnIn(partition)));
  return Math.max(0, ...asked);
}
