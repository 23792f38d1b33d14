import type { World } from '../world.js';

/** When jobs may be held back. */
export interface RoomRule {
  /** Share of a partition's nodes that must stay free beside all that is held. */
  readonly spareFraction: number;
  /** Jobs that may wait in a partition while others are held. */
  readonly mostWaiting: number;
}

/**
 * Whether all held jobs could start at once where they are.
 *
 * A job counts as whole nodes, so that it can be placed wherever the placement puts others. Jobs let go at this instant
 * count as started though the pass is still to come; all others that wait in the partition for whatever reason count as
 * waiting. All O(1).
 */
export class DeferRoom {
  private readonly world: World;
  private readonly rule: RoomRule;
  /** By partition: nodes and number of held jobs, and of those let go at the present instant. */
  private readonly heldNodes: Float64Array;
  private readonly heldJobs: Float64Array;
  private readonly goingNodes: Float64Array;
  private readonly goingJobs: Float64Array;
  /** By partition: held jobs were recalled at the present instant. */
  private readonly recalled: Uint8Array;
  private instantMs = Number.NaN;

  constructor(world: World, rule: RoomRule) {
    this.world = world;
    this.rule = rule;
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
    return this.isWide(partition, this.nodesOf(job), 1);
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
    if (this.heldJobs[partition] === 0 || this.recalled[partition] === 1 || this.isWide(partition, 0, 0)) return false;
    this.recalled[partition] = 1;
    return true;
  }

  private isWide(partition: number, moreNodes: number, moreJobs: number): boolean {
    const { world, rule } = this;
    const { freeNodes, layout } = world.free(partition);
    const countedJobs = this.heldJobs[partition]! + this.goingJobs[partition]! + moreJobs;
    if (world.market.queuedJobs(partition) - countedJobs > rule.mostWaiting) return false;
    const needed = this.heldNodes[partition]! + this.goingNodes[partition]! + moreNodes;
    return freeNodes - needed >= rule.spareFraction * (layout.gpus / layout.gpusPerNode);
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
