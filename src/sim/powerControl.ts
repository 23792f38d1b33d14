import { SimError } from '../base/errors.js';
import { MS_PER_QUARTER_HOUR } from '../base/units.js';
import type { LoadMeter } from '../energy/loadMeter.js';
import type { PowerTotals } from '../metrics/powerSummary.js';
import type { JobId } from '../policy/contracts.js';
import type { CombinedPower, PowerTarget } from '../policy/power/combined.js';
import type { World } from '../policy/world.js';
import type { CapBook } from './capBook.js';
import type { Execution } from './execution.js';
import type { NodeSleep } from './nodeSleep.js';
import type { PartitionScheduler } from './partitionScheduler.js';
import type { SitePowerLimits } from './powerLimits.js';

/** What power control has done to the jobs; called from inside its methods. */
export interface PowerHost {
  /** A running job's caps have changed. */
  recap(job: JobId): void;
  suspend(job: JobId, untilMs: number): void;
  resumeSuspended(job: JobId): void;
  /** Jobs of a partition may start that could not. */
  onRoom(partition: number): void;
  /** A job is held until then, and then asked about again. */
  releaseAt(atMs: number, job: JobId): void;
}

/** What {@link PowerControl} is made from. */
export interface PowerControlParts {
  readonly policy: CombinedPower;
  readonly clock: { readonly nowMs: number };
  readonly world: World;
  readonly execution: Execution;
  /** Where the policy caps jobs or has targets. */
  readonly caps: CapBook | undefined;
  /** Where it reads the market. */
  readonly limits: SitePowerLimits | undefined;
  /** Where nodes sleep. */
  readonly nodeSleep: NodeSleep | undefined;
  /** By site. */
  readonly meters: readonly LoadMeter[];
  /** By partition. */
  readonly schedulers: readonly PartitionScheduler[];
  readonly classes: number;
  readonly host: PowerHost;
}

/** A power to stay under, as it stands now. */
interface Goal extends PowerTarget {
  /** By site: IT watts to stay under; and for jobs that start now and run on into an order that has been announced. */
  readonly limitItW: Float64Array;
  readonly announcedItW: Float64Array;
  /** Strongest cap that may be used for it. */
  readonly least: number;
}

/**
 * Sees to what the power policies of a run want: caps on running jobs, powers to stay under, jobs held back.
 *
 * A target is kept at every instant, so in the mean of every quarter hour too. At each quarter hour the policy is asked,
 * and the weakest cap that keeps the target is set; between, a job that starts has the cap lowered at once where it must
 * be. Jobs start only as far as the strongest cap allowed would hold the target with them. What is still above it after
 * that is suspended and pre-empted, where the policy lets it. Of several targets each is kept so, by its own means.
 * Whether a target was kept is read off the meter afterwards (SiteResult.grid), not here.
 *
 * Cost: O(running jobs) when a cap changes, O(sites) a quarter hour, O(caps × classes) at most a start. Wrong where a
 * heat pump draws beside: targets know the facility's overhead and not it (docs/cooling.md).
 */
export class PowerControl {
  private readonly policy: CombinedPower;
  private readonly goals: readonly Goal[];
  private readonly clock: { readonly nowMs: number };
  private readonly world: World;
  private readonly execution: Execution;
  private readonly caps: CapBook | undefined;
  private readonly limits: SitePowerLimits | undefined;
  private readonly meters: readonly LoadMeter[];
  private readonly schedulers: readonly PartitionScheduler[];
  private readonly nodeSleep: NodeSleep | undefined;
  private readonly host: PowerHost;
  private readonly classes: number;
  /** By site: suspended jobs, those that are to go on last first. */
  private readonly suspended: JobId[][];
  /** By site: a start may have taken it above its target. */
  private readonly dirty: Uint8Array;
  /** By partition: jobs may have been kept from starting since the last quarter hour. */
  private readonly gated: Uint8Array;
  /** By partition: partitions of a site. */
  private readonly partitionsOf: readonly (readonly number[])[];
  private readonly held = new Map<JobId, number>();
  /** Jobs that were held at all, and how long those were that are not any more, ms. */
  private heldJobs = 0;
  private heldMs = 0;

  constructor(parts: PowerControlParts) {
    const { policy, world, meters, schedulers, caps } = parts;
    this.policy = policy;
    this.clock = parts.clock;
    this.world = world;
    this.execution = parts.execution;
    this.caps = caps;
    this.limits = parts.limits;
    this.meters = meters;
    this.schedulers = schedulers;
    this.classes = parts.classes;
    this.nodeSleep = parts.nodeSleep;
    this.host = parts.host;
    this.goals = policy.targets.map((target) => ({
      ...target,
      limitItW: new Float64Array(meters.length).fill(Number.POSITIVE_INFINITY),
      announcedItW: new Float64Array(meters.length).fill(Number.POSITIVE_INFINITY),
      least: caps?.capAt(target.means.leastCapFraction) ?? 0,
    }));
    this.suspended = meters.map(() => []);
    this.dirty = new Uint8Array(meters.length);
    this.gated = new Uint8Array(schedulers.length);
    this.partitionsOf = meters.map((_, site) =>
      schedulers.map((_scheduler, index) => index).filter((index) => world.siteOfPartition(index) === site),
    );
  }

  /** A quarter hour begins (the run does too). */
  onQuarterHour(): void {
    for (const meter of this.meters) meter.advance(this.clock.nowMs);
    this.nodeSleep?.book(this.clock.nowMs);
    this.limits?.update();
    for (let site = 0; site < this.meters.length; site++) this.control(site);
    for (let partition = 0; partition < this.schedulers.length; partition++) {
      if (this.gated[partition] === 0) continue;
      this.gated[partition] = 0;
      this.host.onRoom(partition);
    }
    if (this.policy.reconsiders) this.reconsider();
  }

  /**
   * Everything of an instant has been decided: caps go down where what has started needs it. A job that failed while it
   * was suspended and has been repaired is suspended again.
   */
  settle(): void {
    const caps = this.caps!;
    for (let site = 0; site < this.meters.length; site++) {
      if (this.dirty[site] === 0) continue;
      this.dirty[site] = 0;
      const cap = this.weakestCap(site);
      if (cap > caps.capOf[site]!) this.setCap(site, cap);
      if (this.shed(site, caps)) this.recap(site, caps);
    }
  }

  /** A job has started or goes on: its site may now draw too much. */
  started(job: JobId): void {
    const site = this.siteOf(job);
    if (this.goals.some(({ limitItW }) => limitItW[site] !== Number.POSITIVE_INFINITY)) this.dirty[site] = 1;
  }

  /**
   * GPUs that jobs of a partition may still start on, as far as power goes.
   *
   * @param job - the one that would start; absent: any
   */
  roomGpus(partition: number, job?: JobId): number {
    const room = this.roomNow(partition, job);
    if (room !== Number.POSITIVE_INFINITY) this.gated[partition] = 1;
    return room;
  }

  /** The same for somebody who only looks. */
  roomNow(partition: number, job?: JobId): number {
    let room = Number.POSITIVE_INFINITY;
    for (const goal of this.goals) {
      const own = this.roomUnder(goal, partition, job);
      if (own < room) room = own;
    }
    return room;
  }

  private roomUnder(goal: Goal, partition: number, job: JobId | undefined): number {
    const { means, least, limitItW, announcedItW } = goal;
    const site = this.world.siteOfPartition(partition);
    const limitW = Math.min(limitItW[site]!, this.isOverBefore(goal, site, job) ? Infinity : announcedItW[site]!);
    if (limitW === Number.POSITIVE_INFINITY || !means.delays) return Number.POSITIVE_INFINITY;
    if (this.suspended[site]!.length > 0) return 0;
    const caps = this.caps!;
    const roomW = limitW - this.baseW(site) - caps.sumW(site, least);
    return Math.max(0, Math.floor(roomW / caps.mostActiveW(partition, least)));
  }

  /** Jobs wait for a later quarter hour, in which a target may be higher. */
  get isAwaited(): boolean {
    if (this.limits === undefined || this.clock.nowMs >= this.limits.untilMs) return false;
    return (
      this.suspended.some((jobs) => jobs.length > 0) ||
      this.schedulers.some(({ queue }, partition) => this.gated[partition] === 1 && queue.length > 0)
    );
  }

  /** The order that has been announced finds the job ended, if it starts now. */
  private isOverBefore({ announcedItW }: Goal, site: number, job: JobId | undefined): boolean {
    const order = announcedItW[site] === Number.POSITIVE_INFINITY ? undefined : this.limits!.announced(site);
    return order !== undefined && job !== undefined && this.clock.nowMs + this.world.plannedMs(job) <= order.fromMs;
  }

  /** A job has been submitted; true when it is kept out of the queue for now. */
  holds(job: JobId): boolean {
    const { policy, clock } = this;
    if (!policy.holdsJobs) return false;
    const untilMs = policy.holdUntilMs(job);
    if (Number.isNaN(untilMs))
      throw new SimError(
        'policy.contract',
        `power policy '${policy.name}' held job ${String(job)} until NaN at ${String(clock.nowMs)} ms; expected a time`,
      );
    const since = this.held.get(job);
    if (!(untilMs > clock.nowMs)) {
      if (since !== undefined) {
        this.heldMs += clock.nowMs - since;
        this.held.delete(job);
      }
      if (policy.recalls(job)) this.reconsider();
      return false;
    }
    if (since === undefined) {
      this.held.set(job, clock.nowMs);
      this.heldJobs++;
    }
    this.host.releaseAt(Math.ceil(untilMs), job);
    return true;
  }

  /** What it has done to the jobs so far; those held are counted with their time until the end. */
  totals(endMs: number): PowerTotals {
    const { caps } = this;
    let heldMs = this.heldMs;
    for (const since of this.held.values()) heldMs += endMs - since;
    const sum = (gpuMs: Float64Array | undefined): number => gpuMs?.reduce((total, own) => total + own, 0) ?? 0;
    return {
      cappedGpuMs: sum(caps?.cappedGpuMs),
      suspendedGpuMs: sum(caps?.suspendedGpuMs),
      suspensions: caps?.suspensions ?? 0,
      heldJobs: this.heldJobs,
      heldMs,
      sleep: this.nodeSleep?.totals(),
    };
  }

  isHeld(job: JobId): boolean {
    return this.held.has(job);
  }

  private reconsider(): void {
    for (const job of [...this.held.keys()]) this.host.releaseAt(this.clock.nowMs, job);
  }

  private control(site: number): void {
    const { caps, limits, goals } = this;
    if (caps === undefined) return;
    const recapped = this.setFloors(site, caps);
    if (limits !== undefined) for (const goal of goals) this.aim(goal, site, limits);
    if (recapped) this.recapAll(site);
    this.resume(site, caps);
    this.recap(site, caps);
    // Who was suspended or pre-empted leaves the others more than it had to.
    if (this.shed(site, caps)) this.recap(site, caps);
  }

  private aim(
    { name, targetW, preparesForOrders, limitItW, announcedItW }: Goal,
    site: number,
    limits: SitePowerLimits,
  ): void {
    const watts = targetW(site);
    if (Number.isNaN(watts))
      throw new SimError(
        'policy.contract',
        `power policy '${name}' wants site ${String(site)} under NaN W at ${String(this.clock.nowMs)} ms; expected a power`,
      );
    limitItW[site] = limits.itW(site, watts);
    if (preparesForOrders) announcedItW[site] = limits.itW(site, limits.announcedW(site));
  }

  private recap(site: number, caps: CapBook): void {
    const cap = this.weakestCap(site);
    if (cap !== caps.capOf[site]!) this.setCap(site, cap);
  }

  private setFloors(site: number, caps: CapBook): boolean {
    const { policy } = this;
    if (!policy.setsCaps) return false;
    let changed = false;
    for (let jobClass = 0; jobClass < this.classes; jobClass++)
      if (caps.setFloor(site, jobClass, caps.capAt(policy.capFraction(site, jobClass)))) changed = true;
    return changed;
  }

  /** Watts of the site's IT without its jobs. */
  private baseW(site: number): number {
    return this.meters[site]!.itW - this.caps!.drawW[site]!;
  }

  /** The weakest cap that keeps the site under its targets; the strongest allowed for one where none does. */
  private weakestCap(site: number): number {
    const caps = this.caps!;
    const baseW = this.baseW(site);
    let cap = 0;
    for (const { limitItW, least } of this.goals)
      while (cap < least && caps.sumW(site, cap) > limitItW[site]! - baseW) cap++;
    return cap;
  }

  private setCap(site: number, cap: number): void {
    this.caps!.capOf[site] = cap;
    this.recapAll(site);
  }

  private recapAll(site: number): void {
    this.execution.phases?.forgetPlans();
    for (const partition of this.partitionsOf[site]!) {
      const { running } = this.schedulers[partition]!;
      for (let job = running.first(); job >= 0; job = running.next(job))
        if (this.execution.works(job)) this.host.recap(job);
    }
  }

  /** Suspends, and then pre-empts, what is above a target at its strongest cap; true when it had to. */
  private shed(site: number, caps: CapBook): boolean {
    let any = false;
    for (const goal of this.goals) if (this.shedUnder(goal, site, caps)) any = true;
    return any;
  }

  private shedUnder(goal: Goal, site: number, caps: CapBook): boolean {
    const { host } = this;
    const { means } = goal;
    if (!means.suspends || !this.isAbove(goal, site, caps)) return false;
    const orderEndMs = this.limits!.orderEndMs(site);
    const untilMs = Number.isNaN(orderEndMs) ? this.clock.nowMs + MS_PER_QUARTER_HOUR : orderEndMs;
    for (const job of this.victims(site)) {
      if (!this.isAbove(goal, site, caps)) break;
      host.suspend(job, untilMs);
      this.suspended[site]!.push(job);
    }
    const list = this.suspended[site]!.sort((a, b) => this.byRank(a, b));
    if (!means.preempts) return true;
    this.suspended[site] = list.filter((job) => {
      const scheduler = this.schedulers[this.world.partitionOf(job)]!;
      if (!this.isAbove(goal, site, caps) || !scheduler.mayPreempt(job)) return true;
      scheduler.preemptFor(job, goal.name);
      return false;
    });
    return true;
  }

  private isAbove({ limitItW }: Goal, site: number, caps: CapBook): boolean {
    return this.baseW(site) + caps.drawW[site]! > limitItW[site]!;
  }

  /** Running jobs that may be suspended: of the lowest priority first, and of these the last started. */
  private victims(site: number): JobId[] {
    const { world } = this;
    const found: JobId[] = [];
    for (const partition of this.partitionsOf[site]!) {
      const { running } = this.schedulers[partition]!;
      for (let job = running.first(); job >= 0; job = running.next(job))
        if (world.traitsOf(job).preemptible && this.execution.works(job)) found.push(job);
    }
    return found.sort((a, b) => this.byRank(a, b));
  }

  /** Who gives way first: the lowest priority, and of these the last started. */
  private byRank(a: JobId, b: JobId): number {
    const { world } = this;
    return world.priority(a) - world.priority(b) || world.startedMs(b) - world.startedMs(a) || b - a;
  }

  /** Suspended jobs go on, those that gave way last first, as far as the strongest cap for each target holds it with them. */
  private resume(site: number, caps: CapBook): void {
    const list = this.suspended[site]!;
    if (list.length === 0) return;
    const waiting: JobId[] = [];
    for (const job of list.reverse()) {
      if (!this.execution.isSuspended(job)) continue; // it failed, ended or was pre-empted meanwhile
      const partition = this.world.partitionOf(job);
      const fits = this.goals.every(({ limitItW, least }) => {
        const needsW = this.world.gpusNow(job) * (caps.mostActiveW(partition, least) - caps.suspendedW(partition));
        return needsW <= limitItW[site]! - this.baseW(site) - caps.sumW(site, least);
      });
      if (!fits) waiting.push(job);
      else this.host.resumeSuspended(job);
    }
    this.suspended[site] = waiting.reverse();
  }

  private siteOf(job: JobId): number {
    return this.world.siteOfPartition(this.world.partitionOf(job));
  }
}
