/**
 * Stretches of time in which a job held GPUs without a change, in the order in which they ended.
 *
 * Kept only where a job may have more than one; otherwise its start and end say the same.
 */
export class Segments {
  count = 0;
  job: Int32Array<ArrayBuffer>;
  gpus: Int32Array<ArrayBuffer>;
  fromMs: Float64Array<ArrayBuffer>;
  toMs: Float64Array<ArrayBuffer>;
  /** Watts of the job in the stretch; absent: those of its class. */
  watts: Int32Array<ArrayBuffer> | undefined;

  /**
   * @param phases - jobs draw different watts in different stretches
   * @param capacity - rows to make room for at first
   */
  constructor(phases = false, capacity = 1024) {
    this.job = new Int32Array(capacity);
    this.gpus = new Int32Array(capacity);
    this.fromMs = new Float64Array(capacity);
    this.toMs = new Float64Array(capacity);
    this.watts = phases ? new Int32Array(capacity) : undefined;
  }

  add(job: number, gpus: number, fromMs: number, toMs: number, watts = 0): void {
    if (toMs === fromMs) return;
    if (this.count === this.job.length) this.grow();
    this.job[this.count] = job;
    this.gpus[this.count] = gpus;
    this.fromMs[this.count] = fromMs;
    if (this.watts !== undefined) this.watts[this.count] = watts;
    this.toMs[this.count++] = toMs;
  }

  private grow(): void {
    const capacity = 2 * this.job.length;
    if (this.watts !== undefined) {
      const watts = new Int32Array(capacity);
      watts.set(this.watts);
      this.watts = watts;
    }
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
