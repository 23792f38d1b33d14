import { heldGpus } from '../cluster/layout.js';
import type { FreeView } from '../cluster/occupancy.js';
import { PLAIN_TRAITS, relativeSpeed, type ClassTraits } from '../scenario/classTraits.js';
import type { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import { NO_MARKET, type Market } from './market.js';

/** What a {@link World} looks at. */
export interface WorldSources {
  readonly clock: { readonly nowMs: number };
  readonly jobs: JobTable;
  readonly progress: JobProgress;
  /** By partition. */
  readonly partitions: readonly FreeView[];
  /** Site of each partition; absent: one site. */
  readonly siteOf?: readonly number[] | undefined;
  /** By class; absent: all plain. */
  readonly traits?: readonly ClassTraits[] | undefined;
  /** How many of the last partitions are reservations, which a job must name to get in; absent: none. */
  readonly reservations?: number | undefined;
  /** Nodes kept as spares, by partition; absent: none are. */
  readonly spareNodes?: readonly number[] | undefined;
  /** GPUs that limits let a job hold; absent: there are none. */
  readonly roomOf?: ((job: number) => number) | undefined;
  readonly market?: Market | undefined;
  /** Running jobs may be capped. */
  readonly caps?: boolean | undefined;
}

/** How long jobs that have phases take. */
export interface PhasePlanner {
  /** How long a waiting job would hold its GPUs if it started now and nothing failed, with so much work left, ms. */
  plannedMs(job: number, gpus: number, leftMs: number): number;
  /** Of it, the time before it is productive. */
  beginMs(job: number, gpus: number): number;
  /**
   * When a running job will first have saved something since it got its GPUs, ms: Infinity, if not before it ends. Of one
   * that stands still, when that may be known.
   */
  savesFromMs(job: number): number;
}

/** What a policy may see: read-only, by id. True run times are not here. */
export class World {
  /** Jobs of the run; ids are 0…count−1. */
  readonly jobCount: number;
  /** Partitions a job may be sent to: 0…count−1. Those of reservations come behind them. */
  readonly partitionCount: number;
  /** Prices, carbon and watts by site and partition. */
  readonly market: Market;

  private readonly clock: { readonly nowMs: number };
  private readonly jobs: JobTable;
  private readonly progress: JobProgress;
  private readonly partitions: readonly FreeView[];
  private readonly siteOf: readonly number[];
  private readonly traits: readonly ClassTraits[];
  private readonly held: Int32Array;
  private readonly spareNodes: readonly number[] | undefined;
  private readonly roomOf: ((job: number) => number) | undefined;
  /** A job may take another time than its run time or estimate says: it restarts, or is faster somewhere. */
  readonly adjusts: boolean;
  /** Where jobs have phases; for the simulation alone to set. */
  phases: PhasePlanner | undefined;
  /** Speed that power caps leave a class in a partition now, where there are any; for the simulation alone to set. */
  capSpeed: ((partition: number, jobClass: number) => number) | undefined;

  constructor(sources: WorldSources) {
    const { clock, jobs, progress, partitions, siteOf, traits, market } = sources;
    this.jobCount = jobs.count;
    this.partitionCount = partitions.length - (sources.reservations ?? 0);
    this.roomOf = sources.roomOf;
    this.spareNodes = sources.spareNodes;
    this.clock = clock;
    this.jobs = jobs;
    this.progress = progress;
    this.partitions = partitions;
    this.siteOf = siteOf ?? partitions.map(() => 0);
    this.traits = traits ?? jobs.classNames.map(() => PLAIN_TRAITS);
    this.market = market ?? NO_MARKET;
    this.adjusts =
      sources.caps === true ||
      progress.interruptions !== undefined ||
      this.traits.some(({ speedByPartition, training }) => speedByPartition !== undefined || training !== undefined);
    this.held = new Int32Array(jobs.count);
    for (let job = 0; job < jobs.count; job++) this.held[job] = this.heldIn(job, jobs.partitionOf[job]!);
  }

  /** Simulation time, ms. */
  get nowMs(): number {
    return this.clock.nowMs;
  }

  submitMs(job: number): number {
    return this.jobs.submitMs[job]!;
  }

  /** When the job last joined the queue: its submission, or its last interruption. */
  queuedMs(job: number): number {
    return this.progress.interruptions?.queuedMs[job] ?? this.jobs.submitMs[job]!;
  }

  /** GPUs asked for. */
  gpus(job: number): number {
    return this.jobs.gpus[job]!;
  }

  /** Fewest and most GPUs an elastic job can run on; a rigid one asks for both. */
  minGpus(job: number): number {
    return this.jobs.extra?.minGpus?.[job] ?? this.jobs.gpus[job]!;
  }

  /** As `minGpus`; of a job under limits no more than these let it hold now. */
  maxGpus(job: number): number {
    const most = this.jobs.extra?.maxGpus?.[job] ?? this.jobs.gpus[job]!;
    if (this.roomOf === undefined) return most;
    const room = this.roomOf(job);
    const { gpusPerNode } = this.partitions[this.partitionOf(job)]!.layout;
    return Math.min(most, room < gpusPerNode ? room : Math.floor(room / gpusPerNode) * gpusPerNode);
  }

  /** GPUs a job runs on, or would start on if nobody said otherwise. */
  gpusNow(job: number): number {
    return this.progress.interruptions?.gpus[job] ?? this.jobs.gpus[job]!;
  }

  /** GPUs a job holds while it runs, or would on starting: its own below a node's size, whole nodes above. */
  heldGpus(job: number): number {
    return this.held[job]!;
  }

  /** GPUs it would hold in a partition, on the GPUs it asked for. */
  heldIn(job: number, partition: number): number {
    return heldGpus(this.jobs.gpus[job]!, this.partitions[partition]!.layout.gpusPerNode);
  }

  /** Can it run in the partition with nothing else there: beside the spares, and its model in the memory of its GPUs? */
  holds(job: number, partition: number): boolean {
    const { gpus, gpusPerNode } = this.partitions[partition]!.layout;
    const largest = gpus - (this.spareNodes?.[partition] ?? 0) * gpusPerNode;
    return this.heldIn(job, partition) <= largest && this.traitsOf(job).training?.rows[partition] !== null;
  }

  /** The scheduler's estimate of the whole run time at reference speed, ms: the user's, or longer once it was outlived. */
  estimateMs(job: number): number {
    return this.progress.estimateMs[job]!;
  }

  /** How long it would hold its GPUs if it started now, by the estimate, ms: without what is done already. */
  plannedMs(job: number): number {
    return this.adjusts ? this.plannedOn(job, this.gpusNow(job)) : this.progress.estimateMs[job]!;
  }

  /** The same on another number of GPUs. */
  plannedOn(job: number, gpus: number): number {
    const { interruptions } = this.progress;
    const estimateMs = this.progress.estimateMs[job]!;
    if (this.phases !== undefined && !interruptions!.isRunning(job))
      return this.phases.plannedMs(job, gpus, Math.max(0, estimateMs - interruptions!.doneMs[job]!));
    const speed = this.speedNow(job, this.partitionOf(job), gpus);
    if (interruptions === undefined) return Math.ceil(estimateMs / speed);
    const leftMs = Math.max(0, estimateMs - interruptions.workMs(job, this.nowMs));
    return this.overheadMs(job) + Math.ceil(leftMs / speed);
  }

  /** Time in which a job is not productive, ms: what is left of its restart or resize, or the restart if it started now. */
  overheadMs(job: number): number {
    const { interruptions } = this.progress;
    if (interruptions === undefined) return 0;
    const slot = interruptions.slots.of[job]!;
    if (slot >= 0) return Math.max(0, interruptions.productiveMs[slot]! - this.nowMs);
    if (this.phases !== undefined) return this.phases.beginMs(job, this.gpusNow(job));
    return interruptions.preemptions[job]! > 0 ? this.traitsOf(job).restartMs : 0;
  }

  /** A failure sent the job back to the queue: it waits before all others, whatever the order. */
  isAtHead(job: number): boolean {
    return this.progress.interruptions?.phases?.atHead[job] === 1;
  }

  /** When a running job ends by the estimate, ms. */
  estimatedEndMs(job: number): number {
    return this.progress.estimatedEndMs[job]!;
  }

  /** Work ms a ms, of a class in a partition on so many GPUs; 1 at the reference. */
  speedOn(job: number, partition: number, gpus: number): number {
    const { partitionOf, gpus: asked } = this.jobs;
    return relativeSpeed(this.traitsOf(job), partition, gpus, partitionOf[job]!, asked[job]!);
  }

  /** The same under the power caps in force. */
  speedNow(job: number, partition: number, gpus: number): number {
    const speed = this.speedOn(job, partition, gpus);
    return this.capSpeed === undefined ? speed : speed * this.capSpeed(partition, this.jobs.classOf[job]!);
  }

  /** GPU·ms the job has received so far. */
  serviceGpuMs(job: number): number {
    return this.progress.interruptions?.serviceGpuMs(job, this.nowMs) ?? 0;
  }

  /** Work done so far (of a waiting job: saved), ms at reference speed. */
  workMs(job: number): number {
    return this.progress.interruptions?.workMs(job, this.nowMs) ?? 0;
  }

  /** When a running job last left the queue, ms; only where jobs can be interrupted. */
  startedMs(job: number): number {
    const { interruptions } = this.progress;
    return interruptions?.runsSinceMs[interruptions.slots.of[job]!] ?? Number.NaN;
  }

  /** When a running job is productive, after its restart or resize, ms; only where jobs can be interrupted. */
  productiveMs(job: number): number {
    const { interruptions } = this.progress;
    return interruptions?.productiveMs[interruptions.slots.of[job]!] ?? Number.NaN;
  }

  /** When a running job will first have saved something since it got its GPUs, ms: Infinity, if not before it ends. */
  savesFromMs(job: number): number {
    if (this.phases !== undefined) return this.phases.savesFromMs(job);
    const { unsavedMs, slots } = this.progress.interruptions!;
    const { checkpointMs } = this.traitsOf(job);
    return this.productiveMs(job) + Math.max(1, checkpointMs - unsavedMs[slots.of[job]!]!);
  }

  /** Of the class plus the job's own; higher goes first. */
  priority(job: number): number {
    return this.traitsOf(job).priority + (this.jobs.extra?.priority?.[job] ?? 0);
  }

  /** When the job should have ended, ms; Infinity: it has no deadline. */
  deadlineMs(job: number): number {
    return this.jobs.extra?.deadlineMs?.[job] ?? Number.POSITIVE_INFINITY;
  }

  classOf(job: number): number {
    return this.jobs.classOf[job]!;
  }

  traitsOf(job: number): ClassTraits {
    return this.traits[this.jobs.classOf[job]!]!;
  }

  traitsOfClass(classIndex: number): ClassTraits {
    return this.traits[classIndex]!;
  }

  userOf(job: number): number {
    return this.jobs.userOf[job]!;
  }

  /** The account that usage is charged to; without accounts each user is one. */
  accountOf(job: number): number {
    return this.jobs.extra?.accountOf?.[job] ?? this.jobs.userOf[job]!;
  }

  /** Shares of the machine that the job's account has, relative to those of others; 1 unless declared. */
  accountShares(job: number): number {
    return this.jobs.extra?.accountShares?.[this.accountOf(job)] ?? 1;
  }

  /** Where the job is: submitted to, or sent to by the broker. */
  partitionOf(job: number): number {
    return this.progress.partitionOf[job]!;
  }

  siteOfPartition(partition: number): number {
    return this.siteOf[partition]!;
  }

  free(partition: number): FreeView {
    return this.partitions[partition]!;
  }

  /** Taken again after the job changed its partition or its number of GPUs; for the simulation alone. */
  refreshHeld(job: number): void {
    this.held[job] = heldGpus(this.gpusNow(job), this.partitions[this.partitionOf(job)]!.layout.gpusPerNode);
  }
}
