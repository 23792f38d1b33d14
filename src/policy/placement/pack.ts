import { lowestBits } from '../../cluster/bitIndex.js';
import type { Claim } from '../../cluster/claim.js';
import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef, PlacementPolicy } from '../contracts.js';
import { tightestNode, tightestRack } from './nodes.js';

/**
 * Fewest pods, then fewest racks, then best fit; lowest id among equals.
 *
 * A job below a node's size goes to the fullest shared node with room. A job that fits into one rack goes
 * to the rack with the fewest free nodes that holds it, one that fits into one pod to such a pod; a larger
 * one takes the emptiest pods whole and best-fits the rest. Within a pod the emptiest racks are taken
 * whole and the rest is best-fitted, so large free areas stay large.
 */
export class Pack implements PlacementPolicy {
  /** The call that last took from a pod. */
  private podUsed = new Int32Array(0);
  private call = 0;

  place(free: FreeView, gpus: number, claim: Claim): void {
    const { gpusPerNode } = free.layout;
    if (gpus < gpusPerNode) {
      claim.node = this.nodeFor(free, gpus);
      return;
    }
    const nodes = Math.ceil(gpus / gpusPerNode);
    const rack = tightestRack(free, nodes);
    if (rack >= 0) claim.add(rack, lowestBits(free.rackFreeMask(rack), nodes));
    else this.overPods(free, nodes, claim);
  }

  nodeFor(free: FreeView, gpus: number): number {
    return tightestNode(free, gpus);
  }

  private overPods(free: FreeView, nodes: number, claim: Claim): void {
    const { pods } = free.layout;
    let missing = nodes;
    if (this.podUsed.length < pods) this.podUsed = new Int32Array(pods);
    const { podUsed } = this;
    const call = ++this.call;
    while (missing > 0) {
      let tightest = -1;
      let emptiest = -1;
      for (let pod = 0; pod < pods; pod++) {
        if (podUsed[pod] === call) continue;
        const here = free.podFreeNodes(pod);
        if (here >= missing && (tightest < 0 || here < free.podFreeNodes(tightest))) tightest = pod;
        if (emptiest < 0 || here > free.podFreeNodes(emptiest)) emptiest = pod;
      }
      const pod = tightest >= 0 ? tightest : emptiest;
      const taken = Math.min(missing, free.podFreeNodes(pod));
      this.inPod(free, pod, taken, claim);
      podUsed[pod] = call;
      missing -= taken;
    }
  }

  private inPod(free: FreeView, pod: number, nodes: number, claim: Claim): void {
    const { racksPerPod, nodesPerRack } = free.layout;
    const first = pod * racksPerPod;
    const end = first + racksPerPod;
    let missing = nodes;
    /** The rack with the fewest free nodes that holds what is missing. */
    let tightest = -1;
    for (let count = nodesPerRack; missing > 0 && count > 0; count--) {
      const racks = free.racksByFreeNodes(count);
      let rack = racks.next(first);
      for (; rack >= 0 && rack < end && missing >= count; rack = racks.next(rack + 1)) {
        claim.add(rack, free.rackFreeMask(rack));
        missing -= count;
      }
      if (rack >= 0 && rack < end) tightest = rack;
    }
    if (missing > 0) claim.add(tightest, lowestBits(free.rackFreeMask(tightest), missing));
  }
}

export const pack: PlacementDef = {
  axis: 'placement',
  name: 'pack',
  summary: 'fewest pods and racks, best fit',
  create: () => new Pack(),
};
