import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';

/** Starts jobs strictly in order; the first that does not fit holds back all behind it. */
class NoBackfill implements BackfillPolicy {
  private readonly context: PolicyContext;
  /** The head that did not fit at the last pass; -1: none. With time another job may have become the head. */
  private blocked: JobId = -1;

  constructor(context: PolicyContext) {
    this.context = context;
  }

  onQueued(): boolean {
    return this.context.queue.head() !== this.blocked;
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
    let head = queue.head();
    for (; head >= 0 && context.fits(head); head = queue.head()) decide.start(head);
    this.blocked = head;
  }

  blockedBy(job: JobId): JobId {
    const head = this.context.queue.head();
    return head === job ? -1 : head;
  }

  /** A head that might start without them would leave the others' turn open. */
  blockedWithout(job: JobId, running: readonly JobId[]): JobId {
    const { world, queue, partition } = this.context;
    const head = queue.head();
    if (head === job) return -1;
    let free = world.free(partition).freeGpus;
    for (const other of running) free += world.heldGpus(other);
    return world.heldGpus(head) > free ? head : -1;
  }
}

export const none: BackfillDef = {
  axis: 'backfill',
  name: 'none',
  summary: 'strictly in order; the first job that does not fit holds back the rest',
  create: (_params, context) => new NoBackfill(context),
};
