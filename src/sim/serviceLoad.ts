import { MS_PER_QUARTER_HOUR } from '../base/units.js';
import type { LoadMeter } from '../energy/loadMeter.js';
import { localBins } from '../energy/localBins.js';
import type { EventHandle } from '../engine/eventQueue.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import type { JobId } from '../policy/contracts.js';
import type { ServiceSpec } from '../scenario/serviceSpec.js';
import { EVENT } from './events.js';

/** What the replicas of a service in a partition drew beyond the watts of their class, for the audit. */
export interface ServedStretches {
  readonly partition: number;
  readonly binMs: number;
  /** By bin from time 0 on: W beyond the class, for each GPU. */
  readonly deviationW: Float64Array;
  /** Stretches in which a replica of so many GPUs served, in the order in which they ended. */
  readonly gpus: number[];
  readonly fromMs: number[];
  readonly toMs: number[];
}

/**
 * The profile of services over the day: their GPUs draw the watts of their class, and beside them a deviation that
 * changes with the local hour.
 *
 * A replica deviates while it serves: not while it hangs, restarts or waits. Hours are local ones, so a day may have 23 or
 * 25; zones half an hour off change in the middle of a UTC hour, always at the border of a quarter hour, so that every
 * quarter hour of the meter is exact. In the warm-up all draw the mean.
 *
 * Cost: O(places) at each hour that changes something, O(1) when a replica begins or ceases to serve.
 */
export class ServiceLoad {
  private readonly loop: RunLoop;
  /** By partition. */
  private readonly meters: readonly LoadMeter[];
  /** By place of a service, with the GPUs that serve there now and what each deviates by. */
  private readonly places: readonly ServedStretches[];
  private readonly servingGpus: Float64Array;
  private readonly deviationW: Float64Array;
  /** By replica, which is its job's id: its place; its GPUs; since when it serves, NaN: it does not. */
  private readonly placeOf: Int32Array;
  private readonly gpusOf: Int32Array;
  private readonly sinceMs: Float64Array;
  /** Replicas that have their GPUs and will serve: the event at which they do. */
  private readonly starting = new Map<JobId, EventHandle>();
  private readonly bins: number;

  constructor(given: {
    readonly services: readonly ServiceSpec[];
    readonly loop: RunLoop;
    readonly meters: readonly LoadMeter[];
    readonly calendarYear: number;
    readonly horizonMs: number;
  }) {
    const { services, loop, meters, calendarYear, horizonMs } = given;
    this.loop = loop;
    this.meters = meters;
    this.bins = Math.ceil(horizonMs / MS_PER_QUARTER_HOUR);
    const placeOf: number[] = [];
    const gpusOf: number[] = [];
    const places: ServedStretches[] = [];
    for (const { replicaGpus, places: own } of services)
      for (const { partition, replicas, timeZone, deviationWByHour } of own) {
        for (let replica = 0; replica < replicas; replica++) {
          placeOf.push(places.length);
          gpusOf.push(replicaGpus);
        }
        const { hour } = localBins(timeZone, calendarYear, MS_PER_QUARTER_HOUR, this.bins);
        const deviationW = Float64Array.from(hour, (of) => deviationWByHour[of]!);
        places.push({ partition, binMs: MS_PER_QUARTER_HOUR, deviationW, gpus: [], fromMs: [], toMs: [] });
      }
    this.places = places;
    this.servingGpus = new Float64Array(places.length);
    this.deviationW = new Float64Array(places.length);
    this.placeOf = Int32Array.from(placeOf);
    this.gpusOf = Int32Array.from(gpusOf);
    this.sinceMs = new Float64Array(placeOf.length).fill(Number.NaN);
  }

  /** Schedules the first hour; once, before the run. */
  begin(): void {
    this.loop.queue.push(0, RANK.market, EVENT.serviceHour, 0);
  }

  /** Is the job a replica? */
  has(job: JobId): boolean {
    return job < this.placeOf.length;
  }

  /** A job has GPUs and serves from then on, if nothing happens to it before; Infinity: it stands still. */
  hold(job: JobId, servesFromMs: number): void {
    if (!this.has(job) || servesFromMs === Number.POSITIVE_INFINITY) return;
    if (servesFromMs <= this.loop.nowMs) this.serve(job);
    else this.starting.set(job, this.loop.queue.push(servesFromMs, RANK.market, EVENT.serviceReady, job));
  }

  /** A job loses its GPUs, or what it does on them changes. The meter stands at this instant. */
  letGo(job: JobId): void {
    if (!this.has(job)) return;
    const pending = this.starting.get(job);
    if (pending !== undefined) {
      this.loop.queue.cancel(pending);
      this.starting.delete(job);
    }
    if (!Number.isNaN(this.sinceMs[job]!)) this.cease(job, this.loop.nowMs);
  }

  /** A replica that was restarting serves. */
  ready(job: JobId): void {
    this.starting.delete(job);
    this.meterOf(this.placeOf[job]!).advance(this.loop.nowMs);
    this.serve(job);
  }

  /** The bin has come in which some hour changes: all places take what it says. */
  onHour(bin: number): void {
    const { places, servingGpus, deviationW } = this;
    places.forEach((place, index) => {
      const watts = place.deviationW[bin]!;
      if (watts === deviationW[index]!) return;
      const meter = this.meterOf(index);
      meter.advance(this.loop.nowMs);
      meter.itW += (watts - deviationW[index]!) * servingGpus[index]!;
      deviationW[index] = watts;
    });
    const next = this.nextChange(bin);
    if (next < this.bins) this.loop.queue.push(next * MS_PER_QUARTER_HOUR, RANK.market, EVENT.serviceHour, next);
  }

  /** Ends the books at the end of the run, and hands them over. */
  close(nowMs: number): readonly ServedStretches[] {
    for (let job = 0; job < this.sinceMs.length; job++) if (!Number.isNaN(this.sinceMs[job]!)) this.cease(job, nowMs);
    return this.places;
  }

  private serve(job: JobId): void {
    const place = this.placeOf[job]!;
    this.sinceMs[job] = this.loop.nowMs;
    this.servingGpus[place]! += this.gpusOf[job]!;
    this.meterOf(place).itW += this.deviationW[place]! * this.gpusOf[job]!;
  }

  private cease(job: JobId, nowMs: number): void {
    const place = this.placeOf[job]!;
    const gpus = this.gpusOf[job]!;
    this.servingGpus[place]! -= gpus;
    this.meterOf(place).itW -= this.deviationW[place]! * gpus;
    const { gpus: rows, fromMs, toMs } = this.places[place]!;
    rows.push(gpus);
    fromMs.push(this.sinceMs[job]!);
    toMs.push(nowMs);
    this.sinceMs[job] = Number.NaN;
  }

  /** The first bin after this one in which some place deviates otherwise. */
  private nextChange(bin: number): number {
    let next = bin + 1;
    const stays = ({ deviationW }: ServedStretches): boolean => deviationW[next] === deviationW[bin];
    while (next < this.bins && this.places.every(stays)) next++;
    return next;
  }

  private meterOf(place: number): LoadMeter {
    return this.meters[this.places[place]!.partition]!;
  }
}
