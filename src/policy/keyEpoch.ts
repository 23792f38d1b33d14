import type { OrderPolicy } from './contracts.js';

/**
 * When the keys of all queues are taken again: one count for the run, so that keys that are compared come from one
 * state of the order.
 *
 * A new epoch begins at the first instant at which somebody asks, {@link OrderPolicy.rekeyEveryMs} or more after the
 * last began (the first: after the run did). The order is then told to bring up to date what its keys are made from.
 */
export class KeyEpoch {
  private readonly order: OrderPolicy;
  private readonly clock: { readonly nowMs: number };
  private readonly everyMs: number;
  private sinceMs: number;
  private count = 0;

  constructor(order: OrderPolicy, clock: { readonly nowMs: number }) {
    this.order = order;
    this.clock = clock;
    this.everyMs = order.rekeyEveryMs ?? Number.POSITIVE_INFINITY;
    this.sinceMs = clock.nowMs;
  }

  /** The number of the epoch that is now. O(1), but for the order's own work when one begins. */
  now(): number {
    const { nowMs } = this.clock;
    if (nowMs - this.sinceMs >= this.everyMs) {
      this.sinceMs = nowMs;
      this.count++;
      this.order.refresh?.();
    }
    return this.count;
  }
}
