import type { JobId, PolicyContext, PreemptDef, PreemptPolicy } from '../contracts.js';
import { Victims } from './victims.js';

interface TimeSliceParams {
  /** Ms. */
  readonly quantum: number;
}

/**
 * Gang time slicing: a job that has run its quantum gives way to the first queued one, as a whole; of several those
 * that have run longest. Used with the order `round-robin`, under which all take turns.
 *
 * Only the first job in order is served, however long it takes until enough others have run their quantum: so large
 * gangs are not passed over. A job keeps its GPUs beyond its quantum while nobody waits, and until it has saved some
 * progress, or slices shorter than a restart and a checkpoint would go on for ever: to its end, where it writes no
 * checkpoint and would lose all. One that a failure has set back in its slice may give way with what it had saved before.
 *
 * Real gang schedulers swap to host memory in seconds; here a slice costs what an interruption costs the class.
 */
class TimeSlice implements PreemptPolicy {
  private readonly context: PolicyContext;
  private readonly victims: Victims;
  /** When a job last gave way; NaN: never. */
  private readonly gaveWayMs: Float64Array;

  constructor({ quantum }: TimeSliceParams, context: PolicyContext) {
    const { world } = context;
    this.context = context;
    this.gaveWayMs = new Float64Array(world.jobCount).fill(Number.NaN);
    this.victims = new Victims(context, {
      // Who has run longest goes first.
      rank: (job) => -world.startedMs(job),
      yieldsFromMs: (job) => Math.max(world.savesFromMs(job), world.startedMs(job) + quantum),
    });
  }

  onQueued(job: JobId): boolean {
    return this.isNext(job) && this.victims.mayMakeRoom(job, Number.NEGATIVE_INFINITY);
  }

  onStarted(job: JobId): void {
    this.victims.onStarted(job);
  }

  onStopped(job: JobId): void {
    this.gaveWayMs[job] = this.context.world.nowMs;
    this.victims.onStopped(job);
  }

  onTimer(job: JobId): boolean {
    this.victims.onTimer(job);
    const next = this.context.queue.head();
    return next >= 0 && this.victims.mayMakeRoom(next, Number.NEGATIVE_INFINITY);
  }

  pass(): void {
    const { context, victims } = this;
    for (;;) {
      const job = context.queue.head();
      if (job < 0 || !this.isNext(job) || context.fits(job)) return;
      if (!victims.makeRoom(job, Number.NEGATIVE_INFINITY)) return;
    }
  }

  /** First in the queue, and not itself interrupted at this instant. */
  private isNext(job: JobId): boolean {
    const { queue, world } = this.context;
    return queue.head() === job && this.gaveWayMs[job] !== world.nowMs;
  }
}

export const timeSlice: PreemptDef<TimeSliceParams> = {
  axis: 'preempt',
  name: 'time-slice',
  summary: 'gangs take turns: a job that has run its quantum gives way to the first in the queue',
  cite: "Ousterhout, Scheduling techniques for concurrent systems, ICDCS 1982; Xiao et al., Gandiva, OSDI'18",
  parameters: [
    {
      name: 'quantum',
      kind: 'duration',
      default: 3_600_000,
      min: 1,
      summary: 'a job runs so long before it gives way; 1 h is an assumption, many times the restarts of large jobs',
    },
  ],
  create: (params, context) => new TimeSlice(params, context),
};
