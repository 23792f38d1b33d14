import type { World } from '../world.js';

/** Jobs are held while so much is spare; with less than this share of it they are recalled. */
const RECALLED_BELOW = 0.5;

/**
 * Whether all held jobs could start at once where they are, with something to spare.
 *
 * More is held only while all of the spare is left, and what is held is recalled when less than half of it is, so that
 * neither a small job nor a completed one turns the balance.
 *
 * A job counts as whole nodes, so that it can be placed wherever the placement puts others. Jobs let go at this instant
 * count as started though the pass is still to come; all others that wait in the partition for whatever reason count as
 * waiting. All O(1).
 */
export class DeferRoom {
  private readonly world: World;
  /** Share of a partition's nodes that is to stay free beside all that is held. */
  private readonly spareFraction: number;
  /** Jobs that may wait in a partition while others are held. */
  private readonly mostWaiting: number;
  /** By partition: nodes and number of held jobs, and of those let go at the present instant. */
  private readonly heldNodes: Float64Array;
  private readonly heldJobs: Float64Array;
  private readonly goingNodes: Float64Array;
  private readonly goingJobs: Float64Array;
  /** By partition: held jobs were recalled at the present instant. */
  private readonly recalled: Uint8Array;
  private instantMs = Number.NaN;

  constructor(world: World, spareFraction: number, mostWaiting: number) {
    this.spareFraction = spareFraction;
    this.world = world;
    this.mostWaiting = mostWaiting;
    const partitions = world.partitionCount;
    this.heldNodes = new Float64Array(partitions);
    this.heldJobs = new Float64Array(partitions);
    this.goingNodes = new Float64Array(partitions);
    this.goingJobs = new Float64Array(partitions);
    this.recalled = new Uint8Array(partitions);
  }

  /** Could this one be held beside those that are? */
  fits(job: number): boolean {
    this.turn();
    const partition = this.world.partitionOf(job);
    // It waits itself, and may go on doing so.
    return this.isWide(partition, this.nodesOf(job), 1, this.spareFraction);
  }

  hold(job: number): void {
    this.turn();
    const partition = this.world.partitionOf(job);
    this.heldNodes[partition]! += this.nodesOf(job);
    this.heldJobs[partition]!++;
  }

  /** A held job is asked about again: it does not count until it is held again or let go. */
  take(job: number): void {
    this.turn();
    const partition = this.world.partitionOf(job);
    this.heldNodes[partition]! -= this.nodesOf(job);
    this.heldJobs[partition]!--;
  }

  /** It joins the queue at this instant. */
  letGo(job: number): void {
    this.turn();
    const partition = this.world.partitionOf(job);
    this.goingNodes[partition]! += this.nodesOf(job);
    this.goingJobs[partition]!++;
  }

  /** True, once an instant, when those held in the job's partition could not all start any more. */
  recalls(job: number): boolean {
    this.turn();
    const partition = this.world.partitionOf(job);
    if (this.heldJobs[partition] === 0 || this.recalled[partition] === 1 || this.hasEnough(partition)) return false;
    this.recalled[partition] = 1;
    return true;
  }

  private hasEnough(partition: number): boolean {
    return this.isWide(partition, 0, 0, RECALLED_BELOW * this.spareFraction);
  }

  private isWide(partition: number, moreNodes: number, moreJobs: number, spareFraction: number): boolean {
    const { world } = this;
    const { freeNodes, layout } = world.free(partition);
    const countedJobs = this.heldJobs[partition]! + this.goingJobs[partition]! + moreJobs;
    if (world.market.queuedJobs(partition) - countedJobs > this.mostWaiting) return false;
    const needed = this.heldNodes[partition]! + this.goingNodes[partition]! + moreNodes;
    return freeNodes - needed >= spareFraction * (layout.gpus / layout.gpusPerNode);
  }

  private nodesOf(job: number): number {
    const { world } = this;
    return Math.ceil(world.heldGpus(job) / world.free(world.partitionOf(job)).layout.gpusPerNode);
  }

  private turn(): void {
    if (this.instantMs === this.world.nowMs) return;
    this.instantMs = this.world.nowMs;
    this.goingNodes.fill(0);
    this.goingJobs.fill(0);
    this.recalled.fill(0);
  }
}
