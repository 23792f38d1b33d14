import type { Claim } from '../cluster/claim.js';
import type { Occupancy } from '../cluster/occupancy.js';
import type { LoadMeter } from '../energy/loadMeter.js';
import type { Fingerprint } from '../engine/fingerprint.js';
import type { EventHandle } from '../engine/eventQueue.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { Interruptions, JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import type { CapBook } from './capBook.js';
import { EVENT } from './events.js';
import type { NodeSleep } from './nodeSleep.js';
import { Segments } from '../workload/segments.js';
import { Phases, UNSAVED, type PhaseParts } from './phases.js';
import type { ServiceLoad } from './serviceLoad.js';

/** Room made for stretches at first: most jobs have one. */
const SEGMENTS_PER_JOB = 1.1;

/** What an {@link Execution} works on. */
export interface ExecutionParts {
  readonly loop: RunLoop;
  readonly jobs: JobTable;
  readonly progress: JobProgress;
  readonly world: World;
  readonly partitions: readonly PartitionSpec[];
  /** Those of them that are no reservation's. */
  readonly physical: readonly PartitionSpec[];
  /** By partition; each change of who holds what stands in them before it is told here. */
  readonly occupancies: readonly Occupancy[];
  /** By partition: the meter of its site. */
  readonly meters: readonly LoadMeter[];
  readonly fingerprint: Fingerprint;
  /** Jobs may be killed before their end. */
  readonly kills: boolean;
  /** Where running jobs may be capped or suspended. */
  readonly caps: CapBook | undefined;
  /** Where some jobs are replicas of services. */
  readonly serviceLoad: ServiceLoad | undefined;
  /** What jobs do between events, where they have phases. */
  readonly phases: Pick<PhaseParts, 'reliability' | 'checkpoints' | 'initialisation'> | undefined;
}

/**
 * What happens to a job once the policy has spoken: it gets GPUs, works, loses them, ends. Keeps its progress,
 * the watts it draws and the event of its end. Who holds which GPUs, and whether the policy may ask for it, is
 * the scheduler's.
 *
 * A job's remaining work takes ⌈remaining / speed⌉ ms, so each change of speed costs less than 1 ms.
 *
 * Without {@link Phases}, checkpoints are taken every `checkpointMs` of productive time since the job last got GPUs, and
 * cost nothing themselves (a stall for writing them is part of the run time). A resize saves everything.
 */
export class Execution {
  /** First start and end by job id; NaN: not (yet). */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** Present where jobs can be interrupted. */
  readonly segments: Segments | undefined;
  readonly phases: Phases | undefined;
  /** How slow nodes make a job, relative to its speed without them; set by who knows. */
  stragglerSpeed: (job: JobId) => number = () => 1;
  /** Where nodes sleep; set by who makes it, before the run. Jobs are then interruptible. */
  nodeSleep: NodeSleep | undefined;

  private readonly caps: CapBook | undefined;
  private readonly serviceLoad: ServiceLoad | undefined;
  private readonly loop: RunLoop;
  private readonly jobs: JobTable;
  private readonly progress: JobProgress;
  private readonly world: World;
  private readonly meters: readonly LoadMeter[];
  private readonly occupancies: readonly Occupancy[];
  /** By partition: what the meter counts of it. */
  private readonly freeGpus: Int32Array;
  private readonly partlyFreeGpus: Int32Array;
  private readonly fingerprint: Fingerprint;
  /** Watts a GPU adds while it works, by partition and class. */
  private readonly wattsPerGpu: readonly Float64Array[];
  /** Events of ends, where jobs may be killed but not interrupted: then they have no slots. */
  private readonly endEvents: Float64Array | undefined;
  /** Jobs may take another time than their run time: they restart, or are faster somewhere. */
  private readonly adjusts: boolean;

  constructor(parts: ExecutionParts) {
    const { loop, jobs, progress, world, partitions, occupancies, meters, fingerprint, kills } = parts;
    this.caps = parts.caps;
    this.serviceLoad = parts.serviceLoad;
    this.loop = loop;
    this.jobs = jobs;
    this.progress = progress;
    this.world = world;
    this.meters = meters;
    this.occupancies = occupancies;
    this.freeGpus = new Int32Array(partitions.length);
    this.partlyFreeGpus = new Int32Array(partitions.length);
    for (let partition = 0; partition < partitions.length; partition++) this.meterFree(partition);
    this.fingerprint = fingerprint;
    this.startMs = new Float64Array(jobs.count).fill(Number.NaN);
    this.endMs = new Float64Array(jobs.count).fill(Number.NaN);
    this.wattsPerGpu = partitions.map(({ power }) => Float64Array.from(power.activeWByClass));
    const interruptible = progress.interruptions !== undefined;
    this.segments = interruptible
      ? new Segments(
          parts.phases !== undefined || parts.caps !== undefined,
          Math.ceil(SEGMENTS_PER_JOB * jobs.count) + 1024,
        )
      : undefined;
    this.phases =
      parts.phases &&
      new Phases({
        ...parts.phases,
        ...{ jobs, world, partitions, physical: parts.physical, occupancies, meters },
        interruptions: progress.interruptions!,
        segments: this.segments!,
        caps: parts.caps,
        startMs: loop.nowMs,
      });
    this.endEvents = kills && !interruptible ? new Float64Array(jobs.count) : undefined;
    this.adjusts = world.adjusts;
  }

  /** The job has its GPUs: on `claim`, in the partition it is in. */
  start(job: JobId, claim: Claim): void {
    const { loop, progress, world, fingerprint } = this;
    const now = loop.nowMs;
    const meter = this.meters[progress.partitionOf[job]!]!;
    meter.advance(now);
    meter.queuedJobs--;
    meter.busyGpus += world.heldGpus(job);
    this.meterFree(progress.partitionOf[job]!);
    if (Number.isNaN(this.startMs[job]!)) this.startMs[job] = now;
    if (this.phases !== undefined) {
      this.takeSlot(job, now);
      this.startPhases(job, this.phases);
    } else {
      const wakeMs = this.wakeMs(job);
      progress.estimatedEndMs[job] = now + wakeMs + world.plannedMs(job);
      this.takeSlot(job, now);
      if (this.adjusts) this.work(job, wakeMs + this.restartMs(job));
      else {
        const event = loop.queue.push(now + this.jobs.runMs[job]!, RANK.completion, EVENT.completion, job);
        this.keepEnd(job, event);
      }
    }
    this.draw(job);
    meter.itW += this.watts(job);
    this.nodeSleep?.beginWaking(job, this.wattsAtFirst(job), this.works(job));
    this.serviceLoad?.hold(job, this.servesFromMs(job));
    fingerprint.addInt(job);
    fingerprint.addWhole(now);
    fingerprint.addInt(claim.node);
    for (let i = 0; i < claim.count; i++) {
      fingerprint.addInt(claim.racks[i]!);
      fingerprint.addInt(claim.masks[i]!);
    }
  }

  /** The job's end has come. */
  complete(job: JobId): void {
    const now = this.loop.nowMs;
    this.letGo(job);
    this.endMs[job] = now;
    const { interruptions } = this.progress;
    if (interruptions !== undefined) {
      if (this.phases === undefined) this.closeSegment(job, this.jobs.runMs[job]!, now);
      else this.phases.close(job, now, UNSAVED.ended);
      this.leaveSlot(job, interruptions);
      interruptions.ranMs[job] = Math.ceil(this.jobs.runMs[job]! / this.askedSpeed(job));
    }
    this.fingerprint.addInt(job);
    this.fingerprint.addWhole(now);
  }

  /** The machine ends a running job before its end has come; it has timed out. */
  kill(job: JobId): void {
    const now = this.loop.nowMs;
    this.letGo(job);
    this.cancelEnd(job);
    this.endMs[job] = now;
    this.progress.setEndState(job, 'timeout');
    const { interruptions } = this.progress;
    if (interruptions !== undefined) {
      this.closeStretch(job, now);
      this.leaveSlot(job, interruptions);
      this.bookCutShort(job);
    }
    this.fingerprint.addInt(-1 - job);
    this.fingerprint.addWhole(now);
  }

  /** A job that was interrupted and waits will not run again; it has timed out. */
  abandon(job: JobId): void {
    this.endMs[job] = this.loop.nowMs;
    this.progress.setEndState(job, 'timeout');
    const { phases } = this.progress.interruptions!;
    if (phases?.atHead[job] === 1) {
      this.bookRepairWait(job, this.loop.nowMs);
      phases.atHead[job] = 0;
    }
    this.bookCutShort(job);
    this.leaveQueue(job);
  }

  /** A job that waits will never run. */
  leaveQueue(job: JobId): void {
    const meter = this.meters[this.progress.partitionOf[job]!]!;
    meter.advance(this.loop.nowMs);
    meter.queuedJobs--;
  }

  isRunning(job: JobId): boolean {
    const { interruptions } = this.progress;
    if (interruptions !== undefined) return interruptions.isRunning(job);
    return !Number.isNaN(this.startMs[job]!) && Number.isNaN(this.endMs[job]!);
  }

  /**
   * Takes a running job's GPUs away. What it did since its last checkpoint is lost. A job that left the queue at this
   * very instant stands as if it had not.
   */
  interrupt(job: JobId): void {
    const interruptions = this.progress.interruptions!;
    const now = this.loop.nowMs;
    this.letGo(job);
    this.cancelEnd(job);
    const { phases } = this;
    if (phases === undefined) {
      const slot = interruptions.slots.of[job]!;
      const sinceMs = now - interruptions.productiveMs[slot]!;
      this.carryUnsaved(job, slot, now);
      const unsavedMs = interruptions.unsavedMs[slot]!;
      interruptions.lostGpuMs[job]! += unsavedMs * interruptions.gpus[job]!;
      const savedMs =
        unsavedMs <= sinceMs
          ? interruptions.workMs(job, now - unsavedMs)
          : interruptions.workMs(job, now) - interruptions.unsavedWorkMs[slot]!;
      this.closeSegment(job, savedMs, now);
    } else {
      phases.close(job, now, phases.savesAtWill(job) ? UNSAVED.saved : UNSAVED.lost, phases.preemptionCause);
    }
    const asIfNever = interruptions.runsSinceMs[interruptions.slots.of[job]!] === now;
    if (asIfNever) this.undoStart(job, now);
    else {
      interruptions.preemptions[job]!++;
      if (phases !== undefined) interruptions.phases!.cause[job] = phases.preemptionCause;
    }
    this.backToQueue(job, now);
  }

  /** A failure has cost a job GPUs that nothing stands in for: it stands at the head of the queue again. */
  requeue(job: JobId): void {
    const { loop, progress } = this;
    this.letGo(job);
    this.phases!.close(job, loop.nowMs, UNSAVED.saved);
    progress.interruptions!.phases!.atHead[job] = 1;
    this.backToQueue(job, loop.nowMs);
  }

  /** A failure makes a running job stand still; what it did since its last checkpoint is lost. */
  hang(job: JobId, cause: number, untilMs: number): void {
    const { loop, progress } = this;
    const now = loop.nowMs;
    const phases = this.phases!;
    const interruptions = progress.interruptions!;
    const state = interruptions.phases!;
    this.letGo(job);
    if (state.hung[job] === 0) this.cancelEnd(job);
    phases.close(job, now, UNSAVED.lost, cause);
    state.cause[job] = cause;
    phases.hang(job, now, untilMs);
    this.holdAgain(job);
    this.expectRestart(job, untilMs);
    this.fingerprint.addInt(-1 - job);
    this.fingerprint.addWhole(now);
  }

  /**
   * A slow node of a running job, which does not stand still, has been found: it saves what it has before it goes on
   * without the node. Returns when that is done.
   */
  evict(job: JobId, cause: number): number {
    const { loop, progress } = this;
    const now = loop.nowMs;
    const phases = this.phases!;
    this.letGo(job);
    this.cancelEnd(job);
    phases.close(job, now, UNSAVED.carried);
    progress.interruptions!.phases!.cause[job] = cause;
    const untilMs = phases.save(job, now);
    this.holdAgain(job);
    this.expectRestart(job, untilMs);
    this.fingerprint.addInt(-1 - job);
    this.fingerprint.addWhole(now);
    return untilMs;
  }

  /** A job that hung goes on where it is: productive after `swapMs` and a restart. */
  resume(job: JobId, swapMs: number): void {
    const { loop, world } = this;
    this.letGo(job);
    this.phases!.close(job, loop.nowMs, UNSAVED.saved);
    this.workInPhases(job, this.wakeMs(job) + swapMs + this.phases!.restartMs(job, world.gpusNow(job)));
    this.holdAgain(job);
    this.fingerprint.addInt(job);
    this.fingerprint.addWhole(loop.nowMs);
  }

  /** What makes a running job slow has changed; it neither hangs nor is suspended. */
  changeSpeed(job: JobId): void {
    const { loop, progress } = this;
    const interruptions = progress.interruptions!;
    this.goOn(job, Math.max(0, interruptions.productiveMs[interruptions.slots.of[job]!]! - loop.nowMs));
  }

  isSuspended(job: JobId): boolean {
    return this.progress.interruptions!.isSuspended(job);
  }

  /** A running job neither hangs nor is suspended: its speed can change. */
  works(job: JobId): boolean {
    const { phases, suspended, slots } = this.progress.interruptions!;
    return suspended[slots.of[job]!] === 0 && (phases === undefined || phases.hung[job] === 0);
  }

  /**
   * A running job keeps its GPUs and does nothing, until {@link resumeSuspended} or something else happens to it (Slurm's
   * `scontrol suspend`); what it did is not lost by it.
   *
   * @param untilMs - when it is expected to go on
   */
  suspend(job: JobId, untilMs: number): void {
    const { loop, progress, phases } = this;
    const now = loop.nowMs;
    const interruptions = progress.interruptions!;
    const slot = interruptions.slots.of[job]!;
    this.letGo(job);
    this.cancelEnd(job);
    this.closeCarried(job, now);
    interruptions.suspended[slot] = 1;
    this.caps!.suspensions++;
    if (phases === undefined) {
      interruptions.startedMs[slot] = now;
      interruptions.productiveMs[slot] = Number.POSITIVE_INFINITY;
      interruptions.speed[slot] = 0;
      const leftMs = Math.max(0, progress.estimateMs[job]! - interruptions.doneMs[job]!);
      const speed = this.world.speedNow(job, progress.partitionOf[job]!, this.world.gpusNow(job));
      progress.estimatedEndMs[job] = untilMs + Math.ceil(leftMs / speed);
    } else {
      phases.suspend(job, now);
      this.expectRestart(job, untilMs);
    }
    this.holdAgain(job);
    this.fingerprint.addInt(-1 - job);
    this.fingerprint.addWhole(now);
  }

  /** A suspended job goes on where it stopped. */
  resumeSuspended(job: JobId): void {
    this.goOn(job, this.wakeMs(job));
    this.fingerprint.addInt(job);
    this.fingerprint.addWhole(this.loop.nowMs);
  }

  /** A job goes on where it is, productive after `overheadMs`, at the speed of now. */
  private goOn(job: JobId, overheadMs: number): void {
    const { loop, progress, phases } = this;
    const now = loop.nowMs;
    this.letGo(job);
    this.cancelEnd(job);
    this.closeCarried(job, now);
    if (phases === undefined) {
      this.work(job, overheadMs);
      progress.estimatedEndMs[job] = now + this.world.plannedMs(job);
    } else {
      phases.beginCarried(job, now, overheadMs, this.stragglerSpeed(job));
      this.pushEnd(job);
    }
    this.holdAgain(job);
  }

  /** A stretch ends of a job that keeps its GPUs and what it has not saved. */
  private closeCarried(job: JobId, now: number): void {
    const { phases } = this;
    if (phases !== undefined) {
      phases.close(job, now, UNSAVED.carried);
      return;
    }
    const interruptions = this.progress.interruptions!;
    this.carryUnsaved(job, interruptions.slots.of[job]!, now);
    this.closeSegment(job, interruptions.workMs(job, now), now);
  }

  /** Where jobs have no phases: what no checkpoint holds, the present stretch included. */
  private carryUnsaved(job: JobId, slot: number, now: number): void {
    const { checkpointMs } = this.world.traitsOf(job);
    if (checkpointMs === 0) return;
    const { productiveMs, unsavedMs, unsavedWorkMs, speed } = this.progress.interruptions!;
    const sinceMs = Math.max(0, now - productiveMs[slot]!);
    const workedMs = unsavedMs[slot]! + sinceMs;
    if (workedMs < checkpointMs) {
      unsavedMs[slot] = workedMs;
      unsavedWorkMs[slot]! += sinceMs * speed[slot]!;
    } else {
      unsavedMs[slot] = workedMs % checkpointMs;
      unsavedWorkMs[slot] = unsavedMs[slot] * speed[slot]!;
    }
  }

  /** What began at this very instant has not. */
  private undoStart(job: JobId, now: number): void {
    const { phases, slots, queuedMs } = this.progress.interruptions!;
    if (phases === undefined) return;
    const slot = slots.of[job]!;
    phases.begun[job] = phases.begunBefore[slot]!;
    phases.atHead[job] = phases.atHeadBefore[slot]!;
    if (phases.atHead[job] === 0) return;
    const sinceMs = queuedMs[job]! > 0 ? queuedMs[job]! : 0;
    if (now > sinceMs) phases.repairWaitGpuMs[job]! -= this.world.heldGpus(job) * (now - sinceMs);
  }

  private backToQueue(job: JobId, now: number): void {
    const interruptions = this.progress.interruptions!;
    if (interruptions.runsSinceMs[interruptions.slots.of[job]!] === now) {
      if (this.startMs[job] === now) this.startMs[job] = Number.NaN;
    } else interruptions.queuedMs[job] = now;
    this.leaveSlot(job, interruptions);
    this.meters[this.progress.partitionOf[job]!]!.queuedJobs++;
    this.fingerprint.addInt(-1 - job);
    this.fingerprint.addWhole(now);
  }

  /** A running job, still counted on its old GPUs, will go on with others; call {@link continueOn} when it has them. */
  pause(job: JobId): void {
    const interruptions = this.progress.interruptions!;
    const now = this.loop.nowMs;
    this.letGo(job);
    this.cancelEnd(job);
    this.closeStretch(job, now);
    const slot = interruptions.slots.of[job]!;
    interruptions.unsavedMs[slot] = 0;
    interruptions.unsavedWorkMs[slot] = 0;
    if (interruptions.runsSinceMs[slot] !== now) interruptions.resizes[job]!++;
  }

  /**
   * The job has its new GPUs. One that was still restarting is productive no earlier than it would have been; one that
   * left the queue at this very instant starts on them, and pays for no resize. Nodes that sleep wake before all that.
   */
  continueOn(job: JobId): void {
    const { loop, world, progress } = this;
    const { productiveMs, runsSinceMs, slots } = progress.interruptions!;
    const slot = slots.of[job]!;
    const restartLeftMs = productiveMs[slot]! - loop.nowMs - (this.nodeSleep?.leftMs ?? 0);
    const resizeMs = runsSinceMs[slot] === loop.nowMs ? 0 : world.traitsOf(job).resizeMs;
    const overheadMs = this.wakeMs(job) + (resizeMs > restartLeftMs ? resizeMs : restartLeftMs);
    if (this.phases !== undefined) this.workInPhases(job, overheadMs);
    else {
      this.work(job, overheadMs);
      progress.estimatedEndMs[job] = loop.nowMs + world.plannedMs(job);
    }
    this.holdAgain(job);
    this.fingerprint.addInt(job);
    this.fingerprint.addInt(progress.interruptions!.gpus[job]!);
    this.fingerprint.addWhole(loop.nowMs);
  }

  /** Nodes have left a partition's service, or are back. */
  onCapacity(partition: number): void {
    this.meters[partition]!.advance(this.loop.nowMs);
    this.meterFree(partition);
  }

  /** Ends the books at the end of the run: stretches still open are cut there. */
  close(endMs: number): void {
    const { jobs } = this;
    const { interruptions } = this.progress;
    if (interruptions === undefined) return;
    for (let job = 0; job < jobs.count; job++) {
      if (interruptions.isRunning(job)) {
        this.nodeSleep?.endWaking(job, endMs);
        this.closeStretch(job, endMs);
      } else if (interruptions.phases?.atHead[job] === 1) this.bookRepairWait(job, endMs);
    }
  }

  /** A job that stands still until then is expected to end as if it began again on its GPUs. */
  private expectRestart(job: JobId, untilMs: number): void {
    const { estimateMs, estimatedEndMs, interruptions } = this.progress;
    const leftMs = Math.max(0, estimateMs[job]! - interruptions!.doneMs[job]!);
    estimatedEndMs[job] = untilMs + this.phases!.plannedMs(job, interruptions!.gpus[job]!, leftMs);
  }

  private startPhases(job: JobId, phases: Phases): void {
    const { phases: state, slots } = this.progress.interruptions!;
    const slot = slots.of[job]!;
    state!.begunBefore[slot] = state!.begun[job]!;
    state!.atHeadBefore[slot] = state!.atHead[job]!;
    if (state!.atHead[job] === 1) this.bookRepairWait(job, this.loop.nowMs);
    this.workInPhases(job, this.wakeMs(job) + phases.beginMs(job, this.world.gpusNow(job)));
  }

  /** A job that a failure sent back to the queue has waited there until now; inside the horizon it counts. */
  private bookRepairWait(job: JobId, now: number): void {
    const { queuedMs, phases } = this.progress.interruptions!;
    const sinceMs = queuedMs[job]! > 0 ? queuedMs[job]! : 0;
    if (now > sinceMs) phases!.repairWaitGpuMs[job]! += this.world.heldGpus(job) * (now - sinceMs);
  }

  /** Begins a stretch after `overheadMs`, and schedules its end. */
  private workInPhases(job: JobId, overheadMs: number): void {
    this.phases!.begin(job, this.loop.nowMs, overheadMs, this.stragglerSpeed(job));
    this.pushEnd(job);
  }

  /** The stretch just begun ends when the work is done, and is expected to when the estimate is. */
  private pushEnd(job: JobId): void {
    const { loop, jobs, progress } = this;
    const phases = this.phases!;
    const now = loop.nowMs;
    const doneMs = progress.interruptions!.doneMs[job]!;
    const endMs = now + phases.untilDoneMs(job, now, jobs.runMs[job]! - doneMs);
    this.keepEnd(job, loop.queue.push(endMs, RANK.completion, EVENT.completion, job));
    const leftMs = Math.max(0, progress.estimateMs[job]! - doneMs);
    progress.estimatedEndMs[job] = now + phases.untilDoneMs(job, now, leftMs);
  }

  /** The meter counts a job that {@link letGo} took off it: on its GPUs and at its watts of now. */
  private holdAgain(job: JobId): void {
    const partition = this.progress.partitionOf[job]!;
    const meter = this.meters[partition]!;
    this.draw(job);
    meter.itW += this.watts(job);
    this.nodeSleep?.beginWaking(job, this.wattsAtFirst(job), this.works(job));
    this.serviceLoad?.hold(job, this.servesFromMs(job));
    meter.busyGpus += this.world.heldGpus(job);
    this.meterFree(partition);
  }

  /** When a running job is productive; Infinity: it stands still until something happens. */
  private servesFromMs(job: JobId): number {
    const { interruptions } = this.progress;
    if (interruptions === undefined) return this.loop.nowMs;
    return this.works(job) ? interruptions.productiveMs[interruptions.slots.of[job]!]! : Number.POSITIVE_INFINITY;
  }

  /** Begins a stretch of work after `overheadMs`, and schedules its end. */
  private work(job: JobId, overheadMs: number): void {
    const { interruptions, partitionOf } = this.progress;
    const now = this.loop.nowMs;
    const gpus = this.world.gpusNow(job);
    const speed = this.world.speedNow(job, partitionOf[job]!, gpus);
    const doneMs = interruptions?.doneMs[job] ?? 0;
    const endMs = now + overheadMs + Math.ceil((this.jobs.runMs[job]! - doneMs) / speed);
    const event = this.loop.queue.push(endMs, RANK.completion, EVENT.completion, job);
    this.keepEnd(job, event);
    if (interruptions === undefined) return;
    const slot = interruptions.slots.of[job]!;
    interruptions.startedMs[slot] = now;
    interruptions.productiveMs[slot] = now + overheadMs;
    interruptions.speed[slot] = speed;
  }

  /** The event of a running job's end, which may have to be cancelled. */
  private keepEnd(job: JobId, event: EventHandle): void {
    const { interruptions } = this.progress;
    if (interruptions !== undefined) interruptions.endEvent[interruptions.slots.of[job]!] = event;
    else if (this.endEvents !== undefined) this.endEvents[job] = event;
  }

  private cancelEnd(job: JobId): void {
    const { interruptions } = this.progress;
    this.loop.queue.cancel(
      interruptions === undefined ? this.endEvents![job]! : interruptions.endEvent[interruptions.slots.of[job]!]!,
    );
  }

  private takeSlot(job: JobId, now: number): void {
    const { interruptions } = this.progress;
    if (interruptions === undefined) return;
    const slot = interruptions.slots.take(job);
    interruptions.runsSinceMs[slot] = now;
    interruptions.unsavedMs[slot] = 0;
    interruptions.unsavedWorkMs[slot] = 0;
  }

  /** The job has lost its GPUs: what is known of running jobs alone is forgotten. */
  private leaveSlot(job: JobId, { slots, phases }: Interruptions): void {
    slots.leave(job);
    if (phases !== undefined && phases.hung[job] !== 0) phases.hung[job] = 0;
  }

  /** Work done in whole ms is the time that was worked, but for the rounding of speeds. */
  private bookCutShort(job: JobId): void {
    const { ranMs, doneMs } = this.progress.interruptions!;
    ranMs[job] = Math.round(doneMs[job]! / this.askedSpeed(job));
  }

  private askedSpeed(job: JobId): number {
    return this.world.speedOn(job, this.progress.partitionOf[job]!, this.jobs.gpus[job]!);
  }

  private restartMs(job: JobId): number {
    const { interruptions } = this.progress;
    return (interruptions?.preemptions[job] ?? 0) > 0 ? this.world.traitsOf(job).restartMs : 0;
  }

  /** A stretch ends, and all that was done in it counts. */
  private closeStretch(job: JobId, now: number): void {
    const { interruptions } = this.progress;
    if (this.phases === undefined) this.closeSegment(job, interruptions!.workMs(job, now), now);
    else this.phases.close(job, now, UNSAVED.saved);
  }

  /** Books what a stretch of work cost, and what of it counts. */
  private closeSegment(job: JobId, doneMs: number, now: number): void {
    const interruptions = this.progress.interruptions!;
    const slot = interruptions.slots.of[job]!;
    const startedMs = interruptions.startedMs[slot]!;
    const gpus = interruptions.gpus[job]!;
    this.segments!.add(job, gpus, startedMs, now, this.caps?.watts(job));
    if (this.caps !== undefined) this.bookCaps(job, slot, this.caps, now);
    interruptions.attainedGpuMs[job]! += gpus * (now - startedMs);
    const wokeMs = this.nodeSleep?.wokeMs ?? 0;
    interruptions.lostGpuMs[job]! += gpus * (Math.min(now, interruptions.productiveMs[slot]!) - startedMs - wokeMs);
    interruptions.suspended[slot] = 0;
    interruptions.doneMs[job] = doneMs;
  }

  /** What caps and suspensions took of a stretch that ends, where jobs have no phases. */
  private bookCaps(job: JobId, slot: number, caps: CapBook, now: number): void {
    const { startedMs, productiveMs, suspended } = this.progress.interruptions!;
    const held = this.world.heldGpus(job);
    const fromMs = Math.max(0, startedMs[slot]!);
    if (suspended[slot] === 1) {
      if (now > fromMs) caps.suspendedGpuMs[this.jobs.classOf[job]!]! += held * (now - fromMs);
      return;
    }
    const sinceMs = Math.max(fromMs, productiveMs[slot]!);
    if (now > sinceMs) caps.bookProductive(job, held * (now - sinceMs));
  }

  private letGo(job: JobId): void {
    const meter = this.meters[this.progress.partitionOf[job]!]!;
    meter.advance(this.loop.nowMs);
    meter.itW -= this.watts(job);
    this.nodeSleep?.endWaking(job, this.loop.nowMs);
    this.serviceLoad?.letGo(job);
    this.caps?.leave(job);
    meter.busyGpus -= this.world.heldGpus(job);
    this.meterFree(this.progress.partitionOf[job]!);
  }

  /** Has the meter count the GPUs that are free in a partition now; it stands at this instant. */
  private meterFree(partition: number): void {
    const meter = this.meters[partition]!;
    const { freeGpus, sharedFreeGpus } = this.occupancies[partition]!;
    meter.freeGpus += freeGpus - this.freeGpus[partition]!;
    meter.partlyFreeGpus += sharedFreeGpus - this.partlyFreeGpus[partition]!;
    this.freeGpus[partition] = freeGpus;
    this.partlyFreeGpus[partition] = sharedFreeGpus;
  }

  /** A job has begun to draw: the book of caps takes note. */
  private draw(job: JobId): void {
    const { caps } = this;
    if (caps === undefined) return;
    if (this.phases !== undefined) {
      this.phases.draw(job, caps);
      return;
    }
    const partition = this.progress.partitionOf[job]!;
    const suspended = this.progress.interruptions!.isSuspended(job);
    const fixedW = suspended ? this.world.gpusNow(job) * caps.suspendedW(partition) : Number.NaN;
    caps.enter(job, fixedW, false, this.wattsPerGpu[partition]![this.jobs.classOf[job]!]!, 1, -1, 0);
  }

  /** How long its nodes still wake, ms. */
  private wakeMs(job: JobId): number {
    return this.nodeSleep?.wakeMs(job) ?? 0;
  }

  /** Watts that the meter counts of a job until it is productive. */
  private wattsAtFirst(job: JobId): number {
    return this.phases !== undefined && this.works(job) ? this.phases.initialiseW(job) : this.watts(job);
  }

  private watts(job: JobId): number {
    const { interruptions } = this.progress;
    const phases = interruptions?.phases;
    if (this.caps !== undefined) return this.caps.watts(job);
    if (phases !== undefined) return phases.watts[interruptions!.slots.of[job]!]!;
    return this.world.gpusNow(job) * this.wattsPerGpu[this.progress.partitionOf[job]!]![this.jobs.classOf[job]!]!;
  }
}
