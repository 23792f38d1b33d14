/** How many nodes a partition has from a time on, until the next step. */
export interface InServiceStep {
  /** From the start of the horizon; what is there at 0 is there in the warm-up too. */
  readonly atMs: number;
  /** All of them, not those that join. */
  readonly nodes: number;
}

/** A partition that may grow: steps ascend in time and nodes, and end with all its nodes. */
export interface Growing {
  readonly nodes: number;
  /** Absent: all nodes from the start of the run. */
  readonly inService?: readonly InServiceStep[] | undefined;
}

/** Nodes in service at a time, those under repair included: always the lowest-numbered ones. */
export function nodesAt({ nodes, inService }: Growing, atMs: number): number {
  if (inService === undefined) return nodes;
  let there = 0;
  for (const step of inService) if (step.atMs <= Math.max(0, atMs)) there = step.nodes;
  return there;
}

/** ∫ of {@link nodesAt} over a span, node·ms; exact below 2^53. */
export function nodeMs(partition: Growing, fromMs: number, toMs: number): number {
  let sum = 0;
  let from = fromMs;
  for (const { atMs } of partition.inService ?? []) {
    if (atMs <= from || atMs >= toMs) continue;
    sum += nodesAt(partition, from) * (atMs - from);
    from = atMs;
  }
  return sum + nodesAt(partition, from) * (toMs - from);
}

/** Nodes that join after the start of the run, with when; ascending. */
export function joiningNodes(partition: Growing): readonly InServiceStep[] {
  const { inService = [] } = partition;
  return inService
    .filter(({ atMs }) => atMs > 0)
    .map(({ atMs, nodes }) => ({ atMs, nodes: nodes - nodesAt(partition, atMs - 1) }));
}

/** GPUs in service at a time. */
export const gpusAt = (partitions: readonly (Growing & { readonly gpusPerNode: number })[], atMs: number): number =>
  partitions.reduce((sum, partition) => sum + partition.gpusPerNode * nodesAt(partition, atMs), 0);

/** GPU time that partitions offer in a span, GPU·ms. */
export const capacityMs = (
  partitions: readonly (Growing & { readonly gpusPerNode: number })[],
  fromMs: number,
  toMs: number,
): number => partitions.reduce((sum, partition) => sum + partition.gpusPerNode * nodeMs(partition, fromMs, toMs), 0);
