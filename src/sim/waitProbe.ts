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
 * - `limit`: a cap on running jobs or GPUs; the other is an index into `HOLD_REASONS`
 * - `maintenance`: too few GPUs are free, and idle ones out of service would suffice; the other is the window
 * - `overtaken`: too few are free, and what jobs submitted later hold that went ahead by the order would suffice
 * - `backfilled`: the same, counting also jobs submitted later that were behind it and started early
 * - `capacity`: too few are free
 * - `fragmentation`: enough are free, but not in whole nodes (of a small job: not on one node)
 * - `topology`: enough whole nodes are free, but not where the placement policy wants them
 * - `reservation`: it fits, and would delay the start promised to the other job
 * - `behind`: it fits, and the other job goes first
 * - `policy`: it fits, and the policy does not start it
 */
export const WAIT_REASONS = [
  'transfer',
  'dependency',
  'not open',
  'limit',
  'maintenance',
  'overtaken',
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

/** A job that was submitted later and started while the tracked one stood in the same queue. */
export interface Overtaking {
  readonly job: JobId;
  readonly gpus: number;
  /** It stood before the tracked job when it started; otherwise it was behind and started early. */
  readonly byOrder: boolean;
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
}

export interface ProbedScheduler {
  readonly queue: OrderedQueue;
  readonly backfill: BackfillPolicy;
  /** Can the placement policy place a job that holds so many GPUs now? */
  fitsHeld(held: number): boolean;
}

const HELD_BY_DEPENDENCY = 1;
const HELD_BY_RESERVATION = 2;

interface Tracked extends WaitRecord {
  readonly stretches: WaitStretch[];
  readonly overtakings: Overtaking[];
  /** The last of its stretches goes on. */
  waiting: boolean;
  /** GPUs that jobs hold which overtook it by the order, and being behind it. */
  aheadByOrder: number;
  aheadBehind: number;
}

/**
 * Notes for a few jobs why they wait, at each instant once everything has happened.
 *
 * Reasons are of that moment and hold until the next instant; between two instants nothing changes. GPUs are counted,
 * not places: that GPUs out of service or held by later jobs would suffice is not proof that they would fit, and GPUs
 * of a job that was resized count as at its start. The job named by a reservation or an order is the one the policy
 * itself names.
 *
 * Cost: O(tracked jobs that wait) an instant and a start. A run without a probe pays nothing.
 */
export class WaitProbe {
  private readonly tracked: readonly Tracked[];
  /** How many have been submitted. */
  private submitted = 0;
  /** Submitted and not done with: they wait, or may have to wait again. */
  private active: Tracked[] = [];
  /** Running jobs that overtook a tracked one. */
  private readonly running = new Map<JobId, { readonly of: Tracked; readonly overtaking: Overtaking }[]>();
  private run!: ProbedRun;

  constructor(jobs: Iterable<JobId>) {
    this.tracked = [...new Set(jobs)]
      .sort((a, b) => a - b)
      .map((job) => ({ job, stretches: [], overtakings: [], waiting: false, aheadByOrder: 0, aheadBehind: 0 }));
  }

  /** By job, ascending. */
  get records(): readonly WaitRecord[] {
    return this.tracked;
  }

  attach(run: ProbedRun): void {
    this.run = run;
  }

  /** A queued job is about to start; it and all others still stand in the queue. */
  onStarting(job: JobId): void {
    const { world, schedulers } = this.run;
    const partition = world.partitionOf(job);
    const { queue } = schedulers[partition]!;
    this.admit(world.nowMs);
    for (const of of this.active) {
      if (of.job === job) this.endOvertakings(of, world.nowMs);
      if (of.job >= job || world.partitionOf(of.job) !== partition || !queue.has(of.job)) continue;
      const byOrder = queue.precedes(job, of.job);
      const gpus = world.heldGpus(job);
      const overtaking = { job, gpus, byOrder, fromMs: world.nowMs, toMs: Number.NaN };
      of.overtakings.push(overtaking);
      if (byOrder) of.aheadByOrder += gpus;
      else of.aheadBehind += gpus;
      const known = this.running.get(job);
      if (known === undefined) this.running.set(job, [{ of, overtaking }]);
      else known.push({ of, overtaking });
    }
  }

  /** A running job no longer runs. */
  onStopped(job: JobId): void {
    for (const { of, overtaking } of this.running.get(job) ?? []) {
      if (!Number.isNaN(overtaking.toMs)) continue;
      overtaking.toMs = this.run.world.nowMs;
      if (overtaking.byOrder) of.aheadByOrder -= overtaking.gpus;
      else of.aheadBehind -= overtaking.gpus;
    }
    this.running.delete(job);
  }

  /** All of an instant has happened. */
  afterInstant(): void {
    const { world, progress } = this.run;
    const { nowMs } = world;
    this.admit(nowMs);
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
    return Number.isNaN(startMs[job]!) || progress.interruptions?.running[job] === 0;
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
    of.aheadByOrder = 0;
    of.aheadBehind = 0;
    for (const overtaking of of.overtakings) if (Number.isNaN(overtaking.toMs)) overtaking.toMs = nowMs;
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
    if (hold > 0) return ['limit', hold];
    const partition = world.partitionOf(job);
    const scheduler = schedulers[partition]!;
    const { gpusPerNode } = world.free(partition).layout;
    const need = run.shrinks ? heldGpus(world.minGpus(job), gpusPerNode) : world.heldGpus(job);
    if (scheduler.fitsHeld(need)) {
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
    if (of.aheadByOrder >= missing) return ['overtaken', -1];
    return [of.aheadByOrder + of.aheadBehind >= missing ? 'backfilled' : 'capacity', -1];
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
