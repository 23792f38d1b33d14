import { END_STATES, type JobTable } from './jobTable.js';
import { PhaseProgress } from './phaseProgress.js';
import { FIRST_SLOTS, grown, Slots } from './slots.js';

/**
 * Why a job never stood in a queue: it asked for more time than its limit (MaxWall); a job it depends on did not
 * complete (afterok); it is larger than a cap on running jobs allows even alone; its reservation cannot hold it,
 * is over, or would end before it.
 */
export const REJECTIONS = ['none', 'wall', 'dependency', 'cap', 'reservation'] as const;

/**
 * What has become of each job so far: written by the simulation, read by policies.
 *
 * Columns that only interruptible runs need are in {@link Interruptions}, so that a plain run of a million
 * jobs does not pay for them.
 */
export class JobProgress {
  /** Partition each job is in: the one it was submitted to, or was sent to by the broker. */
  partitionOf: Uint8Array;
  /** Estimates as the scheduler now has them, ms of run time at reference speed. */
  estimateMs: Float64Array;
  /** How each job ends: as the table says, or cut short by the machine; an index into `END_STATES`. */
  endState: Uint8Array;
  /** Why a job was turned away, an index into {@link REJECTIONS}, 0 for all others; absent: none can be. */
  rejectedFor: Uint8Array | undefined;
  /** When each job's data is at its site, and it may start; absent: no job is moved. NaN before its submission. */
  readyMs: Float64Array | undefined;
  /** Of running jobs: when they will end by the estimate. */
  readonly estimatedEndMs: Float64Array;
  /** Where jobs can be interrupted or resized. */
  readonly interruptions: Interruptions | undefined;

  private readonly tableEndState: Uint8Array;

  /**
   * @param interruptible - jobs may lose their GPUs before they end, or get others
   * @param phases - they initialise, write checkpoints and fail; then they are interruptible too
   */
  constructor(jobs: JobTable, interruptible: boolean, phases = false) {
    this.tableEndState = jobs.endState;
    this.endState = jobs.endState;
    this.partitionOf = jobs.partitionOf;
    this.estimateMs = jobs.estimateMs;
    this.estimatedEndMs = new Float64Array(jobs.count);
    this.interruptions = interruptible || phases ? new Interruptions(jobs, phases) : undefined;
  }

  /** The machine ends a job otherwise than it would have ended by itself; the table keeps what it says. */
  setEndState(job: number, state: (typeof END_STATES)[number]): void {
    if (this.endState === this.tableEndState) this.endState = this.tableEndState.slice();
    this.endState[job] = END_STATES.indexOf(state);
  }
}

/** Columns by job of runs in which a job may run more than once, or on another number of GPUs. */
export class Interruptions {
  /** Of running jobs; what is known of them alone stands in columns by slot. */
  readonly slots: Slots;
  /** By slot: when it last left the queue. */
  runsSinceMs = new Float64Array(FIRST_SLOTS);
  /** By slot: when it last got GPUs, or another number of them. */
  startedMs = new Float64Array(FIRST_SLOTS);
  /** By slot: when it becomes productive after that: restart and resize cost time. */
  productiveMs = new Float64Array(FIRST_SLOTS);
  /** By slot: speed since `startedMs`, work ms per ms. */
  speed = new Float64Array(FIRST_SLOTS);
  /** By slot: the event of its end. */
  endEvent = new Float64Array(FIRST_SLOTS);
  /**
   * By slot, where jobs have no phases: time worked and work done since the last checkpoint when the present stretch began, ms.
   */
  unsavedMs = new Float64Array(FIRST_SLOTS);
  unsavedWorkMs = new Float64Array(FIRST_SLOTS);
  /** By slot: 1 while it is suspended: it keeps its GPUs and does nothing. */
  suspended = new Int32Array(FIRST_SLOTS);
  /** When it last joined the queue. */
  readonly queuedMs: Float64Array;
  /** Work done and saved when it last got GPUs (of a waiting job: so far), ms at reference speed. */
  readonly doneMs: Float64Array;
  /** GPUs it runs on, or would start on. */
  readonly gpus: Int32Array;
  /** GPU·ms received up to `startedMs`. */
  readonly attainedGpuMs: Float64Array;
  /** GPU·ms that interruptions and resizes cost: lost since a checkpoint, restarts, resizes. */
  readonly lostGpuMs: Float64Array;
  readonly preemptions: Int32Array;
  readonly resizes: Int32Array;
  /** Of ended jobs: how long the work they did takes in their partition on the GPUs they asked for, whole ms. */
  readonly ranMs: Float64Array;
  readonly phases: PhaseProgress | undefined;

  constructor({ count, gpus }: JobTable, phases = false) {
    this.phases = phases ? new PhaseProgress(count) : undefined;
    this.slots = new Slots(count, (capacity) => {
      this.grow(capacity);
    });
    this.queuedMs = new Float64Array(count);
    this.doneMs = new Float64Array(count);
    this.gpus = gpus.slice(0, count);
    this.attainedGpuMs = new Float64Array(count);
    this.lostGpuMs = new Float64Array(count);
    this.preemptions = new Int32Array(count);
    this.resizes = new Int32Array(count);
    this.ranMs = new Float64Array(count);
  }

  isRunning(job: number): boolean {
    return this.slots.of[job]! >= 0;
  }

  isSuspended(job: number): boolean {
    const slot = this.slots.of[job]!;
    return slot >= 0 && this.suspended[slot] === 1;
  }

  /** Work done by `nowMs`, ms at reference speed; of a waiting job what is saved. */
  workMs(job: number, nowMs: number): number {
    const slot = this.slots.of[job]!;
    if (slot < 0) return this.doneMs[job]!;
    const productive = nowMs - this.productiveMs[slot]!;
    if (productive <= 0) return this.doneMs[job]!;
    const worked = this.phases === undefined ? productive : this.phases.workedMs(slot, productive);
    return this.doneMs[job]! + worked * this.speed[slot]!;
  }

  /** GPU·ms received by `nowMs`. */
  serviceGpuMs(job: number, nowMs: number): number {
    const before = this.attainedGpuMs[job]!;
    const slot = this.slots.of[job]!;
    return slot < 0 ? before : before + this.gpus[job]! * (nowMs - this.startedMs[slot]!);
  }

  private grow(capacity: number): void {
    this.runsSinceMs = grown(this.runsSinceMs, new Float64Array(capacity));
    this.startedMs = grown(this.startedMs, new Float64Array(capacity));
    this.productiveMs = grown(this.productiveMs, new Float64Array(capacity));
    this.speed = grown(this.speed, new Float64Array(capacity));
    this.endEvent = grown(this.endEvent, new Float64Array(capacity));
    this.unsavedMs = grown(this.unsavedMs, new Float64Array(capacity));
    this.unsavedWorkMs = grown(this.unsavedWorkMs, new Float64Array(capacity));
    this.suspended = grown(this.suspended, new Int32Array(capacity));
    this.phases?.grow(capacity);
  }
}
