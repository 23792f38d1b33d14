import { nodesAt } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';

/** IT watts with no job running: idle nodes, network and storage; of the nodes in service at a time, or of all. */
export const idleItW = (partitions: readonly PartitionSpec[], atMs = Number.POSITIVE_INFINITY): number =>
  partitions.reduce((sum, partition) => sum + nodesAt(partition, atMs) * idleNodeW(partition), 0);

/** Of one node with its network. */
export const idleNodeW = ({ gpusPerNode, power }: PartitionSpec): number =>
  power.idleW + gpusPerNode * power.networkWPerGpu;
