/**
 * Stretches of time in which a job held GPUs without a change, in the order in which they ended.
 *
 * Kept only where a job may have more than one; otherwise its start and end say the same.
 */
export class Segments {
  count = 0;
  job = new Int32Array(1024);
  gpus = new Int32Array(1024);
  fromMs = new Float64Array(1024);
  toMs = new Float64Array(1024);

  add(job: number, gpus: number, fromMs: number, toMs: number): void {
    if (toMs === fromMs) return;
    if (this.count === this.job.length) this.grow();
    this.job[this.count] = job;
    this.gpus[this.count] = gpus;
    this.fromMs[this.count] = fromMs;
    this.toMs[this.count++] = toMs;
  }

  private grow(): void {
    const capacity = 2 * this.job.length;
    const grown = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    this.job = grown(this.job, new Int32Array(capacity));
    this.gpus = grown(this.gpus, new Int32Array(capacity));
    this.fromMs = grown(this.fromMs, new Float64Array(capacity));
    this.toMs = grown(this.toMs, new Float64Array(capacity));
  }
}
