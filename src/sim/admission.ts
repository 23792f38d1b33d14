import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { LimitsSpec } from '../scenario/runSpec.js';
import { REJECTIONS, type JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import { CAP_OWNERS, hasRunningCaps, RunningCaps, type CapsHost } from './runningCaps.js';

/** Why a job that was submitted does not stand in the queue: an index into {@link HOLD_REASONS}. */
export const HOLD = { none: 0, dependency: 1, reservation: 2, power: 3, caps: 4 } as const;

/** In words; from `HOLD.caps` on: owner · 2, plus 1 where the GPUs are at their cap and not the jobs. */
export const HOLD_REASONS: readonly string[] = [
  'it stands in the queue',
  'a job it depends on has not completed (afterok)',
  'its reservation is not open',
  'the power policy holds it',
  ...CAP_OWNERS.flatMap((owner) => [
    `running jobs of its ${owner} are at their limit (MaxJobs)`,
    `GPUs of its ${owner} are at their limit (GrpTRES)`,
  ]),
];

type Rejection = (typeof REJECTIONS)[number];

/** Advance reservations as far as admission must know them; by the number jobs name them with. */
export interface Reservations {
  /** Why the job cannot run in the reservation it names any more, if it named one. */
  refuses(job: JobId): boolean;
  /** The job named a reservation that has not begun. */
  isAhead(job: JobId): boolean;
}

/** What admission does to the jobs; called from inside its methods. */
export interface AdmissionHost extends CapsHost {
  /** It joins its queue. */
  enqueue(job: JobId): void;
  /** The job will never run; it stands in no queue. */
  onRejected(job: JobId): void;
}

/**
 * Stands between submission and the queues: which jobs are turned away, which must wait outside, and when they
 * come in. See docs/policies.md for what Slurm does otherwise.
 *
 * A run without limits, dependencies and reservations has none, and pays nothing.
 */
export class Admission {
  private readonly jobs: JobTable;
  private readonly world: World;
  private readonly progress: JobProgress;
  private readonly limits: LimitsSpec | undefined;
  private readonly reservations: Reservations | undefined;
  private readonly host: AdmissionHost;
  private readonly caps: RunningCaps | undefined;
  private readonly resizes: boolean;
  private readonly rejectedFor: Uint8Array;
  /** Where jobs depend on others. */
  private readonly dependencies: Dependencies | undefined;
  /** Rejections whose dependents have not been told yet. */
  private readonly toTell: JobId[] = [];
  private telling = false;

  constructor(given: {
    readonly jobs: JobTable;
    readonly world: World;
    readonly progress: JobProgress;
    readonly limits: LimitsSpec | undefined;
    readonly reservations: Reservations | undefined;
    readonly sites: number;
    readonly largestGpus: number;
    /** The backfill can start elastic jobs on other GPUs than they ask for. */
    readonly resizes: boolean;
    readonly host: AdmissionHost;
  }) {
    const { jobs, world, progress, limits, reservations, sites, largestGpus, host } = given;
    this.jobs = jobs;
    this.world = world;
    this.progress = progress;
    this.limits = limits;
    this.reservations = reservations;
    this.host = host;
    this.resizes = given.resizes;
    this.caps =
      limits !== undefined && hasRunningCaps(limits)
        ? new RunningCaps({ world, limits, sites, largestGpus, host })
        : undefined;
    this.rejectedFor = new Uint8Array(jobs.count);
    progress.rejectedFor = this.rejectedFor;
    const { afterOk } = jobs.extra ?? {};
    this.dependencies = afterOk && new Dependencies(jobs.count, afterOk);
  }

  /** A job has come to its partition: it is turned away, held, or joins the queue. */
  submit(job: JobId): void {
    const { dependencies } = this;
    const refusal = this.refusalOf(job);
    if (refusal !== 'none') this.reject(job, refusal);
    else if (dependencies?.mustWait(job) === true) dependencies.holds(job);
    else this.offer(job);
  }

  /** A job that was interrupted is to wait again. */
  requeue(job: JobId): void {
    this.offer(job);
  }

  started(job: JobId): void {
    this.caps?.started(job);
  }

  /** A job no longer runs: it has ended or was interrupted. */
  stopped(job: JobId): void {
    this.caps?.stopped(job);
  }

  resized(job: JobId): void {
    this.caps?.resized(job);
  }

  /** A job has ended; those that depend on it learn how. */
  ended(job: JobId): void {
    if (this.dependencies === undefined) return;
    const ok = this.progress.endState[job] === 0 && this.rejectedFor[job] === 0;
    this.tellDependents(this.dependencies, job, ok);
  }

  /** A job that stands outside the queues, or has just been taken out, will never run. */
  reject(job: JobId, why: Rejection): void {
    this.caps?.withdraw(job);
    this.dependencies?.forget(job);
    this.rejectedFor[job] = REJECTIONS.indexOf(why);
    this.host.onRejected(job);
    if (this.dependencies === undefined) return;
    // A chain of dependents is walked, not descended: it may be as long as the workload.
    this.toTell.push(job);
    if (this.telling) return;
    this.telling = true;
    for (let next = this.toTell.pop(); next !== undefined; next = this.toTell.pop())
      this.tellDependents(this.dependencies, next, false);
    this.telling = false;
  }

  /** A job that was interrupted and waits has been given up; it has ended. */
  abandoned(job: JobId): void {
    this.caps?.withdraw(job);
    this.ended(job);
  }

  /** GPUs a job may hold as far as the limits go. */
  roomOf(job: JobId): number {
    return this.caps?.roomOf(job) ?? Number.POSITIVE_INFINITY;
  }

  /** Why a submitted job that does not run cannot start whatever is free: an index into {@link HOLD_REASONS}. */
  whyHeld(job: JobId): number {
    if (this.dependencies?.isHeld(job) === true) return HOLD.dependency;
    if (this.reservations?.isAhead(job) === true) return HOLD.reservation;
    const cap = this.caps?.whyHeld(job) ?? -1;
    return cap < 0 ? HOLD.none : HOLD.caps + cap;
  }

  private refusalOf(job: JobId): Rejection {
    const { limits, world } = this;
    if (limits !== undefined) {
      const { qos } = world.traitsOf(job);
      const siteMs = limits.maxWallMs ?? Number.POSITIVE_INFINITY;
      const qosMs = (qos === undefined ? undefined : limits.qos[qos]!.maxWallMs) ?? Number.POSITIVE_INFINITY;
      if (this.jobs.estimateMs[job]! > Math.min(siteMs, qosMs)) return 'wall';
    }
    if (this.caps !== undefined && !this.canPass(this.caps, job)) return 'cap';
    if (this.reservations?.refuses(job) === true) return 'reservation';
    return this.dependencies?.isDoomed(job) === true ? 'dependency' : 'none';
  }

  /**
   * Can its caps ever let the job run? An elastic one that asks for more than they do waits for the most they allow
   * instead, in whole nodes above a node's size, if that is not below its minimum.
   */
  private canPass(caps: RunningCaps, job: JobId): boolean {
    const { world, progress } = this;
    const most = caps.mostEver(job);
    if (most >= world.heldGpus(job)) return true;
    if (!this.resizes) return false;
    const { gpusPerNode } = world.free(world.partitionOf(job)).layout;
    const gpus = most < gpusPerNode ? most : Math.floor(most / gpusPerNode) * gpusPerNode;
    if (gpus < world.minGpus(job)) return false;
    progress.interruptions!.gpus[job] = gpus;
    world.refreshHeld(job);
    return true;
  }

  private offer(job: JobId): void {
    if (this.caps === undefined || this.caps.offer(job)) this.host.enqueue(job);
  }

  private tellDependents(dependencies: Dependencies, job: JobId, ok: boolean): void {
    const { offsets, dependents } = dependencies;
    for (let at = offsets[job]!; at < offsets[job + 1]!; at++) {
      const dependent = dependents[at]!;
      if (!dependencies.learns(dependent, ok)) continue;
      if (!ok) this.reject(dependent, 'dependency');
      // Time has passed since it was submitted: its reservation may not take it any more.
      else if (this.reservations?.refuses(dependent) === true) this.reject(dependent, 'reservation');
      else this.offer(dependent);
    }
  }
}

/** Jobs that wait for others to complete (Slurm's afterok), and who waits for whom. */
class Dependencies {
  /** `dependents[offsets[j]…offsets[j+1])` wait for job j. */
  readonly offsets: Int32Array;
  readonly dependents: Int32Array;
  /** Jobs that must still complete before this one may run. */
  private readonly missing: Int32Array;
  /** One of them did not complete. */
  private readonly doomed: Uint8Array;
  private readonly held: Uint8Array;

  constructor(count: number, afterOk: { readonly offsets: Int32Array; readonly jobs: Int32Array }) {
    this.missing = new Int32Array(count);
    this.doomed = new Uint8Array(count);
    this.held = new Uint8Array(count);
    this.offsets = new Int32Array(count + 1);
    for (let job = 0; job < count; job++) {
      this.missing[job] = afterOk.offsets[job + 1]! - afterOk.offsets[job]!;
      for (let at = afterOk.offsets[job]!; at < afterOk.offsets[job + 1]!; at++) this.offsets[afterOk.jobs[at]! + 1]!++;
    }
    for (let job = 0; job < count; job++) this.offsets[job + 1]! += this.offsets[job]!;
    this.dependents = new Int32Array(this.offsets[count]!);
    const next = this.offsets.slice(0, count);
    for (let job = 0; job < count; job++)
      for (let at = afterOk.offsets[job]!; at < afterOk.offsets[job + 1]!; at++)
        this.dependents[next[afterOk.jobs[at]!]!++] = job;
  }

  mustWait(job: JobId): boolean {
    return this.missing[job]! > 0;
  }

  isDoomed(job: JobId): boolean {
    return this.doomed[job] === 1;
  }

  isHeld(job: JobId): boolean {
    return this.held[job] === 1;
  }

  holds(job: JobId): void {
    this.held[job] = 1;
  }

  forget(job: JobId): void {
    this.held[job] = 0;
  }

  /** A job it waited for has ended; true when it was held and now is not any more. */
  learns(job: JobId, ok: boolean): boolean {
    if (ok) this.missing[job]!--;
    else this.doomed[job] = 1;
    if (this.held[job] === 0 || (ok && this.missing[job]! > 0)) return false;
    this.held[job] = 0;
    return true;
  }
}
