import type { Occupancy } from '../cluster/occupancy.js';
import { heldGpus } from '../cluster/layout.js';
import type { BackfillPolicy, JobId } from '../policy/contracts.js';
import type { OrderedQueue } from '../policy/orderedQueue.js';
import type { World } from '../policy/world.js';
import type { WindowSpec } from '../scenario/runSpec.js';
import type { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';

/**
 * Why a job waits, the first that holds:
 *
 * - `transfer`: its data is being moved to its site
 * - `dependency`: a job it depends on has not completed; the other is that job
 * - `not open`: its reservation has not begun
 * - `deferred`: the power policy keeps it out of the queue
 * - `limit`: a cap on running jobs or GPUs; the other is an index into `HOLD_REASONS`
 * - `power`: it can be placed, and would take its site above the power that the policy keeps it under
 * - `maintenance`: too few GPUs are free, and idle ones out of service would suffice; the other is the window
 * - `preempted`: too few are free, and what those hold that started on its GPUs when it was pre-empted would suffice; the
 *   other is that job, -1 when there are several
 * - `overtaken`: the same, counting also jobs submitted later that went ahead by the order
 * - `jumped`: the same, counting also jobs submitted later and behind it that the pre-emption started
 * - `backfilled`: the same, counting also jobs submitted later and behind it that the backfill started early
 * - `capacity`: too few are free
 * - `fragmentation`: enough are free, but not in whole nodes (of a small job: not on one node)
 * - `topology`: enough whole nodes are free, but not where the placement policy wants them
 * - `reservation`: it fits, or would without jobs submitted later, and would delay the start promised to the other job
 * - `behind`: it fits, or would without jobs submitted later, and the other job goes first
 * - `policy`: it fits, and the policy does not start it
 */
export const WAIT_REASONS = [
  'transfer',
  'dependency',
  'not open',
  'deferred',
  'limit',
  'power',
  'maintenance',
  'preempted',
  'overtaken',
  'jumped',
  'backfilled',
  'capacity',
  'fragmentation',
  'topology',
  'reservation',
  'behind',
  'policy',
] as const;

export type WaitReason = (typeof WAIT_REASONS)[number];

/** A stretch of a job's wait in which one reason held. */
export interface WaitStretch {
  readonly reason: WaitReason;
  /** What the reason names: a job, a window, a limit; -1: nothing. */
  readonly other: number;
  /** Interruptions before it: 0 in the wait for the first start. */
  readonly interruptions: number;
  readonly fromMs: number;
  toMs: number;
  /** Most GPUs that were free in its partition at any instant of it. */
  mostFree: number;
}

/**
 * How a job got ahead of one that waits: it started on the GPUs that were taken from it; it stood before it in the queue;
 * or it stood behind and was started by the pre-emption, or early by the backfill.
 */
export const WAYS_AHEAD = ['taken', 'order', 'preemption', 'backfill'] as const;

export type WayAhead = (typeof WAYS_AHEAD)[number];

/**
 * A job that was submitted later and started while the tracked one stood in the same queue, or that started, whenever
 * it was submitted, on GPUs taken from it.
 */
export interface Overtaking {
  readonly job: JobId;
  readonly gpus: number;
  readonly way: WayAhead;
  readonly fromMs: number;
  /** When it stopped, or the tracked job's wait was over; NaN: both still go on. */
  toMs: number;
}

/** What became of a tracked job's waiting. */
export interface WaitRecord {
  readonly job: JobId;
  /** In order of time, without gaps from the job's submission to its first start, and from each interruption to the next. */
  readonly stretches: readonly WaitStretch[];
  readonly overtakings: readonly Overtaking[];
}

/** The parts of a run that a probe looks at. */
export interface ProbedRun {
  readonly world: World;
  readonly jobs: JobTable;
  readonly progress: JobProgress;
  /** First start and end by job. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly windows: readonly WindowSpec[];
  /** By partition. */
  readonly occupancies: readonly Occupancy[];
  readonly schedulers: readonly ProbedScheduler[];
  /** The backfill promises starts to jobs that others must not delay. */
  readonly reserves: boolean;
  /** The backfill may start a job on fewer GPUs than it asked for. */
  readonly shrinks: boolean;
  /** An index into `HOLD_REASONS`: 0 when the job stands in its queue. */
  whyHeld(job: JobId): number;
  /** GPUs it may start on as far as power goes. */
  powerRoom(job: JobId): number;
}

export interface ProbedScheduler {
  readonly queue: OrderedQueue;
  readonly backfill: BackfillPolicy;
  /** The pre-emption's own pass goes on. */
  readonly preempting: boolean;
  /** Can a job that holds so many GPUs be placed now, whether or not there is the power? */
  isPlaceable(held: number): boolean;
}

const HELD_BY_DEPENDENCY = 1;
const HELD_BY_RESERVATION = 2;
const HELD_BY_POWER = 3;

interface Tracked extends WaitRecord {
  readonly stretches: WaitStretch[];
  readonly overtakings: TrackedOvertaking[];
  /** Those that still run, while it waits. */
  readonly ahead: Map<JobId, TrackedOvertaking>;
  /** The last of its stretches goes on. */
  waiting: boolean;
  /** GPUs taken from it at this instant. */
  lost: Place | undefined;
}

interface TrackedOvertaking extends Overtaking {
  way: WayAhead;
  toMs: number;
}

/** Masks of nodes by rack of a job of whole nodes, of GPUs by node of a smaller one. */
interface Place {
  readonly shared: boolean;
  readonly masks: ReadonlyMap<number, number>;
}

const REASON_OF: Readonly<Record<WayAhead, WaitReason>> = {
  taken: 'preempted',
  order: 'overtaken',
  preemption: 'jumped',
  backfill: 'backfilled',
};

/**
 * Notes for a few jobs why they wait, at each instant once everything has happened.
 *
 * Reasons are of that moment and hold until the next instant; between two instants nothing changes. GPUs are counted,
 * not places: that GPUs out of service or held by later jobs would suffice is not proof that they would fit, and GPUs
 * of a job that was resized count as at its start. The job named by a reservation or an order is the one the policy
 * itself names. Where GPUs held by later jobs would suffice, the policy is asked whether it would have held the job back
 * nevertheless; `BackfillPolicy.blockedWithout` need not know, so that a job was overtaken is no proof that it would
 * have started.
 *
 * Cost: O(tracked jobs that wait) a start, and the jobs ahead of them an instant. A run without a probe pays nothing.
 */
export class WaitProbe {
  private readonly tracked: readonly Tracked[];
  /** How many have been submitted. */
  private submitted = 0;
  /** Submitted and not done with: they wait, or may have to wait again. */
  private active: Tracked[] = [];
  /** Started at this instant, while GPUs were taken from a tracked job. */
  private readonly starters: JobId[] = [];
  private losing = false;
  private run!: ProbedRun;

  constructor(jobs: Iterable<JobId>) {
    this.tracked = [...new Set(jobs)]
      .sort((a, b) => a - b)
      .map((job) => ({ job, stretches: [], overtakings: [], ahead: new Map(), waiting: false, lost: undefined }));
  }

  /** By job, ascending. */
  get records(): readonly WaitRecord[] {
    return this.tracked.map(({ job, stretches, overtakings }) => ({ job, stretches, overtakings }));
  }

  attach(run: ProbedRun): void {
    this.run = run;
  }

  /** A queued job is about to start; it and all others still stand in the queue. */
  onStarting(job: JobId): void {
    const { world, schedulers } = this.run;
    const partition = world.partitionOf(job);
    const { queue, preempting } = schedulers[partition]!;
    if (this.losing) this.starters.push(job);
    this.admit(world.nowMs);
    for (const of of this.active) {
      if (of.job === job) this.endOvertakings(of, world.nowMs);
      if (of.job >= job || world.partitionOf(of.job) !== partition || !queue.has(of.job)) continue;
      const behind = preempting ? 'preemption' : 'backfill';
      this.goesAhead(of, job, queue.precedes(job, of.job) ? 'order' : behind);
    }
  }

  /** A running job is about to be interrupted. */
  onPreempting(job: JobId): void {
    const of = this.active.find((tracked) => tracked.job === job);
    if (of === undefined) return;
    of.lost = this.placeOf(job);
    this.losing = true;
  }

  /** A running job no longer runs. */
  onStopped(job: JobId): void {
    for (const { ahead } of this.active) {
      const overtaking = ahead.get(job);
      if (overtaking === undefined) continue;
      overtaking.toMs = this.run.world.nowMs;
      ahead.delete(job);
    }
  }

  /** All of an instant has happened. */
  afterInstant(): void {
    const { world, progress } = this.run;
    const { nowMs } = world;
    this.admit(nowMs);
    if (this.losing) this.findTakers();
    let done = false;
    for (const of of this.active) {
      if (this.waits(of.job)) this.note(of, nowMs);
      else {
        if (of.waiting) this.endWait(of, nowMs);
        done ||= progress.interruptions === undefined || !Number.isNaN(this.run.endMs[of.job]!);
      }
    }
    if (done) this.active = this.active.filter(({ job }) => this.waits(job) || this.mayWaitAgain(job));
  }

  /** The run is over. */
  close(endMs: number): void {
    for (const of of this.active) {
      if (of.waiting) this.endWait(of, endMs);
      this.endOvertakings(of, endMs);
    }
    this.active = [];
  }

  private admit(nowMs: number): void {
    const { tracked, run } = this;
    for (; this.submitted < tracked.length; this.submitted++) {
      const next = tracked[this.submitted]!;
      if (run.world.submitMs(next.job) > nowMs) return;
      this.active.push(next);
    }
  }

  private waits(job: JobId): boolean {
    const { progress, startMs, endMs } = this.run;
    if ((progress.rejectedFor?.[job] ?? 0) !== 0 || !Number.isNaN(endMs[job]!)) return false;
    return Number.isNaN(startMs[job]!) || progress.interruptions?.isRunning(job) === false;
  }

  private mayWaitAgain(job: JobId): boolean {
    const { progress, endMs } = this.run;
    return (
      progress.interruptions !== undefined && Number.isNaN(endMs[job]!) && (progress.rejectedFor?.[job] ?? 0) === 0
    );
  }

  private note(of: Tracked, nowMs: number): void {
    const { world, progress } = this.run;
    const { job, stretches } = of;
    const interruptions = progress.interruptions?.preemptions[job] ?? 0;
    const free = world.free(world.partitionOf(job)).freeGpus;
    const [reason, other] = this.why(of, free);
    const last = of.waiting ? stretches.at(-1) : undefined;
    if (last?.reason === reason && last.other === other && last.interruptions === interruptions) {
      if (free > last.mostFree) last.mostFree = free;
      return;
    }
    this.closeLast(of, nowMs);
    const before = stretches.at(-1);
    if (
      before?.reason === reason &&
      before.toMs === nowMs &&
      before.other === other &&
      before.interruptions === interruptions
    ) {
      // Only within this instant was it otherwise.
      before.toMs = Number.NaN;
      return;
    }
    // A new wait begins with the job's submission, or its interruption, at this instant.
    stretches.push({ reason, other, interruptions, fromMs: nowMs, toMs: Number.NaN, mostFree: free });
    of.waiting = true;
  }

  private endWait(of: Tracked, nowMs: number): void {
    this.closeLast(of, nowMs);
    of.waiting = false;
  }

  private endOvertakings(of: Tracked, nowMs: number): void {
    for (const overtaking of of.ahead.values()) overtaking.toMs = nowMs;
    of.ahead.clear();
  }

  private goesAhead(of: Tracked, job: JobId, way: WayAhead): void {
    const { world } = this.run;
    const overtaking = { job, gpus: world.heldGpus(job), way, fromMs: world.nowMs, toMs: Number.NaN };
    of.overtakings.push(overtaking);
    of.ahead.set(job, overtaking);
  }

  /** Which of the jobs that started at this instant are on GPUs that were taken from tracked ones. */
  private findTakers(): void {
    const { progress, world, occupancies } = this.run;
    for (const of of this.active) {
      const { lost } = of;
      of.lost = undefined;
      if (lost === undefined || !this.waits(of.job)) continue;
      const partition = world.partitionOf(of.job);
      const { nodesPerRack } = occupancies[partition]!.layout;
      for (const job of new Set(this.starters)) {
        if (!progress.interruptions!.isRunning(job) || world.partitionOf(job) !== partition) continue;
        if (!overlap(lost, this.placeOf(job), nodesPerRack)) continue;
        const known = of.ahead.get(job);
        if (known === undefined) this.goesAhead(of, job, 'taken');
        else known.way = 'taken';
      }
    }
    this.starters.length = 0;
    this.losing = false;
  }

  private placeOf(job: JobId): Place {
    const { world, occupancies } = this.run;
    const occupancy = occupancies[world.partitionOf(job)]!;
    const masks = new Map<number, number>();
    occupancy.forEachRecord(job, (place, mask) => masks.set(place, mask));
    return { shared: world.gpusNow(job) < occupancy.layout.gpusPerNode, masks };
  }

  private closeLast(of: Tracked, nowMs: number): void {
    const last = of.stretches.at(-1);
    if (!of.waiting || last === undefined) return;
    last.toMs = nowMs;
    if (last.fromMs === nowMs) of.stretches.pop();
  }

  private why(of: Tracked, free: number): readonly [WaitReason, number] {
    const { job } = of;
    const { run } = this;
    const { world, progress, schedulers } = run;
    if ((progress.readyMs?.[job] ?? 0) > world.nowMs) return ['transfer', -1];
    const hold = run.whyHeld(job);
    if (hold === HELD_BY_DEPENDENCY) return ['dependency', this.missing(job)];
    if (hold === HELD_BY_RESERVATION) return ['not open', -1];
    if (hold === HELD_BY_POWER) return ['deferred', -1];
    if (hold > 0) return ['limit', hold];
    const partition = world.partitionOf(job);
    const scheduler = schedulers[partition]!;
    const { gpusPerNode } = world.free(partition).layout;
    const need = run.shrinks ? heldGpus(world.minGpus(job), gpusPerNode) : world.heldGpus(job);
    if (scheduler.isPlaceable(need)) {
      if (need > run.powerRoom(job)) return ['power', -1];
      const other = scheduler.backfill.blockedBy(job);
      if (other < 0) return ['policy', -1];
      return [run.reserves ? 'reservation' : 'behind', other];
    }
    if (free >= need) return [world.free(partition).largestFit() >= need ? 'topology' : 'fragmentation', -1];
    return this.whyTooFew(of, partition, need - free);
  }

  private whyTooFew(of: Tracked, partition: number, missing: number): readonly [WaitReason, number] {
    const occupancy = this.run.occupancies[partition]!;
    if (occupancy.outOfServiceNodes() * occupancy.layout.gpusPerNode >= missing)
      return ['maintenance', this.windowOf(partition)];
    let held = 0;
    for (const way of WAYS_AHEAD) {
      let last = -1;
      let jobs = 0;
      for (const overtaking of of.ahead.values()) {
        if (overtaking.way !== way) continue;
        held += overtaking.gpus;
        last = overtaking.job;
        jobs++;
      }
      if (held < missing) continue;
      if (way === 'taken') return ['preempted', jobs === 1 ? last : -1];
      const { backfill } = this.run.schedulers[partition]!;
      const blocker = backfill.blockedWithout?.(of.job, [...of.ahead.keys()]) ?? -1;
      if (blocker >= 0) return [this.run.reserves ? 'reservation' : 'behind', blocker];
      return [REASON_OF[way], -1];
    }
    return ['capacity', -1];
  }

  /** The window that has nodes of a partition now; of several, the one written first. */
  private windowOf(partition: number): number {
    const { nowMs } = this.run.world;
    return this.run.windows.findIndex(
      (window) => window.partition === partition && window.fromMs - window.drainMs <= nowMs && nowMs < window.toMs,
    );
  }

  /** The first job that another still waits for. */
  private missing(job: JobId): JobId {
    const { jobs, endMs } = this.run;
    const { offsets, jobs: needed } = jobs.extra!.afterOk!;
    for (let at = offsets[job]!; at < offsets[job + 1]!; at++)
      if (Number.isNaN(endMs[needed[at]!]!)) return needed[at]!;
    return -1;
  }
}

function overlap(one: Place, other: Place, nodesPerRack: number): boolean {
  if (one.shared && !other.shared) return overlap(other, one, nodesPerRack);
  for (const [place, mask] of other.masks) {
    const rackOrNode = one.shared === other.shared ? place : Math.floor(place / nodesPerRack);
    const wanted = one.shared === other.shared ? mask : 1 << (place % nodesPerRack);
    if (((one.masks.get(rackOrNode) ?? 0) & wanted) !== 0) return true;
  }
  return false;
}
