import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef } from '../contracts.js';
import { Pack } from './pack.js';

interface TopologyParams {
  readonly maxPods: number;
}

/**
 * A gang waits until so few pods can hold it: `maxPods`, or for one larger than that many pods, the fewest that
 * hold it on the empty machine. It is then placed as by `pack`, in the fewest pods that hold it now.
 *
 * So a job that would fit scattered waits for a place nearby: less traffic above the pods for more waiting. A
 * backfill that counts free GPUs, not pods, may promise such a job an earlier start than it gets. While nodes are
 * withdrawn for maintenance, a gang of exactly so many pods waits until they are back.
 *
 * Cost: O(pods) a question with one pod allowed, O(pods · log pods) with more.
 */
class Topology extends Pack {
  private readonly maxPods: number;
  /** Free nodes of all pods, ascending. */
  private sorted = new Int32Array(0);

  constructor(maxPods: number) {
    super();
    this.maxPods = maxPods;
  }

  /** Every gang up to here has its pods; a larger one may, where more pods are allowed for it. */
  largestFit(free: FreeView): number {
    const { layout, freeNodes } = free;
    if (freeNodes === 0) return free.largestFit();
    const podNodes = layout.racksPerPod * layout.nodesPerRack;
    let pods = this.maxPods;
    let nodes = this.freeInEmptiest(free, pods);
    while (nodes === pods * podNodes && nodes < freeNodes) nodes = this.freeInEmptiest(free, ++pods);
    return nodes * layout.gpusPerNode;
  }

  fits(free: FreeView, held: number): boolean {
    const { gpusPerNode, racksPerPod, nodesPerRack } = free.layout;
    if (held < gpusPerNode) return held <= free.largestFit();
    const nodes = held / gpusPerNode;
    if (nodes > free.freeNodes) return false;
    const pods = Math.max(this.maxPods, Math.ceil(nodes / (racksPerPod * nodesPerRack)));
    return nodes <= this.freeInEmptiest(free, pods);
  }

  /** Free nodes of so many pods, those with the most. */
  private freeInEmptiest(free: FreeView, pods: number): number {
    const all = free.layout.pods;
    if (pods >= all) return free.freeNodes;
    if (pods === 1) {
      let most = 0;
      for (let pod = 0; pod < all; pod++) most = Math.max(most, free.podFreeNodes(pod));
      return most;
    }
    if (this.sorted.length !== all) this.sorted = new Int32Array(all);
    const { sorted } = this;
    for (let pod = 0; pod < all; pod++) sorted[pod] = free.podFreeNodes(pod);
    sorted.sort();
    let nodes = 0;
    for (let i = all - pods; i < all; i++) nodes += sorted[i]!;
    return nodes;
  }
}

export const topology: PlacementDef<TopologyParams> = {
  axis: 'placement',
  name: 'topology',
  summary: 'a gang waits until maxPods pods can hold it (the fewest that can, for a larger one); then as pack',
  parameters: [
    {
      name: 'maxPods',
      kind: 'whole',
      default: 1,
      min: 1,
      summary: 'most pods a gang may span; 1 keeps its traffic below the oversubscribed top of the network',
    },
  ],
  create: ({ maxPods }) => new Topology(maxPods),
};
