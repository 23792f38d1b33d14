import type { JobId, PolicyContext } from '../contracts.js';
import { VictimLine } from './victimLine.js';

/** Most running jobs looked at to make room for one. */
const MAX_VICTIMS = 4096;

/** Most jobs below a node's size looked at to free whole nodes: spread over many nodes they seldom do. */
const MAX_SHARING = 256;

/** How a pre-emption ranks the running jobs: the larger, the sooner a job gives way. */
export interface VictimRules {
  /** Of a running job, as it is until {@link changesMs} at least. */
  rank(job: JobId): number;
  /** When the rank of a running job changes by itself; Infinity: never. Absent: of no job. */
  changesMs?(job: JobId): number;
  /** When a job that has just got its GPUs may give way, beyond the guaranteed minimum run, Infinity: never; absent: at once. */
  yieldsFromMs?(job: JobId): number;
}

/**
 * The running jobs of a partition that may be pre-empted now, in the order in which they give way, and how room is
 * made for a queued one.
 *
 * A job enters the line when its guaranteed minimum run is over, by a timer of its own, and moves in it when its rank
 * changes, likewise; nothing is polled. Jobs of classes that are not preemptible never enter.
 *
 * Room is counted by nodes: a gang frees whole ones, a job below a node's size only its part, and a node counts for a
 * gang once all of it is free or given up. So nobody gives way in vain, except under a placement that refuses what
 * would fit by count (`topology`); after that nobody gives way until a job has ended. For a gang the first
 * {@link MAX_SHARING} jobs that share nodes are considered: room that needs more of them is not found.
 *
 * Cost: a start or stop O(log n + 64); that no room can be made is O(n/64) at worst, mostly O(1).
 */
export class Victims {
  readonly line: VictimLine;
  private readonly context: PolicyContext;
  private readonly rules: VictimRules;
  private readonly chosen = new Int32Array(MAX_VICTIMS);
  /** GPUs of a node that are free or given up; counts where the stamp is that of the present search. */
  private readonly nodeFree: Int32Array;
  private readonly nodeStamp: Int32Array;
  private stamp = 0;
  private gaveWayInVain = false;
  private making = false;

  constructor(context: PolicyContext, rules: VictimRules) {
    const { world, partition } = context;
    const { nodes } = world.free(partition).layout;
    this.context = context;
    this.rules = rules;
    this.line = new VictimLine(world.jobCount);
    this.nodeFree = new Int32Array(nodes);
    this.nodeStamp = new Int32Array(nodes);
  }

  onStarted(job: JobId): void {
    if (this.context.world.traitsOf(job).preemptible) this.enter(job);
  }

  onStopped(job: JobId): void {
    if (!this.making) this.gaveWayInVain = false;
    if (this.line.has(job)) this.line.remove(job);
  }

  /** The time has come that was asked for: the job may give way from now on, or its rank has changed. */
  onTimer(job: JobId): void {
    if (this.line.has(job)) this.line.remove(job);
    this.enter(job);
  }

  /** May some running job give way to one that takes precedence over ranks above `bar`? O(1). */
  someAbove(bar: number): boolean {
    return this.line.count > 0 && this.line.rank(this.line.first()) > bar;
  }

  /** Do free GPUs and those of victims add up to what a queued job needs? They may still be scattered. */
  mayMakeRoom(job: JobId, bar: number): boolean {
    if (this.gaveWayInVain || !this.someAbove(bar)) return false;
    const { world, partition } = this.context;
    return this.line.holdsAbove(bar, world.heldGpus(job) - world.free(partition).freeGpus);
  }

  /**
   * Pre-empts the first in the line ranked above `bar`, no more than needed, and starts the queued job; false: no room
   * can be made.
   */
  makeRoom(job: JobId, bar: number): boolean {
    if (!this.mayMakeRoom(job, bar)) return false;
    const { context, chosen } = this;
    const { world, decide, partition } = context;
    const { gpusPerNode } = world.free(partition).layout;
    const held = world.heldGpus(job);
    const found = this.line.copyAbove(bar, chosen);
    const count = held < gpusPerNode ? this.chooseForPart(held, found) : this.chooseForNodes(held, found);
    if (count === 0) return false;
    this.making = true;
    for (let i = 0; i < count; i++) if (chosen[i]! >= 0) decide.preempt(chosen[i]!);
    this.making = false;
    this.gaveWayInVain = !context.fits(job);
    if (this.gaveWayInVain) return false;
    decide.start(job);
    return true;
  }

  private enter(job: JobId): void {
    const { world, decide, guaranteedRunMs } = this.context;
    const { rules } = this;
    const guaranteedMs = world.startedMs(job) + guaranteedRunMs;
    const yieldsMs = rules.yieldsFromMs?.(job) ?? guaranteedMs;
    const eligibleMs = yieldsMs > guaranteedMs ? yieldsMs : guaranteedMs;
    if (eligibleMs > world.nowMs) {
      if (eligibleMs < Number.POSITIVE_INFINITY) decide.wakeAt(eligibleMs, job);
      return;
    }
    this.line.add(job, rules.rank(job), world.startedMs(job), world.heldGpus(job));
    const changesMs = rules.changesMs?.(job) ?? Number.POSITIVE_INFINITY;
    if (changesMs < Number.POSITIVE_INFINITY) decide.wakeAt(changesMs, job);
  }

  /** Keeps of the first `found` those that free enough whole nodes, the others become -1; returns how many to look at. */
  private chooseForNodes(held: number, found: number): number {
    const { context, chosen, nodeFree } = this;
    const { world, places, partition } = context;
    const free = world.free(partition);
    const { gpusPerNode } = free.layout;
    let missing = held / gpusPerNode - free.freeNodes;
    this.stamp++;
    let count = 0;
    let sharing = 0;
    while (missing > 0 && count < found) {
      const victim = chosen[count++]!;
      if (world.heldGpus(victim) >= gpusPerNode) missing -= places.freedGpus(victim) / gpusPerNode;
      else if (sharing++ >= MAX_SHARING) chosen[count - 1] = -1;
      else if (this.giveUp(victim) === gpusPerNode) missing--;
    }
    if (missing > 0) return 0;
    let spare = -missing;
    for (let i = count - 1; i >= 0; i--) {
      const victim = chosen[i]!;
      if (victim < 0) continue;
      if (world.heldGpus(victim) >= gpusPerNode) {
        const nodes = places.freedGpus(victim) / gpusPerNode;
        if (nodes > spare) continue;
        spare -= nodes;
        chosen[i] = -1;
        continue;
      }
      const node = places.sharedNode(victim);
      if (nodeFree[node] === gpusPerNode) {
        if (spare < 1) continue;
        spare--;
        nodeFree[node] = 0; // the others on it stay as well
      }
      chosen[i] = -1;
    }
    return count;
  }

  /** The same for a job below a node's size: room on one node. */
  private chooseForPart(held: number, found: number): number {
    const { context, chosen, nodeFree } = this;
    const { world, places, partition } = context;
    const { gpusPerNode } = world.free(partition).layout;
    this.stamp++;
    for (let last = 0; last < found; last++) {
      const victim = chosen[last]!;
      if (world.heldGpus(victim) >= gpusPerNode) {
        if (places.freedGpus(victim) === 0) continue;
        chosen[0] = victim;
        return 1;
      }
      if (this.giveUp(victim) < held) continue;
      const node = places.sharedNode(victim);
      let spare = nodeFree[node]! - held;
      for (let i = last; i >= 0; i--) {
        const other = chosen[i]!;
        const here = world.heldGpus(other) < gpusPerNode && places.sharedNode(other) === node;
        const gpus = here ? places.freedGpus(other) : 0;
        if (gpus > spare) continue;
        spare -= gpus;
        chosen[i] = -1;
      }
      return last + 1;
    }
    return 0;
  }

  /** Counts what a job below a node's size would free; returns what its node then has free. */
  private giveUp(victim: JobId): number {
    const { nodeFree, nodeStamp, stamp } = this;
    const { places } = this.context;
    const node = places.sharedNode(victim);
    if (nodeStamp[node] !== stamp) {
      nodeStamp[node] = stamp;
      nodeFree[node] = places.nodeFreeGpus(node);
    }
    nodeFree[node]! += places.freedGpus(victim);
    return nodeFree[node]!;
  }
}
