import { SimError } from '../base/errors.js';

/**
 * Queued jobs of one size class in (key, id) order, under a tournament tree of least estimate and least
 * size: finds the first job that is small and short enough without looking at the others.
 *
 * Slots are appended (a key that is not the largest so far is inserted by shifting, O(n)); a removed job
 * leaves a dead slot until the next rebuild. Cost: append and remove O(log n); first O(log n) where one job of
 * a subtree is both its shortest and its smallest, more where these are two that fail apart.
 */
export class SizeClassQueue {
  /** Jobs in the class. */
  live = 0;

  private capacity = 32;
  private tail = 0;
  private front = 0;
  private jobs = new Int32Array(this.capacity);
  private keys = new Float64Array(this.capacity);
  /** Tree over slots, root at 1, leaf of slot s at capacity + s; dead slots are (Infinity, MAX). */
  private leastEstimate = new Float64Array(2 * this.capacity).fill(Number.POSITIVE_INFINITY);
  private leastGpus = new Int32Array(2 * this.capacity).fill(DEAD_GPUS);
  private readonly slotOf: Int32Array;

  /** @param slotOf - shared by the classes of a queue, indexed by job */
  constructor(slotOf: Int32Array) {
    this.slotOf = slotOf;
  }

  add(job: number, key: number, _slope: number, gpus: number, estimateMs: number): void {
    if (this.tail === this.capacity) this.rebuild();
    let slot = this.tail;
    if (slot > 0 && this.isAfter(slot - 1, key, job)) slot = this.openSlot(key, job);
    this.tail++;
    this.live++;
    this.jobs[slot] = job;
    this.keys[slot] = key;
    this.slotOf[job] = slot;
    this.setLeaf(slot, estimateMs, gpus);
    if (slot < this.front) this.front = slot;
  }

  remove(job: number): void {
    const slot = this.slotOf[job]!;
    this.setLeaf(slot, Number.POSITIVE_INFINITY, DEAD_GPUS);
    if (--this.live === 0) {
      this.tail = 0;
      this.front = 0;
    }
  }

  /** The first job in order, or -1. */
  head(): number {
    if (this.live === 0) return -1;
    while (this.isDead(this.front)) this.front++;
    return this.jobs[this.front]!;
  }

  keyOf(job: number): number {
    return this.keys[this.slotOf[job]!]!;
  }

  /** Calls back with every job, in order. */
  forEach(visit: (job: number) => void): void {
    for (let slot = this.front; slot < this.tail; slot++) if (!this.isDead(slot)) visit(this.jobs[slot]!);
  }

  /** Keys that are taken again are not in order any more; such orders live in a line queue. */
  rekey(): void {
    throw new SimError('internal.invariant', 'keys of an order by arrival were to be taken again');
  }

  /**
   * The first job in order that holds at most `maxGpus` and either is estimated at most `windowMs` or holds
   * at most `spareGpus`; -1 when there is none.
   */
  first(maxGpus: number, windowMs: number, spareGpus: number): number {
    const { leastEstimate, leastGpus, capacity } = this;
    const spare = spareGpus < maxGpus ? spareGpus : maxGpus;
    let node = 1;
    for (;;) {
      const gpus = leastGpus[node]!;
      if (gpus <= maxGpus && (gpus <= spare || leastEstimate[node]! <= windowMs)) {
        // At a leaf both minima belong to one job, so passing the test means it qualifies.
        if (node >= capacity) return this.jobs[node - capacity]!;
        node *= 2;
        continue;
      }
      // Nothing below: on to the next subtree to the right.
      while ((node & 1) === 1) node >>= 1;
      if (node === 0) return -1;
      node++;
    }
  }

  private isDead(slot: number): boolean {
    return this.leastGpus[this.capacity + slot] === DEAD_GPUS;
  }

  private isAfter(slot: number, key: number, job: number): boolean {
    return this.keys[slot]! > key || (this.keys[slot] === key && this.jobs[slot]! > job);
  }

  /** Shifts later slots right by one and returns the slot that became free. O(n), for keys out of order. */
  private openSlot(key: number, job: number): number {
    let low = 0;
    let high = this.tail;
    while (low < high) {
      const middle = (low + high) >> 1;
      // Dead slots keep key and id, so the order holds across them.
      if (this.isAfter(middle, key, job)) high = middle;
      else low = middle + 1;
    }
    for (let slot = this.tail; slot > low; slot--) {
      const moved = this.jobs[slot - 1]!;
      this.jobs[slot] = moved;
      this.keys[slot] = this.keys[slot - 1]!;
      if (!this.isDead(slot - 1)) this.slotOf[moved] = slot;
      this.leastEstimate[this.capacity + slot] = this.leastEstimate[this.capacity + slot - 1]!;
      this.leastGpus[this.capacity + slot] = this.leastGpus[this.capacity + slot - 1]!;
    }
    this.rebuildTree();
    return low;
  }

  private setLeaf(slot: number, estimateMs: number, gpus: number): void {
    const { leastEstimate, leastGpus } = this;
    let node = this.capacity + slot;
    leastEstimate[node] = estimateMs;
    leastGpus[node] = gpus;
    for (node >>= 1; node >= 1; node >>= 1) {
      const left = 2 * node;
      const estimate = Math.min(leastEstimate[left]!, leastEstimate[left + 1]!);
      const least = Math.min(leastGpus[left]!, leastGpus[left + 1]!);
      if (leastEstimate[node] === estimate && leastGpus[node] === least) return;
      leastEstimate[node] = estimate;
      leastGpus[node] = least;
    }
  }

  /** Drops dead slots, and doubles the capacity when more than half of the slots are live. */
  private rebuild(): void {
    const capacity = 2 * this.live > this.capacity ? 2 * this.capacity : this.capacity;
    const jobs = new Int32Array(capacity);
    const keys = new Float64Array(capacity);
    const leastEstimate = new Float64Array(2 * capacity).fill(Number.POSITIVE_INFINITY);
    const leastGpus = new Int32Array(2 * capacity).fill(DEAD_GPUS);
    let to = 0;
    for (let slot = 0; slot < this.tail; slot++) {
      if (this.isDead(slot)) continue;
      const job = this.jobs[slot]!;
      jobs[to] = job;
      keys[to] = this.keys[slot]!;
      leastEstimate[capacity + to] = this.leastEstimate[this.capacity + slot]!;
      leastGpus[capacity + to] = this.leastGpus[this.capacity + slot]!;
      this.slotOf[job] = to++;
    }
    this.capacity = capacity;
    this.jobs = jobs;
    this.keys = keys;
    this.leastEstimate = leastEstimate;
    this.leastGpus = leastGpus;
    this.tail = to;
    this.front = 0;
    this.rebuildTree();
  }

  private rebuildTree(): void {
    const { leastEstimate, leastGpus } = this;
    for (let node = this.capacity - 1; node >= 1; node--) {
      leastEstimate[node] = Math.min(leastEstimate[2 * node]!, leastEstimate[2 * node + 1]!);
      leastGpus[node] = Math.min(leastGpus[2 * node]!, leastGpus[2 * node + 1]!);
    }
  }
}

const DEAD_GPUS = 0x7fffffff;
