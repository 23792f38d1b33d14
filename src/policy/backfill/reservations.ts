import type { BackfillPolicy, JobId, PolicyContext } from '../contracts.js';
import { Availability } from './availability.js';
import { QueueLine } from './queueLine.js';
import { Rooms } from './rooms.js';

/** What distinguishes the policies that hold reservations. */
export interface ReservationRules {
  /** So many jobs, the first in order, hold a reservation; Infinity: all. */
  readonly depth: number;
  /**
   * When room appears before a reservation: `earlier` lets each job, in order, move to an earlier time, the others
   * staying where they are, so that no promise is broken; `anew` makes all reservations again in order.
   */
  readonly onRoom: 'earlier' | 'anew';
}

/**
 * Backfilling with reservations: each of the first jobs in order stands at a place in the plan, by estimates, and
 * starts when its time comes.
 *
 * A job that joins at the end of the queue gets the earliest place beside those that stand. One that joins ahead of
 * others, or an order that changed, has the reservations from there on made again in the present order. When GPUs
 * become free before they were expected, reservations move by {@link ReservationRules.onRoom}; when they are free later
 * (a job outlives its estimate, nodes leave), all are made again. Jobs without a reservation start, in order, when
 * that takes nothing from any reservation.
 *
 * Plans count GPUs, not places. A job whose time has come but that finds no place (GPUs are free, but scattered over
 * shared nodes) is planned from the next change of the plan on, so it may start after its first reservation; so may one
 * that there is no power for, which plans do not know of.
 *
 * Cost: O(depth) a pass in which room appeared, most of it one comparison a job; memory 20 B a job of the run.
 */
export class Reservations implements BackfillPolicy {
  private readonly context: PolicyContext;
  private readonly rules: ReservationRules;
  private readonly available: Availability;
  private readonly rooms: Rooms;
  private readonly line: QueueLine;
  /** By job: the stretch it stands at, reserved or running, and the GPUs it takes there; NaN: none. */
  private readonly fromMs: Float64Array;
  private readonly toMs: Float64Array;
  private readonly taken: Int32Array;
  /** The first so many of the line have been planned. */
  private planned = 0;
  /** From this position on reservations are to be made again. */
  private replanFrom = Number.POSITIVE_INFINITY;
  /** Room has appeared since reservations last moved. */
  private roomAppeared = false;
  private orderChanged = false;
  private passing = false;
  /** A job whose time had come found no place. */
  private missedPlace = false;
  /** No reservation begins before. */
  private nextDueMs = Number.POSITIVE_INFINITY;

  constructor(context: PolicyContext, rules: ReservationRules) {
    const { world, partition, queue } = context;
    this.context = context;
    this.rules = rules;
    this.available = new Availability(world.nowMs, world.free(partition).freeGpus);
    this.rooms = new Rooms(this.available);
    this.line = new QueueLine(queue);
    this.fromMs = new Float64Array(world.jobCount).fill(Number.NaN);
    this.toMs = new Float64Array(world.jobCount);
    this.taken = new Int32Array(world.jobCount);
  }

  onQueued(job: JobId): boolean {
    const { line, context } = this;
    const position = line.add(job);
    if (position < this.planned) {
      this.planned++;
      if (position < this.replanFrom) this.replanFrom = position;
      return true;
    }
    // Where the order moves, who holds reservations is known only once a pass has sorted.
    if (position < this.rules.depth || this.roomAppeared || context.queue.moves) return true;
    const { world } = context;
    const held = world.heldGpus(job);
    if (held > context.largestFit()) return false;
    const endMs = world.nowMs + this.spanMs(job);
    return this.available.firstBelow(world.nowMs, held, endMs) >= endMs;
  }

  onUnqueued(job: JobId): boolean {
    this.leaveLine(job);
    if (this.withdraw(job)) this.makeRoom();
    return this.line.count > 0;
  }

  onStarted(job: JobId): void {
    const { world } = this.context;
    const { nowMs } = world;
    this.leaveLine(job);
    const endMs = Math.max(world.estimatedEndMs(job), nowMs + 1);
    const held = world.heldGpus(job);
    if (this.fromMs[job] === nowMs && this.toMs[job] === endMs && this.taken[job] === held) return;
    if (this.withdraw(job)) this.makeRoom();
    this.stand(job, nowMs, endMs, held);
    // Started by another part of the policy, over the heads of those with reservations.
    if (!this.passing) this.replanFrom = 0;
  }

  onReleased(job: JobId): boolean {
    this.withdraw(job);
    this.makeRoom();
    return this.line.count > 0;
  }

  onChanged(job: JobId): boolean {
    const { world } = this.context;
    const endMs = Math.max(world.estimatedEndMs(job), world.nowMs + 1);
    const held = world.heldGpus(job);
    if (endMs > this.toMs[job]! || held > this.taken[job]!) this.replanFrom = 0;
    this.withdraw(job);
    this.stand(job, world.nowMs, endMs, held);
    this.makeRoom();
    return this.line.count > 0;
  }

  onCapacity(gpus: number, untilMs: number): boolean {
    const { nowMs } = this.context.world;
    this.available.add(nowMs, untilMs, -gpus);
    if (gpus < 0) this.rooms.freed(nowMs, untilMs);
    if (gpus > 0) this.replanFrom = 0;
    this.makeRoom();
    return this.line.count > 0;
  }

  /** Plans count no power: where a job whose time had come found no place, all reservations are made again in order. */
  onPower(): boolean {
    if (this.missedPlace) {
      this.missedPlace = false;
      this.replanFrom = 0;
      this.makeRoom();
    }
    return this.line.count > 0;
  }

  onRekeyed(): void {
    this.orderChanged = true;
  }

  pass(): void {
    this.passing = true;
    const { available, line, context } = this;
    const { nowMs } = context.world;
    available.advance(nowMs);
    let reservedTo = this.planned;
    if (this.orderChanged || context.queue.moves) {
      const first = line.sort(this.orderChanged);
      this.orderChanged = false;
      if (first < this.replanFrom) this.replanFrom = first;
      // Jobs with a reservation may stand anywhere behind now.
      reservedTo = line.count;
    }
    if (this.replanFrom < this.planned) {
      for (let i = this.replanFrom; i < reservedTo; i++) this.withdraw(line.job(i));
      this.planned = this.replanFrom;
      this.findNextDue();
    }
    this.replanFrom = Number.POSITIVE_INFINITY;
    const room = this.roomAppeared;
    this.roomAppeared = false;
    if (room || this.nextDueMs <= nowMs) this.moveAndStart(room);
    while (this.planned < this.rules.depth && this.planned < line.count) {
      const job = line.job(this.planned);
      const held = context.world.heldGpus(job);
      const atMs = this.rooms.first(nowMs, held, this.spanMs(job), Number.POSITIVE_INFINITY);
      if (!this.reserve(job, atMs)) this.planned++;
    }
    if (this.planned < line.count) this.startBeside();
    if (this.nextDueMs < Number.POSITIVE_INFINITY) context.decide.passAt(this.nextDueMs);
    this.passing = false;
  }

  blockedBy(job: JobId): JobId {
    return this.blockedWithout(job, []);
  }

  /** Beside the reservations as they stand: that others would have moved is not considered. */
  blockedWithout(job: JobId, running: readonly JobId[]): JobId {
    const { nowMs } = this.context.world;
    const held = this.context.world.heldGpus(job);
    const endMs = nowMs + this.spanMs(job);
    this.giveRoom(job, running, 1);
    const lackMs = this.available.firstBelow(nowMs, held, endMs);
    this.giveRoom(job, running, -1);
    if (lackMs >= endMs) return -1;
    for (let i = 0; i < this.planned; i++) {
      const other = this.line.job(i);
      if (other !== job && this.fromMs[other]! <= lackMs && this.toMs[other]! > lackMs) return other;
    }
    return -1;
  }

  /** Frees (1) or takes again (-1) what a job has reserved and what running ones hold. */
  private giveRoom(job: JobId, running: readonly JobId[], sign: 1 | -1): void {
    const { available, fromMs, toMs, taken } = this;
    const { nowMs } = this.context.world;
    available.add(Math.max(nowMs, fromMs[job]!), toMs[job]!, sign * taken[job]!);
    for (const other of running) available.add(nowMs, toMs[other]!, sign * taken[other]!);
  }

  /** Goes over the reservations in order: those that can stand earlier do, those whose time has come start. */
  private moveAndStart(room: boolean): void {
    const { line, fromMs, taken, context } = this;
    const { nowMs } = context.world;
    this.nextDueMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.planned;) {
      const job = line.job(i);
      const standsMs = fromMs[job]!;
      // A job that stands nowhere (nothing was going to end any more) looks for a place like a new one.
      const beforeMs = Number.isNaN(standsMs) ? Number.POSITIVE_INFINITY : standsMs;
      let atMs = beforeMs;
      if (beforeMs > nowMs && room) {
        const held = beforeMs === standsMs ? taken[job]! : context.world.heldGpus(job);
        atMs = this.earlier(job, held, beforeMs);
      }
      if (atMs <= nowMs || atMs < beforeMs) {
        this.withdraw(job);
        if (this.reserve(job, atMs)) continue;
      } else if (beforeMs < this.nextDueMs) this.nextDueMs = beforeMs;
      i++;
    }
  }

  private findNextDue(): void {
    const { line, fromMs } = this;
    this.nextDueMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.planned; i++) {
      const dueMs = fromMs[line.job(i)]!;
      if (dueMs < this.nextDueMs) this.nextDueMs = dueMs;
    }
  }

  /** Starts jobs without a reservation, in order, that take nothing from those with one. */
  private startBeside(): void {
    const { available, context } = this;
    const { world, queue, decide } = context;
    const { nowMs } = world;
    for (;;) {
      let gpus = Math.min(context.largestFit(), available.freeAt(nowMs));
      let best: JobId = -1;
      // The less a job holds, the longer there is room for it: step by step down to what is free for ever.
      while (gpus >= 1) {
        const untilMs = available.firstBelow(nowMs, gpus, Number.POSITIVE_INFINITY);
        const job = queue.firstFitting(gpus, untilMs - nowMs, 0);
        if (job >= 0 && (best < 0 || queue.precedes(job, best))) best = job;
        if (untilMs === Number.POSITIVE_INFINITY) break;
        gpus = available.freeAt(untilMs);
      }
      if (best < 0) return;
      decide.start(best);
    }
  }

  /** Starts a job whose time is now, true; or has it stand from `atMs` on. It must stand nowhere. */
  private reserve(job: JobId, atMs: number): boolean {
    const { available, context } = this;
    const { nowMs } = context.world;
    const held = context.world.heldGpus(job);
    const span = this.spanMs(job);
    let fromMs = atMs;
    if (atMs <= nowMs) {
      if (context.fits(job)) {
        this.stand(job, nowMs, nowMs + span, held);
        context.decide.start(job);
        return true;
      }
      this.missedPlace = true;
      const nextMs = available.nextStepMs(nowMs);
      if (nextMs < Number.POSITIVE_INFINITY) fromMs = available.firstRoom(nextMs, held, span, Number.POSITIVE_INFINITY);
      else fromMs = nextMs;
    }
    if (fromMs === Number.POSITIVE_INFINITY) return false;
    this.stand(job, fromMs, fromMs + span, held);
    if (fromMs < this.nextDueMs) this.nextDueMs = fromMs;
    return false;
  }

  private stand(job: JobId, fromMs: number, toMs: number, gpus: number): void {
    this.fromMs[job] = fromMs;
    this.toMs[job] = toMs;
    this.taken[job] = gpus;
    this.available.add(fromMs, toMs, -gpus);
  }

  /** Gives back what a job takes from now on; false when it took nothing. */
  private withdraw(job: JobId): boolean {
    const fromMs = this.fromMs[job]!;
    if (Number.isNaN(fromMs)) return false;
    const { nowMs } = this.context.world;
    const sinceMs = fromMs > nowMs ? fromMs : nowMs;
    this.available.add(sinceMs, this.toMs[job]!, this.taken[job]!);
    this.rooms.freed(sinceMs, this.toMs[job]!);
    this.fromMs[job] = Number.NaN;
    return true;
  }

  /** Where a reservation can begin before it does. */
  private earlier(job: JobId, held: number, beforeMs: number): number {
    const { nowMs } = this.context.world;
    const span = this.spanMs(job);
    return beforeMs === Number.POSITIVE_INFINITY
      ? this.rooms.first(nowMs, held, span, beforeMs)
      : this.rooms.earlier(nowMs, held, span, beforeMs);
  }

  private makeRoom(): void {
    this.roomAppeared = true;
    if (this.rules.onRoom === 'anew') this.replanFrom = 0;
  }

  private leaveLine(job: JobId): void {
    const position = this.line.remove(job);
    if (position < this.planned) this.planned--;
    if (position < this.replanFrom) this.replanFrom--;
  }

  private spanMs(job: JobId): number {
    return Math.max(1, this.context.world.plannedMs(job));
  }
}
