import { lowestBits } from '../../cluster/bitIndex.js';
import type { Claim } from '../../cluster/claim.js';
import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef, PlacementPolicy } from '../contracts.js';
import { lowestFreeNode } from './nodes.js';

/**
 * Most free first: a gang takes its nodes one by one from the pod with the most free nodes, there from the rack
 * with the most; a job below a node's size a wholly free node found the same way, or else the shared node with
 * the most room. Lowest id among equals.
 *
 * What sites do that share power, cooling and network ports evenly; it spans the most racks and pods and leaves
 * the fewest large holes.
 */
class Spread implements PlacementPolicy {
  /** Free nodes of each pod, then what is taken from it; the same for the racks of one pod. */
  private podNodes = new Int32Array(0);
  private rackNodes = new Int32Array(0);

  nodeFor(free: FreeView): number {
    return emptiestNode(free);
  }

  place(free: FreeView, gpus: number, claim: Claim): void {
    const { gpusPerNode, pods, racks, racksPerPod } = free.layout;
    if (gpus < gpusPerNode) {
      claim.node = this.nodeFor(free);
      return;
    }
    if (this.podNodes.length < pods) this.podNodes = new Int32Array(pods);
    if (this.rackNodes.length < racksPerPod) this.rackNodes = new Int32Array(racksPerPod);
    const { podNodes, rackNodes } = this;
    for (let pod = 0; pod < pods; pod++) podNodes[pod] = free.podFreeNodes(pod);
    takeMostFree(podNodes, pods, Math.ceil(gpus / gpusPerNode));
    for (let pod = 0; pod < pods; pod++) {
      if (podNodes[pod] === 0) continue;
      const first = pod * racksPerPod;
      const here = Math.min(racksPerPod, racks - first);
      for (let i = 0; i < here; i++) rackNodes[i] = free.rackFreeNodes(first + i);
      takeMostFree(rackNodes, here, podNodes[pod]!);
      for (let i = 0; i < here; i++) {
        if (rackNodes[i]! > 0) claim.add(first + i, lowestBits(free.rackFreeMask(first + i), rackNodes[i]!));
      }
    }
  }
}

/**
 * Replaces each of the first `count` numbers by what is taken from it when `wanted` are taken in all, each time
 * one from the largest, the first among equals. There must be as many. O(count · log largest)
 */
function takeMostFree(numbers: Int32Array, count: number, wanted: number): void {
  let enough = 0; // cut down to this level, there are enough
  let tooFew = 0;
  for (let i = 0; i < count; i++) tooFew = Math.max(tooFew, numbers[i]!);
  while (tooFew - enough > 1) {
    const level = (enough + tooFew) >> 1;
    if (above(numbers, count, level) >= wanted) enough = level;
    else tooFew = level;
  }
  // All down to the level where a few are missing; these come from the first that still reach it.
  let missing = wanted - above(numbers, count, tooFew);
  for (let i = 0; i < count; i++) {
    const number = numbers[i]!;
    const more = missing > 0 && number >= tooFew ? 1 : 0;
    missing -= more;
    numbers[i] = Math.max(0, number - tooFew) + more;
  }
}

function above(numbers: Int32Array, count: number, level: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) if (numbers[i]! > level) sum += numbers[i]! - level;
  return sum;
}

/** Has room for any job that fits: its GPUs are the most that any node has free. */
function emptiestNode(free: FreeView): number {
  const { gpusPerNode, pods, racksPerPod, nodesPerRack } = free.layout;
  if (free.freeNodes === 0) {
    for (let room = gpusPerNode - 1; room > 0; room--) {
      const node = free.sharedNodesByFreeGpus(room).first();
      if (node >= 0) return node;
    }
    return -1;
  }
  let pod = 0;
  for (let other = 1; other < pods; other++) if (free.podFreeNodes(other) > free.podFreeNodes(pod)) pod = other;
  for (let count = nodesPerRack; count > 0; count--) {
    const rack = free.racksByFreeNodes(count).next(pod * racksPerPod);
    if (rack >= 0 && rack < (pod + 1) * racksPerPod) return lowestFreeNode(free, rack);
  }
  return -1;
}

export const spread: PlacementDef = {
  axis: 'placement',
  name: 'spread',
  summary: 'most free first, over pods, racks and nodes',
  create: () => new Spread(),
};
