import { invariant } from '../base/errors.js';

/** Shape of a partition: pods → racks → nodes → GPUs. The last rack and the last pod may be partly filled. */
export interface Layout {
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly nodesPerRack: number;
  readonly racksPerPod: number;
  readonly racks: number;
  readonly pods: number;
  readonly gpus: number;
}

/** A rack's nodes are the bits of one 32-bit word. */
export const MAX_NODES_PER_RACK = 32;
/** So are a node's GPUs. */
export const MAX_GPUS_PER_NODE = 32;

export function layoutOf(shape: {
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly nodesPerRack: number;
  readonly racksPerPod: number;
}): Layout {
  const { nodes, gpusPerNode, nodesPerRack, racksPerPod } = shape;
  invariant(
    nodes >= 1 && racksPerPod >= 1,
    `a partition has at least one node and one rack a pod (${nodes}, ${racksPerPod})`,
  );
  invariant(nodesPerRack >= 1 && nodesPerRack <= MAX_NODES_PER_RACK, `nodes per rack 1…32, got ${nodesPerRack}`);
  invariant(gpusPerNode >= 1 && gpusPerNode <= MAX_GPUS_PER_NODE, `GPUs per node 1…32, got ${gpusPerNode}`);
  const racks = Math.ceil(nodes / nodesPerRack);
  return {
    nodes,
    gpusPerNode,
    nodesPerRack,
    racksPerPod,
    racks,
    pods: Math.ceil(racks / racksPerPod),
    gpus: nodes * gpusPerNode,
  };
}

/** GPUs a job holds: what it asked for when it shares a node, otherwise whole nodes. */
export function heldGpus(gpus: number, gpusPerNode: number): number {
  return gpus < gpusPerNode ? gpus : Math.ceil(gpus / gpusPerNode) * gpusPerNode;
}
