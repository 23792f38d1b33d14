import type { JobId } from './contracts.js';
import { LineQueue } from './lineQueue.js';

/** Jobs by a key that stands still, smallest first, ties by id. Add and remove O(log n), the rest O(1); 5 B a job of the run. */
export class JobHeap {
  private readonly line: LineQueue;
  private readonly member: Uint8Array;

  /** @param jobs - of the run */
  constructor(jobs: number) {
    this.line = new LineQueue(new Int32Array(jobs));
    this.member = new Uint8Array(jobs);
  }

  get length(): number {
    return this.line.live;
  }

  /** The job with the smallest key, or -1. */
  first(): JobId {
    return this.line.head(0);
  }

  has(job: JobId): boolean {
    return this.member[job] === 1;
  }

  /** Of a job that is in it. */
  keyOf(job: JobId): number {
    return this.line.keyOf(job, 0);
  }

  /** Adds a job, or gives one that is in it another key. */
  set(job: JobId, key: number): void {
    this.drop(job);
    this.member[job] = 1;
    this.line.add(job, key, 0, 0, 0, 0);
  }

  /** Takes a job out, if it is in. */
  drop(job: JobId): void {
    if (this.member[job] === 0) return;
    this.member[job] = 0;
    this.line.remove(job, 0);
  }
}
