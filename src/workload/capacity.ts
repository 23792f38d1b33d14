import type { PartitionSize } from './fitting.js';

/** GPUs of a partition that are there for jobs at a time: in service, and not held by services. */
export function gpusAt({ gpus, serviceGpus = 0, inService }: PartitionSize, atMs: number): number {
  let there = inService === undefined ? gpus : 0;
  for (const step of inService ?? []) if (step.atMs <= Math.max(0, atMs)) there = step.gpus;
  return Math.max(0, there - serviceGpus);
}

/** ∫ of {@link gpusAt} over a span, GPU·ms. */
export function capacityGpuMs(partition: PartitionSize, fromMs: number, toMs: number): number {
  let sum = 0;
  let from = fromMs;
  for (const { atMs } of partition.inService ?? []) {
    if (atMs <= from || atMs >= toMs) continue;
    sum += gpusAt(partition, from) * (atMs - from);
    from = atMs;
  }
  return sum + gpusAt(partition, from) * (toMs - from);
}

/** Mean of {@link gpusAt} over a span; of a partition that does not grow there its GPUs, to the last bit. */
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
