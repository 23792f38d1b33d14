import type { FreeView } from '../../cluster/occupancy.js';
import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';
import type { World } from '../world.js';
import { Reservations } from './reservations.js';
import { RunningEnds } from './runningEnds.js';

/**
 * EASY backfilling (Lifka 1995): the first queued job gets a reservation, and jobs behind it start early
 * when that does not delay it.
 *
 * At each pass queue heads start while they fit. Then the head's *shadow* is the first instant at which
 * the estimated ends of running jobs free enough for it, and *spare* what is free at that instant beyond
 * its need (every job that ends then is counted). The rest of the queue, in order, starts now if it fits
 * now and either ends, by estimate, no later than the shadow or holds no more than the spare GPUs, which
 * it then uses up.
 *
 * The reservation is cached between passes: an arrival that cannot start under it is O(1), and no pass is made.
 *
 * With more than one reservation, `easy(k)`, the first k jobs in order hold one; see {@link Reservations}.
 *
 * Wrong when small jobs share nodes: GPUs are counted, not places. A reservation of whole nodes starts from
 * the wholly free nodes but trusts every running job to free usable ones, so a head may start after its first
 * shadow: 2 of 5,290 reserved heads of eu-five (by 0.5 h at most), 38 of 27,217 of million-jobs (1.1 h).
 */
class EasyBackfill implements BackfillPolicy {
  private readonly context: PolicyContext;
  private readonly running = new RunningEnds();
  /** The job that holds the reservation; -1: none, or outdated. */
  private reserved: JobId = -1;
  private shadowMs = 0;
  private spareGpus = 0;

  constructor(context: PolicyContext) {
    this.context = context;
  }

  onQueued(job: JobId): boolean {
    const { context } = this;
    const { world, queue } = context;
    if (this.reserved < 0 || queue.head() !== this.reserved) return true;
    const held = world.heldGpus(job);
    if (held > context.largestFit()) return false;
    return held <= this.spareGpus || world.nowMs + world.plannedMs(job) <= this.shadowMs;
  }

  onUnqueued(job: JobId): boolean {
    if (job !== this.reserved) return false;
    this.reserved = -1;
    return true;
  }

  onStarted(job: JobId): void {
    const { world } = this.context;
    this.running.add(world.estimatedEndMs(job), world.heldGpus(job));
  }

  onReleased(job: JobId): boolean {
    const { world } = this.context;
    this.running.remove(world.estimatedEndMs(job), world.heldGpus(job));
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onChanged(job: JobId, estimatedEndMs: number, heldGpus: number): boolean {
    const { world } = this.context;
    this.running.remove(estimatedEndMs, heldGpus);
    this.running.add(world.estimatedEndMs(job), world.heldGpus(job));
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onCapacity(gpus: number, untilMs: number): boolean {
    if (gpus > 0) this.running.add(untilMs, gpus);
    else this.running.remove(untilMs, -gpus);
    this.reserved = -1;
    return this.context.queue.length > 0;
  }

  onRekeyed(): void {
    this.reserved = -1;
  }

  pass(): void {
    const { context } = this;
    const { world, queue, decide, partition } = context;
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
      const usable = Math.min(context.largestFit(), usableBy(head, world, world.free(partition)));
      this.running.findShadow(usable, world.heldGpus(head));
      this.shadowMs = this.running.shadowMs;
      this.spareGpus = this.running.spareGpus;
    }
    if (head < 0 || queue.length === 1) return;
    const windowMs = this.shadowMs - world.nowMs;
    for (;;) {
      const job = queue.firstFitting(context.largestFit(), windowMs, this.spareGpus);
      if (job < 0) return;
      if (world.plannedMs(job) > windowMs) this.spareGpus -= world.heldGpus(job);
      decide.start(job);
      // A limit has taken the reserved job out of the queue: the next pass reserves for another.
      if (this.reserved !== head) return;
    }
  }

  blockedBy(job: JobId): JobId {
    return job === this.reserved ? -1 : this.reserved;
  }
}

/** GPUs free now that count towards a blocked head: whole nodes for a job of nodes, the largest hole below. */
function usableBy(head: JobId, world: World, free: FreeView): number {
  const { gpusPerNode } = free.layout;
  return world.heldGpus(head) >= gpusPerNode ? free.freeNodes * gpusPerNode : free.largestFit();
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
