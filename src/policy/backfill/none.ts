import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';

/** Starts jobs strictly in order; the first that does not fit holds back all behind it. */
class NoBackfill implements BackfillPolicy {
  private readonly context: PolicyContext;

  constructor(context: PolicyContext) {
    this.context = context;
  }

  onQueued(job: JobId): boolean {
    return this.context.queue.head() === job;
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
    for (let job = queue.head(); job >= 0 && context.fits(job); job = queue.head()) decide.start(job);
  }

  blockedBy(job: JobId): JobId {
    const head = this.context.queue.head();
    return head === job ? -1 : head;
  }
}

export const none: BackfillDef = {
  axis: 'backfill',
  name: 'none',
  summary: 'strictly in order; the first job that does not fit holds back the rest',
  create: (_params, context) => new NoBackfill(context),
};
