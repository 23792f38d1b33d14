import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';
import { noParameters } from '../parameters.js';

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
    const { world, queue, decide, partition } = this.context;
    const free = world.free(partition);
    for (let job = queue.head(); job >= 0 && world.heldGpus(job) <= free.largestFit(); job = queue.head()) {
      decide.start(job);
    }
  }
}

export const none: BackfillDef<undefined> = {
  axis: 'backfill',
  name: 'none',
  summary: 'strictly in order; the first job that does not fit holds back the rest',
  readsMarket: false,
  parseParams: noParameters,
  create: (_params, context) => new NoBackfill(context),
};
