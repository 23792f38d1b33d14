import type { JobId, RunningJobs } from '../policy/contracts.js';

/** The running jobs of one partition as a linked list in flat arrays, by last start. All operations O(1). */
export class RunningList implements RunningJobs {
  count = 0;
  private readonly nextOf: Int32Array;
  private readonly previousOf: Int32Array;
  private readonly member: Uint8Array;
  private head: JobId = -1;
  private tail: JobId = -1;

  /** @param jobs - of the run; 0 keeps no list */
  constructor(jobs: number) {
    this.nextOf = new Int32Array(jobs);
    this.previousOf = new Int32Array(jobs);
    this.member = new Uint8Array(jobs);
  }

  first(): JobId {
    return this.head;
  }

  next(job: JobId): JobId {
    return this.nextOf[job]!;
  }

  has(job: JobId): boolean {
    return this.member[job] === 1;
  }

  add(job: JobId): void {
    if (this.member.length === 0) return;
    this.member[job] = 1;
    this.count++;
    this.previousOf[job] = this.tail;
    this.nextOf[job] = -1;
    if (this.tail >= 0) this.nextOf[this.tail] = job;
    else this.head = job;
    this.tail = job;
  }

  remove(job: JobId): void {
    if (this.member.length === 0) return;
    this.member[job] = 0;
    this.count--;
    const next = this.nextOf[job]!;
    const previous = this.previousOf[job]!;
    if (previous >= 0) this.nextOf[previous] = next;
    else this.head = next;
    if (next >= 0) this.previousOf[next] = previous;
    else this.tail = previous;
  }
}
