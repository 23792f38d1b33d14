import { NEVER, workAt } from '../training/checkpointClock.js';
import { FIRST_SLOTS, grown } from './slots.js';

/**
 * What runs need to know of jobs that have phases: checkpoints, initialisation, failures, training speeds.
 *
 * What only holds while a job has GPUs stands in columns by slot, what outlives that in columns by job.
 */
export class PhaseProgress {
  /** By slot: checkpoints of the present stretch, ms; interval {@link NEVER}: none. */
  intervalMs = new Int32Array(FIRST_SLOTS);
  stallMs = new Int32Array(FIRST_SLOTS);
  writeMs = new Int32Array(FIRST_SLOTS);
  /** By slot: the checkpoint clock when the present stretch becomes productive. */
  clockMs = new Float64Array(FIRST_SLOTS);
  /**
   * By slot: work done before the present stretch that no checkpoint held when it began, ms at reference speed; and what
   * it cost, GPU·ms.
   */
  unsavedMs = new Float64Array(FIRST_SLOTS);
  unsavedGpuMs = new Float64Array(FIRST_SLOTS);
  unsavedTokens = new Float64Array(FIRST_SLOTS);
  unsavedMfuGpuMs = new Float64Array(FIRST_SLOTS);
  /** Of `unsavedGpuMs`, what power caps took. */
  unsavedCappedGpuMs = new Float64Array(FIRST_SLOTS);
  /** By slot: the same of what was done since the last whole interval, whether or not a checkpoint holds what came before. */
  latestMs = new Float64Array(FIRST_SLOTS);
  latestGpuMs = new Float64Array(FIRST_SLOTS);
  latestTokens = new Float64Array(FIRST_SLOTS);
  latestMfuGpuMs = new Float64Array(FIRST_SLOTS);
  latestCappedGpuMs = new Float64Array(FIRST_SLOTS);
  /** By slot: what `begun` and `atHead` were before the job had it. */
  begunBefore = new Int32Array(FIRST_SLOTS);
  atHeadBefore = new Int32Array(FIRST_SLOTS);
  /** By slot: watts the job adds in the present stretch, once productive. */
  watts = new Int32Array(FIRST_SLOTS);
  /** By slot: watts a GPU adds while it works. */
  activeW = new Float64Array(FIRST_SLOTS);
  /** By slot: mean rate at which it writes checkpoints, whole bytes per ms. */
  bytesPerMs = new Float64Array(FIRST_SLOTS);
  /** By slot: what it trains in the present stretch, at its speed there; 0 tokens without a model. */
  tokensPerMs = new Float64Array(FIRST_SLOTS);
  mfu = new Float64Array(FIRST_SLOTS);

  /** 1: it stands still until a failure is found; 2: while it saves what it has; 0: neither. */
  readonly hung: Uint8Array;
  /** 1: it has run before. */
  readonly begun: Uint8Array;
  /** 1: a failure sent it back to the queue, at whose head it waits. */
  readonly atHead: Uint8Array;
  /** What interrupted it last: an index of causes; −1: nothing. */
  readonly cause: Int16Array;
  /** Inside the horizon, GPU·ms held; useful is time in which it works at whatever speed, also beside a slow node. */
  readonly usefulGpuMs: Float64Array;
  readonly stallGpuMs: Float64Array;
  readonly lostGpuMs: Float64Array;
  readonly restartGpuMs: Float64Array;
  readonly repairWaitGpuMs: Float64Array;
  readonly failures: Int32Array;

  constructor(count: number) {
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
  workedMs(slot: number, productiveMs: number): number {
    const intervalMs = this.intervalMs[slot]!;
    if (intervalMs === NEVER) return productiveMs;
    const stallMs = this.stallMs[slot]!;
    const clockMs = this.clockMs[slot]!;
    return workAt(clockMs + productiveMs, intervalMs, stallMs) - workAt(clockMs, intervalMs, stallMs);
  }

  /** Columns hold so many slots from now on. */
  grow(capacity: number): void {
    this.intervalMs = grown(this.intervalMs, new Int32Array(capacity));
    this.stallMs = grown(this.stallMs, new Int32Array(capacity));
    this.writeMs = grown(this.writeMs, new Int32Array(capacity));
    this.clockMs = grown(this.clockMs, new Float64Array(capacity));
    this.unsavedMs = grown(this.unsavedMs, new Float64Array(capacity));
    this.unsavedGpuMs = grown(this.unsavedGpuMs, new Float64Array(capacity));
    this.unsavedTokens = grown(this.unsavedTokens, new Float64Array(capacity));
    this.unsavedMfuGpuMs = grown(this.unsavedMfuGpuMs, new Float64Array(capacity));
    this.unsavedCappedGpuMs = grown(this.unsavedCappedGpuMs, new Float64Array(capacity));
    this.latestMs = grown(this.latestMs, new Float64Array(capacity));
    this.latestGpuMs = grown(this.latestGpuMs, new Float64Array(capacity));
    this.latestTokens = grown(this.latestTokens, new Float64Array(capacity));
    this.latestMfuGpuMs = grown(this.latestMfuGpuMs, new Float64Array(capacity));
    this.latestCappedGpuMs = grown(this.latestCappedGpuMs, new Float64Array(capacity));
    this.begunBefore = grown(this.begunBefore, new Int32Array(capacity));
    this.atHeadBefore = grown(this.atHeadBefore, new Int32Array(capacity));
    this.watts = grown(this.watts, new Int32Array(capacity));
    this.activeW = grown(this.activeW, new Float64Array(capacity));
    this.bytesPerMs = grown(this.bytesPerMs, new Float64Array(capacity));
    this.tokensPerMs = grown(this.tokensPerMs, new Float64Array(capacity));
    this.mfu = grown(this.mfu, new Float64Array(capacity));
  }
}
