import { largestGang, type PartitionSize } from './fitting.js';
import type { JobTable } from './jobTable.js';
import type { ResolvedJobRules } from './resolved.js';

/** Keeps 0.1 × 10 at 1 where the product is a hair above. */
const ROUNDING = 1e-9;

/**
 * Fewest and most GPUs of each job by the factors of its class, `undefined` when no class has any.
 *
 * Whole GPUs inside the factors; above a node's size whole nodes inside them; never more than the partition.
 * A job of 24 GPUs on nodes of 8 with factors 0.3 and 1.9 has 8 to 40. The GPUs asked for are always among them.
 */
export function elasticSizes(
  table: Pick<JobTable, 'count' | 'gpus' | 'classOf' | 'partitionOf'>,
  classes: readonly ResolvedJobRules[],
  partitions: readonly PartitionSize[],
  allocate: (count: number) => Int32Array = (count) => new Int32Array(count),
): { readonly minGpus: Int32Array; readonly maxGpus: Int32Array } | undefined {
  if (classes.every(({ elastic }) => elastic === undefined)) return undefined;
  const minGpus = allocate(table.count);
  const maxGpus = allocate(table.count);
  for (let job = 0; job < table.count; job++) {
    const asked = table.gpus[job]!;
    const { elastic } = classes[table.classOf[job]!]!;
    const partition = partitions[table.partitionOf[job]!]!;
    minGpus[job] = elastic === undefined ? asked : fewest(asked, elastic.min, partition);
    maxGpus[job] = elastic === undefined ? asked : most(asked, elastic.max, partition);
  }
  return { minGpus, maxGpus };
}

function fewest(asked: number, factor: number, { gpusPerNode }: PartitionSize): number {
  const gpus = Math.max(1, Math.ceil(asked * factor - ROUNDING));
  return Math.min(asked, gpus <= gpusPerNode ? gpus : Math.ceil(gpus / gpusPerNode) * gpusPerNode);
}

function most(asked: number, factor: number, partition: PartitionSize): number {
  const { gpusPerNode } = partition;
  const gpus = Math.min(largestGang(partition), Math.floor(asked * factor + ROUNDING));
  return Math.max(asked, gpus <= gpusPerNode ? gpus : Math.floor(gpus / gpusPerNode) * gpusPerNode);
}
