/** Steps a chunk holds before it splits. */
const CHUNK = 64;

/**
 * GPUs free from now on, a step function of time: what running jobs and reservations leave.
 *
 * Steps in chunks of up to 64, in a sorted directory; each chunk knows the least and the most that is free in it
 * and a level added to all of its steps, so that searches step over chunks that cannot matter. Neighbouring steps
 * differ. The last step lasts for ever.
 *
 * Cost: add O(log n + 64 + n/64), {@link firstRoom} O(n/64 + 64 a hole looked into). No allocation but on growth.
 */
export class Availability {
  /** Steps. */
  length = 1;

  private at = new Float64Array(16 * CHUNK);
  private free = new Int32Array(16 * CHUNK);
  private counts = new Int32Array(16);
  private level = new Int32Array(16);
  /** With the level. */
  private least = new Int32Array(16);
  private most = new Int32Array(16);
  /** Chunk ids in order of time; only the first `chunks` count. */
  private directory = new Int32Array(16);
  private chunks = 1;
  private chunksUsed = 1;
  private readonly freeChunks: number[] = [];
  /** Where {@link locate} went: position in the directory, and slot. */
  private foundAt = 0;
  private foundSlot = 0;

  constructor(nowMs: number, gpus: number) {
    this.at[0] = nowMs;
    this.free[0] = gpus;
    this.counts[0] = 1;
    this.least[0] = gpus;
    this.most[0] = gpus;
  }

  /** Forgets what was before `nowMs`, which must not decrease from call to call. */
  advance(nowMs: number): void {
    const { at, free, counts, directory } = this;
    while (this.chunks > 1 && at[directory[1]! * CHUNK]! <= nowMs) {
      this.length -= counts[directory[0]!]!;
      this.dropChunk(0);
    }
    const chunk = directory[0]!;
    const from = chunk * CHUNK;
    const to = from + counts[chunk]!;
    let first = from;
    while (first + 1 < to && at[first + 1]! <= nowMs) first++;
    if (first === from) return;
    at.copyWithin(from, first, to);
    free.copyWithin(from, first, to);
    counts[chunk]! -= first - from;
    this.length -= first - from;
    this.measure(chunk);
  }

  /** Free at an instant, not before the last {@link advance}. */
  freeAt(atMs: number): number {
    this.locate(atMs);
    return this.free[this.foundSlot]! + this.level[this.directory[this.foundAt]!]!;
  }

  /** Adds `gpus` (negative: takes them) from `fromMs` inclusive to `toMs` exclusive; nothing when that is empty. */
  add(fromMs: number, toMs: number, gpus: number): void {
    if (!(fromMs < toMs)) return;
    this.breakAt(fromMs);
    if (toMs < Number.POSITIVE_INFINITY) this.breakAt(toMs);
    this.locate(fromMs);
    const { at, free, counts, level, least, most, directory } = this;
    let slot = this.foundSlot;
    for (let index = this.foundAt; index < this.chunks; index++) {
      const chunk = directory[index]!;
      const from = chunk * CHUNK;
      const to = from + counts[chunk]!;
      if (index > this.foundAt) slot = from;
      if (at[slot]! >= toMs) break;
      if (slot === from && at[to - 1]! < toMs) {
        level[chunk]! += gpus;
        least[chunk]! += gpus;
        most[chunk]! += gpus;
        continue;
      }
      while (slot < to && at[slot]! < toMs) free[slot++]! += gpus;
      this.measure(chunk);
      if (slot < to) break;
    }
    this.mergeAt(fromMs);
    if (toMs < Number.POSITIVE_INFINITY) this.mergeAt(toMs);
  }

  /**
   * The first instant from `fromMs` on, not after `latestMs`, at which `gpus` are free for the whole of `spanMs`;
   * Infinity when there is none.
   */
  firstRoom(fromMs: number, gpus: number, spanMs: number, latestMs: number): number {
    this.locate(fromMs);
    let start = fromMs;
    while (start <= latestMs) {
      const roomMs = this.nextAtLeast(gpus);
      if (roomMs === Number.POSITIVE_INFINITY || roomMs > latestMs) break;
      if (roomMs > start) start = roomMs;
      const endMs = start + spanMs;
      if (this.nextBelow(gpus, endMs) >= endMs) return start;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Since when, without a break, `gpus` are free until just before an instant; that instant when they are not. */
  freeSince(atMs: number, gpus: number): number {
    this.locate(atMs);
    const { at, free, counts, level, least, directory } = this;
    if (at[this.foundSlot] === atMs) {
      const slot = this.foundSlot;
      this.stepBack();
      if (this.foundSlot === slot) return atMs;
    }
    let since = atMs;
    let slot = this.foundSlot;
    for (let index = this.foundAt; index >= 0; index--) {
      const chunk = directory[index]!;
      const from = chunk * CHUNK;
      if (index < this.foundAt) slot = from + counts[chunk]! - 1;
      if (least[chunk]! >= gpus) {
        since = at[from]!;
        continue;
      }
      const need = gpus - level[chunk]!;
      while (slot >= from && free[slot]! >= need) since = at[slot--]!;
      if (slot >= from) break;
    }
    return since;
  }

  /** The first step that begins after `atMs`; Infinity when there is none. */
  nextStepMs(atMs: number): number {
    this.locate(atMs);
    const chunk = this.directory[this.foundAt]!;
    const next = this.foundSlot + 1;
    if (next < chunk * CHUNK + this.counts[chunk]!) return this.at[next]!;
    return this.foundAt + 1 < this.chunks ? this.at[this.directory[this.foundAt + 1]! * CHUNK]! : Infinity;
  }

  /** The first instant from `fromMs` on, before `toMs`, at which fewer than `gpus` are free; `toMs` when there is none. */
  firstBelow(fromMs: number, gpus: number, toMs: number): number {
    this.locate(fromMs);
    const belowMs = this.nextBelow(gpus, toMs);
    return belowMs < toMs ? Math.max(belowMs, fromMs) : toMs;
  }

  /** The most that is free at any instant of a stretch. */
  mostFree(fromMs: number, toMs: number): number {
    this.locate(fromMs);
    const { at, free, counts, level, most, directory } = this;
    let best = Number.NEGATIVE_INFINITY;
    let slot = this.foundSlot;
    for (let index = this.foundAt; index < this.chunks; index++) {
      const chunk = directory[index]!;
      const from = chunk * CHUNK;
      const to = from + counts[chunk]!;
      if (index > this.foundAt) slot = from;
      if (index > this.foundAt && at[slot]! >= toMs) break;
      if (most[chunk]! <= best) continue;
      if (slot === from && at[to - 1]! < toMs) {
        best = most[chunk]!;
        continue;
      }
      do {
        const here = free[slot]! + level[chunk]!;
        if (here > best) best = here;
        slot++;
      } while (slot < to && at[slot]! < toMs);
    }
    return best;
  }

  /** Start of the first step from the one found on with at least `gpus` free, which becomes the one found. */
  private nextAtLeast(gpus: number): number {
    const { at, free, counts, level, most, directory, chunks } = this;
    let slot = this.foundSlot;
    for (let index = this.foundAt; index < chunks; index++) {
      const chunk = directory[index]!;
      const from = chunk * CHUNK;
      if (index > this.foundAt) slot = from;
      if (most[chunk]! < gpus) continue;
      const need = gpus - level[chunk]!;
      const to = from + counts[chunk]!;
      while (slot < to && free[slot]! < need) slot++;
      if (slot === to) continue;
      this.foundAt = index;
      this.foundSlot = slot;
      return at[slot]!;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The same with fewer than `gpus` free; `beforeMs` or later when there is none before. */
  private nextBelow(gpus: number, beforeMs: number): number {
    const { at, free, counts, level, least, directory, chunks } = this;
    let slot = this.foundSlot;
    for (let index = this.foundAt; index < chunks; index++) {
      const chunk = directory[index]!;
      const from = chunk * CHUNK;
      if (index > this.foundAt) {
        slot = from;
        if (at[slot]! >= beforeMs) return beforeMs;
      }
      if (least[chunk]! >= gpus) continue;
      const need = gpus - level[chunk]!;
      const to = from + counts[chunk]!;
      while (slot < to && free[slot]! >= need) slot++;
      if (slot === to) continue;
      this.foundAt = index;
      this.foundSlot = slot;
      return at[slot]!;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Finds the step an instant lies in; the first one for anything before it. */
  private locate(atMs: number): void {
    const { at, counts, directory } = this;
    let low = 0;
    let high = this.chunks;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at[directory[middle]! * CHUNK]! <= atMs) low = middle;
      else high = middle;
    }
    this.foundAt = low;
    const chunk = directory[low]!;
    low = chunk * CHUNK;
    high = low + counts[chunk]!;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at[middle]! <= atMs) low = middle;
      else high = middle;
    }
    this.foundSlot = low;
  }

  private stepBack(): void {
    if (this.foundSlot > this.directory[this.foundAt]! * CHUNK) {
      this.foundSlot--;
    } else if (this.foundAt > 0) {
      const chunk = this.directory[--this.foundAt]!;
      this.foundSlot = chunk * CHUNK + this.counts[chunk]! - 1;
    }
  }

  /** Makes a step begin at an instant. */
  private breakAt(atMs: number): void {
    this.locate(atMs);
    if (this.at[this.foundSlot]! >= atMs) return;
    let chunk = this.directory[this.foundAt]!;
    if (this.counts[chunk] === CHUNK) {
      this.split(this.foundAt);
      this.locate(atMs);
      chunk = this.directory[this.foundAt]!;
    }
    const { at, free } = this;
    const slot = this.foundSlot + 1;
    const to = chunk * CHUNK + this.counts[chunk]!++;
    at.copyWithin(slot + 1, slot, to);
    free.copyWithin(slot + 1, slot, to);
    at[slot] = atMs;
    free[slot] = free[slot - 1]!;
    this.length++;
  }

  /** Removes the step that begins at an instant when it is as high as the one before. */
  private mergeAt(atMs: number): void {
    this.locate(atMs);
    const { at, free, counts, level, directory } = this;
    const index = this.foundAt;
    const slot = this.foundSlot;
    const chunk = directory[index]!;
    const here = free[slot]! + level[chunk]!;
    this.stepBack();
    if (this.foundSlot === slot || free[this.foundSlot]! + level[directory[this.foundAt]!]! !== here) return;
    const to = chunk * CHUNK + counts[chunk]!;
    at.copyWithin(slot, slot + 1, to);
    free.copyWithin(slot, slot + 1, to);
    this.length--;
    if (--counts[chunk]! === 0) this.dropChunk(index);
    else this.measure(chunk);
  }

  private measure(chunk: number): void {
    const { free } = this;
    const from = chunk * CHUNK;
    const to = from + this.counts[chunk]!;
    let least = free[from]!;
    let most = least;
    for (let slot = from + 1; slot < to; slot++) {
      const here = free[slot]!;
      if (here < least) least = here;
      else if (here > most) most = here;
    }
    this.least[chunk] = least + this.level[chunk]!;
    this.most[chunk] = most + this.level[chunk]!;
  }

  /** Moves the upper half of a full chunk into a new one behind it. */
  private split(index: number): void {
    const chunk = this.directory[index]!;
    const upper = this.freeChunks.pop() ?? this.chunksUsed++;
    if (upper === this.counts.length) this.grow();
    const { at, free, counts, level, directory } = this;
    const half = CHUNK / 2;
    const from = chunk * CHUNK + half;
    at.copyWithin(upper * CHUNK, from, from + half);
    free.copyWithin(upper * CHUNK, from, from + half);
    directory.copyWithin(index + 2, index + 1, this.chunks++);
    directory[index + 1] = upper;
    counts[chunk] = half;
    counts[upper] = half;
    level[upper] = level[chunk]!;
    this.measure(chunk);
    this.measure(upper);
  }

  private dropChunk(index: number): void {
    const chunk = this.directory[index]!;
    this.level[chunk] = 0;
    this.freeChunks.push(chunk);
    this.directory.copyWithin(index, index + 1, this.chunks--);
  }

  private grow(): void {
    const grown = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    const chunks = 2 * this.counts.length;
    this.at = grown(this.at, new Float64Array(chunks * CHUNK));
    this.free = grown(this.free, new Int32Array(chunks * CHUNK));
    this.counts = grown(this.counts, new Int32Array(chunks));
    this.level = grown(this.level, new Int32Array(chunks));
    this.least = grown(this.least, new Int32Array(chunks));
    this.most = grown(this.most, new Int32Array(chunks));
    this.directory = grown(this.directory, new Int32Array(chunks));
  }
}
