/** Entries a chunk holds before it splits. */
const CHUNK = 64;

/**
 * Estimated ends of the running jobs, ascending, with the GPUs each frees: answers "when will n GPUs be
 * free?" without walking them one by one.
 *
 * Chunks of up to 64 entries with their sum of GPUs, in a sorted directory. Cost: add and remove O(log n +
 * 64 + n/64), shadow O(n/64 + 64).
 */
export class RunningEnds {
  length = 0;
  /** Result of the last {@link findShadow}. */
  shadowMs = Number.POSITIVE_INFINITY;
  spareGpus = 0;

  private ends = new Float64Array(16 * CHUNK);
  private gpus = new Int32Array(16 * CHUNK);
  private counts = new Int32Array(16);
  private sums = new Float64Array(16);
  /** Chunk ids in order of time; only the first `chunks` count. */
  private directory = new Int32Array(16);
  private chunks = 0;
  private freeChunks: number[] = [];
  private chunksUsed = 0;

  add(endMs: number, gpus: number): void {
    this.length++;
    // The first chunk whose last end is not before the new one; after everything, the last chunk.
    let at = this.chunkFor(endMs);
    if (this.chunks === 0) this.insertChunk(0);
    else if (at === this.chunks) at--;
    let chunk = this.directory[at]!;
    if (this.counts[chunk] === CHUNK) {
      this.split(at);
      if (endMs > this.lastEnd(chunk)) chunk = this.directory[at + 1]!;
    }
    const from = chunk * CHUNK;
    let slot = from + this.counts[chunk]!;
    const { ends, gpus: freed } = this;
    while (slot > from && ends[slot - 1]! > endMs) {
      ends[slot] = ends[slot - 1]!;
      freed[slot] = freed[slot - 1]!;
      slot--;
    }
    ends[slot] = endMs;
    freed[slot] = gpus;
    this.counts[chunk]!++;
    this.sums[chunk]! += gpus;
  }

  /** Removes one entry with exactly these numbers; there must be one. */
  remove(endMs: number, gpus: number): void {
    const { ends, gpus: freed } = this;
    for (let at = this.chunkFor(endMs); at < this.chunks; at++) {
      const chunk = this.directory[at]!;
      const to = chunk * CHUNK + this.counts[chunk]!;
      let slot = this.slotFor(chunk, endMs);
      while (slot < to && ends[slot] === endMs && freed[slot] !== gpus) slot++;
      if (slot === to) continue; // ends tied across a chunk's border
      for (; slot < to - 1; slot++) {
        ends[slot] = ends[slot + 1]!;
        freed[slot] = freed[slot + 1]!;
      }
      this.length--;
      this.sums[chunk]! -= gpus;
      if (--this.counts[chunk]! === 0) this.dropChunk(at);
      return;
    }
  }

  /**
   * The first instant at which `freeNow` plus what ends by then reaches `need`, into `shadowMs`, and what is
   * free at that instant beyond the need, every job counted that ends then, into `spareGpus`. If it is never
   * reached, the instant is the last end and nothing is to spare.
   */
  findShadow(freeNow: number, need: number): void {
    const { ends, gpus: freed, directory, counts, sums, chunks } = this;
    let free = freeNow;
    let at = 0;
    while (at < chunks && free + sums[directory[at]!]! < need) free += sums[directory[at++]!]!;
    if (at === chunks) {
      this.shadowMs = chunks === 0 ? Number.POSITIVE_INFINITY : this.lastEnd(directory[chunks - 1]!);
      this.spareGpus = 0;
      return;
    }
    let chunk = directory[at]!;
    let slot = chunk * CHUNK;
    while (free < need) free += freed[slot++]!;
    const shadowMs = ends[slot - 1]!;
    for (;;) {
      const to = chunk * CHUNK + counts[chunk]!;
      while (slot < to && ends[slot] === shadowMs) free += freed[slot++]!;
      if (slot < to || ++at === chunks) break;
      chunk = directory[at]!;
      slot = chunk * CHUNK;
    }
    this.shadowMs = shadowMs;
    this.spareGpus = free - need;
  }

  private lastEnd(chunk: number): number {
    return this.ends[chunk * CHUNK + this.counts[chunk]! - 1]!;
  }

  /** Position in the directory of the first chunk whose last end is ≥ endMs; `chunks` when there is none. */
  private chunkFor(endMs: number): number {
    let low = 0;
    let high = this.chunks;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lastEnd(this.directory[middle]!) < endMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** First slot of a chunk with an end ≥ endMs, or the slot behind its last. */
  private slotFor(chunk: number, endMs: number): number {
    let low = chunk * CHUNK;
    let high = low + this.counts[chunk]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle]! < endMs) low = middle + 1;
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
    this.ends.copyWithin(right * CHUNK, from, from + half);
    this.gpus.copyWithin(right * CHUNK, from, from + half);
    let moved = 0;
    for (let slot = from; slot < from + half; slot++) moved += this.gpus[slot]!;
    this.counts[left] = half;
    this.counts[right] = half;
    this.sums[left]! -= moved;
    this.sums[right] = moved;
  }

  private grow(): void {
    const chunks = 2 * this.counts.length;
    const ends = new Float64Array(chunks * CHUNK);
    ends.set(this.ends);
    this.ends = ends;
    const gpus = new Int32Array(chunks * CHUNK);
    gpus.set(this.gpus);
    this.gpus = gpus;
    const counts = new Int32Array(chunks);
    counts.set(this.counts);
    this.counts = counts;
    const sums = new Float64Array(chunks);
    sums.set(this.sums);
    this.sums = sums;
    const directory = new Int32Array(chunks);
    directory.set(this.directory);
    this.directory = directory;
  }
}
