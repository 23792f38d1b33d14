import { lowestBits } from '../../cluster/bitIndex.js';
import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef, PlacementPolicy } from '../contracts.js';
import { lowestFreeNode } from './nodes.js';

function nodeFor(free: FreeView, gpus: number): number {
  const rack = free.racksWithFreeNodes.first();
  let best = rack < 0 ? -1 : lowestFreeNode(free, rack);
  for (let room = gpus; room < free.layout.gpusPerNode; room++) {
    const node = free.sharedNodesByFreeGpus(room).first();
    if (node >= 0 && (best < 0 || node < best)) best = node;
  }
  return best;
}

/** The lowest free nodes; a job below a node's size takes the lowest node with room, shared or not. */
const place: PlacementPolicy['place'] = (free, gpus, claim) => {
  const { gpusPerNode } = free.layout;
  if (gpus < gpusPerNode) {
    claim.node = nodeFor(free, gpus);
    return;
  }
  let missing = Math.ceil(gpus / gpusPerNode);
  for (let rack = free.racksWithFreeNodes.first(); missing > 0; rack = free.racksWithFreeNodes.next(rack + 1)) {
    const taken = Math.min(missing, free.rackFreeNodes(rack));
    claim.add(rack, lowestBits(free.rackFreeMask(rack), taken));
    missing -= taken;
  }
};

export const firstFit: PlacementDef = {
  axis: 'placement',
  name: 'first-fit',
  summary: 'the lowest free nodes',
  create: () => ({ place, nodeFor }),
};
