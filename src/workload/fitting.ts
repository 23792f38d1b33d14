import type { InServiceStep } from '../scenario/inService.js';

/** What the generator needs to know of a partition. */
export interface PartitionSize {
  readonly name: string;
  readonly gpus: number;
  readonly gpusPerNode: number;
  /** Of its nodes, those that no job gets; absent: none. */
  readonly spareNodes?: number | undefined;
  /** Of its GPUs, those that services hold all the time; absent: none. */
  readonly serviceGpus?: number | undefined;
  /** How many of its nodes are there from when on; absent: all from the start of the run. */
  readonly inService?: readonly InServiceStep[] | undefined;
}

/** Largest gang the partition can run, once all of it is in service: its whole nodes but spares and services. */
export function largestGang(partition: PartitionSize): number {
  const { gpus, gpusPerNode, spareNodes = 0, serviceGpus = 0 } = partition;
  return (Math.floor((gpus - serviceGpus) / gpusPerNode) - spareNodes) * gpusPerNode;
}

/** Index of the partition with most GPUs; the first among equals. */
export function largestPartition(partitions: readonly PartitionSize[]): number {
  let best = 0;
  partitions.forEach((partition, index) => {
    if (largestGang(partition) > largestGang(partitions[best]!)) best = index;
  });
  return best;
}

/** Partitions that a job or class may go to: the named one, or all. */
export function eligiblePartitions(name: string | null, partitions: readonly PartitionSize[]): number[] {
  const all = partitions.map((_, index) => index);
  return name === null ? all : all.filter((index) => partitions[index]!.name === name);
}
