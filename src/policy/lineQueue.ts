const DEAD_GPUS = 0x7fffffff;

/**
 * Queued jobs of one size class whose keys are lines over time, in no order, under a tournament tree: finds the
 * first job by key that is small and short enough without sorting, whatever the keys do as time passes.
 *
 * Each node holds the winner of its subtree (smallest key now, ties by id), how long it surely stays the winner, and
 * the least estimate and size below. A winner is found again only when its time is up and somebody looks
 * (a kinetic tournament); where all slopes are 0 it never is. Finding the first that qualifies goes down the better
 * subtree first and leaves out those whose winner is worse than the best found.
 *
 * Cost: add and remove O(log n); first O(log n) where the winner qualifies, more where many good ones do not.
 * `nowMs` must not decrease from call to call.
 */
export class LineQueue {
  /** Jobs in the class. */
  live = 0;

  private capacity = 32;
  private slotsUsed = 0;
  private freeSlots: number[] = [];
  private jobs = new Int32Array(this.capacity);
  private base = new Float64Array(this.capacity);
  private slope = new Float64Array(this.capacity);
  /** Tree over slots, root at 1, leaf of slot s at capacity + s. */
  private winner = new Int32Array(2 * this.capacity).fill(-1);
  private validMs = new Float64Array(2 * this.capacity).fill(Number.POSITIVE_INFINITY);
  private leastEstimate = new Float64Array(2 * this.capacity).fill(Number.POSITIVE_INFINITY);
  private leastGpus = new Int32Array(2 * this.capacity).fill(DEAD_GPUS);
  private readonly slotOf: Int32Array;
  private readonly stack = new Int32Array(64);

  /** @param slotOf - shared by the classes of a queue, indexed by job */
  constructor(slotOf: Int32Array) {
    this.slotOf = slotOf;
  }

  /** The job's key at time t is `base + slope · t`. */
  add(job: number, base: number, slope: number, gpus: number, estimateMs: number, nowMs: number): void {
    let slot = this.freeSlots.pop();
    if (slot === undefined) {
      if (this.slotsUsed === this.capacity) this.grow(nowMs);
      slot = this.slotsUsed++;
    }
    this.live++;
    this.jobs[slot] = job;
    this.base[slot] = base;
    this.slope[slot] = slope;
    this.slotOf[job] = slot;
    this.setLeaf(slot, slot, gpus, estimateMs, nowMs);
  }

  remove(job: number, nowMs: number): void {
    const slot = this.slotOf[job]!;
    this.live--;
    this.freeSlots.push(slot);
    this.setLeaf(slot, -1, DEAD_GPUS, Number.POSITIVE_INFINITY, nowMs);
  }

  /** The first job by key, or -1. */
  head(nowMs: number): number {
    if (this.live === 0) return -1;
    this.refresh(1, nowMs);
    return this.jobs[this.winner[1]!]!;
  }

  keyOf(job: number, nowMs: number): number {
    return this.keyAt(this.slotOf[job]!, nowMs);
  }

  /** Takes all keys again. O(n). */
  rekey(keyOf: (job: number) => number, slopeOf: (job: number) => number, nowMs: number): void {
    for (let slot = 0; slot < this.slotsUsed; slot++) {
      if (this.winner[this.capacity + slot]! < 0) continue;
      const job = this.jobs[slot]!;
      const slope = slopeOf(job);
      this.slope[slot] = slope;
      this.base[slot] = keyOf(job) - slope * nowMs;
    }
    for (let node = this.capacity - 1; node >= 1; node--) this.combine(node, nowMs);
  }

  /**
   * The first job by key that holds at most `maxGpus` and either is estimated at most `windowMs` or holds at most
   * `spareGpus`; -1 when there is none.
   */
  first(maxGpus: number, windowMs: number, spareGpus: number, nowMs: number): number {
    const { leastEstimate, leastGpus, capacity, winner, stack } = this;
    const spare = spareGpus < maxGpus ? spareGpus : maxGpus;
    let best = -1;
    let depth = 0;
    stack[depth++] = 1;
    while (depth > 0) {
      const node = stack[--depth]!;
      if (!(leastGpus[node]! <= maxGpus && (leastGpus[node]! <= spare || leastEstimate[node]! <= windowMs))) continue;
      this.refresh(node, nowMs);
      const candidate = winner[node]!;
      if (candidate < 0 || (best >= 0 && !this.precedes(candidate, best, nowMs))) continue;
      const leaf = capacity + candidate;
      if (leastGpus[leaf]! <= maxGpus && (leastGpus[leaf]! <= spare || leastEstimate[leaf]! <= windowMs)) {
        best = candidate; // nobody below this node goes before its winner
        continue;
      }
      // The winner does not qualify: its side may hold the next best, so it is looked at first.
      const left = 2 * node;
      const inLeft = winner[left] === candidate;
      stack[depth++] = inLeft ? left + 1 : left;
      stack[depth++] = inLeft ? left : left + 1;
    }
    return best < 0 ? -1 : this.jobs[best]!;
  }

  /** Calls back with every job, in no order. */
  forEach(visit: (job: number) => void): void {
    for (let slot = 0; slot < this.slotsUsed; slot++) {
      if (this.winner[this.capacity + slot]! >= 0) visit(this.jobs[slot]!);
    }
  }

  private keyAt(slot: number, nowMs: number): number {
    return this.base[slot]! + this.slope[slot]! * nowMs;
  }

  private precedes(slot: number, other: number, nowMs: number): boolean {
    const key = this.keyAt(slot, nowMs);
    const otherKey = this.keyAt(other, nowMs);
    return key < otherKey || (key === otherKey && this.jobs[slot]! < this.jobs[other]!);
  }

  private setLeaf(slot: number, winner: number, gpus: number, estimateMs: number, nowMs: number): void {
    let node = this.capacity + slot;
    this.winner[node] = winner;
    this.leastGpus[node] = gpus;
    this.leastEstimate[node] = estimateMs;
    for (node >>= 1; node >= 1; node >>= 1) this.combine(node, nowMs);
  }

  /** Finds the winner anew where its time is up, here and below. */
  private refresh(node: number, nowMs: number): void {
    if (this.validMs[node]! < nowMs) this.decide(node, nowMs);
  }

  /** Finds the winner of a node whose time is up. Sizes and estimates below have not changed. */
  private decide(node: number, nowMs: number): void {
    const { validMs } = this;
    const left = 2 * node;
    if (validMs[left]! < nowMs) this.decide(left, nowMs);
    if (validMs[left + 1]! < nowMs) this.decide(left + 1, nowMs);
    this.compare(node, nowMs);
  }

  private combine(node: number, nowMs: number): void {
    const { leastEstimate, leastGpus } = this;
    const left = 2 * node;
    const right = left + 1;
    leastEstimate[node] = Math.min(leastEstimate[left]!, leastEstimate[right]!);
    leastGpus[node] = Math.min(leastGpus[left]!, leastGpus[right]!);
    this.compare(node, nowMs);
  }

  /** The winner of the winners of both sides, and until when. */
  private compare(node: number, nowMs: number): void {
    const { winner, validMs, base, slope } = this;
    const left = 2 * node;
    const right = left + 1;
    const a = winner[left]!;
    const b = winner[right]!;
    const leftMs = validMs[left]!;
    const rightMs = validMs[right]!;
    let valid = leftMs < rightMs ? leftMs : rightMs;
    if (a < 0 || b < 0) {
      winner[node] = a < 0 ? b : a;
    } else {
      const keyA = base[a]! + slope[a]! * nowMs;
      const keyB = base[b]! + slope[b]! * nowMs;
      const first = keyA < keyB || (keyA === keyB && this.jobs[a]! < this.jobs[b]!);
      const wins = first ? a : b;
      const loses = first ? b : a;
      winner[node] = wins;
      const closing = slope[wins]! - slope[loses]!;
      if (closing > 0) {
        // Whole ms before the lines cross, one to be safe against rounding; past that, every look compares again.
        const crossMs = Math.floor((base[loses]! - base[wins]!) / closing) - 1;
        if (crossMs < valid) valid = crossMs;
      }
    }
    validMs[node] = valid;
  }

  private grow(nowMs: number): void {
    const before = this.capacity;
    this.capacity = 2 * before;
    const { capacity } = this;
    const slots = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    this.jobs = slots(this.jobs, new Int32Array(capacity));
    this.base = slots(this.base, new Float64Array(capacity));
    this.slope = slots(this.slope, new Float64Array(capacity));
    const leaves = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      into.set(from.subarray(before), capacity);
      return into;
    };
    this.winner = leaves(this.winner, new Int32Array(2 * capacity).fill(-1));
    this.leastGpus = leaves(this.leastGpus, new Int32Array(2 * capacity).fill(DEAD_GPUS));
    const never = () => new Float64Array(2 * capacity).fill(Number.POSITIVE_INFINITY);
    this.leastEstimate = leaves(this.leastEstimate, never());
    this.validMs = never();
    for (let node = capacity - 1; node >= 1; node--) this.combine(node, nowMs);
  }
}
