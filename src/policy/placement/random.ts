import type { Draw } from '../../base/random.js';
import { bitAt, lowestBit } from '../../cluster/bitIndex.js';
import type { Claim } from '../../cluster/claim.js';
import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef, PlacementPolicy } from '../contracts.js';

/**
 * Each node with room is as likely as any other: the baseline that shows what placement is worth. Same seed, same
 * places.
 *
 * A gang takes free nodes without replacement. Few of many are drawn by number until one is free; many of few by
 * going through all free nodes and taking each with the right odds (Knuth's algorithm S), whichever costs less.
 */
class Random implements PlacementPolicy {
  private readonly draw: Draw;
  /** Nodes taken of each rack by the present call. */
  private taken = new Int32Array(0);

  constructor(draw: Draw) {
    this.draw = draw;
  }

  place(free: FreeView, gpus: number, claim: Claim): void {
    const { layout, freeNodes } = free;
    if (gpus < layout.gpusPerNode) {
      claim.node = this.nodeWithRoom(free, gpus);
      return;
    }
    const nodes = Math.ceil(gpus / layout.gpusPerNode);
    // Draws: at most 2 · nodes / share of free nodes the one way, a draw for each free node the other.
    if (2 * nodes * layout.nodes < freeNodes * freeNodes) this.byNumber(free, nodes, claim);
    else this.byTurn(free, nodes, claim);
  }

  private byNumber(free: FreeView, nodes: number, claim: Claim): void {
    const { layout } = free;
    if (this.taken.length < layout.racks) this.taken = new Int32Array(layout.racks);
    const { taken, draw } = this;
    for (let missing = nodes; missing > 0;) {
      const node = Math.floor(draw() * layout.nodes);
      const rack = Math.floor(node / layout.nodesPerRack);
      const bit = 1 << (node - rack * layout.nodesPerRack);
      if ((free.rackFreeMask(rack) & ~taken[rack]! & bit) === 0) continue;
      if (taken[rack] === 0) claim.add(rack, 0);
      taken[rack]! |= bit;
      missing--;
    }
    for (let i = 0; i < claim.count; i++) {
      const rack = claim.racks[i]!;
      claim.masks[i] = taken[rack]!;
      taken[rack] = 0;
    }
  }

  private byTurn(free: FreeView, nodes: number, claim: Claim): void {
    const racks = free.racksWithFreeNodes;
    let left = free.freeNodes;
    let missing = nodes;
    for (let rack = racks.first(); missing > 0; rack = racks.next(rack + 1)) {
      let mask = 0;
      for (let rest = free.rackFreeMask(rack); rest !== 0; rest &= rest - 1) {
        if (this.draw() * left-- >= missing) continue;
        mask |= 1 << lowestBit(rest);
        missing--;
      }
      if (mask !== 0) claim.add(rack, mask);
    }
  }

  private nodeWithRoom(free: FreeView, gpus: number): number {
    const { gpusPerNode, nodesPerRack } = free.layout;
    let candidates = free.freeNodes;
    for (let room = gpus; room < gpusPerNode; room++) candidates += free.sharedNodesByFreeGpus(room).count;
    let rank = Math.floor(this.draw() * candidates);
    for (let room = gpus; room < gpusPerNode; room++) {
      const shared = free.sharedNodesByFreeGpus(room);
      if (rank < shared.count) return shared.at(rank);
      rank -= shared.count;
    }
    const racks = free.racksWithFreeNodes;
    let rack = racks.first();
    for (; rank >= free.rackFreeNodes(rack); rack = racks.next(rack + 1)) rank -= free.rackFreeNodes(rack);
    return rack * nodesPerRack + bitAt(free.rackFreeMask(rack), rank);
  }
}

export const random: PlacementDef = {
  axis: 'placement',
  name: 'random',
  summary: 'any nodes with room, each as likely; the same for one seed',
  draws: true,
  create: (_params, { draw }) => new Random(draw),
};
