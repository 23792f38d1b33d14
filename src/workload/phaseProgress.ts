import { NEVER, workAt } from '../training/checkpointClock.js';

/** Columns by job of runs whose jobs have phases: checkpoints, initialisation, failures, training speeds. */
export class PhaseProgress {
  /** Checkpoints of the present stretch, ms; interval {@link NEVER}: none. */
  readonly intervalMs: Int32Array;
  readonly stallMs: Int32Array;
  readonly writeMs: Int32Array;
  /** The checkpoint clock when the present stretch becomes productive. */
  readonly clockMs: Float64Array;
  /** Work done before the present stretch that no checkpoint held when it began, ms at reference speed; and its cost. */
  readonly unsavedMs: Float64Array;
  readonly unsavedGpuMs: Float64Array;
  /** Watts the job adds in the present stretch, once productive. */
  readonly watts: Int32Array;
  /** 1: it stands still until a failure is found. */
  readonly hung: Uint8Array;
  /** 1: it has run before. */
  readonly begun: Uint8Array;
  /** 1: a failure sent it back to the queue, at whose head it waits. */
  readonly atHead: Uint8Array;
  /** What interrupted it last: an index of causes; −1: nothing. */
  readonly cause: Int16Array;
  /** Inside the horizon, GPU·ms held. */
  readonly usefulGpuMs: Float64Array;
  readonly stallGpuMs: Float64Array;
  readonly lostGpuMs: Float64Array;
  readonly restartGpuMs: Float64Array;
  readonly repairWaitGpuMs: Float64Array;
  readonly failures: Int32Array;

  constructor(count: number) {
    this.intervalMs = new Int32Array(count).fill(NEVER);
    this.stallMs = new Int32Array(count);
    this.writeMs = new Int32Array(count);
    this.clockMs = new Float64Array(count);
    this.unsavedMs = new Float64Array(count);
    this.unsavedGpuMs = new Float64Array(count);
    this.watts = new Int32Array(count);
    this.hung = new Uint8Array(count);
    this.begun = new Uint8Array(count);
    this.atHead = new Uint8Array(count);
    this.cause = new Int16Array(count).fill(-1);
    this.usefulGpuMs = new Float64Array(count);
    this.stallGpuMs = new Float64Array(count);
    this.lostGpuMs = new Float64Array(count);
    this.restartGpuMs = new Float64Array(count);
    this.repairWaitGpuMs = new Float64Array(count);
    this.failures = new Int32Array(count);
  }

  /** Work done in the present stretch after so long of being productive, ms at its speed: stalls left out. */
  workedMs(job: number, productiveMs: number): number {
    const intervalMs = this.intervalMs[job]!;
    if (intervalMs === NEVER) return productiveMs;
    const stallMs = this.stallMs[job]!;
    const clockMs = this.clockMs[job]!;
    return workAt(clockMs + productiveMs, intervalMs, stallMs) - workAt(clockMs, intervalMs, stallMs);
  }
}
