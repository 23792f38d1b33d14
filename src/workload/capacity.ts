import { nodeMs, nodesAt, type Growing } from '../scenario/inService.js';
import type { PartitionSize } from './fitting.js';

const growing = ({ gpus, gpusPerNode, inService }: PartitionSize): Growing => ({
  nodes: gpus / gpusPerNode,
  inService,
});

/** GPUs of a partition that are there for jobs at a time: in service, and not held by services. */
export function gpusAt(partition: PartitionSize, atMs: number): number {
  const { gpusPerNode, serviceGpus = 0 } = partition;
  return Math.max(0, gpusPerNode * nodesAt(growing(partition), atMs) - serviceGpus);
}

/** ∫ of {@link gpusAt} over a span, GPU·ms. Services are no larger than what their partition begins with. */
export function capacityGpuMs(partition: PartitionSize, fromMs: number, toMs: number): number {
  const { gpusPerNode, serviceGpus = 0 } = partition;
  return gpusPerNode * nodeMs(growing(partition), fromMs, toMs) - serviceGpus * (toMs - fromMs);
}

/** Mean of {@link gpusAt} over a span; of a partition that does not grow its GPUs, to the last bit. */
export function meanGpus(partition: PartitionSize, fromMs: number, toMs: number): number {
  const { gpus, serviceGpus = 0, inService } = partition;
  if (inService === undefined) return gpus - serviceGpus;
  return toMs > fromMs ? capacityGpuMs(partition, fromMs, toMs) / (toMs - fromMs) : gpusAt(partition, fromMs);
}

/** When a partition grows inside a span, ascending. */
export const growthTimes = (partitions: readonly PartitionSize[], fromMs: number, toMs: number): number[] =>
  [...new Set(partitions.flatMap(({ inService = [] }) => inService.map(({ atMs }) => atMs)))]
    .filter((atMs) => atMs > fromMs && atMs < toMs)
    .sort((a, b) => a - b);
