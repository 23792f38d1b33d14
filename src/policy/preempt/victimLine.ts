import type { JobId } from '../contracts.js';

/** Entries a chunk holds before it splits. */
const CHUNK = 64;

/**
 * Running jobs that may give way, the first to do so first: larger rank before smaller, then the one that runs for
 * less time, then the larger id.
 *
 * Chunks of up to 64 jobs with the sum of what they hold, in a sorted directory. Cost: add and remove O(log n + 64 +
 * n/64), {@link holdsAbove} O(n/64 + 64), the first O(1). Memory: 20 B a job of the run.
 */
export class VictimLine {
  count = 0;

  private readonly rankOf: Float64Array;
  private readonly sinceMs: Float64Array;
  private readonly held: Int32Array;
  private jobs = new Int32Array(16 * CHUNK);
  private counts = new Int32Array(16);
  private sums = new Float64Array(16);
  /** Chunk ids in order; only the first `chunks` count. */
  private directory = new Int32Array(16);
  private chunks = 0;
  private readonly freeChunks: number[] = [];
  private chunksUsed = 0;

  /** @param jobs - of the run */
  constructor(jobs: number) {
    this.rankOf = new Float64Array(jobs).fill(Number.NaN);
    this.sinceMs = new Float64Array(jobs);
    this.held = new Int32Array(jobs);
  }

  has(job: JobId): boolean {
    return !Number.isNaN(this.rankOf[job]!);
  }

  rank(job: JobId): number {
    return this.rankOf[job]!;
  }

  /** The first to give way, or -1. */
  first(): JobId {
    return this.count === 0 ? -1 : this.jobs[this.directory[0]! * CHUNK]!;
  }

  /** @param sinceMs - when it got its GPUs */
  add(job: JobId, rank: number, sinceMs: number, heldGpus: number): void {
    this.rankOf[job] = rank;
    this.sinceMs[job] = sinceMs;
    this.held[job] = heldGpus;
    this.count++;
    if (this.chunks === 0) this.insertChunk(0);
    let at = this.chunkFor(job);
    if (at === this.chunks) at--;
    let chunk = this.directory[at]!;
    if (this.counts[chunk] === CHUNK) {
      this.split(at);
      if (this.precedes(this.lastOf(chunk), job)) chunk = this.directory[at + 1]!;
    }
    const from = chunk * CHUNK;
    let slot = from + this.counts[chunk]!;
    const { jobs } = this;
    for (; slot > from && this.precedes(job, jobs[slot - 1]!); slot--) jobs[slot] = jobs[slot - 1]!;
    jobs[slot] = job;
    this.counts[chunk]!++;
    this.sums[chunk]! += heldGpus;
  }

  /** The job must be in the line. */
  remove(job: JobId): void {
    const at = this.chunkFor(job);
    const chunk = this.directory[at]!;
    const { jobs } = this;
    const to = chunk * CHUNK + this.counts[chunk]!;
    let slot = chunk * CHUNK;
    while (jobs[slot] !== job) slot++;
    jobs.copyWithin(slot, slot + 1, to);
    this.count--;
    this.sums[chunk]! -= this.held[job]!;
    this.rankOf[job] = Number.NaN;
    if (--this.counts[chunk]! === 0) this.dropChunk(at);
  }

  /** Do the jobs ranked above `bar` hold at least so many GPUs together? */
  holdsAbove(bar: number, gpus: number): boolean {
    let missing = gpus;
    for (let at = 0; at < this.chunks && missing > 0; at++) {
      const chunk = this.directory[at]!;
      if (this.rankOf[this.lastOf(chunk)]! > bar) {
        missing -= this.sums[chunk]!;
        continue;
      }
      const from = chunk * CHUNK;
      for (let slot = from; missing > 0 && this.rankOf[this.jobs[slot]!]! > bar; slot++)
        missing -= this.held[this.jobs[slot]!]!;
      break;
    }
    return missing <= 0;
  }

  /** Copies the first jobs ranked above `bar` into `into`, from its start, as many as it holds; returns how many. */
  copyAbove(bar: number, into: Int32Array): number {
    let copied = 0;
    for (let at = 0; at < this.chunks; at++) {
      const chunk = this.directory[at]!;
      const to = chunk * CHUNK + this.counts[chunk]!;
      for (let slot = chunk * CHUNK; slot < to; slot++) {
        const job = this.jobs[slot]!;
        if (copied === into.length || !(this.rankOf[job]! > bar)) return copied;
        into[copied++] = job;
      }
    }
    return copied;
  }

  private precedes(job: JobId, other: JobId): boolean {
    const rank = this.rankOf[job]!;
    const otherRank = this.rankOf[other]!;
    if (rank !== otherRank) return rank > otherRank;
    const since = this.sinceMs[job]!;
    const otherSince = this.sinceMs[other]!;
    return since !== otherSince ? since > otherSince : job > other;
  }

  private lastOf(chunk: number): JobId {
    return this.jobs[chunk * CHUNK + this.counts[chunk]! - 1]!;
  }

  /** Position in the directory of the first chunk whose last job is not before the given one; `chunks`: there is none. */
  private chunkFor(job: JobId): number {
    let low = 0;
    let high = this.chunks;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.directory[middle]!;
      if (this.counts[chunk]! > 0 && this.precedes(this.lastOf(chunk), job)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private insertChunk(at: number): number {
    const chunk = this.freeChunks.pop() ?? this.chunksUsed++;
    if (chunk === this.counts.length) this.grow();
    this.directory.copyWithin(at + 1, at, this.chunks++);
    this.directory[at] = chunk;
    this.counts[chunk] = 0;
    this.sums[chunk] = 0;
    return chunk;
  }

  private dropChunk(at: number): void {
    this.freeChunks.push(this.directory[at]!);
    this.directory.copyWithin(at, at + 1, this.chunks--);
  }

  private split(at: number): void {
    const right = this.insertChunk(at + 1);
    const left = this.directory[at]!;
    const half = CHUNK / 2;
    const from = left * CHUNK + half;
    this.jobs.copyWithin(right * CHUNK, from, from + half);
    let moved = 0;
    for (let slot = from; slot < from + half; slot++) moved += this.held[this.jobs[slot]!]!;
    this.counts[left] = half;
    this.counts[right] = half;
    this.sums[left]! -= moved;
    this.sums[right] = moved;
  }

  private grow(): void {
    const chunks = 2 * this.counts.length;
    const slots = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    this.jobs = slots(this.jobs, new Int32Array(chunks * CHUNK));
    this.counts = slots(this.counts, new Int32Array(chunks));
    this.sums = slots(this.sums, new Float64Array(chunks));
    this.directory = slots(this.directory, new Int32Array(chunks));
  }
}
