import { lowestBits } from '../../cluster/bitIndex.js';
import type { Claim } from '../../cluster/claim.js';
import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef, PlacementPolicy } from '../contracts.js';
import { tightestNode, tightestRack } from './nodes.js';

/**
 * The smallest hole that holds the job, at each level; lowest id among equals.
 *
 * A job below a node's size goes to the fullest node with room, a gang to the rack with the fewest free nodes
 * that holds it, else to the pod with the fewest that does. What no rack holds fills the fullest racks of its pod
 * first, and what no pod holds the fullest pods: small holes are used up and empty racks stay empty, where `pack`
 * would keep the gang together.
 */
class BestFit implements PlacementPolicy {
  /** The call that last took from a pod. */
  private podUsed = new Int32Array(0);
  private call = 0;

  place(free: FreeView, gpus: number, claim: Claim): void {
    const { gpusPerNode, pods } = free.layout;
    if (gpus < gpusPerNode) {
      claim.node = this.nodeFor(free, gpus);
      return;
    }
    const nodes = Math.ceil(gpus / gpusPerNode);
    const rack = tightestRack(free, nodes);
    if (rack >= 0) {
      claim.add(rack, lowestBits(free.rackFreeMask(rack), nodes));
      return;
    }
    if (this.podUsed.length < pods) this.podUsed = new Int32Array(pods);
    this.call++;
    for (let missing = nodes; missing > 0;) {
      const pod = this.fullest(free, missing);
      const taken = Math.min(missing, free.podFreeNodes(pod));
      inPod(free, pod, taken, claim);
      this.podUsed[pod] = this.call;
      missing -= taken;
    }
  }

  nodeFor(free: FreeView, gpus: number): number {
    return tightestNode(free, gpus);
  }

  /** Among pods with free nodes that were not taken from: the fullest that holds so many, or the fullest. */
  private fullest(free: FreeView, nodes: number): number {
    let holds = -1;
    let any = -1;
    for (let pod = 0; pod < free.layout.pods; pod++) {
      const here = free.podFreeNodes(pod);
      if (here === 0 || this.podUsed[pod] === this.call) continue;
      if (here >= nodes && (holds < 0 || here < free.podFreeNodes(holds))) holds = pod;
      if (any < 0 || here < free.podFreeNodes(any)) any = pod;
    }
    return holds >= 0 ? holds : any;
  }
}

function inPod(free: FreeView, pod: number, nodes: number, claim: Claim): void {
  const first = pod * free.layout.racksPerPod;
  const end = first + free.layout.racksPerPod;
  let missing = nodes;
  for (let count = 1; missing > 0; count++) {
    const racks = free.racksByFreeNodes(count);
    for (let rack = racks.next(first); missing > 0 && rack >= 0 && rack < end; rack = racks.next(rack + 1)) {
      const taken = Math.min(missing, count);
      claim.add(rack, lowestBits(free.rackFreeMask(rack), taken));
      missing -= taken;
    }
  }
}

export const bestFit: PlacementDef = {
  axis: 'placement',
  name: 'best-fit',
  summary: 'the smallest hole that holds the job: node, rack, pod; larger gangs fill the fullest racks first',
  create: () => new BestFit(),
};
