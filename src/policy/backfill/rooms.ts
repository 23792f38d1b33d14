import type { Availability } from './availability.js';

/** Length classes an octave; {@link lengthClass} reads them off two bits. */
const PER_OCTAVE = 4;
const LENGTHS = PER_OCTAVE * 53;
const SIZES = 31;

/** Shortest length of each class, whole ms. */
const LEAST = Float64Array.from({ length: LENGTHS }, (_, index) =>
  Math.ceil(2 ** (Math.floor(index / PER_OCTAVE) - 2) * (PER_OCTAVE + (index % PER_OCTAVE))),
);

function lengthClass(spanMs: number): number {
  // Whole ms up to 2^53: the upper part where a 32-bit integer does not hold them.
  const high = spanMs >= 0x80000000;
  const whole = high ? Math.floor(spanMs / 0x4000000) : spanMs;
  const octave = 31 - Math.clz32(whole);
  const within = octave < 2 ? (whole << (2 - octave)) & 3 : (whole >>> (octave - 2)) & 3;
  return PER_OCTAVE * (high ? octave + 26 : octave) + within;
}

/**
 * Finds room in an {@link Availability} for one job after another, remembering where there was none.
 *
 * For each class of jobs (powers of two of GPUs, four classes of length an octave) it keeps an instant before which
 * no room for the smallest and shortest of the class begins. Taking GPUs only makes that truer; GPUs that become
 * free are told by {@link freed}, and lower it. So a job that cannot find room is mostly turned away by one comparison.
 */
export class Rooms {
  private readonly available: Availability;
  /** By size and length class. */
  private readonly noneBeforeMs = new Float64Array(SIZES * LENGTHS).fill(Number.NEGATIVE_INFINITY);
  /** Length classes asked for so far: from, to. */
  private shortest = LENGTHS;
  private longest = -1;

  constructor(available: Availability) {
    this.available = available;
  }

  /**
   * The first instant from `nowMs` on and not after `latestMs` at which `gpus` are free for `spanMs` ≥ 1; Infinity when
   * there is none.
   */
  first(nowMs: number, gpus: number, spanMs: number, latestMs: number): number {
    const length = lengthClass(spanMs);
    if (length < this.shortest) this.shortest = length;
    if (length > this.longest) this.longest = length;
    const size = 31 - Math.clz32(gpus);
    const at = size * LENGTHS + length;
    const { noneBeforeMs, available } = this;
    const knownMs = this.noneBefore(at, size, length);
    if (knownMs > latestMs) return Number.POSITIVE_INFINITY;
    const fromMs = knownMs < nowMs ? nowMs : knownMs;
    const leastGpus = 2 ** size;
    const leastMs = LEAST[length]!;
    const roomMs = available.firstRoom(fromMs, leastGpus, leastMs, latestMs);
    noneBeforeMs[at] = roomMs <= latestMs ? roomMs : latestMs + 1;
    if (roomMs > latestMs) return Number.POSITIVE_INFINITY;
    if (gpus === leastGpus && spanMs === leastMs) return roomMs;
    return available.firstRoom(roomMs, gpus, spanMs, latestMs);
  }

  /** What holds for a smaller or shorter class holds for a larger or longer one. */
  private noneBefore(at: number, size: number, length: number): number {
    const { noneBeforeMs } = this;
    let bestMs = noneBeforeMs[at]!;
    if (size > 0 && noneBeforeMs[at - LENGTHS]! > bestMs) bestMs = noneBeforeMs[at - LENGTHS]!;
    if (length > this.shortest && noneBeforeMs[at - 1]! > bestMs) bestMs = noneBeforeMs[at - 1]!;
    noneBeforeMs[at] = bestMs;
    return bestMs;
  }

  /** Where a job that stands at `beforeMs` can stand instead, its own room there being its own; `beforeMs`: nowhere. */
  earlier(nowMs: number, gpus: number, spanMs: number, beforeMs: number): number {
    const latestMs = beforeMs - spanMs;
    if (latestMs >= nowMs) {
      const roomMs = this.first(nowMs, gpus, spanMs, latestMs);
      if (roomMs <= latestMs) return roomMs;
    }
    const sinceMs = this.available.freeSince(beforeMs, gpus);
    return sinceMs < nowMs ? nowMs : sinceMs;
  }

  /** GPUs have become free in a stretch of the plan. */
  freed(fromMs: number, toMs: number): void {
    if (!(fromMs < toMs)) return;
    const { noneBeforeMs, shortest, longest } = this;
    const most = this.available.mostFree(fromMs, toMs);
    for (let size = 0, from = 0; size < SIZES && 2 ** size <= most; size++, from += LENGTHS) {
      for (let length = shortest; length <= longest; length++) {
        // Room that reaches into the stretch begins at most its length before.
        const touchedMs = fromMs - LEAST[length]! + 1;
        if (noneBeforeMs[from + length]! > touchedMs) noneBeforeMs[from + length] = touchedMs;
      }
    }
  }
}
