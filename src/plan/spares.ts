import type { Reliability } from '../scenario/reliabilitySchema.js';
import type { SizedPartition } from './partitions.js';

/** Nodes of a partition that no job gets. */
export function spareNodes(
  { fraction, nodes, partitions }: Reliability['spares'],
  partition: Pick<SizedPartition, 'name' | 'nodes'>,
): number {
  const named = partitions !== undefined && Object.hasOwn(partitions, partition.name);
  const count = named ? partitions[partition.name] : nodes;
  return count?.value ?? Math.round(fraction.value * partition.nodes);
}
