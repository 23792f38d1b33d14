import { SimError } from '../base/errors.js';

/** Jobs a chunk holds before it splits. */
const CHUNK = 64;

/**
 * Queued jobs of one size class in (key, id) order, for keys that stand still but come in any order: finds the first
 * job that is small and short enough, however many that go before it are not.
 *
 * Chunks of up to 64 jobs with their least estimate and size, in a sorted directory. Cost: add and remove
 * O(log n + 64 + n/64), head O(1), first O(n/64) and 64 for each chunk in which the least are two jobs that fail apart.
 */
export class SortedQueue {
  /** Jobs in the class. */
  live = 0;

  private jobs = new Int32Array(4 * CHUNK);
  private gpus = new Int32Array(4 * CHUNK);
  private estimates = new Float64Array(4 * CHUNK);
  private counts = new Int32Array(4);
  private leastGpus = new Int32Array(4);
  private leastEstimate = new Float64Array(4);
  /** Chunk ids in order; only the first `chunks` count. */
  private directory = new Int32Array(4);
  private chunks = 0;
  private chunksUsed = 0;
  private readonly freeChunks: number[] = [];
  private readonly keys: Float64Array;

  /** @param keys - by job, shared by the classes of a queue */
  constructor(keys: Float64Array) {
    this.keys = keys;
  }

  add(job: number, key: number, _slope: number, gpus: number, estimateMs: number): void {
    this.keys[job] = key;
    this.live++;
    let at = this.chunkFor(job);
    if (this.chunks === 0) this.insertChunk(0);
    else if (at === this.chunks) at--; // behind everything: into the last chunk
    if (this.counts[this.directory[at]!] === CHUNK) {
      this.split(at);
      if (this.precedes(this.lastOf(this.directory[at]!), job)) at++;
    }
    const chunk = this.directory[at]!;
    const slot = this.slotFor(chunk, job);
    this.shift(slot, 1, chunk * CHUNK + this.counts[chunk]!);
    this.jobs[slot] = job;
    this.gpus[slot] = gpus;
    this.estimates[slot] = estimateMs;
    this.counts[chunk]!++;
    if (gpus < this.leastGpus[chunk]!) this.leastGpus[chunk] = gpus;
    if (estimateMs < this.leastEstimate[chunk]!) this.leastEstimate[chunk] = estimateMs;
  }

  remove(job: number): void {
    const at = this.chunkFor(job);
    const chunk = this.directory[at]!;
    this.shift(this.slotFor(chunk, job) + 1, -1, chunk * CHUNK + this.counts[chunk]!);
    this.live--;
    if (--this.counts[chunk]! > 0) {
      this.findLeast(chunk);
      return;
    }
    this.freeChunks.push(chunk);
    this.directory.copyWithin(at, at + 1, this.chunks--);
  }

  /** The first job in order, or -1. */
  head(): number {
    return this.live === 0 ? -1 : this.jobs[this.directory[0]! * CHUNK]!;
  }

  keyOf(job: number): number {
    return this.keys[job]!;
  }

  /** Orders whose keys are taken again live in a line queue. */
  rekey(): void {
    throw new SimError('internal.invariant', 'keys of an order that stands still were to be taken again');
  }

  /**
   * The first job in order that holds at most `maxGpus` and either is estimated at most `windowMs` or holds at most
   * `spareGpus`; -1 when there is none.
   */
  first(maxGpus: number, windowMs: number, spareGpus: number): number {
    const { directory, counts, leastGpus, leastEstimate, gpus, estimates } = this;
    const spare = spareGpus < maxGpus ? spareGpus : maxGpus;
    for (let at = 0; at < this.chunks; at++) {
      const chunk = directory[at]!;
      const least = leastGpus[chunk]!;
      if (least > maxGpus || (least > spare && leastEstimate[chunk]! > windowMs)) continue;
      const to = chunk * CHUNK + counts[chunk]!;
      for (let slot = chunk * CHUNK; slot < to; slot++) {
        const held = gpus[slot]!;
        if (held <= spare || (held <= maxGpus && estimates[slot]! <= windowMs)) return this.jobs[slot]!;
      }
    }
    return -1;
  }

  /** Calls back with every job, in order. */
  forEach(visit: (job: number) => void): void {
    for (let at = 0; at < this.chunks; at++) {
      const chunk = this.directory[at]!;
      for (let i = 0; i < this.counts[chunk]!; i++) visit(this.jobs[chunk * CHUNK + i]!);
    }
  }

  private precedes(job: number, other: number): boolean {
    const key = this.keys[job]!;
    const otherKey = this.keys[other]!;
    return key < otherKey || (key === otherKey && job < other);
  }

  private lastOf(chunk: number): number {
    return this.jobs[chunk * CHUNK + this.counts[chunk]! - 1]!;
  }

  /** Position of the first chunk whose last job is this one or behind it; `chunks` when there is none. */
  private chunkFor(job: number): number {
    let low = 0;
    let high = this.chunks;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.precedes(this.lastOf(this.directory[middle]!), job)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** First slot of a chunk with this job or one behind it, or the slot behind its last. */
  private slotFor(chunk: number, job: number): number {
    let low = chunk * CHUNK;
    let high = low + this.counts[chunk]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.precedes(this.jobs[middle]!, job)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Moves the slots from `slot` up to `to` by so many. */
  private shift(slot: number, by: number, to: number): void {
    this.jobs.copyWithin(slot + by, slot, to);
    this.gpus.copyWithin(slot + by, slot, to);
    this.estimates.copyWithin(slot + by, slot, to);
  }

  private findLeast(chunk: number): void {
    const { gpus, estimates } = this;
    const to = chunk * CHUNK + this.counts[chunk]!;
    let leastGpus = Number.POSITIVE_INFINITY;
    let leastEstimate = Number.POSITIVE_INFINITY;
    for (let slot = chunk * CHUNK; slot < to; slot++) {
      if (gpus[slot]! < leastGpus) leastGpus = gpus[slot]!;
      if (estimates[slot]! < leastEstimate) leastEstimate = estimates[slot]!;
    }
    this.leastGpus[chunk] = leastGpus;
    this.leastEstimate[chunk] = leastEstimate;
  }

  private insertChunk(at: number): number {
    const chunk = this.freeChunks.pop() ?? this.chunksUsed++;
    if (chunk === this.counts.length) this.grow();
    this.directory.copyWithin(at + 1, at, this.chunks++);
    this.directory[at] = chunk;
    this.counts[chunk] = 0;
    this.leastGpus[chunk] = 0x7fffffff;
    this.leastEstimate[chunk] = Number.POSITIVE_INFINITY;
    return chunk;
  }

  private split(at: number): void {
    const right = this.insertChunk(at + 1);
    const left = this.directory[at]!;
    const half = CHUNK / 2;
    const from = left * CHUNK + half;
    this.jobs.copyWithin(right * CHUNK, from, from + half);
    this.gpus.copyWithin(right * CHUNK, from, from + half);
    this.estimates.copyWithin(right * CHUNK, from, from + half);
    this.counts[left] = half;
    this.counts[right] = half;
    this.findLeast(left);
    this.findLeast(right);
  }

  private grow(): void {
    const chunks = 2 * this.counts.length;
    const grown = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    this.jobs = grown(this.jobs, new Int32Array(chunks * CHUNK));
    this.gpus = grown(this.gpus, new Int32Array(chunks * CHUNK));
    this.estimates = grown(this.estimates, new Float64Array(chunks * CHUNK));
    this.counts = grown(this.counts, new Int32Array(chunks));
    this.leastGpus = grown(this.leastGpus, new Int32Array(chunks));
    this.leastEstimate = grown(this.leastEstimate, new Float64Array(chunks));
    this.directory = grown(this.directory, new Int32Array(chunks));
  }
}
