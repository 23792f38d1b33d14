/**
 * Small numbers for running jobs: columns by slot instead of by job are short and stay in the cache, whatever the number
 * of jobs. A job has its slot from its start until it loses its GPUs.
 */
export class Slots {
  /** Of a job; −1: it does not run. */
  readonly of: Int32Array;
  private free = new Int32Array(FIRST_SLOTS);
  private freeCount = 0;
  private used = 0;
  private capacity = FIRST_SLOTS;
  private readonly onGrow: (capacity: number) => void;

  /** @param onGrow - columns must hold so many slots from now on; at first they hold {@link FIRST_SLOTS} */
  constructor(jobs: number, onGrow: (capacity: number) => void) {
    this.of = new Int32Array(jobs).fill(-1);
    this.onGrow = onGrow;
  }

  /** The slot of a job that runs, or is to run from now on. O(1). */
  take(job: number): number {
    const present = this.of[job]!;
    if (present >= 0) return present;
    if (this.freeCount === 0 && this.used === this.capacity) this.grow();
    const slot = this.freeCount > 0 ? this.free[--this.freeCount]! : this.used++;
    this.of[job] = slot;
    return slot;
  }

  /** The job no longer runs. */
  leave(job: number): void {
    this.free[this.freeCount++] = this.of[job]!;
    this.of[job] = -1;
  }

  private grow(): void {
    this.capacity *= 2;
    this.free = grown(this.free, new Int32Array(this.capacity));
    this.onGrow(this.capacity);
  }
}

export const FIRST_SLOTS = 256;

/** A longer column that begins with another. */
export function grown<T extends Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
