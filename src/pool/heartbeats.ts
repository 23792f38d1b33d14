import { HEARTBEAT } from '../sim/heartbeat.js';

/** Int32 a run has in the shared memory: a cache line, so that two threads never write the same one. */
const STRIDE = 16;

/**
 * One small piece of shared memory through which runs say how far they are and hear that they should stop.
 *
 * A thread is deaf to messages while it simulates. What stands where in a run's view says `HEARTBEAT`.
 */
export class Heartbeats {
  readonly #memory: SharedArrayBuffer;
  readonly #views: readonly Int32Array[];

  constructor(runs: number) {
    this.#memory = new SharedArrayBuffer(4 * STRIDE * Math.max(1, runs));
    this.#views = Array.from(
      { length: runs },
      (_, run) => new Int32Array(this.#memory, 4 * STRIDE * run, HEARTBEAT.length),
    );
  }

  of(run: number): Int32Array {
    return this.#views[run]!;
  }

  /** Asks every run, begun or not, to stop. */
  stopAll(): void {
    for (const view of this.#views) Atomics.store(view, HEARTBEAT.stop, 1);
  }

  /** 0…1. */
  fractionDone(run: number): number {
    return Atomics.load(this.of(run), HEARTBEAT.perMilleDone) / 1000;
  }
}
