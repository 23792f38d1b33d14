import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_QUARTER_HOUR, W_PER_MW } from '../base/units.js';
import type { LoadMeter } from '../energy/loadMeter.js';
import type { PowerLimits } from '../policy/contracts.js';
import type { BatterySpec, GridOrderSpec } from '../scenario/gridSpec.js';
import { valueAt, type SiteSignals } from './marketView.js';

/** Quarter hours before an order whose mean a relative one counts from. */
const BASELINE_BINS = MS_PER_HOUR / MS_PER_QUARTER_HOUR;

/**
 * What the sites may draw now: connection, limits, orders and heat, in watts of the facility.
 *
 * IT watts and facility watts are the same line in both directions: facility = overhead + factor × IT, with the weather of
 * the step. What only holds inside the horizon (orders) is not there in the warm-up.
 */
export class SitePowerLimits implements PowerLimits {
  private readonly clock: { readonly nowMs: number };
  private readonly signals: readonly SiteSignals[];
  private readonly meters: readonly LoadMeter[];
  /** By site: the order in force or, with none, the next; index into its orders. */
  private readonly next: Int32Array;
  /** By site: watts that the order in force allows, taken when it begins. */
  private readonly orderW: Float64Array;
  /** By site, and order: what its battery surely gives all along. */
  private readonly batteryW: readonly (readonly number[])[];
  private readonly most: Float64Array;

  /**
   * @param meters - by site
   * @param mostItW - by site: IT watts with every GPU busy with what draws most
   */
  constructor(
    clock: { readonly nowMs: number },
    signals: readonly SiteSignals[],
    meters: readonly LoadMeter[],
    mostItW: readonly number[],
  ) {
    this.clock = clock;
    this.signals = signals;
    this.meters = meters;
    this.next = new Int32Array(signals.length);
    this.orderW = new Float64Array(signals.length).fill(Number.POSITIVE_INFINITY);
    this.batteryW = signals.map(({ grid, battery }) => rideThroughW(grid?.orders ?? [], battery));
    this.most = Float64Array.from(signals, (site, index) => highestW(site, mostItW[index]!));
  }

  /** A quarter hour begins: orders begin and end. Meters stand at this instant. */
  update(): void {
    const { nowMs } = this.clock;
    for (let site = 0; site < this.signals.length; site++) {
      const orders = this.signals[site]!.grid?.orders ?? [];
      while (this.next[site]! < orders.length && orders[this.next[site]!]!.toMs <= nowMs) {
        this.next[site]!++;
        this.orderW[site] = Number.POSITIVE_INFINITY;
      }
      const order = this.inForce(site);
      if (order !== undefined && this.orderW[site] === Number.POSITIVE_INFINITY)
        this.orderW[site] = order.limitW ?? (1 - order.reduceFraction!) * this.baselineW(site, order);
    }
  }

  allowedW(site: number): number {
    const { grid, limitMW } = this.signals[site]!;
    const connectionW = grid?.connectionW ?? Number.POSITIVE_INFINITY;
    const limitW = limitMW === undefined ? Number.POSITIVE_INFINITY : valueAt(limitMW, this.clock.nowMs) * W_PER_MW;
    const orderW = this.orderW[site]! + (this.batteryW[site]![this.next[site]!] ?? 0);
    return Math.min(connectionW, limitW, orderW, this.coolableW(site));
  }

  mostW(site: number): number {
    return this.most[site]!;
  }

  /** The next order where its notice has been given, and it is not in force yet. */
  announced(site: number): GridOrderSpec | undefined {
    const { nowMs } = this.clock;
    const order = this.signals[site]!.grid?.orders[this.next[site]!];
    return order !== undefined && order.fromMs - order.noticeMs <= nowMs && nowMs < order.fromMs ? order : undefined;
  }

  /**
   * What an order that has been announced will allow, with the battery. A relative one is counted from the last whole
   * quarter hour, as the hour that it will be measured against is not over; Infinity before there is one.
   */
  announcedW(site: number): number {
    const order = this.announced(site);
    if (order === undefined) return Number.POSITIVE_INFINITY;
    const lastW = this.lastQuarterW(site);
    const limitW = order.limitW ?? (1 - order.reduceFraction!) * (Number.isNaN(lastW) ? Infinity : lastW);
    return limitW + this.batteryW[site]![this.next[site]!]!;
  }

  /** When the last order ends, or the last of what is known of a site, whichever is later; ms. */
  get untilMs(): number {
    return this.signals.reduce((until, { grid, overheadFactor: { stepMs, values } }) => {
      return Math.max(until, stepMs * values.length, grid?.orders.at(-1)?.toMs ?? 0);
    }, 0);
  }

  orderedW(site: number): number {
    return this.orderW[site]!;
  }

  orderEndMs(site: number): number {
    return this.inForce(site)?.toMs ?? Number.NaN;
  }

  coolableW(site: number): number {
    const { itCapacityW } = this.signals[site]!;
    if (itCapacityW === undefined) return Number.POSITIVE_INFINITY;
    return this.facilityW(site, valueAt(itCapacityW, this.clock.nowMs));
  }

  rampW(site: number): number {
    return this.signals[site]!.grid?.rampWPerQuarterHour ?? Number.POSITIVE_INFINITY;
  }

  lastQuarterW(site: number): number {
    const { nowMs } = this.clock;
    return this.binFacilityW(site, Math.floor(nowMs / MS_PER_QUARTER_HOUR) - 1);
  }

  /** Facility watts of so many IT watts, now. */
  facilityW(site: number, itW: number): number {
    const { overheadW, overheadFactor } = this.signals[site]!;
    const { nowMs } = this.clock;
    return valueAt(overheadW, nowMs) + valueAt(overheadFactor, nowMs) * itW;
  }

  /** IT watts at which the facility draws so much, now. */
  itW(site: number, facilityW: number): number {
    const { overheadW, overheadFactor } = this.signals[site]!;
    const { nowMs } = this.clock;
    return (facilityW - valueAt(overheadW, nowMs)) / valueAt(overheadFactor, nowMs);
  }

  private inForce(site: number): GridOrderSpec | undefined {
    const order = this.signals[site]!.grid?.orders[this.next[site]!];
    return order !== undefined && order.fromMs <= this.clock.nowMs ? order : undefined;
  }

  /** Of as many quarter hours as the horizon has before it; with none an order has nothing to count from, and allows anything. */
  private baselineW(site: number, { fromMs }: GridOrderSpec): number {
    const first = fromMs / MS_PER_QUARTER_HOUR;
    let sumW = 0;
    let bins = 0;
    for (let bin = Math.max(0, first - BASELINE_BINS); bin < first; bin++) {
      sumW += this.binFacilityW(site, bin);
      bins++;
    }
    return bins === 0 ? Number.POSITIVE_INFINITY : sumW / bins;
  }

  private binFacilityW(site: number, bin: number): number {
    if (bin < 0) return Number.NaN;
    const { overheadW, overheadFactor } = this.signals[site]!;
    const atMs = bin * MS_PER_QUARTER_HOUR;
    return valueAt(overheadW, atMs) + valueAt(overheadFactor, atMs) * this.meters[site]!.binItW(bin);
  }
}

/**
 * What a battery surely gives during each whole order, W: the share of its reserve, which no other use touches, that
 * lasts to the end, or its power. Nothing in an order that begins less than a day after another: it may not be full again.
 */
function rideThroughW(orders: readonly GridOrderSpec[], battery: BatterySpec | undefined): readonly number[] {
  return orders.map(({ fromMs, toMs }, index) => {
    if (battery?.uses.includes('ride-through') !== true) return 0;
    const before = orders[index - 1];
    if (before !== undefined && fromMs - before.toMs < MS_PER_DAY) return 0;
    const { powerW, energyMWh, roundTripEfficiency, reserveFraction, restFraction, uses } = battery;
    const keptFraction = uses.length === 1 ? Math.max(reserveFraction, restFraction) : reserveFraction;
    const givesMWh = keptFraction * energyMWh * roundTripEfficiency;
    return Math.min(powerW, (givesMWh * W_PER_MW * MS_PER_HOUR) / (toMs - fromMs));
  });
}

/** Facility watts at so many IT watts in the hour in which they are most. */
function highestW({ overheadW, overheadFactor }: SiteSignals, itW: number): number {
  let most = 0;
  for (let step = 0; step < overheadFactor.values.length; step++) {
    const watts = valueAt(overheadW, step * overheadFactor.stepMs) + overheadFactor.values[step]! * itW;
    if (watts > most) most = watts;
  }
  return most;
}

/** Values of a step series at any time: the last holds beyond its end. */
export function valueWithin(series: StepSeries, atMs: number): number {
  const lastMs = series.stepMs * series.values.length - 1;
  return valueAt(series, Math.min(atMs, lastMs));
}
