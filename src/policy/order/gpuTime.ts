import type { JobId } from '../contracts.js';
import type { World } from '../world.js';

/** GPU·ms that each job has received, kept by an order that learns from jobs that ended; right in any kind of run. */
export class GpuTime {
  private readonly world: World;
  /** Up to `sinceMs`. */
  private readonly received: Float64Array;
  private readonly sinceMs: Float64Array;
  private readonly gpus: Int32Array;

  constructor(world: World) {
    this.world = world;
    this.received = new Float64Array(world.jobCount);
    this.sinceMs = new Float64Array(world.jobCount);
    this.gpus = new Int32Array(world.jobCount);
  }

  /** A job has started, or runs on another number of GPUs from now on. */
  onStarted(job: JobId): void {
    this.settle(job);
    this.gpus[job] = this.world.gpusNow(job);
  }

  onStopped(job: JobId): void {
    this.settle(job);
    this.gpus[job] = 0;
  }

  /** Of a job that does not run. */
  of(job: JobId): number {
    return this.received[job]!;
  }

  private settle(job: JobId): void {
    const { nowMs } = this.world;
    this.received[job]! += this.gpus[job]! * (nowMs - this.sinceMs[job]!);
    this.sinceMs[job] = nowMs;
  }
}
