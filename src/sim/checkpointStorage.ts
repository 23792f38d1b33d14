import type { StorageSpec } from '../scenario/reliabilitySpec.js';

/**
 * A site's checkpoint storage: how fast a job that writes now and then can write, among the others that do.
 *
 * A closed form instead of an event per write. Writers come at random and share the bandwidth evenly (processor
 * sharing), so that a job finds, on average, what the others leave: bandwidth − Σ of their mean write rates; and never
 * less than an even share. Known when a job begins a stretch, and kept for the stretch: jobs that begin later do not
 * slow its writes. Wrong where many write in step, or where the storage is nearly full all the time: then writes take
 * longer than this says.
 */
export class CheckpointStorage {
  readonly spec: StorageSpec;
  /** Mean write rate of the jobs that run, whole bytes per ms, so that what is added is taken off again exactly. */
  private loadBytesPerMs = 0;
  private writers = 0;
  private lastMs: number;
  private writtenBytes = 0;

  constructor(spec: StorageSpec, startMs: number) {
    this.spec = spec;
    this.lastMs = startMs;
  }

  /** Time for a job that is not among the writers to write so much, through links of so many bytes per ms. */
  writeMs(bytes: number, linkBytesPerMs: number): number {
    const even = this.spec.writeBytesPerMs / (this.writers + 1);
    const left = this.spec.writeBytesPerMs - this.loadBytesPerMs;
    const share = left > even ? left : even;
    return bytes / (share < linkBytesPerMs ? share : linkBytesPerMs);
  }

  /** A job that writes so many bytes per ms on average begins, or (`writers` −1) no longer runs. */
  change(nowMs: number, bytesPerMs: number, writers: 1 | -1): void {
    this.advance(nowMs);
    this.loadBytesPerMs += writers * bytesPerMs;
    this.writers += writers;
  }

  /** Mean share of the bandwidth that was written with since time 0. */
  loadFraction(nowMs: number): number {
    this.advance(nowMs);
    return nowMs <= 0 ? Number.NaN : this.writtenBytes / (this.spec.writeBytesPerMs * nowMs);
  }

  private advance(nowMs: number): void {
    const from = this.lastMs > 0 ? this.lastMs : 0;
    if (nowMs > from) this.writtenBytes += (nowMs - from) * Math.min(this.loadBytesPerMs, this.spec.writeBytesPerMs);
    this.lastMs = nowMs;
  }
}
