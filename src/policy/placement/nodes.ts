import { lowestBit } from '../../cluster/bitIndex.js';
import type { FreeView } from '../../cluster/occupancy.js';

/** The lowest free node of a rack that has one. */
export function lowestFreeNode(free: FreeView, rack: number): number {
  return rack * free.layout.nodesPerRack + lowestBit(free.rackFreeMask(rack));
}

/** A free node in the rack with the fewest of them, lowest id among equals; -1 when there is none. */
export function tightestFreeNode(free: FreeView): number {
  const rack = tightestRack(free, 1);
  return rack < 0 ? -1 : lowestFreeNode(free, rack);
}

/** The fullest node with room for a job below a node's size, the lowest of these; -1 when there is none. */
export function tightestNode(free: FreeView, gpus: number): number {
  for (let room = gpus; room < free.layout.gpusPerNode; room++) {
    const node = free.sharedNodesByFreeGpus(room).first();
    if (node >= 0) return node;
  }
  return tightestFreeNode(free);
}

/** The rack with the fewest free nodes that holds so many, lowest id among equals; -1 when none does. */
export function tightestRack(free: FreeView, nodes: number): number {
  const { nodesPerRack } = free.layout;
  for (let count = nodes; count <= nodesPerRack; count++) {
    const rack = free.racksByFreeNodes(count).first();
    if (rack >= 0) return rack;
  }
  return -1;
}
