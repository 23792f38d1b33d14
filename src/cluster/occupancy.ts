import { BitIndex, lowestBit, lowestBits, popCount, type ReadonlyBitIndex } from './bitIndex.js';
import type { Claim } from './claim.js';
import { heldGpus, type Layout } from './layout.js';

/** What a placement policy may read of a partition's occupancy. Nodes out of service are not in it. */
export interface FreeView {
  readonly layout: Layout;
  /** Free GPUs, those scattered over shared nodes included. */
  readonly freeGpus: number;
  /** Nodes in service with no GPU held. */
  readonly freeNodes: number;
  /** Largest job (in GPUs it would hold) that fits now. */
  largestFit(): number;
  /** Free nodes of a rack, and which, as a bit mask. */
  rackFreeNodes(rack: number): number;
  rackFreeMask(rack: number): number;
  podFreeNodes(pod: number): number;
  /** Racks with exactly that many free nodes (1…nodesPerRack). */
  racksByFreeNodes(count: number): ReadonlyBitIndex;
  /** Racks with at least one free node. */
  readonly racksWithFreeNodes: ReadonlyBitIndex;
  /** Shared nodes (some GPUs held, some free) with exactly that many free GPUs (1…gpusPerNode−1). */
  sharedNodesByFreeGpus(count: number): ReadonlyBitIndex;
}

/** Told when jobs leave nodes that were {@link Occupancy.withdraw | withdrawn} while they ran. */
export interface WithdrawnListener {
  /** GPUs of a withdrawn node became free, and stay out of service with it. */
  onKeptBack(node: number, gpus: number): void;
  /** The last job has left a withdrawn node, which is out of service from now on. */
  onLeft(node: number): void;
}

/** Told of nodes that become free in service, and that cease to be: as masks of a rack's nodes, before it stands so. */
export interface FreeNodesListener {
  onFreed(rack: number, nodes: number): void;
  /** A job holds all or part of them, or they leave service. */
  onTaken(rack: number, nodes: number): void;
}

/**
 * Who holds which GPUs of one partition.
 *
 * Sets of racks by free nodes and of shared nodes by free GPUs, lowest id first, so that no search scans
 * the nodes and placement never depends on history beyond what is free. A job's place is a chain of (rack, node
 * mask) records, or one (node, GPU mask) record when it shares a node.
 *
 * A node can leave service: it takes no new job from then on, and is gone once the jobs on it have left.
 *
 * Cost: take and release O(racks touched); withdraw and restore O(1). Memory: 4 B a job, 12 B a record, about
 * 6 B a node.
 */
export class Occupancy implements FreeView {
  readonly layout: Layout;
  freeGpus: number;
  freeNodes: number;
  /** GPUs that jobs hold. */
  heldGpus = 0;
  readonly racksWithFreeNodes: BitIndex;

  private readonly rackMask: Int32Array;
  private readonly rackFree: Uint8Array;
  private readonly podFree: Int32Array;
  private readonly byFreeNodes: BitIndex[];
  /** Free GPUs of shared nodes, as masks; meaningless for nodes that are free or wholly held. */
  private readonly nodeMask: Int32Array;
  private readonly sharedByFree: BitIndex[];
  /** Free GPUs in service on nodes that a job holds part of. */
  sharedFreeGpus = 0;

  /** Nodes withdrawn and not restored, whether or not jobs still run on them. */
  withdrawnNodes = 0;
  /** Absent: nobody is told. */
  withdrawnListener: WithdrawnListener | undefined;
  freeNodesListener: FreeNodesListener | undefined;
  /** Withdrawn nodes of each rack; of these, the ones that no job is on any more. */
  private readonly outMask: Int32Array;
  private readonly goneMask: Int32Array;
  private goneNodes = 0;

  /** Stamp of the last claim that named a rack. */
  private readonly rackSeen: Int32Array;
  private seen = 0;

  /** Stamp of the last count that saw a pod. */
  private readonly podSeen: Int32Array;
  private podSeenCount = 0;

  private readonly jobRecord: Int32Array; // head of the chain, -1: none
  private recordPlace = new Int32Array(1024); // rack, or node of a shared job
  private recordMask = new Int32Array(1024);
  private recordNext = new Int32Array(1024);
  /** First record of each rack; absent: nobody asks who is on a node. */
  private readonly rackRecord: Int32Array | undefined;
  private rackNext = new Int32Array(0);
  private rackPrevious = new Int32Array(0);
  /** Job of a record; −1 − job where it shares a node. */
  private recordOwner = new Int32Array(0);
  private freeRecord = -1;
  private recordsUsed = 0;

  /** @param knowsJobs - {@link jobsOn} will be asked */
  constructor(layout: Layout, jobs: number, knowsJobs = false) {
    this.layout = layout;
    this.freeNodes = layout.nodes;
    this.freeGpus = layout.gpus;
    this.rackMask = new Int32Array(layout.racks);
    this.rackFree = new Uint8Array(layout.racks);
    this.podFree = new Int32Array(layout.pods);
    this.rackSeen = new Int32Array(layout.racks);
    this.podSeen = new Int32Array(layout.pods);
    this.outMask = new Int32Array(layout.racks);
    this.goneMask = new Int32Array(layout.racks);
    this.racksWithFreeNodes = new BitIndex(layout.racks);
    this.byFreeNodes = Array.from({ length: layout.nodesPerRack + 1 }, () => new BitIndex(layout.racks));
    this.nodeMask = new Int32Array(layout.nodes);
    this.sharedByFree = Array.from({ length: layout.gpusPerNode }, () => new BitIndex(layout.nodes));
    this.jobRecord = new Int32Array(jobs).fill(-1);
    this.rackRecord = knowsJobs ? new Int32Array(layout.racks).fill(-1) : undefined;
    if (knowsJobs) {
      this.recordOwner = new Int32Array(this.recordPlace.length);
      this.rackNext = new Int32Array(this.recordPlace.length);
      this.rackPrevious = new Int32Array(this.recordPlace.length);
    }
    for (let rack = 0; rack < layout.racks; rack++) {
      const nodes = Math.min(layout.nodesPerRack, layout.nodes - rack * layout.nodesPerRack);
      this.rackMask[rack] = nodes === 32 ? -1 : (1 << nodes) - 1;
      this.rackFree[rack] = nodes;
      this.podFree[this.podOf(rack)]! += nodes;
      this.byFreeNodes[nodes]!.add(rack);
      this.racksWithFreeNodes.add(rack);
    }
  }

  podOf(rack: number): number {
    return Math.floor(rack / this.layout.racksPerPod);
  }

  largestFit(): number {
    if (this.freeNodes > 0) return this.freeNodes * this.layout.gpusPerNode;
    if (this.sharedFreeGpus === 0) return 0;
    let free = this.layout.gpusPerNode - 1;
    while (this.sharedByFree[free]!.count === 0) free--;
    return free;
  }

  rackFreeNodes(rack: number): number {
    return this.rackFree[rack]!;
  }

  rackFreeMask(rack: number): number {
    return this.rackMask[rack]!;
  }

  podFreeNodes(pod: number): number {
    return this.podFree[pod]!;
  }

  racksByFreeNodes(count: number): BitIndex {
    return this.byFreeNodes[count]!;
  }

  sharedNodesByFreeGpus(count: number): BitIndex {
    return this.sharedByFree[count]!;
  }

  /**
   * Why a claim cannot hold a job of `gpus`: names the place and the numbers; `undefined` when it can.
   * Asked before every {@link take}, so that a faulty policy is named before anything changes.
   */
  refusal(gpus: number, claim: Claim): string | undefined {
    const { gpusPerNode, nodesPerRack, nodes } = this.layout;
    if (gpus < gpusPerNode) {
      const { node } = claim;
      if (!(node >= 0 && node < nodes)) return `node ${node} does not exist (0…${nodes - 1})`;
      const free = this.nodeFreeGpus(node);
      return free < gpus ? `node ${node}: needs ${gpus} GPUs, ${free} are free` : undefined;
    }
    const needed = Math.ceil(gpus / gpusPerNode);
    let claimed = 0;
    this.seen++;
    for (let i = 0; i < claim.count; i++) {
      const rack = claim.racks[i]!;
      const mask = claim.masks[i]!;
      const free = this.rackMask[rack];
      if (free === undefined) return `rack ${rack} does not exist (0…${this.layout.racks - 1})`;
      if ((mask & ~free) !== 0) return `rack ${rack}: nodes ${bitList(mask & ~free, rack * nodesPerRack)} are not free`;
      if (this.rackSeen[rack] === this.seen) return `rack ${rack} is claimed twice`;
      this.rackSeen[rack] = this.seen;
      claimed += popCount(mask);
    }
    return claimed === needed ? undefined : `needs ${needed} nodes, the claim names ${claimed}`;
  }

  /** Gives the claimed GPUs to a job; the claim must have no {@link refusal}. */
  take(job: number, gpus: number, claim: Claim): void {
    const held = heldGpus(gpus, this.layout.gpusPerNode);
    this.freeGpus -= held;
    this.heldGpus += held;
    if (gpus < this.layout.gpusPerNode) {
      this.takeInNode(job, gpus, claim.node);
      return;
    }
    for (let i = 0; i < claim.count; i++) {
      const rack = claim.racks[i]!;
      const mask = claim.masks[i]!;
      this.setRack(rack, this.rackMask[rack]! & ~mask);
      this.addRecord(job, rack, mask, job, rack);
    }
  }

  /** Frees what a job holds. */
  release(job: number, gpus: number): void {
    const withdrawn = this.withdrawnNodes > this.goneNodes;
    const held = heldGpus(gpus, this.layout.gpusPerNode);
    this.freeGpus += held;
    this.heldGpus -= held;
    const shared = gpus < this.layout.gpusPerNode;
    let record = this.jobRecord[job]!;
    this.jobRecord[job] = -1;
    while (record >= 0) {
      const place = this.recordPlace[record]!;
      let mask = this.recordMask[record]!;
      if (withdrawn) mask = shared ? this.keepBackInNode(place, mask) : this.keepBackInRack(place, mask);
      if (mask === 0) {
        // All of it stays out of service.
      } else if (shared) this.setNode(place, this.nodeMask[place]! | mask);
      else this.setRack(place, this.rackMask[place]! | mask);
      const next = this.recordNext[record]!;
      if (this.rackRecord !== undefined) this.unlink(record, this.rackRecord);
      this.recordNext[record] = this.freeRecord;
      this.freeRecord = record;
      record = next;
    }
  }

  /**
   * A node in service leaves it: at once where no job is on it, otherwise when the last one has left; until
   * then it takes no new job. Returns how many free GPUs have left the partition with it.
   */
  withdraw(node: number): number {
    const rack = this.rackOf(node);
    const bit = this.bitOf(node);
    this.outMask[rack]! |= bit;
    this.withdrawnNodes++;
    let left = 0;
    if ((this.rackMask[rack]! & bit) !== 0) {
      this.setRack(rack, this.rackMask[rack]! & ~bit);
      this.goneMask[rack]! |= bit;
      this.goneNodes++;
      left = this.layout.gpusPerNode;
    } else if (this.nodeMask[node] !== 0) {
      left = popCount(this.nodeMask[node]!);
      this.sharedByFree[left]!.delete(node);
      this.sharedFreeGpus -= left;
    }
    this.freeGpus -= left;
    return left;
  }

  /** A withdrawn node is back in service. Returns how many free GPUs the partition gets with it. */
  restore(node: number): number {
    const rack = this.rackOf(node);
    const bit = this.bitOf(node);
    this.outMask[rack]! &= ~bit;
    this.withdrawnNodes--;
    let back = 0;
    if ((this.goneMask[rack]! & bit) !== 0) {
      this.goneMask[rack]! &= ~bit;
      this.goneNodes--;
      this.setRack(rack, this.rackMask[rack]! | bit);
      back = this.layout.gpusPerNode;
    } else if (this.nodeMask[node] !== 0) {
      back = popCount(this.nodeMask[node]!);
      this.sharedByFree[back]!.add(node);
      this.sharedFreeGpus += back;
    }
    this.freeGpus += back;
    return back;
  }

  /** Withdrawn nodes that no job is on any more. */
  outOfServiceNodes(): number {
    return this.goneNodes;
  }

  isWithdrawn(node: number): boolean {
    return (this.outMask[this.rackOf(node)]! & this.bitOf(node)) !== 0;
  }

  /** Withdrawn, and no job is on it any more. */
  isOutOfService(node: number): boolean {
    return (this.goneMask[this.rackOf(node)]! & this.bitOf(node)) !== 0;
  }

  /** Calls back with each (place, mask) record of a job: racks and node masks, or its node and GPU mask. */
  forEachRecord(job: number, visit: (place: number, mask: number) => void): void {
    for (let record = this.jobRecord[job]!; record >= 0; record = this.recordNext[record]!) {
      visit(this.recordPlace[record]!, this.recordMask[record]!);
    }
  }

  /** Fills an emptied list with the jobs that have GPUs in a node, lowest id first. O(jobs in its rack). */
  jobsOn(node: number, jobs: number[]): void {
    const rack = this.rackOf(node);
    const bit = this.bitOf(node);
    jobs.length = 0;
    for (let record = this.rackRecord![rack]!; record >= 0; record = this.rackNext[record]!) {
      const owner = this.recordOwner[record]!;
      if (owner < 0) {
        if (this.recordPlace[record] === node) jobs.push(-1 - owner);
      } else if ((this.recordMask[record]! & bit) !== 0) jobs.push(owner);
    }
    if (jobs.length > 1) jobs.sort((a, b) => a - b);
  }

  /** Fills an emptied list with the withdrawn nodes that a job of whole nodes is on. */
  withdrawnNodesOf(job: number, nodes: number[]): void {
    const { nodesPerRack } = this.layout;
    nodes.length = 0;
    for (let record = this.jobRecord[job]!; record >= 0; record = this.recordNext[record]!) {
      const rack = this.recordPlace[record]!;
      for (let mask = this.recordMask[record]! & this.outMask[rack]!; mask !== 0; mask &= mask - 1)
        nodes.push(rack * nodesPerRack + lowestBit(mask));
    }
  }

  /** Pods that a job of whole nodes has nodes in. */
  podsOf(job: number): number {
    this.podSeenCount++;
    let pods = 0;
    for (let record = this.jobRecord[job]!; record >= 0; record = this.recordNext[record]!) {
      if (this.recordMask[record] === 0) continue;
      const pod = this.podOf(this.recordPlace[record]!);
      if (this.podSeen[pod] === this.podSeenCount) continue;
      this.podSeen[pod] = this.podSeenCount;
      pods++;
    }
    return pods;
  }

  /**
   * Puts a node that is out of service in the place of a withdrawn one that a job of whole nodes is on: the one is
   * in service again and held, the other out of it. No GPU becomes free.
   */
  replaceNode(job: number, from: number, to: number): void {
    this.goneMask[this.rackOf(from)]! |= this.bitOf(from);
    this.changeRecord(job, this.rackOf(from), this.bitOf(from), 0);
    const rack = this.rackOf(to);
    const bit = this.bitOf(to);
    this.outMask[rack]! &= ~bit;
    this.goneMask[rack]! &= ~bit;
    this.withdrawnNodes--;
    if (!this.changeRecord(job, rack, 0, bit)) this.addRecord(job, rack, bit, job, rack);
  }

  /** GPUs that would go back into service if the job were released. O(1), O(racks it is in) when nodes are withdrawn. */
  freedGpus(job: number, gpus: number): number {
    const { gpusPerNode } = this.layout;
    const held = heldGpus(gpus, gpusPerNode);
    if (this.withdrawnNodes === 0) return held;
    if (gpus < gpusPerNode) return this.isWithdrawn(this.sharedNode(job)) ? 0 : held;
    let keptNodes = 0;
    for (let record = this.jobRecord[job]!; record >= 0; record = this.recordNext[record]!)
      keptNodes += popCount(this.recordMask[record]! & this.outMask[this.recordPlace[record]!]!);
    return held - keptNodes * gpusPerNode;
  }

  /** The node of a job below a node's size. */
  sharedNode(job: number): number {
    return this.recordPlace[this.jobRecord[job]!]!;
  }

  /** Fills a cleared claim with where a job is, so that {@link take} puts it there again. */
  copyPlace(job: number, gpus: number, claim: Claim): void {
    if (gpus < this.layout.gpusPerNode) {
      claim.node = this.sharedNode(job);
      return;
    }
    for (let record = this.jobRecord[job]!; record >= 0; record = this.recordNext[record]!)
      claim.add(this.recordPlace[record]!, this.recordMask[record]!);
  }

  /** Free GPUs of a node in service. */
  nodeFreeGpus(node: number): number {
    const { gpusPerNode } = this.layout;
    if ((this.rackMask[this.rackOf(node)]! & this.bitOf(node)) !== 0) return gpusPerNode;
    for (let free = 1; free < gpusPerNode; free++) if (this.sharedByFree[free]!.has(node)) return free;
    return 0;
  }

  /** Frees GPUs of a shared node that may be withdrawn; returns those that go back into service. */
  private keepBackInNode(node: number, mask: number): number {
    const rack = this.rackOf(node);
    if ((this.outMask[rack]! & this.bitOf(node)) === 0) return mask;
    const kept = popCount(mask);
    this.freeGpus -= kept;
    this.nodeMask[node]! |= mask;
    const gone = popCount(this.nodeMask[node]!) === this.layout.gpusPerNode;
    if (gone) {
      this.nodeMask[node] = 0;
      this.goneMask[rack]! |= this.bitOf(node);
      this.goneNodes++;
    }
    this.withdrawnListener?.onKeptBack(node, kept);
    if (gone) this.withdrawnListener?.onLeft(node);
    return 0;
  }

  /** Takes bits out of a job's record of a rack and puts others in; false where it has none. */
  private changeRecord(job: number, rack: number, out: number, into: number): boolean {
    for (let record = this.jobRecord[job]!; record >= 0; record = this.recordNext[record]!) {
      if (this.recordPlace[record] !== rack) continue;
      this.recordMask[record] = (this.recordMask[record]! & ~out) | into;
      return true;
    }
    return false;
  }

  /** Takes the withdrawn nodes out of what a job frees in a rack; returns those that go back into service. */
  private keepBackInRack(rack: number, mask: number): number {
    const { nodesPerRack, gpusPerNode } = this.layout;
    let kept = mask & this.outMask[rack]!;
    if (kept === 0) return mask;
    const back = mask & ~kept;
    this.goneMask[rack]! |= kept;
    this.goneNodes += popCount(kept);
    this.freeGpus -= popCount(kept) * gpusPerNode;
    for (; kept !== 0; kept &= kept - 1) {
      const node = rack * nodesPerRack + lowestBit(kept);
      this.withdrawnListener?.onKeptBack(node, gpusPerNode);
      this.withdrawnListener?.onLeft(node);
    }
    return back;
  }

  private rackOf(node: number): number {
    return Math.floor(node / this.layout.nodesPerRack);
  }

  /** The node's bit in the word of its rack. */
  private bitOf(node: number): number {
    return 1 << (node % this.layout.nodesPerRack);
  }

  private takeInNode(job: number, gpus: number, node: number): void {
    const { gpusPerNode } = this.layout;
    const rack = this.rackOf(node);
    const bit = this.bitOf(node);
    let free = this.nodeMask[node]!;
    if ((this.rackMask[rack]! & bit) !== 0) {
      this.setRack(rack, this.rackMask[rack]! & ~bit);
      free = gpusPerNode === 32 ? -1 : (1 << gpusPerNode) - 1;
      this.nodeMask[node] = 0; // setNode below files it under what stays free
    }
    const taken = lowestBits(free, gpus);
    this.setNode(node, free & ~taken);
    this.addRecord(job, node, taken, -1 - job, rack);
  }

  /** Files a shared node under its free GPUs; a node with none held goes back to its rack. */
  private setNode(node: number, mask: number): void {
    const before = popCount(this.nodeMask[node]!);
    const free = popCount(mask);
    if (before > 0) this.sharedByFree[before]!.delete(node);
    this.sharedFreeGpus += free - before;
    this.nodeMask[node] = mask;
    if (free === this.layout.gpusPerNode) {
      this.nodeMask[node] = 0;
      this.sharedFreeGpus -= free;
      const rack = this.rackOf(node);
      this.setRack(rack, this.rackMask[rack]! | this.bitOf(node));
    } else if (free > 0) {
      this.sharedByFree[free]!.add(node);
    }
  }

  private setRack(rack: number, mask: number): void {
    if (this.freeNodesListener !== undefined) this.tell(rack, mask, this.freeNodesListener);
    const before = this.rackFree[rack]!;
    const free = popCount(mask);
    this.rackMask[rack] = mask;
    this.rackFree[rack] = free;
    this.freeNodes += free - before;
    this.podFree[this.podOf(rack)]! += free - before;
    if (before > 0) this.byFreeNodes[before]!.delete(rack);
    else this.racksWithFreeNodes.add(rack);
    if (free > 0) this.byFreeNodes[free]!.add(rack);
    else this.racksWithFreeNodes.delete(rack);
  }

  private tell(rack: number, mask: number, listener: FreeNodesListener): void {
    const before = this.rackMask[rack]!;
    const freed = mask & ~before;
    const taken = before & ~mask;
    if (freed !== 0) listener.onFreed(rack, freed);
    if (taken !== 0) listener.onTaken(rack, taken);
  }

  private addRecord(job: number, place: number, mask: number, owner: number, rack: number): void {
    let record = this.freeRecord;
    if (record >= 0) {
      this.freeRecord = this.recordNext[record]!;
    } else {
      record = this.recordsUsed++;
      if (record === this.recordPlace.length) this.growRecords();
    }
    this.recordPlace[record] = place;
    this.recordMask[record] = mask;
    this.recordNext[record] = this.jobRecord[job]!;
    this.jobRecord[job] = record;
    if (this.rackRecord !== undefined) this.link(record, owner, rack, this.rackRecord);
  }

  private link(record: number, owner: number, rack: number, first: Int32Array): void {
    const next = first[rack]!;
    this.recordOwner[record] = owner;
    this.rackNext[record] = next;
    this.rackPrevious[record] = -1 - rack;
    if (next >= 0) this.rackPrevious[next] = record;
    first[rack] = record;
  }

  private unlink(record: number, first: Int32Array): void {
    const next = this.rackNext[record]!;
    const previous = this.rackPrevious[record]!;
    if (previous >= 0) this.rackNext[previous] = next;
    else first[-1 - previous] = next;
    if (next >= 0) this.rackPrevious[next] = previous;
  }

  private growRecords(): void {
    const grown = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const into = new Int32Array(2 * from.length);
      into.set(from);
      return into;
    };
    this.recordPlace = grown(this.recordPlace);
    this.recordMask = grown(this.recordMask);
    this.recordNext = grown(this.recordNext);
    if (this.rackRecord === undefined) return;
    this.recordOwner = grown(this.recordOwner);
    this.rackNext = grown(this.rackNext);
    this.rackPrevious = grown(this.rackPrevious);
  }
}

function bitList(mask: number, offset: number): string {
  const members: number[] = [];
  for (let bit = 0; bit < 32; bit++) if ((mask & (1 << bit)) !== 0) members.push(offset + bit);
  return members.join(', ');
}
