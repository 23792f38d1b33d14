import type { JobId, PolicyContext, PreemptPolicy } from '../contracts.js';
import { OrderedQueue } from '../orderedQueue.js';
import { Victims, type VictimRules } from './victims.js';

/** Most sizes tried in one search for a job that room can be made for. */
const MAX_SIZES = 64;

/** How queued and running jobs compare. */
export interface Ranking extends VictimRules {
  /** Of a queued job, unchanged while it waits; the smaller goes first. */
  key(job: JobId): number;
  /** Running jobs ranked above this give way to a queued job of that key; grows with the key. */
  bar(key: number): number;
}

/**
 * Pre-emption by rank: the best-ranked queued job that free GPUs and strictly worse-ranked running jobs can make room
 * for takes theirs, the worst giving way first, as few as needed; ties among queued jobs by submission, among running
 * ones the last to start gives way first.
 *
 * When no room can be made for a job, the next smaller one in rank is tried: one as large or larger, with the same or
 * fewer victims to take from, would find none either. A job that fits is left to the backfill, with all behind it.
 */
export class RankedPreemption implements PreemptPolicy {
  private readonly context: PolicyContext;
  private readonly ranking: Ranking;
  private readonly victims: Victims;
  /** The queued jobs by rank. */
  private readonly queued: OrderedQueue;

  constructor(context: PolicyContext, ranking: Ranking) {
    this.context = context;
    this.ranking = ranking;
    this.victims = new Victims(context, ranking);
    // A failure gives a place in the queue, not a better rank: else its job and those ranked above it took turns for ever.
    const byRank = { key: (job: JobId) => ranking.key(job) };
    this.queued = new OrderedQueue(context.world, byRank, context.world.jobCount, undefined, false, false);
  }

  onQueued(job: JobId): boolean {
    this.queued.add(job);
    return this.victims.mayMakeRoom(job, this.barOf(job)) && !this.context.fits(job);
  }

  onUnqueued(job: JobId): void {
    this.queued.remove(job);
  }

  onStarted(job: JobId): void {
    if (this.queued.has(job)) this.queued.remove(job);
    this.victims.onStarted(job);
  }

  onStopped(job: JobId): void {
    this.victims.onStopped(job);
  }

  onTimer(job: JobId): boolean {
    this.victims.onTimer(job);
    return this.someMayBeServed();
  }

  onChanged(job: JobId): boolean {
    if (!this.victims.line.has(job)) return false;
    this.victims.onTimer(job);
    return this.someMayBeServed();
  }

  pass(): void {
    while (this.serveOne());
  }

  private serveOne(): boolean {
    if (!this.someMayBeServed()) return false;
    const { queued, victims, context } = this;
    let job = queued.head();
    for (let sizes = 0; job >= 0 && sizes < MAX_SIZES; sizes++) {
      const bar = this.barOf(job);
      if (!victims.someAbove(bar) || context.fits(job)) return false;
      if (victims.makeRoom(job, bar)) return true;
      job = queued.firstFitting(context.world.heldGpus(job) - 1, Number.POSITIVE_INFINITY, 0);
    }
    return false;
  }

  private someMayBeServed(): boolean {
    const { queued, victims } = this;
    return queued.length > 0 && victims.someAbove(this.barOf(queued.head()));
  }

  private barOf(job: JobId): number {
    return this.ranking.bar(this.queued.keyOf(job));
  }
}
