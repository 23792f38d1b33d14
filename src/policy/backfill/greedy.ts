import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';

/**
 * First-fit backfilling: starts, in order, whatever fits, without any reservation.
 *
 * Keeps GPUs busiest at the moment; a large job waits until enough happen to be free at once, for ever while
 * small ones keep coming.
 */
class Greedy implements BackfillPolicy {
  private readonly context: PolicyContext;

  constructor(context: PolicyContext) {
    this.context = context;
  }

  onQueued(job: JobId): boolean {
    return this.context.fits(job);
  }

  onStarted(): void {
    // The queue itself is all the state there is.
  }

  onReleased(): boolean {
    return this.context.queue.length > 0;
  }

  pass(): void {
    const { context } = this;
    const { queue, decide } = context;
    for (;;) {
      const job = queue.firstFitting(context.largestFit(), Number.POSITIVE_INFINITY, 0);
      if (job < 0) return;
      decide.start(job);
    }
  }

  /** Nothing is kept free for anybody. */
  blockedBy(): JobId {
    return -1;
  }
}

export const greedy: BackfillDef = {
  axis: 'backfill',
  name: 'greedy',
  summary: 'first-fit backfilling: whatever fits starts, in order, without reservations; large jobs may starve',
  cite: 'Feitelson, Rudolph and Schwiegelshohn, Parallel Job Scheduling: A Status Report, JSSPP 2004',
  starves: true,
  create: (_params, context) => new Greedy(context),
};
