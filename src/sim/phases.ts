import { MS_PER_DAY } from '../base/units.js';
import { heldGpus } from '../cluster/layout.js';
import type { Occupancy } from '../cluster/occupancy.js';
import type { LoadMeter } from '../energy/loadMeter.js';
import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import { byPods } from '../scenario/trainingSpec.js';
import type { CheckpointSpec, InitialisationSpec, ReliabilitySpec } from '../scenario/reliabilitySpec.js';
import type { PartitionSpec, PhaseWatts } from '../scenario/runSpec.js';
import { clockAt, dalyIntervalMs, intervalInForceMs, NEVER, savedAt, workAt } from '../training/checkpointClock.js';
import type { Interruptions } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import type { PhaseProgress } from '../workload/phaseProgress.js';
import type { Segments } from '../workload/segments.js';
import type { CapBook } from './capBook.js';
import { CheckpointStorage } from './checkpointStorage.js';
import { SizePlans, type SizePlan } from './sizePlans.js';

/** What {@link Phases} are made from. */
export interface PhaseParts {
  readonly reliability?: ReliabilitySpec | undefined;
  readonly checkpoints?: CheckpointSpec | undefined;
  readonly initialisation?: InitialisationSpec | undefined;
  readonly jobs: JobTable;
  readonly interruptions: Interruptions;
  readonly world: World;
  /** By partition; and those of them that are no reservation's. */
  readonly partitions: readonly PartitionSpec[];
  readonly physical: readonly PartitionSpec[];
  readonly occupancies: readonly Occupancy[];
  readonly meters: readonly LoadMeter[];
  readonly segments: Segments;
  /** Where running jobs may be capped or suspended. */
  readonly caps: CapBook | undefined;
  readonly startMs: number;
}

/** What becomes of the work that no checkpoint holds when a stretch of GPUs ends. */
export const UNSAVED = {
  /** The job has ended: all of it counts. */
  ended: 0,
  /** The job saves it now, at no cost. */
  saved: 1,
  /** The job goes on as it is, at another speed. */
  carried: 2,
  lost: 3,
} as const;

/** Why a job stands still: it hangs in a collective until a failure is found, or saves what it has. */
const HANGS = 1;
const SAVES = 2;

/** Longest interval, stall or write that a column holds; an interval beyond is none at all. */
const LONGEST_MS = 2_000_000_000;

/**
 * What a job does with its GPUs from one event to the next: initialise, work, stand still for checkpoints, hang.
 *
 * A stretch begins when a job gets GPUs, another speed, or goes on after a failure; it ends with any of these, or with
 * the job. Between, everything is a closed form: when work and checkpoints end, what is done and saved at any
 * moment, and what was useful, stall, lost and restart. A job's watts are the mean of working and standing still for
 * checkpoints; while it initialises it draws other watts, which the meter is told ahead.
 *
 * Cost: O(1) an event, O(racks) where the speed depends on the pods a job is in. Memory: about 50 B a job, and
 * 90 B for each that runs at a time.
 */
export class Phases {
  /** By index of causes (the reliability document's, then stragglers, then pre-emption); inside the horizon. */
  readonly lostGpuMs: Float64Array;
  readonly restartGpuMs: Float64Array;
  /** By site, then by class, inside the horizon: tokens that were trained and not lost. */
  readonly tokens: Float64Array;
  /** By class: ∫ MFU over useful GPU·ms. */
  readonly mfuGpuMs: Float64Array;

  private readonly checkpoints: CheckpointSpec | undefined;
  private readonly caps: CapBook | undefined;
  private readonly jobs: JobTable;
  private readonly interruptions: Interruptions;
  private readonly progress: PhaseProgress;
  private readonly world: World;
  private readonly occupancies: readonly Occupancy[];
  private readonly meters: readonly LoadMeter[];
  private readonly segments: Segments;
  private readonly activeW: readonly (readonly number[])[];
  private readonly phaseW: readonly PhaseWatts[];
  private readonly gpusPerNode: readonly number[];
  private readonly siteOf: readonly number[];
  private readonly plans: SizePlans;
  /** By site. */
  private readonly storage: readonly CheckpointStorage[];
  private readonly swapMs: number;
  /** Jobs may become slower as they run. */
  private readonly slows: boolean;
  /** Mean time to a failure of one GPU, ms. */
  private readonly gpuMttfMs: number;
  /** Index of the cause `pre-emption`. */
  private readonly preemption: number;
  /** What {@link plannedMs} last said, until a stretch begins or ends. */
  private plannedJob = -1;
  private plannedPartition = -1;
  private plannedGpus = 0;
  private plannedLeftMs = 0;
  private planned = 0;
  /** The plan last made, see {@link makePlan}. */
  private intervalMs = NEVER;
  private stallMs = 0;
  private writeMs = 0;

  constructor(parts: PhaseParts) {
    const { reliability, checkpoints, initialisation, jobs, interruptions, world, partitions } = parts;
    this.checkpoints = checkpoints;
    this.caps = parts.caps;
    this.jobs = jobs;
    this.interruptions = interruptions;
    this.progress = interruptions.phases!;
    this.world = world;
    this.occupancies = parts.occupancies;
    this.meters = parts.meters;
    this.segments = parts.segments;
    this.activeW = partitions.map(({ power }) => power.activeWByClass);
    this.phaseW = partitions.map(({ power }) => power.phases ?? NO_PHASE_WATTS);
    this.gpusPerNode = partitions.map(({ gpusPerNode }) => gpusPerNode);
    this.storage = (checkpoints?.storage ?? []).map((site) => new CheckpointStorage(site, parts.startMs));
    this.swapMs = reliability?.swapMs ?? 0;
    this.slows = reliability?.stragglers !== undefined;
    const perDay = reliability === undefined ? 0 : reliability.failuresPerGpuDay * reliability.rateFactor;
    this.gpuMttfMs = perDay === 0 ? Number.POSITIVE_INFINITY : MS_PER_DAY / perDay;
    this.preemption = (reliability?.causes.length ?? 0) + 1;
    this.lostGpuMs = new Float64Array(this.preemption + 1);
    this.restartGpuMs = new Float64Array(this.preemption + 1);
    const classes = jobs.classNames.length;
    const siteGpus: number[] = [];
    for (const { site = 0, nodes, gpusPerNode } of parts.physical)
      siteGpus[site] = (siteGpus[site] ?? 0) + nodes * gpusPerNode;
    this.plans = new SizePlans({
      ...{ classes, partitions, checkpoints, initialisation, gpuMttfMs: this.gpuMttfMs },
      traits: (classIndex) => world.traitsOfClass(classIndex),
      storageOf: (partition) => this.storageOf(partition).spec,
      siteGpus: (partition) => siteGpus[partitions[partition]!.site ?? 0]!,
    });
    this.siteOf = partitions.map(({ site = 0 }) => site);
    this.tokens = new Float64Array(classes * siteGpus.length);
    this.mfuGpuMs = new Float64Array(classes);
  }

  /** How long a waiting job would hold its GPUs if it started now and nothing failed, ms. */
  plannedMs(job: JobId, gpus: number, leftMs: number): number {
    // A job that joins the queue is asked about several times in a row.
    const partition = this.world.partitionOf(job);
    if (
      job === this.plannedJob &&
      partition === this.plannedPartition &&
      gpus === this.plannedGpus &&
      leftMs === this.plannedLeftMs
    )
      return this.planned;
    this.planned = this.planMs(job, gpus, leftMs);
    this.plannedJob = job;
    this.plannedPartition = partition;
    this.plannedGpus = gpus;
    this.plannedLeftMs = leftMs;
    return this.planned;
  }

  private planMs(job: JobId, gpus: number, leftMs: number): number {
    const partition = this.world.partitionOf(job);
    const plan = this.planOf(job, partition, gpus);
    const speed = this.world.speedNow(job, partition, gpus) * placementSpeed(plan, 1);
    // Most jobs are over before their first checkpoint.
    const workMs = Math.ceil(leftMs / speed);
    if (workMs <= plan.firstMs) return this.beginMsOf(job, plan) + workMs;
    this.makePlan(partition, gpus, plan);
    return this.beginMsOf(job, plan) + clockAt(workMs, this.intervalMs, this.stallMs);
  }

  /** From getting GPUs to being productive, ms: nothing the first time of a job without a model, as its run time has it in it. */
  beginMs(job: JobId, gpus: number): number {
    return this.beginMsOf(job, this.planOf(job, this.world.partitionOf(job), gpus));
  }

  /** From having its GPUs to being productive again, ms: initialisation and the reading of the last checkpoint. */
  restartMs(job: JobId, gpus: number): number {
    return this.planOf(job, this.world.partitionOf(job), gpus).restartMs;
  }

  /** When a running job will first have saved something since it got its GPUs, ms; see {@link PhasePlanner}. */
  savesFromMs(job: JobId): number {
    const { interruptions, progress } = this;
    const slot = interruptions.slots.of[job]!;
    const productiveMs = interruptions.productiveMs[slot]!;
    // Nothing is known of what comes after it has stood still.
    if (progress.hung[job] !== 0) return productiveMs + 1;
    const intervalMs = progress.intervalMs[slot]!;
    if (intervalMs === NEVER) return productiveMs + (this.savesAtWill(job) ? 1 : Number.POSITIVE_INFINITY);
    const savedClockMs = intervalMs + progress.stallMs[slot]! + progress.writeMs[slot]!;
    return Math.max(interruptions.startedMs[slot]!, productiveMs + savedClockMs - progress.clockMs[slot]!);
  }

  /** Watts that a running job adds while it initialises or restarts. */
  initialiseW(job: JobId): number {
    return this.world.gpusNow(job) * this.phaseW[this.world.partitionOf(job)]!.initialiseW;
  }

  /** A stretch begins now: the job has its GPUs and is productive after `overheadMs`. */
  begin(job: JobId, nowMs: number, overheadMs: number, stragglerSpeed: number): void {
    const { interruptions, progress, world } = this;
    const partition = world.partitionOf(job);
    const gpus = world.gpusNow(job);
    const plan = this.planOf(job, partition, gpus);
    const slot = interruptions.slots.take(job);
    this.plannedJob = -1;
    progress.clockMs[slot] = 0;
    progress.unsavedMs[slot] = 0;
    progress.unsavedGpuMs[slot] = 0;
    progress.unsavedTokens[slot] = 0;
    progress.unsavedMfuGpuMs[slot] = 0;
    progress.unsavedCappedGpuMs[slot] = 0;
    progress.begun[job] = 1;
    if (progress.atHead[job] !== 0) progress.atHead[job] = 0;
    if (progress.hung[job] !== 0) progress.hung[job] = 0;
    this.setSpeed(job, slot, plan, stragglerSpeed);
    const leftMs = this.jobs.runMs[job]! - interruptions.doneMs[job]!;
    if (!this.slows && Math.ceil(leftMs / interruptions.speed[slot]!) <= plan.firstMs) {
      // Over before its first checkpoint: it takes no part in the storage's load.
      progress.intervalMs[slot] = NEVER;
      progress.stallMs[slot] = 0;
      progress.writeMs[slot] = 0;
      progress.bytesPerMs[slot] = 0;
    } else {
      this.makePlan(partition, gpus, plan);
      progress.intervalMs[slot] = this.intervalMs;
      progress.stallMs[slot] = this.stallMs;
      progress.writeMs[slot] = this.writeMs;
      progress.bytesPerMs[slot] =
        this.intervalMs === NEVER ? 0 : Math.round(plan.stateBytes / (this.intervalMs + this.stallMs));
    }
    this.openStretch(job, slot, nowMs, overheadMs);
  }

  /** The job goes on where it is, at another speed: its checkpoints go on as they were. */
  beginCarried(job: JobId, nowMs: number, overheadMs: number, stragglerSpeed: number): void {
    const { world, interruptions } = this;
    const plan = this.planOf(job, world.partitionOf(job), world.gpusNow(job));
    const slot = interruptions.slots.of[job]!;
    this.setSpeed(job, slot, plan, stragglerSpeed);
    this.openStretch(job, slot, nowMs, overheadMs);
  }

  /** The job stands still from now on, until a fault is found. */
  hang(job: JobId, nowMs: number, untilMs: number): void {
    const { interruptions, progress, world } = this;
    const gpus = world.gpusNow(job);
    const slot = interruptions.slots.of[job]!;
    progress.hung[job] = HANGS;
    progress.clockMs[slot] = 0;
    progress.intervalMs[slot] = NEVER;
    progress.unsavedMs[slot] = 0;
    progress.unsavedGpuMs[slot] = 0;
    progress.watts[slot] = gpus * this.phaseW[world.partitionOf(job)]!.hangW;
    interruptions.startedMs[slot] = nowMs;
    interruptions.productiveMs[slot] = untilMs;
  }

  /**
   * The job stands still from now on to save what it has. Returns until when: as long as a checkpoint takes to be written
   * with nothing beside it, not at all where it has nothing to save. What is written already in the background is not
   * taken off.
   */
  save(job: JobId, nowMs: number): number {
    const { interruptions, progress, world } = this;
    const gpus = world.gpusNow(job);
    const slot = interruptions.slots.of[job]!;
    const saveMs = progress.unsavedMs[slot]! > 0 ? progress.stallMs[slot]! + progress.writeMs[slot]! : 0;
    progress.hung[job] = SAVES;
    progress.clockMs[slot] = 0;
    progress.intervalMs[slot] = NEVER;
    progress.watts[slot] = gpus * this.phaseW[world.partitionOf(job)]!.stallW;
    interruptions.startedMs[slot] = nowMs;
    interruptions.productiveMs[slot] = nowMs + saveMs;
    return nowMs + saveMs;
  }

  /** The job does nothing from now on and keeps its GPUs, its memory and the clock of its checkpoints. */
  suspend(job: JobId, nowMs: number): void {
    const { interruptions, progress, world } = this;
    const slot = interruptions.slots.of[job]!;
    progress.watts[slot] = world.gpusNow(job) * this.caps!.suspendedW(world.partitionOf(job));
    interruptions.startedMs[slot] = nowMs;
    interruptions.productiveMs[slot] = Number.POSITIVE_INFINITY;
  }

  /** A stretch has begun: what the job draws, under any cap. */
  draw(job: JobId, caps: CapBook): void {
    const { interruptions, progress, world } = this;
    const slot = interruptions.slots.of[job]!;
    const hung = progress.hung[job] !== 0;
    const stands = hung || interruptions.suspended[slot] === 1;
    const intervalMs = progress.intervalMs[slot]!;
    const { stallW } = this.phaseW[world.partitionOf(job)]!;
    const fixedW = stands ? progress.watts[slot]! : Number.NaN;
    const stallMs = intervalMs === NEVER ? -1 : progress.stallMs[slot]!;
    caps.enter(job, fixedW, hung, progress.activeW[slot]!, intervalMs, stallMs, stallW);
  }

  /** What was planned for waiting jobs no longer holds: they would run at another speed. */
  forgetPlans(): void {
    this.plannedJob = -1;
  }

  /** How long a stretch lasts from now until so much work is done, ms. */
  untilDoneMs(job: JobId, nowMs: number, leftMs: number): number {
    const { progress, interruptions } = this;
    const slot = interruptions.slots.of[job]!;
    const overheadMs = interruptions.productiveMs[slot]! - nowMs;
    const intervalMs = progress.intervalMs[slot]!;
    const clockMs = progress.clockMs[slot]!;
    const work = Math.ceil(leftMs / interruptions.speed[slot]!);
    if (intervalMs === NEVER || work === 0) return overheadMs + work;
    const stallMs = progress.stallMs[slot]!;
    return overheadMs + clockAt(workAt(clockMs, intervalMs, stallMs) + work, intervalMs, stallMs) - clockMs;
  }

  /**
   * A stretch ends now: books what its time went to.
   *
   * @param lostTo - index of the cause, where the unsaved work is lost
   */
  close(job: JobId, nowMs: number, unsaved: (typeof UNSAVED)[keyof typeof UNSAVED], lostTo = -1): void {
    const { interruptions, progress, world, segments } = this;
    const slot = interruptions.slots.of[job]!;
    this.plannedJob = -1;
    const startedMs = interruptions.startedMs[slot]!;
    const productiveMs = interruptions.productiveMs[slot]!;
    const gpus = interruptions.gpus[job]!;
    const hung = progress.hung[job] !== 0 || interruptions.suspended[slot] === 1;
    if (productiveMs > startedMs) this.closeOverhead(job, nowMs, hung);
    interruptions.attainedGpuMs[job]! += gpus * (nowMs - startedMs);
    const bytesPerMs = progress.bytesPerMs[slot]!;
    if (bytesPerMs > 0 && !hung) this.storageOf(world.partitionOf(job)).change(nowMs, bytesPerMs, -1);
    if (nowMs > productiveMs) {
      segments.add(job, gpus, productiveMs, nowMs, progress.watts[slot]);
      this.closeProductive(job, nowMs, unsaved, lostTo);
    } else if (unsaved !== UNSAVED.ended) this.bookUnsaved(job, unsaved, 0, 0, lostTo);
    interruptions.suspended[slot] = 0;
  }

  /** A pre-empted job loses nothing: it saves itself, and no checkpoints are said to cost anything. */
  savesAtWill(job: JobId): boolean {
    return this.checkpoints === undefined && this.world.traitsOf(job).checkpointMs === 0;
  }

  /** Index of the cause that a pre-empted job's losses count for. */
  get preemptionCause(): number {
    return this.preemption;
  }

  storageLoads(nowMs: number): number[] {
    return this.storage.map((site) => site.loadFraction(nowMs));
  }

  /** The part of a stretch that ends in which the job was not productive. */
  private closeOverhead(job: JobId, nowMs: number, hung: boolean): void {
    const { interruptions, progress, world } = this;
    const slot = interruptions.slots.of[job]!;
    const startedMs = interruptions.startedMs[slot]!;
    const productiveMs = interruptions.productiveMs[slot]!;
    const partition = world.partitionOf(job);
    const gpus = interruptions.gpus[job]!;
    const endMs = productiveMs < nowMs ? productiveMs : nowMs;
    const watts = hung ? progress.watts[slot]! : gpus * this.phaseW[partition]!.initialiseW;
    this.segments.add(job, gpus, startedMs, endMs, watts);
    if (!hung && nowMs < productiveMs)
      this.meters[partition]!.addSpan(nowMs, productiveMs, progress.watts[slot]! - watts);
    // The first initialisation is no interruption's.
    if (interruptions.attainedGpuMs[job]! > 0) interruptions.lostGpuMs[job]! += gpus * (endMs - startedMs);
    const restartGpuMs = world.heldGpus(job) * sinceZero(startedMs, endMs);
    const suspended = interruptions.suspended[slot] === 1;
    if (suspended) this.caps!.suspendedGpuMs[this.jobs.classOf[job]!]! += restartGpuMs;
    if (suspended || progress.hung[job] === SAVES) {
      progress.stallGpuMs[job]! += restartGpuMs;
      return;
    }
    progress.restartGpuMs[job]! += restartGpuMs;
    const cause = progress.cause[job]!;
    if (cause >= 0) this.restartGpuMs[cause]! += restartGpuMs;
  }

  /** The productive part of a stretch that ends. */
  private closeProductive(job: JobId, nowMs: number, unsaved: number, lostTo: number): void {
    const { interruptions, progress, world } = this;
    const slot = interruptions.slots.of[job]!;
    const productiveMs = interruptions.productiveMs[slot]!;
    const intervalMs = progress.intervalMs[slot]!;
    const stallMs = progress.stallMs[slot]!;
    const fromClockMs = progress.clockMs[slot]!;
    const clockMs = fromClockMs + (nowMs - productiveMs);
    const speed = interruptions.speed[slot]!;
    const workBefore = fromClockMs === 0 ? 0 : workAt(fromClockMs, intervalMs, stallMs);
    const work = workAt(clockMs, intervalMs, stallMs);
    const held = world.heldGpus(job);
    // What lies before time 0 is work, but no result's.
    const zeroClockMs = productiveMs < 0 ? Math.min(clockMs, fromClockMs - productiveMs) : fromClockMs;
    const workAtZero = productiveMs < 0 ? workAt(zeroClockMs, intervalMs, stallMs) : workBefore;
    const countedMs = work - workAtZero;
    const stalledMs = clockMs - zeroClockMs - countedMs;
    progress.usefulGpuMs[job]! += held * countedMs;
    this.caps?.bookProductive(job, held * countedMs);
    if (stalledMs > 0) progress.stallGpuMs[job]! += held * stalledMs;
    this.countTraining(job, progress.tokensPerMs[slot]! * countedMs, progress.mfu[slot]! * held * countedMs);
    if (unsaved === UNSAVED.ended) return;
    // What delays the job from now on is no longer that failure's.
    progress.cause[job] = -1;
    interruptions.doneMs[job]! += (work - workBefore) * speed;
    const saved = savedAt(clockMs, intervalMs, stallMs, progress.writeMs[slot]!);
    const since = saved > workBefore ? saved : workBefore;
    const unsavedClockMs = work - since;
    if (fromClockMs > 0 && saved > savedAt(fromClockMs, intervalMs, stallMs, progress.writeMs[slot]!))
      this.dropSaved(slot, saved >= workBefore);
    progress.unsavedMs[slot]! += unsavedClockMs * speed;
    if (unsaved === UNSAVED.carried && intervalMs !== NEVER) this.carryLatest(slot, clockMs, held, countedMs);
    progress.clockMs[slot] = clockMs;
    const lostMs = Math.min(unsavedClockMs, countedMs);
    this.bookUnsaved(job, unsaved, held * lostMs, lostMs, lostTo);
  }

  /**
   * A checkpoint counts that did not when the stretch began. Of the work before it, which speeds may have changed in,
   * none is unsaved now, or what was done since the last whole interval: a write is over before the next one begins.
   */
  private dropSaved(slot: number, all: boolean): void {
    const { progress } = this;
    progress.unsavedMs[slot] = all ? 0 : progress.latestMs[slot]!;
    progress.unsavedGpuMs[slot] = all ? 0 : progress.latestGpuMs[slot]!;
    progress.unsavedTokens[slot] = all ? 0 : progress.latestTokens[slot]!;
    progress.unsavedMfuGpuMs[slot] = all ? 0 : progress.latestMfuGpuMs[slot]!;
    progress.unsavedCappedGpuMs[slot] = all ? 0 : progress.latestCappedGpuMs[slot]!;
  }

  /** What was done since the last whole interval when a stretch ends at `clockMs`, the last `countedMs` of it inside the horizon. */
  private carryLatest(slot: number, clockMs: number, held: number, countedMs: number): void {
    const { progress, interruptions } = this;
    const intervalMs = progress.intervalMs[slot]!;
    const stallMs = progress.stallMs[slot]!;
    const fromClockMs = progress.clockMs[slot]!;
    const periods = Math.floor(clockMs / (intervalMs + stallMs));
    const before = fromClockMs > 0 && Math.floor(fromClockMs / (intervalMs + stallMs)) === periods ? 1 : 0;
    const from = before === 1 ? workAt(fromClockMs, intervalMs, stallMs) : periods * intervalMs;
    const latestMs = workAt(clockMs, intervalMs, stallMs) - from;
    const inHorizonMs = Math.min(latestMs, countedMs);
    const gpuMs = held * inHorizonMs;
    progress.latestMs[slot] = before * progress.latestMs[slot]! + latestMs * interruptions.speed[slot]!;
    progress.latestGpuMs[slot] = before * progress.latestGpuMs[slot]! + gpuMs;
    progress.latestTokens[slot] = before * progress.latestTokens[slot]! + progress.tokensPerMs[slot]! * inHorizonMs;
    progress.latestMfuGpuMs[slot] = before * progress.latestMfuGpuMs[slot]! + progress.mfu[slot]! * gpuMs;
    const cappedGpuMs = (this.caps?.speedLost(slot) ?? 0) * gpuMs;
    progress.latestCappedGpuMs[slot] = before * progress.latestCappedGpuMs[slot]! + cappedGpuMs;
  }

  /** What becomes of the unsaved work, `gpuMs` and `ms` of which were done in the stretch that ends, inside the horizon. */
  private bookUnsaved(job: JobId, unsaved: number, gpuMs: number, ms: number, lostTo: number): void {
    const { progress, interruptions } = this;
    const slot = interruptions.slots.of[job]!;
    const unsavedGpuMs = progress.unsavedGpuMs[slot]! + gpuMs;
    const unsavedTokens = progress.unsavedTokens[slot]! + progress.tokensPerMs[slot]! * ms;
    const unsavedMfuGpuMs = progress.unsavedMfuGpuMs[slot]! + progress.mfu[slot]! * gpuMs;
    const unsavedCappedGpuMs = progress.unsavedCappedGpuMs[slot]! + (this.caps?.speedLost(slot) ?? 0) * gpuMs;
    const carries = unsaved === UNSAVED.carried;
    progress.unsavedGpuMs[slot] = carries ? unsavedGpuMs : 0;
    progress.unsavedTokens[slot] = carries ? unsavedTokens : 0;
    progress.unsavedMfuGpuMs[slot] = carries ? unsavedMfuGpuMs : 0;
    progress.unsavedCappedGpuMs[slot] = carries ? unsavedCappedGpuMs : 0;
    if (carries) return;
    if (unsaved === UNSAVED.lost) {
      progress.usefulGpuMs[job]! -= unsavedGpuMs;
      progress.lostGpuMs[job]! += unsavedGpuMs;
      if (lostTo >= 0) this.lostGpuMs[lostTo]! += unsavedGpuMs;
      interruptions.lostGpuMs[job]! += (unsavedGpuMs / this.world.heldGpus(job)) * interruptions.gpus[job]!;
      interruptions.doneMs[job]! -= progress.unsavedMs[slot]!;
      this.countTraining(job, -unsavedTokens, -unsavedMfuGpuMs);
      // Time that was lost cannot have been taken by a cap as well.
      this.caps?.bookCapped(job, -unsavedCappedGpuMs);
    }
    progress.unsavedMs[slot] = 0;
  }

  /** So many tokens have been trained, or (negative) were lost again. */
  private countTraining(job: JobId, tokens: number, mfuGpuMs: number): void {
    if (tokens === 0) return;
    const classIndex = this.jobs.classOf[job]!;
    const site = this.siteOf[this.world.partitionOf(job)]!;
    this.tokens[site * this.mfuGpuMs.length + classIndex]! += tokens;
    this.mfuGpuMs[classIndex]! += mfuGpuMs;
  }

  /** How fast the job is from now on, what it trains, and what it draws while it works. */
  private setSpeed(job: JobId, slot: number, plan: SizePlan, stragglerSpeed: number): void {
    const { interruptions, progress, world } = this;
    const partition = world.partitionOf(job);
    const gpus = world.gpusNow(job);
    const { row } = plan;
    let speed = world.speedNow(job, partition, gpus) * stragglerSpeed;
    if (row === undefined) {
      progress.activeW[slot] = this.activeW[partition]![this.jobs.classOf[job]!]!;
      progress.tokensPerMs[slot] = 0;
    } else {
      const pods = gpus < this.gpusPerNode[partition]! ? 1 : this.occupancies[partition]!.podsOf(job);
      speed *= byPods(row.speedByPods, pods);
      progress.activeW[slot] = byPods(row.activeWByPods, pods);
      const home = this.planOf(job, this.jobs.partitionOf[job]!, this.jobs.gpus[job]!);
      const tokensPerMs = home.tokensPerMs * speed;
      progress.tokensPerMs[slot] = tokensPerMs;
      // Against the row here: what placement, slow nodes and a power cap took.
      progress.mfu[slot] = (row.mfu * tokensPerMs) / plan.tokensPerMs;
    }
    interruptions.speed[slot] = speed;
  }

  private openStretch(job: JobId, slot: number, nowMs: number, overheadMs: number): void {
    const { interruptions, progress, world } = this;
    const partition = world.partitionOf(job);
    const gpus = world.gpusNow(job);
    const { caps } = this;
    const uncappedW = progress.activeW[slot]!;
    const activeW = caps === undefined ? uncappedW : caps.activeW(partition, this.jobs.classOf[job]!, uncappedW);
    const intervalMs = progress.intervalMs[slot]!;
    const stallMs = progress.stallMs[slot]!;
    const { stallW, initialiseW } = this.phaseW[partition]!;
    const meanW = intervalMs === NEVER ? activeW : (activeW * intervalMs + stallW * stallMs) / (intervalMs + stallMs);
    const watts = Math.round(gpus * meanW);
    progress.watts[slot] = watts;
    interruptions.startedMs[slot] = nowMs;
    interruptions.productiveMs[slot] = nowMs + overheadMs;
    if (overheadMs > 0) this.meters[partition]!.addSpan(nowMs, nowMs + overheadMs, gpus * initialiseW - watts);
    const bytesPerMs = progress.bytesPerMs[slot]!;
    if (bytesPerMs > 0) this.storageOf(partition).change(nowMs, bytesPerMs, 1);
  }

  /** When and how a job would write checkpoints if it began a stretch now. */
  private makePlan(partition: number, gpus: number, plan: SizePlan): void {
    const { checkpoints } = this;
    this.stallMs = 0;
    this.writeMs = 0;
    let wantedMs = plan.intervalMs;
    if (checkpoints !== undefined) {
      const writeMs = Math.ceil(this.storageOf(partition).writeMs(plan.stateBytes, plan.linkBytesPerMs));
      if (checkpoints.mode === 'background') {
        this.stallMs = Math.min(plan.copyMs, LONGEST_MS);
        this.writeMs = Math.min(writeMs, LONGEST_MS);
      } else {
        this.stallMs = Math.min(writeMs, LONGEST_MS);
        // How long a write takes is known only now, where no interval was given.
        if (checkpoints.intervalMs === undefined && !plan.ownInterval)
          wantedMs = Math.max(
            dalyIntervalMs(this.stallMs, this.gpuMttfMs / heldGpus(gpus, this.gpusPerNode[partition]!)),
            plan.leastPeriodMs - this.stallMs,
          );
      }
    }
    const intervalMs = intervalInForceMs(wantedMs, this.stallMs, this.writeMs);
    this.intervalMs = intervalMs > LONGEST_MS ? NEVER : intervalMs;
  }

  private beginMsOf(job: JobId, plan: SizePlan): number {
    // Other nodes in the place of failed ones cost the same whether they come from the spares or from the queue.
    if (this.progress.begun[job] === 1)
      return this.progress.atHead[job] === 1 ? this.swapMs + plan.restartMs : plan.restartMs;
    return plan.row === undefined ? 0 : plan.initialisationMs;
  }

  private planOf(job: JobId, partition: number, gpus: number): SizePlan {
    return this.plans.of(this.jobs.classOf[job]!, partition, gpus);
  }

  private storageOf(partition: number): CheckpointStorage {
    return this.storage[this.storage.length === 1 ? 0 : this.world.siteOfPartition(partition)]!;
  }
}

function placementSpeed({ row }: SizePlan, pods: number): number {
  return row === undefined ? 1 : byPods(row.speedByPods, pods);
}

const NO_PHASE_WATTS: PhaseWatts = { stallW: 0, initialiseW: 0, hangW: 0 };

/** Of a span, what lies after time 0. */
function sinceZero(fromMs: number, toMs: number): number {
  const from = fromMs > 0 ? fromMs : 0;
  return toMs > from ? toMs - from : 0;
}
