import type { Draw } from '../base/random.js';
import type { Claim } from '../cluster/claim.js';
import type { FreeView } from '../cluster/occupancy.js';
import type { OrderedQueue } from './orderedQueue.js';
import type { ParameterDef, ParameterValues } from './parameters.js';
import type { Truth } from './truth.js';
import type { World } from './world.js';

/**
 * The contracts a scheduling policy is composed of, written `order+backfill/preempt@placement:partition^siting~power`.
 *
 * A policy reads a {@link World} and asks through {@link Decisions}; it never touches a machine. Each part
 * keeps its own index and is told what changed, so that no pass rescans the world.
 */
export type JobId = number;

/**
 * Which job goes first: the one with the smaller key, ties by job id. One for the whole run, all partitions.
 *
 * A key is taken when a job joins the queue. It may be a line over time ({@link slope}), so that orders by
 * waiting time need no sorting; orders by something that changes for many jobs at once, such as a user's
 * share, have all keys taken again at the first arrival or pass after each {@link rekeyEveryMs}.
 */
export interface OrderPolicy {
  key(job: JobId): number;
  /** What the key grows by each ms from now on; absent: 0 for every job. */
  slope?(job: JobId): number;
  /** Age at which the keys of all queued jobs are taken again, ms; absent: never. */
  readonly rekeyEveryMs?: number;
  /**
   * Brings up to date what keys are made from; called once for the run each time keys are about to be taken again.
   * What it makes must then stand still until the next call, so that all keys of a queue are of one state.
   */
  refresh?(): void;
  /** All jobs of a queue whose keys are about to be taken again, in no order. */
  beforeRekey?(queued: readonly JobId[]): void;
  /** True when a job queued later nearly always has the larger key; the queue is then kept sorted, which is cheapest. */
  readonly byArrival?: boolean;
  /** A job has started, or runs on another number of GPUs from now on. */
  onStarted?(job: JobId): void;
  /** A job no longer runs; `ended` is false when it was interrupted and will be queued again. */
  onStopped?(job: JobId, ended: boolean): void;
}

/**
 * Owns the pass: which queued jobs start now.
 *
 * `onQueued` and the others that return a boolean answer whether a pass at this instant could start anything;
 * the loop makes one pass per instant, and none when nobody asked. Answering true needlessly costs time;
 * answering false wrongly leaves a job waiting until the next pass.
 */
export interface BackfillPolicy {
  /** A job has joined the queue. */
  onQueued(job: JobId): boolean;
  /**
   * A job has left the queue without starting: it is held back by a limit, or was given up. Also called from inside
   * `Decisions.start`, of jobs that the one just started leaves no room for under a limit they share.
   */
  onUnqueued?(job: JobId): boolean;
  /** A job has left the queue and runs; called from inside `Decisions.start`. */
  onStarted(job: JobId): void;
  /** A running job has ended or was interrupted, and its GPUs are free again; its estimated end still reads as before. */
  onReleased(job: JobId): boolean;
  /** A running job will hold other GPUs or end at another time than was expected; the old values are given. */
  onChanged?(job: JobId, estimatedEndMs: number, heldGpus: number): boolean;
  /**
   * Free GPUs have left the partition until about `untilMs` (Infinity: for good), or (negative) came back of those that
   * left until then, in whatever pieces.
   */
  onCapacity?(gpus: number, untilMs: number): boolean;
  /**
   * Jobs that did not fit for want of power may fit now, though no GPUs have become free; true when a pass is wanted.
   * Absent: it always is.
   */
  onPower?(): boolean;
  /** Keys of queued jobs were taken again. */
  onRekeyed?(): void;
  /** Starts what it will. */
  pass(): void;
  /**
   * Why a queued job that fits now was not started by the last pass: the job it must not delay or overtake,
   * or -1 when it could have been started.
   */
  blockedBy(job: JobId): JobId;
  /**
   * Of a queued job that does not fit now: the job it must not delay or overtake even if these running jobs were not
   * there, or -1 when there is none or it cannot be told; absent: cannot be told. Asked to explain a wait, between
   * passes; must leave everything as it was.
   */
  blockedWithout?(job: JobId, running: readonly JobId[]): JobId;
}

/**
 * Which running jobs give way to queued ones; acts after the backfill's pass.
 *
 * Only jobs the scenario lets be pre-empted, that have run the guaranteed minimum, may be named.
 */
export interface PreemptPolicy {
  onQueued(job: JobId): boolean;
  /** A job has left the queue without starting: it is held back by a limit. */
  onUnqueued?(job: JobId): void;
  /** A job runs, or runs on another number of GPUs; called from inside `Decisions.start` and `resize`. */
  onStarted(job: JobId): void;
  /** A job no longer runs, or is about to run on another number of GPUs. */
  onStopped(job: JobId): void;
  /** A running job has outlived its estimate and is expected to end later; true when a pass is wanted. */
  onChanged?(job: JobId): boolean;
  /** A time asked for by `Decisions.wakeAt` has come and the job still runs. */
  onTimer(job: JobId): boolean;
  pass(): void;
}

/** Where in the partition a job goes. */
export interface PlacementPolicy {
  /**
   * Fills `claim` for a job of `gpus` that {@link fits} accepts; must then succeed. `claim` arrives cleared
   * and is reused after the call.
   */
  place(free: FreeView, gpus: number, claim: Claim): void;
  /**
   * The node on which `place` would put a job below a node's size that fits, were it asked now; must change nothing.
   * Absent: not known before. A backfill then lets fewer such jobs overtake.
   */
  nodeFor?(free: FreeView, gpus: number): number;
  /** Every job up to this size, in GPUs held, can be placed now; absent: whatever is free. */
  largestFit?(free: FreeView): number;
  /** Can a job holding so many GPUs be placed now? Some above {@link largestFit} may; absent: none of them. */
  fits?(free: FreeView, held: number): boolean;
}

/** Which partition of its site a job goes to, asked once, at submission. */
export interface PartitionPolicy {
  /** One of `candidates`, in which the job fits the empty machine. */
  choose(job: JobId, candidates: readonly number[]): number;
}

/** Which site a job goes to, asked once, at submission. */
export interface SitingPolicy {
  /** One of `candidates` (site indices, at least one), the sites the job is allowed at and fits. */
  choose(job: JobId, home: number, candidates: readonly number[]): number;
}

/**
 * Keeps power, energy cost or carbon down. It says what is to hold; the simulation sees to it by the means it allows.
 *
 * All are asked at the beginning and at each quarter hour, for each site; a target's caps go down as soon as a job
 * starts that needs it, and up at quarter hours.
 */
export interface PowerPolicy {
  /** Power limit on every GPU that runs a job of the class, as a share of TDP, 0…1; absent: none but those of `targetW`. */
  capFraction?(site: number, jobClass: number): number;
  /** Watts of the facility to stay under until the next quarter hour; Infinity: none. Absent: none ever. */
  targetW?(site: number): number;
  /** From the notice of an order on, no job starts that would run into it and be too much for it. */
  readonly preparesForOrders?: boolean;
  /** How a target is kept; absent: by caps down to the least that was measured, and by delaying starts. */
  readonly means?: PowerMeans;
  /**
   * Until when a job that has just been submitted is kept out of the queue, ms; now or before: it joins. Asked again
   * then, and at each quarter hour where `reconsiders`.
   */
  holdUntilMs?(job: JobId): number;
  readonly reconsiders?: boolean;
  /**
   * Asked when a job is let into the queue: true, and all jobs held back are asked about again at this instant, before
   * anything starts. Absent: never.
   */
  recalls?(job: JobId): boolean;
  /** Nodes that nobody holds go to sleep; absent: they stay on. */
  readonly idleSleep?: IdleSleep;
}

/** What may be done to stay under a power, in this order. */
export interface PowerMeans {
  /** Lowest cap on running jobs that may be capped, as a share of TDP; 1: none. */
  readonly leastCapFraction: number;
  /** Jobs that would take the site above it even at that cap wait. */
  readonly delays: boolean;
  /** Running jobs of pre-emptible classes are suspended, those of the lowest priority and last started first. */
  readonly suspends: boolean;
  /** Suspended ones lose their GPUs. */
  readonly preempts: boolean;
}

/** When and how nodes sleep; its policy's definition must say {@link PowerDef.sleeps}. */
export interface IdleSleep {
  /** A node in service goes to sleep when nobody has held it for so long, ms, at least 0. */
  readonly afterMs: number;
  /** What a sleeping node draws of what it draws idle without its network, 0…1. */
  readonly drawFraction: number;
  /** From being given to a job to being ready for it, ms; it draws as idle, and the job holds it. */
  readonly wakeMs: number;
}

/** What a site may draw now, whatever the policy wants. */
export interface PowerLimits {
  /**
   * Watts of the facility that its connection, its limits and the orders in force allow, these with what a battery that
   * rides through gives beside; Infinity: no limit.
   */
  allowedW(site: number): number;
  /** The most the facility can draw: every GPU busy with what draws most, in the worst weather of the run. */
  mostW(site: number): number;
  /** Of them those of orders in force. */
  orderedW(site: number): number;
  /** When the last of the orders in force ends, ms; NaN: none is. */
  orderEndMs(site: number): number;
  /** Watts of the facility at the IT power that its cooling can serve in this weather. */
  coolableW(site: number): number;
  /** The most by which a quarter hour may be above the one before, W; Infinity: any. */
  rampW(site: number): number;
  /** Mean of the facility in the last whole quarter hour, W; NaN before the first of the horizon has passed. */
  lastQuarterW(site: number): number;
}

/** Prices and carbon to come, as they will be. Policies that use it for times nobody knows yet must add an error, or say so. */
export interface Outlook {
  /** Energy charges of a MWh at the meter, EUR, and kg CO2e; at any time from the first to the last of the run. */
  priceEurPerMWh(site: number, atMs: number): number;
  carbonKgPerMWh(site: number, atMs: number): number;
  /** Facility watts of one more IT watt. */
  overheadFactor(site: number, atMs: number): number;
  /** All that is known ends there, ms. */
  readonly untilMs: number;
}

/** What a power policy is made from. */
export interface PowerContext extends PolicySetup {
  readonly limits: PowerLimits;
  readonly outlook: Outlook;
  readonly classNames: readonly string[];
}

/** What a policy may ask for. Each call is checked and applied at once. */
export interface Decisions {
  /** Places a queued job by the placement policy and starts it, on `gpus` where it is elastic; it must fit. */
  start(job: JobId, gpus?: number): void;
  /** Interrupts a running job: it keeps what it has saved, and joins the queue again. */
  preempt(job: JobId): void;
  /**
   * Gives a running elastic job another number of GPUs; it loses the resize time. False, and nothing happens, where
   * the placement finds no place for it beside the others, or it is on nodes that leave service.
   */
  resize(job: JobId, gpus: number): boolean;
  /** Has `onTimer` called for a running job at that time, unless it stops or is woken otherwise before. */
  wakeAt(atMs: number, job: JobId): void;
  /** Has the partition's pass made at that time, or at an earlier one asked for before and not reached yet. */
  passAt(atMs: number): void;
}

/** What one partition's backfill and pre-emption are made from. */
export interface PolicyContext {
  readonly world: World;
  readonly partition: number;
  readonly queue: OrderedQueue;
  readonly decide: Decisions;
  /** Jobs running in the partition, in the order of their last start. */
  readonly running: RunningJobs;
  /** The placement policy can place every job up to this size now, in GPUs held. */
  largestFit(): number;
  /** Can the placement policy place this job now? */
  fits(job: JobId): boolean;
  /** What would be free if running jobs stopped. */
  readonly places: RunningPlaces;
  /** A job runs at least so long before it may be pre-empted, ms. */
  readonly guaranteedRunMs: number;
  /** This part's own stream of draws. */
  readonly draw: Draw;
  /** True run times, for a policy that declares to be clairvoyant; reading them otherwise throws. */
  readonly truth: Truth;
}

/** The running jobs of a partition; iteration order is theirs of last starting. */
export interface RunningJobs {
  readonly count: number;
  first(): JobId;
  /** The one after, or -1. */
  next(job: JobId): JobId;
}

/** Where the running jobs of a partition are, as far as it matters for making room. */
export interface RunningPlaces {
  /** GPUs that would be free and in service if the job stopped: what it holds, less nodes that leave service. */
  freedGpus(job: JobId): number;
  /** The node that a running job below a node's size shares. */
  sharedNode(job: JobId): number;
  /** GPUs of a node that are free now. */
  nodeFreeGpus(node: number): number;
  /** The node on which a job below a node's size that fits would be placed now; -1: not known before. */
  nodeFor(gpus: number): number;
}

export interface PolicySetup {
  readonly world: World;
  /** This part's own stream of draws. */
  readonly draw: Draw;
  readonly truth: Truth;
}

/** Always so or never so, or a matter of the parameters. */
export type Declared = boolean | ((params: ParameterValues) => boolean);

/** What every entry of the registry says about itself. */
interface PolicyInfo {
  readonly name: string;
  /** One line for `gigasim list policies`. */
  readonly summary: string;
  /** Where the policy was published. */
  readonly cite?: string;
  /** True when decisions depend on price, carbon or weather: then sites cannot share a schedule. */
  readonly readsMarket?: Declared;
  /** True when it knows what no real scheduler does: how long a job will run. */
  readonly clairvoyant?: Declared;
  /** True when it draws at random: then replications differ even where the jobs are the same. */
  readonly draws?: boolean;
  /** True when a job may wait for ever behind others. */
  readonly starves?: Declared;
  /** In the order they are written in; absent: none. */
  readonly parameters?: readonly ParameterDef[];
}

export interface OrderDef<P = unknown> extends PolicyInfo {
  readonly axis: 'order';
  create(params: P, setup: PolicySetup): OrderPolicy;
}

export interface BackfillDef<P = unknown> extends PolicyInfo {
  readonly axis: 'backfill';
  /** True when it resizes running jobs. */
  readonly resizes?: boolean;
  /** True when jobs that fit wait because starting them would delay a start promised to another. */
  readonly reserves?: boolean;
  create(params: P, context: PolicyContext): BackfillPolicy;
}

export interface PreemptDef<P = unknown> extends PolicyInfo {
  readonly axis: 'preempt';
  create(params: P, context: PolicyContext): PreemptPolicy;
}

export interface PlacementDef<P = unknown> extends PolicyInfo {
  readonly axis: 'placement';
  create(params: P, setup: PolicySetup): PlacementPolicy;
}

export interface PartitionDef<P = unknown> extends PolicyInfo {
  readonly axis: 'partition';
  create(params: P, setup: PolicySetup): PartitionPolicy;
}

export interface SitingDef<P = unknown> extends PolicyInfo {
  readonly axis: 'siting';
  create(params: P, setup: PolicySetup): SitingPolicy;
}

export interface PowerDef<P = unknown> extends PolicyInfo {
  readonly axis: 'power';
  /** True when it caps the GPUs of running jobs, keeps a site under a power, or suspends jobs. */
  readonly caps?: Declared;
  /** True when it may pre-empt jobs. */
  readonly preempts?: Declared;
  /** True when nodes may sleep under it: jobs then wait for them to wake. */
  readonly sleeps?: Declared;
  /** Without which of these it changes nothing: jobs that may be kept waiting, or anything that bounds a site's draw. */
  readonly needs?: 'deferrable jobs' | 'limits';
  /** True when it says nothing beside other power policies: written with them it is refused. */
  readonly alone?: boolean;
  /** The power that a site is kept under all along and the strongest cap it is done with; absent, undefined: none is. */
  holdsUnder?(params: P): HeldPower | undefined;
  /** Caps it needs beside the usual steps of a hundredth, as shares of TDP; absent: none. */
  capFractions?(params: P): readonly number[];
  create(params: P, context: PowerContext): PowerPolicy;
}

/** A power to be kept under, and with what. */
export interface HeldPower {
  /** Watts of the facility or, up to 1, a share of {@link PowerLimits.mostW}. */
  readonly to: number;
  /** As a share of TDP. */
  readonly leastCapFraction: number;
}

export interface DefByAxis {
  readonly order: OrderDef;
  readonly backfill: BackfillDef;
  readonly preempt: PreemptDef;
  readonly placement: PlacementDef;
  readonly partition: PartitionDef;
  readonly siting: SitingDef;
  readonly power: PowerDef;
}

export type PolicyAxis = keyof DefByAxis;
export type PolicyDef = DefByAxis[PolicyAxis];
