import { SimError } from '../base/errors.js';
import { Claim } from '../cluster/claim.js';
import { heldGpus } from '../cluster/layout.js';
import type { Occupancy } from '../cluster/occupancy.js';
import type {
  BackfillPolicy,
  Decisions,
  JobId,
  OrderPolicy,
  PlacementPolicy,
  PolicyContext,
  PreemptPolicy,
} from '../policy/contracts.js';
import type { KeyEpoch } from '../policy/keyEpoch.js';
import { OrderedQueue } from '../policy/orderedQueue.js';
import type { World } from '../policy/world.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import type { JobProgress } from '../workload/jobProgress.js';
import type { Execution } from './execution.js';
import type { PolicyParts } from './policyParts.js';
import { RunningList } from './runningList.js';

/** What a partition's scheduler is made from. */
export interface SchedulerParts {
  readonly world: World;
  readonly progress: JobProgress;
  readonly partition: number;
  readonly occupancy: Occupancy;
  readonly policy: PolicySpec;
  readonly parts: PolicyParts;
  readonly order: OrderPolicy;
  readonly epochs: KeyEpoch;
  readonly execution: Execution;
  /** A job runs at least so long before it may be pre-empted, ms. */
  readonly guaranteedRunMs: number;
  /** A part of the policy takes GPUs from running jobs. */
  readonly interrupts: boolean;
  /** Told of starts and stops of any kind. */
  readonly listener: SchedulerListener;
}

export interface SchedulerListener {
  /** A job is about to leave the queue and run. */
  readonly onStarting?: ((job: JobId) => void) | undefined;
  /** A job is about to lose its GPUs to others. */
  readonly onPreempting?: ((job: JobId) => void) | undefined;
  /** A job that ran has lost its GPUs: it ended or was interrupted. */
  readonly onStopped?: ((job: JobId) => void) | undefined;
  onStarted(job: JobId): void;
  /** A running job has another number of GPUs. */
  onResized(job: JobId): void;
  /** The job was interrupted and is to join the queue again. */
  onInterrupted(job: JobId): void;
  /** GPUs became free in a partition of which nodes are withdrawn, and perhaps left with them. */
  onReleasedBesideWithdrawn(): void;
  wakeAt(atMs: number, job: JobId): void;
  passAt(atMs: number, partition: number): void;
}

/** Pre-emptions and resizes of one partition at one instant, after which its policy is declared stuck. */
export const MAX_INTERRUPTIONS_PER_INSTANT = 100_000;

/**
 * One partition's queue and policy, and the place where its decisions are checked and applied.
 *
 * A decision that breaks the contract stops the run and names the policy, the time and the job.
 */
export class PartitionScheduler implements Decisions {
  readonly queue: OrderedQueue;
  readonly backfill: BackfillPolicy;
  readonly preemption: PreemptPolicy | undefined;
  /** A pass was asked for at this instant. */
  passWanted = false;
  /** The pre-emption's own pass goes on. */
  preempting = false;

  private readonly world: World;
  private readonly partition: number;
  private readonly progress: JobProgress;
  private readonly occupancy: Occupancy;
  private readonly order: OrderPolicy;
  private readonly placement: PlacementPolicy;
  private readonly policy: PolicySpec;
  private readonly execution: Execution;
  private readonly guaranteedRunMs: number;
  private readonly listener: SchedulerListener;
  private readonly claim: Claim;
  /** Where a job was that is to get other GPUs. */
  private readonly placeBefore: Claim;
  readonly running: RunningList;
  /** GPUs that jobs, or this one, may still start on as far as power goes; set by who knows. */
  powerRoom: ((job?: JobId) => number) | undefined;
  private interrupted = 0;
  private interruptedMs = Number.NaN;
  private interruptedNow = 0;
  /** Thrown where it happened, and again at the end of the pass: a policy may not swallow it. */
  private violation: SimError | undefined;
  /** The part whose decisions are being made, for messages. */
  private deciding: string;

  constructor(given: SchedulerParts) {
    const { world, partition, occupancy, policy, parts, order } = given;
    this.world = world;
    this.partition = partition;
    this.progress = given.progress;
    this.occupancy = occupancy;
    this.order = order;
    this.policy = policy;
    this.execution = given.execution;
    this.guaranteedRunMs = given.guaranteedRunMs;
    this.listener = given.listener;
    this.claim = new Claim(occupancy.layout.racks);
    this.placeBefore = new Claim(occupancy.layout.racks);
    this.running = new RunningList(given.interrupts ? world.jobCount : 0);
    this.placement = parts.create('placement', policy.placement, partition);
    this.queue = new OrderedQueue(world, order, world.jobCount, given.epochs, policy.preempt !== undefined);
    const context: Omit<PolicyContext, 'draw' | 'truth'> = {
      world,
      partition,
      queue: this.queue,
      decide: this,
      running: this.running,
      largestFit: () => this.largestFit(),
      fits: (job) => this.fits(job),
      places: {
        freedGpus: (job) => occupancy.freedGpus(job, world.gpusNow(job)),
        sharedNode: (job) => occupancy.sharedNode(job),
        nodeFreeGpus: (node) => occupancy.nodeFreeGpus(node),
        nodeFor: (gpus) => this.placement.nodeFor?.(occupancy, gpus) ?? -1,
      },
      guaranteedRunMs: given.guaranteedRunMs,
    };
    this.backfill = parts.createIn('backfill', policy.backfill, context);
    this.preemption = policy.preempt && parts.createIn('preempt', policy.preempt, context);
    this.deciding = policy.backfill.name;
  }

  /** A job joins the queue; true when a pass is wanted. */
  enqueue(job: JobId): boolean {
    this.queue.add(job);
    const wanted = this.backfill.onQueued(job);
    const preempts = this.preemption?.onQueued(job) ?? false;
    // Interrupted by the pre-emption's pass: another of the backfill follows.
    if (this.preempting) return false;
    return wanted || preempts || this.isIdle() || this.queue.keysAreOld();
  }

  /** A job leaves the queue without starting; true when a pass is wanted. */
  dequeue(job: JobId): boolean {
    this.queue.remove(job);
    this.preemption?.onUnqueued?.(job);
    return this.backfill.onUnqueued?.(job) ?? true;
  }

  /** The one pass of an instant. Pre-emption acts on what the backfill left, and the backfill on what it freed, in turns. */
  pass(): void {
    if (this.queue.refreshKeys()) this.backfill.onRekeyed?.();
    this.deciding = this.policy.backfill.name;
    this.backfill.pass();
    if (this.preemption !== undefined) this.preemptPass(this.preemption);
    if (this.violation !== undefined) throw this.violation;
    // Who asked for another pass at this instant may still start something.
    if (!this.passWanted && this.isIdle()) this.requireNothingFits();
  }

  /** Until nobody gives way: whom the backfill left waiting beside room made for others may take precedence still. */
  private preemptPass(preemption: PreemptPolicy): void {
    for (;;) {
      this.deciding = this.policy.preempt!.name;
      const before = this.interrupted;
      this.preempting = true;
      preemption.pass();
      this.preempting = false;
      this.deciding = this.policy.backfill.name;
      if (this.interrupted === before) return;
      this.backfill.pass();
    }
  }

  start(job: JobId, gpus?: number): void {
    const { occupancy, claim, world } = this;
    if (!this.queue.has(job)) throw this.broken('started', job, 'it is not in the queue');
    if (gpus !== undefined && gpus !== world.gpusNow(job)) {
      this.requireSize('started', job, gpus);
      this.setGpus(job, gpus);
    }
    if (!this.fits(job)) {
      const needs = `it needs ${world.heldGpus(job)} GPUs`;
      throw this.broken('started', job, `${needs}, the largest job that fits now has ${this.largestFit()}`);
    }
    const asked = world.gpusNow(job);
    this.placeFor(job, asked);
    this.listener.onStarting?.(job);
    this.queue.remove(job);
    occupancy.take(job, asked, claim);
    this.running.add(job);
    this.execution.start(job, claim);
    this.order.onStarted?.(job);
    this.backfill.onStarted(job);
    this.preemption?.onStarted(job);
    this.listener.onStarted(job);
  }

  /** A running job has ended by itself; true when a pass is wanted. */
  complete(job: JobId): boolean {
    this.occupancy.release(job, this.world.gpusNow(job));
    this.execution.complete(job);
    return this.stopped(job, true);
  }

  /** The machine ends a running job; true when a pass is wanted. */
  kill(job: JobId): boolean {
    this.occupancy.release(job, this.world.gpusNow(job));
    this.execution.kill(job);
    return this.stopped(job, true);
  }

  /** A job that failed gives up its GPUs, and will stand in the queue again; true when a pass is wanted. */
  requeue(job: JobId): boolean {
    this.occupancy.release(job, this.world.gpusNow(job));
    this.execution.requeue(job);
    const wanted = this.stopped(job, false);
    this.listener.onInterrupted(job);
    return wanted;
  }

  /** Free GPUs have left the partition until about then, or (negative) came back; true when a pass is wanted. */
  onCapacity(gpus: number, untilMs: number): boolean {
    const wanted = this.backfill.onCapacity?.(gpus, untilMs) ?? gpus < 0;
    return this.queue.length > 0 && (wanted || this.isIdle());
  }

  /** There may be power for jobs that there was none for; true when a pass is wanted. */
  onPower(): boolean {
    const wanted = this.backfill.onPower?.() ?? true;
    return this.queue.length > 0 && (wanted || this.isIdle());
  }

  /** A running job's estimate was raised; true when a pass is wanted. */
  expectLater(job: JobId, estimatedEndMs: number): boolean {
    const wanted = this.backfill.onChanged?.(job, estimatedEndMs, this.world.heldGpus(job)) ?? false;
    const preempts = this.preemption?.onChanged?.(job) ?? false;
    return wanted || preempts;
  }

  preempt(job: JobId): void {
    this.requireInterruptible('pre-empted', job);
    const { world } = this;
    if (!world.traitsOf(job).preemptible) throw this.broken('pre-empted', job, 'its class is not preemptible');
    const ranMs = world.nowMs - world.startedMs(job);
    if (ranMs < this.guaranteedRunMs) {
      throw this.broken('pre-empted', job, `it has run ${ranMs} ms of the ${this.guaranteedRunMs} ms guaranteed`);
    }
    this.countInterruption('pre-empted', job);
    this.listener.onPreempting?.(job);
    this.occupancy.release(job, world.gpusNow(job));
    this.execution.interrupt(job);
    this.stopped(job, false);
    this.listener.onInterrupted(job);
  }

  /** Whether a running job may be pre-empted now. */
  mayPreempt(job: JobId): boolean {
    const { world } = this;
    return world.traitsOf(job).preemptible && world.nowMs - world.startedMs(job) >= this.guaranteedRunMs;
  }

  /** Pre-empts a job for a part of the policy that decides outside a pass. */
  preemptFor(job: JobId, part: string): void {
    const { deciding } = this;
    this.deciding = part;
    this.preempt(job);
    this.deciding = deciding;
  }

  resize(job: JobId, gpus: number): boolean {
    this.requireInterruptible('resized', job);
    const { world, occupancy, claim, placeBefore, progress } = this;
    const before = world.gpusNow(job);
    if (gpus === before) return true;
    this.requireSize('resized', job, gpus);
    // It stands still for a failure: who it loses is not known yet.
    if (!this.execution.works(job)) return false;
    this.countInterruption('resized', job);
    const heldBefore = world.heldGpus(job);
    const endBefore = progress.estimatedEndMs[job]!;
    if (occupancy.freedGpus(job, before) < heldBefore) return false;
    placeBefore.clear();
    occupancy.copyPlace(job, before, placeBefore);
    occupancy.release(job, before);
    if (!this.fitsHeld(heldGpus(gpus, occupancy.layout.gpusPerNode))) {
      occupancy.take(job, before, placeBefore);
      return false;
    }
    this.preemption?.onStopped(job);
    this.execution.pause(job);
    this.setGpus(job, gpus);
    this.placeFor(job, gpus);
    occupancy.take(job, gpus, claim);
    this.execution.continueOn(job);
    this.order.onStarted?.(job);
    this.backfill.onChanged?.(job, endBefore, heldBefore);
    this.preemption?.onStarted(job);
    if (occupancy.withdrawnNodes > 0) this.listener.onReleasedBesideWithdrawn();
    this.listener.onResized(job);
    return true;
  }

  wakeAt(atMs: number, job: JobId): void {
    this.requireInterruptible('woken', job);
    this.listener.wakeAt(atMs, job);
  }

  passAt(atMs: number): void {
    this.listener.passAt(atMs, this.partition);
  }

  /** Largest job that can be started now: placed, and within the power there is; in GPUs held. */
  largestFit(): number {
    const placeable = this.largestPlace();
    return this.powerRoom === undefined ? placeable : Math.min(placeable, this.powerRoom());
  }

  private largestPlace(): number {
    const { placement, occupancy } = this;
    return placement.largestFit === undefined ? occupancy.largestFit() : placement.largestFit(occupancy);
  }

  fits(job: JobId): boolean {
    return this.fitsHeld(this.world.heldGpus(job), job);
  }

  /** Can a job that holds so many GPUs be placed now, and is there the power for it? */
  fitsHeld(held: number, job?: JobId): boolean {
    if (this.powerRoom !== undefined && held > this.powerRoom(job)) return false;
    return this.isPlaceable(held);
  }

  /** Can the placement policy place a job that holds so many GPUs now? */
  isPlaceable(held: number): boolean {
    const { placement, occupancy } = this;
    return placement.fits === undefined ? held <= this.largestPlace() : placement.fits(occupancy, held);
  }

  private stopped(job: JobId, ended: boolean): boolean {
    this.running.remove(job);
    this.listener.onStopped?.(job);
    this.order.onStopped?.(job, ended);
    this.preemption?.onStopped(job);
    const wanted = this.backfill.onReleased(job);
    if (this.occupancy.withdrawnNodes > 0) this.listener.onReleasedBesideWithdrawn();
    return wanted || this.isIdle();
  }

  private placeFor(job: JobId, gpus: number): void {
    const { claim, occupancy } = this;
    claim.clear();
    this.placement.place(occupancy, gpus, claim);
    const refusal = occupancy.refusal(gpus, claim);
    if (refusal !== undefined) throw this.broken('placed', job, refusal, this.policy.placement.name);
  }

  private requireSize(verb: string, job: JobId, gpus: number): void {
    const { world, progress } = this;
    const min = world.minGpus(job);
    const max = world.maxGpus(job);
    if (Number.isInteger(gpus) && gpus >= min && gpus <= max && progress.interruptions !== undefined) return;
    throw this.broken(verb, job, `on ${gpus} GPUs; expected ${min === max ? String(min) : `${min} to ${max}`}`);
  }

  private setGpus(job: JobId, gpus: number): void {
    this.progress.interruptions!.gpus[job] = gpus;
    this.world.refreshHeld(job);
  }

  private requireInterruptible(verb: string, job: JobId): void {
    if (this.running.has(job)) return;
    throw this.broken(verb, job, 'it is not running here, or the policy did not say that it interrupts jobs');
  }

  /** Jobs wait although nothing is held and something is in service. */
  private isIdle(): boolean {
    return this.queue.length > 0 && this.occupancy.heldGpus === 0 && this.occupancy.freeGpus > 0;
  }

  private requireNothingFits(): void {
    const job = this.queue.head();
    // Beside what a backfill that asks for the largest fit alone would start.
    if (!this.fitsHeld(this.world.heldGpus(job))) return;
    throw new SimError(
      'policy.contract',
      `policy '${this.deciding}' of ${this.policy.text} started nothing at ${this.world.nowMs} ms: nothing of the partition ` +
        `is held, and job ${job} (${this.world.heldGpus(job)} GPUs) waits and fits. Expected a pass to start a job then.`,
    );
  }

  private countInterruption(verb: string, job: JobId): void {
    if (this.world.nowMs !== this.interruptedMs) {
      this.interruptedMs = this.world.nowMs;
      this.interruptedNow = 0;
    }
    this.interrupted++;
    if (++this.interruptedNow <= MAX_INTERRUPTIONS_PER_INSTANT) return;
    throw this.broken(verb, job, `after ${MAX_INTERRUPTIONS_PER_INSTANT} others at this instant; expected an end`);
  }

  private broken(verb: string, job: JobId, why: string, part = this.deciding): SimError {
    const text = `policy '${part}' of ${this.policy.text} ${verb} job ${job} at ${this.world.nowMs} ms: ${why}. `;
    this.violation = new SimError('policy.contract', `${text}Decisions take effect as they are made.`);
    return this.violation;
  }
}
