import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';
import { Reservations } from './reservations.js';
import { RunningEnds } from './runningEnds.js';
import { SharedNodes } from './sharedNodes.js';

/**
 * EASY backfilling (Lifka 1995): the first queued job gets a reservation, and jobs behind it start early
 * when that does not delay it.
 *
 * At each pass queue heads start while they fit. Then the head's *shadow* is the first instant at which, by the
 * estimated ends of running jobs, enough is free for it, and *spare* what is free at that instant beyond its need
 * (every job that ends then is counted). The rest of the queue, in order, starts now if it fits now and either ends, by
 * estimate, no later than the shadow or holds no more than the spare, which it then uses up.
 *
 * Both are in places, not in GPUs. For a head of whole nodes a node counts from when the last job on it ends; for one
 * below a node's size also a shared node from when enough of it is free. A job below a node's size starts past the
 * shadow where a node is to spare, which it uses up if it went to one that would have had room for the head by the
 * shadow; or where the placement would put it on a node that has no such room, or enough for both. So where estimates
 * are long enough and the order keeps the head, no head starts after its first shadow.
 *
 * The reservation is cached between passes: an arrival that cannot start under it is O(1), and no pass is made.
 *
 * With more than one reservation, `easy(k)`, the first k jobs in order hold one; see {@link Reservations}.
 *
 * Wrong where the placement asks for more than free nodes (`topology`), and while nodes leave service: jobs on these
 * are trusted to free usable places. A job that another placement would send to a node of no use to the head waits; so
 * does each that needs one where the placement does not say before (`random`). Cost of a head below a node's size: O(shared nodes) a pass.
 */
class EasyBackfill implements BackfillPolicy {
  private readonly context: PolicyContext;
  private readonly nodeGpus: number;
  /** When nodes become wholly free: ends of jobs of whole nodes, of all jobs on a shared node, of absence from service. */
  private readonly running = new RunningEnds();
  /** GPUs out of service by the time at which they are expected back: they come in other pieces than they left in. */
  private readonly away = new Map<number, number>();
  /** Absent until a job shares a node. */
  private shared: SharedNodes | undefined;
  /** The job that holds the reservation; -1: none, or outdated. */
  private reserved: JobId = -1;
  private shadowMs = 0;
  /** In whole nodes, as GPUs. */
  private spareGpus = 0;
  /** GPUs that it needs on each of its nodes. */
  private needInNode = 0;
  /** See {@link spareBelowNode}. */
  private readonly spareByClass = new Int32Array(31);

  constructor(context: PolicyContext) {
    this.context = context;
    this.nodeGpus = context.world.free(context.partition).layout.gpusPerNode;
  }

  onQueued(job: JobId): boolean {
    const { context } = this;
    const { world, queue } = context;
    if (this.reserved < 0 || queue.head() !== this.reserved) return true;
    const held = world.heldGpus(job);
    if (held > context.largestFit()) return false;
    if (held <= this.spareGpus || world.nowMs + world.plannedMs(job) <= this.shadowMs) return true;
    return held < this.nodeGpus && this.leavesPlace(held);
  }

  onUnqueued(job: JobId): boolean {
    if (job !== this.reserved) return false;
    this.reserved = -1;
    return true;
  }

  onStarted(job: JobId): void {
    const { world } = this.context;
    const held = world.heldGpus(job);
    if (held < this.nodeGpus) this.addShared(job, held);
    else this.running.add(world.estimatedEndMs(job), held);
  }

  onReleased(job: JobId): boolean {
    const { world } = this.context;
    this.leave(job, world.estimatedEndMs(job), world.heldGpus(job));
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onChanged(job: JobId, estimatedEndMs: number, heldGpus: number): boolean {
    this.leave(job, estimatedEndMs, heldGpus);
    this.onStarted(job);
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onCapacity(gpus: number, untilMs: number): boolean {
    const before = this.away.get(untilMs) ?? 0;
    const after = before + gpus;
    if (before > 0) this.running.remove(untilMs, before);
    if (after > 0) this.running.add(untilMs, after);
    if (after > 0) this.away.set(untilMs, after);
    else this.away.delete(untilMs);
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onPower(): boolean {
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onRekeyed(): void {
    this.reserved = -1;
  }

  pass(): void {
    const { context } = this;
    const { world, queue, decide } = context;
    let head = queue.head();
    while (head >= 0 && context.fits(head)) {
      decide.start(head);
      // It may have overtaken the reserved job, whose reservation did not count it.
      this.reserved = -1;
      head = queue.head();
    }
    if (head !== this.reserved) {
      this.reserved = head;
      if (head < 0) return;
      this.findShadow(world.heldGpus(head));
    }
    if (head < 0 || queue.length === 1) return;
    const windowMs = this.shadowMs - world.nowMs;
    for (;;) {
      const largest = context.largestFit();
      const job =
        this.spareGpus === 0 && this.nodeGpus > 1
          ? queue.firstFitting(largest, windowMs, 0, this.spareBelowNode(largest))
          : queue.firstFitting(largest, windowMs, this.spareGpus);
      if (job < 0) return;
      const outlasts = world.plannedMs(job) > windowMs;
      decide.start(job);
      // A limit has taken the reserved job out of the queue: the next pass reserves for another.
      if (this.reserved !== head) return;
      if (outlasts) this.spareGpus -= this.taken(job);
    }
  }

  blockedBy(job: JobId): JobId {
    return job === this.reserved ? -1 : this.reserved;
  }

  /** The shadow and the spare as they would be; told of whole nodes only. */
  blockedWithout(job: JobId, running: readonly JobId[]): JobId {
    const { context, nodeGpus, reserved } = this;
    const { world } = context;
    if (reserved < 0 || job === reserved) return -1;
    const need = world.heldGpus(reserved);
    if (need < nodeGpus || running.some((other) => world.heldGpus(other) < nodeGpus)) return -1;
    let free = Math.min(context.largestFit(), world.free(context.partition).freeNodes * nodeGpus);
    for (const other of running) free += world.heldGpus(other);
    if (need <= free) return -1;
    const ends = this.running;
    for (const other of running) ends.remove(world.estimatedEndMs(other), world.heldGpus(other));
    ends.findShadow(free, need);
    const { shadowMs, spareGpus } = ends;
    for (const other of running) ends.add(world.estimatedEndMs(other), world.heldGpus(other));
    if (world.nowMs + world.plannedMs(job) <= shadowMs) return -1;
    return world.heldGpus(job) > spareGpus - (spareGpus % nodeGpus) ? reserved : -1;
  }

  private findShadow(need: number): void {
    const { context, running, shared, nodeGpus } = this;
    this.needInNode = Math.min(need, nodeGpus);
    if (need < nodeGpus) {
      // No node is wholly free now, or it would have started.
      running.findShadow(0, 1);
      this.shadowMs = running.shadowMs;
      let nodes = running.length === 0 ? 0 : Math.floor((running.spareGpus + 1) / nodeGpus);
      if (shared !== undefined) {
        shared.findRoom(need, this.shadowMs);
        nodes = (shared.roomMs < this.shadowMs ? 0 : nodes) + shared.nodesWithRoom;
        this.shadowMs = shared.roomMs;
      }
      this.spareGpus = Math.max(0, nodes - 1) * nodeGpus;
      return;
    }
    const { freeNodes } = context.world.free(context.partition);
    running.findShadow(Math.min(context.largestFit(), freeNodes * nodeGpus), need);
    this.shadowMs = running.shadowMs;
    this.spareGpus = running.spareGpus - (running.spareGpus % nodeGpus);
  }

  /**
   * With no node to spare: up to how many GPUs jobs of each size class (1, 2 and 3, 4 to 7, …) may hold below a node's
   * size and start past the shadow, because where they would be placed the head loses nothing.
   */
  private spareBelowNode(largest: number): Int32Array | undefined {
    const { nodeGpus, spareByClass, context } = this;
    if (this.shared === undefined) return undefined;
    for (let sizeClass = 0, least = 1; least < nodeGpus; sizeClass++, least *= 2) {
      spareByClass[sizeClass] = 0;
      if (!context.queue.hasInClassOf(least)) continue;
      const most = Math.min(2 * least - 1, nodeGpus - 1, largest);
      for (let gpus = least; gpus <= most && this.leavesPlace(gpus); gpus++) spareByClass[sizeClass] = gpus;
    }
    return spareByClass;
  }

  /** Would the head still have its place by the shadow if a job below a node's size started now and stayed? */
  private leavesPlace(gpus: number): boolean {
    const { shared, needInNode } = this;
    const node = this.context.places.nodeFor(gpus);
    if (node < 0 || shared === undefined) return false;
    const room = shared.roomBy(this.shadowMs, node);
    return room < needInNode || room - gpus >= needInNode;
  }

  /** What a job that runs past the shadow has taken of the spare. */
  private taken(job: JobId): number {
    const { nodeGpus, needInNode } = this;
    const held = this.context.world.heldGpus(job);
    if (held >= nodeGpus) return held;
    const shared = this.shared!;
    const room = shared.roomBy(this.shadowMs, shared.nodeOfJob(job));
    return room < needInNode && room + held >= needInNode ? nodeGpus : 0;
  }

  private addShared(job: JobId, held: number): void {
    const { world, places, partition } = this.context;
    this.shared ??= new SharedNodes(world.free(partition).layout, world.jobCount, this.running);
    this.shared.add(job, places.sharedNode(job), world.estimatedEndMs(job), held);
  }

  private leave(job: JobId, estimatedEndMs: number, heldGpus: number): void {
    if (heldGpus < this.nodeGpus) this.shared!.remove(job);
    else this.running.remove(estimatedEndMs, heldGpus);
  }
}

export const easy: BackfillDef<{ readonly reservations: number }> = {
  axis: 'backfill',
  name: 'easy',
  summary: 'EASY backfilling: a reservation for the head of the queue, others start early if they do not delay it',
  cite: 'Lifka, The ANL/IBM SP scheduling system, JSSPP 1995',
  parameters: [
    {
      name: 'reservations',
      kind: 'whole',
      default: 1,
      min: 1,
      max: 10_000,
      summary: 'so many jobs, the first in order, hold reservations, made anew whenever GPUs become free; EASY has 1',
    },
  ],
  reserves: true,
  create: ({ reservations }, context) =>
    reservations === 1 ? new EasyBackfill(context) : new Reservations(context, { depth: reservations, onRoom: 'anew' }),
};
