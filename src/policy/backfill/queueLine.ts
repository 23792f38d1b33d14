import type { JobId } from '../contracts.js';
import type { OrderedQueue } from '../orderedQueue.js';

/**
 * The queued jobs of a partition as a sorted list, for policies that go over many of them in order.
 *
 * Cost: add O(log n) comparisons and a move of what lies behind, O(1) at the end; remove a search by id and such a
 * move; sort O(n) while the order has hardly changed.
 */
export class QueueLine {
  count = 0;

  private readonly queue: OrderedQueue;
  private jobs = new Int32Array(64);
  private keys = new Float64Array(0);

  constructor(queue: OrderedQueue) {
    this.queue = queue;
  }

  /** The job at a position, 0…count−1. */
  job(position: number): JobId {
    return this.jobs[position]!;
  }

  /** Enters a job of the queue; returns its position. */
  add(job: JobId): number {
    if (this.count === this.jobs.length) {
      const grown = new Int32Array(2 * this.count);
      grown.set(this.jobs);
      this.jobs = grown;
    }
    const { jobs, queue } = this;
    let low = 0;
    let high = this.count;
    if (high > 0 && queue.precedes(jobs[high - 1]!, job)) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (queue.precedes(jobs[middle]!, job)) low = middle + 1;
      else high = middle;
    }
    jobs.copyWithin(low + 1, low, this.count++);
    jobs[low] = job;
    return low;
  }

  /** Takes a job out that is in the list; returns the position it had. */
  remove(job: JobId): number {
    const position = this.jobs.indexOf(job);
    this.jobs.copyWithin(position, position + 1, this.count--);
    return position;
  }

  /**
   * Puts the list in the queue's present order; returns the first position at which it changed, Infinity when nowhere.
   *
   * @param anew - the keys were taken again, so much may have changed
   */
  sort(anew: boolean): number {
    return anew ? this.sortAnew() : this.sortNearly();
  }

  private sortAnew(): number {
    const { jobs } = this;
    const inOrder = this.queue.inOrder();
    let first = Number.POSITIVE_INFINITY;
    for (let i = inOrder.length - 1; i >= 0; i--) {
      if (jobs[i] !== inOrder[i]) first = i;
      jobs[i] = inOrder[i]!;
    }
    return first;
  }

  /** By insertion; gives up where that moves more than a few jobs per job. */
  private sortNearly(): number {
    const { jobs, queue, count } = this;
    if (this.keys.length < count) this.keys = new Float64Array(jobs.length);
    const { keys } = this;
    let first = Number.POSITIVE_INFINITY;
    let moves = 8 * count;
    for (let i = 0; i < count; i++) {
      const job = jobs[i]!;
      const key = queue.keyOf(job);
      let to = i;
      while (to > 0 && (keys[to - 1]! > key || (keys[to - 1] === key && jobs[to - 1]! > job))) {
        jobs[to] = jobs[to - 1]!;
        keys[to] = keys[to - 1]!;
        to--;
      }
      jobs[to] = job;
      keys[to] = key;
      if (to === i) continue;
      if (to < first) first = to;
      moves -= i - to;
      if (moves < 0) return Math.min(first, this.sortAnew());
    }
    return first;
  }
}
