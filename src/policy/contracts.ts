import type { Claim } from '../cluster/claim.js';
import type { FreeView } from '../cluster/occupancy.js';
import type { Issue } from '../base/errors.js';
import type { Draw } from '../base/random.js';
import type { OrderedQueue } from './orderedQueue.js';
import type { World } from './world.js';

/**
 * The contracts a scheduling policy is composed of, written `order+backfill@placement`.
 *
 * A policy reads a {@link World} and asks through {@link Decisions}; it never touches a machine. Each part
 * is created once per partition and run, keeps its own index, and is told what changed, so that no pass
 * rescans the world.
 */
export type JobId = number;

/** Which job goes first. The key is taken once, when the job is queued: smaller first, ties by job id. */
export interface OrderPolicy {
  key(world: World, job: JobId): number;
}

/**
 * Owns the pass: which queued jobs start now.
 *
 * `onQueued` and `onReleased` answer whether a pass at this instant could start anything; the loop makes
 * one pass per instant, and none when nobody asked. Answering true needlessly costs time; answering false
 * wrongly leaves a job waiting until the next pass.
 */
export interface BackfillPolicy {
  /** A job has joined the queue. */
  onQueued(job: JobId): boolean;
  /** A job has left the queue and runs; called from inside `Decisions.start`. */
  onStarted(job: JobId): void;
  /** A running job has ended and its GPUs are free again. */
  onReleased(job: JobId): boolean;
  /** Starts what it will. */
  pass(): void;
}

/** Where in the partition a job goes. */
export interface PlacementPolicy {
  /**
   * Fills `claim` for a job of `gpus`, which {@link FreeView.largestFit} says fits; must then succeed.
   * `claim` arrives cleared and is reused after the call.
   */
  place(free: FreeView, gpus: number, claim: Claim): void;
}

/** What a policy may ask for. Each call is checked and applied at once. */
export interface Decisions {
  /** Places the job by the placement policy and starts it; the job must be queued and fit. */
  start(job: JobId): void;
}

/** What one partition's policy is made from. */
export interface PolicyContext {
  readonly world: World;
  readonly partition: number;
  readonly queue: OrderedQueue;
  readonly decide: Decisions;
}

export interface PolicySetup {
  /** This part's own stream of draws. */
  readonly draw: Draw;
}

/** Parameters of a policy part after checking, or what is wrong with them. */
export type Parsed<P> =
  { readonly ok: true; readonly params: P } | { readonly ok: false; readonly issues: readonly Issue[] };

/** What every entry of the registry says about itself. */
interface PolicyInfo<P> {
  readonly name: string;
  /** One line for `gigasim list policies`. */
  readonly summary: string;
  /** Where the policy was published. */
  readonly cite?: string;
  /** True when decisions depend on price, carbon or weather: then sites cannot share a schedule. */
  readonly readsMarket: boolean;
  parseParams(raw: unknown, path: string): Parsed<P>;
}

export interface OrderDef<P = unknown> extends PolicyInfo<P> {
  readonly axis: 'order';
  create(params: P, setup: PolicySetup): OrderPolicy;
}

export interface BackfillDef<P = unknown> extends PolicyInfo<P> {
  readonly axis: 'backfill';
  create(params: P, context: PolicyContext): BackfillPolicy;
}

export interface PlacementDef<P = unknown> extends PolicyInfo<P> {
  readonly axis: 'placement';
  create(params: P, setup: PolicySetup): PlacementPolicy;
}

export type PolicyDef = OrderDef | BackfillDef | PlacementDef;
export type PolicyAxis = PolicyDef['axis'];
