import { MS_PER_HOUR, W_PER_MW } from '../base/units.js';
import type { BatterySpec } from '../scenario/gridSpec.js';
import { BatteryArbitrage } from './batteryArbitrage.js';
import { lowestPeakW } from './batteryPeak.js';

/** A limit that comes with an order, in bins. */
export interface KnownOrder {
  readonly fromBin: number;
  /** Exclusive. */
  readonly toBin: number;
  /** From this bin on the battery reckons with it; at most `fromBin`. */
  readonly knownFromBin: number;
  readonly limitW: number;
}

/** What a battery meets at a site. Columns by quarter hour. */
export interface BatteryConditions {
  readonly binMs: number;
  /** What machines and building draw. */
  readonly facilityW: Float64Array;
  /** What one more MWh from the grid costs. */
  readonly eurPerMWh: Float64Array;
  /** Limits of the connection that are known in advance; Infinity: none. */
  readonly limitsW: Float64Array;
  /** In order of time. */
  readonly orders: readonly KnownOrder[];
  /** Bins with which days of known prices begin, ascending. */
  readonly dayStarts: readonly number[];
}

export interface BatteryDispatch {
  /** Facility + charging − discharging, W; never negative: nothing is fed into the grid. */
  readonly gridW: Float64Array;
  /** At the grid side, by quarter hour. */
  readonly chargeMWh: Float64Array;
  readonly dischargeMWh: Float64Array;
  /** At the end of each quarter hour. */
  readonly storedMWh: Float64Array;
  readonly startMWh: number;
  /** What peak shaving holds the draw at; absent: that is none of its uses. */
  readonly peakTargetW?: number | undefined;
}

/**
 * What a battery does over a load curve, quarter hour by quarter hour.
 *
 * In this order: ride-through (it gives what the facility draws above a limit of the connection, or of an order, and
 * keeps the energy for them, for an order from its notice on), peak shaving (the same for a target over the whole
 * time), arbitrage (of what is left, day by day on that day's prices, exactly: {@link BatteryArbitrage}). Without
 * arbitrage it goes back to its rest as fast as it may. Charging never raises the draw above the target of peak
 * shaving, or without one above the facility's own highest quarter hour, nor above a limit.
 *
 * State of charge counts what was taken up: charging 1 MWh adds 1 MWh, giving 1 MWh takes 1 / efficiency, so that a
 * full battery gives back `energyMWh` × efficiency. It stays within 0 and `energyMWh` always.
 *
 * Wrong where it knows more than a real one: the load, of the whole time for peak shaving (a bound), of the day for
 * arbitrage. Wrong for what wears it out and what it draws itself while it stands: neither is counted, so a small
 * spread is traded that an operator would leave. An order that empties it may leave nothing for the peak after it.
 *
 * Cost: O(bins) and a search for the target; arbitrage some 0.1 ms a day.
 */
export function dispatchBattery(battery: BatterySpec, conditions: BatteryConditions): BatteryDispatch {
  const dispatch = new Dispatch(battery, conditions);
  const { facilityW, dayStarts, orders } = conditions;
  const bins = facilityW.length;
  const starts = new Set([0, ...dayStarts, ...orders.map(({ knownFromBin }) => knownFromBin)]);
  const planned = [...starts].filter((bin) => bin < bins).sort((a, b) => a - b);
  let day = 0;
  planned.forEach((from, index) => {
    while (day < dayStarts.length && dayStarts[day]! <= from) day++;
    dispatch.run(from, planned[index + 1] ?? bins, Math.min(bins, dayStarts[day] ?? bins));
  });
  return dispatch.result();
}

class Dispatch {
  readonly #battery: BatterySpec;
  readonly #conditions: BatteryConditions;
  readonly #bins: number;
  readonly #highestW: number;
  readonly #mostMWh: number;
  readonly #floorMWh: number;
  readonly #restMWh: number;
  readonly #mwhPerW: number;
  readonly #peakTargetW: number | undefined;
  readonly #peakMWh: number;
  /** By bin, as far as is known: most that may be drawn while charging; above which ride-through gives. */
  readonly #chargeCapMWh: Float64Array;
  readonly #rideCapMWh: Float64Array;
  /** Energy that is needed from a bin on for limits and peaks together, and for peaks alone, without orders. */
  readonly #neededMWh: Float64Array;
  readonly #neededForPeaksMWh: Float64Array;
  readonly #arbitrage: BatteryArbitrage | undefined;
  readonly #chargeMWh: Float64Array;
  readonly #dischargeMWh: Float64Array;
  readonly #storedMWh: Float64Array;
  #nowMWh: number;
  #ordersUntil = 0;
  /** By the bin in which they become known. */
  readonly #ordersByNotice = new Map<number, KnownOrder[]>();

  constructor(battery: BatterySpec, conditions: BatteryConditions) {
    const { powerW, energyMWh, roundTripEfficiency, uses, restFraction, reserveFraction } = battery;
    const { facilityW, limitsW, binMs } = conditions;
    const bins = facilityW.length;
    for (const order of conditions.orders) {
      const { knownFromBin } = order;
      this.#ordersByNotice.set(knownFromBin, [...(this.#ordersByNotice.get(knownFromBin) ?? []), order]);
    }
    this.#battery = battery;
    this.#conditions = conditions;
    this.#bins = bins;
    this.#mwhPerW = binMs / MS_PER_HOUR / W_PER_MW;
    this.#mostMWh = powerW * this.#mwhPerW;
    this.#floorMWh = reserveFraction * energyMWh;
    this.#restMWh = Math.max(restFraction, reserveFraction) * energyMWh;
    this.#nowMWh = this.#restMWh;
    this.#highestW = facilityW.reduce((high, watts) => Math.max(high, watts), 0);
    this.#peakTargetW = uses.includes('peak-shaving')
      ? (battery.peakTargetW ??
        lowestPeakW(facilityW, limitsW, {
          mwhPerW: this.#mwhPerW,
          mostMWh: this.#mostMWh,
          usableMWh: energyMWh - this.#floorMWh,
          startMWh: this.#restMWh - this.#floorMWh,
          efficiency: roundTripEfficiency,
        }))
      : undefined;
    this.#peakMWh = this.#peakTargetW === undefined ? Infinity : this.#peakTargetW * this.#mwhPerW;
    const chargeCapW = Math.min(this.#highestW, this.#peakTargetW ?? Infinity);
    this.#chargeCapMWh = limitsW.map((limitW) => Math.min(limitW, chargeCapW) * this.#mwhPerW);
    this.#rideCapMWh = uses.includes('ride-through')
      ? limitsW.map((limitW) => limitW * this.#mwhPerW)
      : new Float64Array(bins).fill(Infinity);
    this.#neededMWh = new Float64Array(bins + 1);
    this.#neededForPeaksMWh = new Float64Array(bins + 1);
    this.#needs(0, bins, this.#neededMWh, this.#neededForPeaksMWh, 0);
    this.#arbitrage = uses.includes('arbitrage') ? new BatteryArbitrage(energyMWh, roundTripEfficiency) : undefined;
    this.#chargeMWh = new Float64Array(bins);
    this.#dischargeMWh = new Float64Array(bins);
    this.#storedMWh = new Float64Array(bins);
  }

  result(): BatteryDispatch {
    const { facilityW } = this.#conditions;
    const gridW = facilityW.map((watts, bin) => {
      const moreMWh = this.#chargeMWh[bin]! - this.#dischargeMWh[bin]!;
      // Charging up to the highest quarter hour makes no higher one by rounding.
      return Math.min(this.#highestW, Math.max(0, watts + moreMWh / this.#mwhPerW));
    });
    return {
      gridW,
      chargeMWh: this.#chargeMWh,
      dischargeMWh: this.#dischargeMWh,
      storedMWh: this.#storedMWh,
      startMWh: this.#restMWh,
      ...(this.#peakTargetW === undefined ? {} : { peakTargetW: this.#peakTargetW }),
    };
  }

  /** Plans from a bin to the end of its day, and does it until the next plan. */
  run(from: number, until: number, dayEnd: number): void {
    this.#learn(from);
    const count = dayEnd - from;
    const seen = Math.max(dayEnd, this.#ordersUntil);
    const needed = new Float64Array(seen - from + 1);
    const neededForPeaks = new Float64Array(seen - from + 1);
    this.#needs(from, seen, needed, neededForPeaks, from);
    const forcedMWh = new Float64Array(count);
    const mostChargeMWh = new Float64Array(count);
    const mostDischargeMWh = new Float64Array(count);
    const leastMWh = new Float64Array(count);
    const { energyMWh, roundTripEfficiency } = this.#battery;
    // Along the path that charges all it may: what is given on it can be given on every path above `leastMWh`.
    let highMWh = this.#nowMWh;
    for (let i = 0; i < count; i++) {
      const bin = from + i;
      forcedMWh[i] = this.#givenMWh(bin, highMWh);
      mostChargeMWh[i] = this.#headroomMWh(bin);
      mostDischargeMWh[i] = Math.max(0, Math.min(this.#mostMWh, this.#loadMWh(bin)) - forcedMWh[i]!);
      highMWh = Math.max(0, Math.min(energyMWh, highMWh + mostChargeMWh[i]! - forcedMWh[i]! / roundTripEfficiency));
      const keep = Math.max(needed[i + 1]!, this.#floorMWh + neededForPeaks[i + 1]!);
      leastMWh[i] = Math.min(keep, highMWh);
    }
    const chargeMWh = this.#chargeMWh.subarray(from, dayEnd);
    const dischargeMWh = this.#dischargeMWh.subarray(from, dayEnd);
    if (this.#arbitrage === undefined) {
      this.#rest({ forcedMWh, mostChargeMWh, leastMWh }, chargeMWh, dischargeMWh);
    } else {
      const eurPerMWh = this.#conditions.eurPerMWh.subarray(from, dayEnd);
      const stretch = { count, eurPerMWh, forcedMWh, mostChargeMWh, mostDischargeMWh, leastMWh };
      this.#arbitrage.plan(stretch, this.#nowMWh, this.#restMWh, chargeMWh, dischargeMWh);
    }
    for (let bin = from; bin < until; bin++) {
      const takenMWh = this.#dischargeMWh[bin]! / roundTripEfficiency;
      this.#nowMWh = Math.max(0, Math.min(energyMWh, this.#nowMWh + this.#chargeMWh[bin]! - takenMWh));
      this.#storedMWh[bin] = this.#nowMWh;
    }
  }

  /** Gives what it must, and else charges up to its rest, or to what it must keep. */
  #rest(
    stretch: {
      readonly forcedMWh: Float64Array;
      readonly mostChargeMWh: Float64Array;
      readonly leastMWh: Float64Array;
    },
    chargeMWh: Float64Array,
    dischargeMWh: Float64Array,
  ): void {
    let storedMWh = this.#nowMWh;
    for (let i = 0; i < chargeMWh.length; i++) {
      const wantedMWh = Math.max(this.#restMWh, stretch.leastMWh[i]!);
      dischargeMWh[i] = stretch.forcedMWh[i]!;
      storedMWh -= dischargeMWh[i]! / this.#battery.roundTripEfficiency;
      chargeMWh[i] = Math.max(0, Math.min(stretch.mostChargeMWh[i]!, wantedMWh - storedMWh));
      storedMWh += chargeMWh[i]!;
    }
  }

  /** Reckons with the orders that become known in a bin. */
  #learn(bin: number): void {
    for (const order of this.#ordersByNotice.get(bin) ?? []) {
      this.#ordersUntil = Math.max(this.#ordersUntil, Math.min(this.#bins, order.toBin));
      const limitMWh = order.limitW * this.#mwhPerW;
      for (let at = order.fromBin; at < order.toBin && at < this.#bins; at++) {
        this.#chargeCapMWh[at] = Math.min(this.#chargeCapMWh[at]!, limitMWh);
        if (this.#battery.uses.includes('ride-through')) {
          this.#rideCapMWh[at] = Math.min(this.#rideCapMWh[at]!, limitMWh);
        }
      }
    }
  }

  /** Energy needed from each bin of a stretch on, back from what is needed after it; index 0 is `base`. */
  #needs(from: number, end: number, all: Float64Array, forPeaks: Float64Array, base: number): void {
    const { roundTripEfficiency, energyMWh } = this.#battery;
    if (end < this.#bins) {
      all[end - base] = this.#neededMWh[end]!;
      forPeaks[end - base] = this.#neededForPeaksMWh[end]!;
    }
    const before = (neededMWh: number, givenMWh: number, bin: number): number =>
      givenMWh > 0
        ? Math.min(energyMWh, neededMWh + Math.min(givenMWh, this.#mostMWh) / roundTripEfficiency)
        : Math.max(0, neededMWh - this.#headroomMWh(bin));
    for (let bin = end - 1; bin >= from; bin--) {
      const at = bin - base;
      const loadMWh = this.#loadMWh(bin);
      all[at] = before(all[at + 1]!, loadMWh - Math.min(this.#peakMWh, this.#rideCapMWh[bin]!), bin);
      forPeaks[at] = before(forPeaks[at + 1]!, loadMWh - this.#peakMWh, bin);
    }
  }

  /** What is to be given in a bin with so much stored: for limits all there is, for peaks not the reserve. */
  #givenMWh(bin: number, storedMWh: number): number {
    const loadMWh = this.#loadMWh(bin);
    const { roundTripEfficiency } = this.#battery;
    const wanted = (capMWh: number, usableMWh: number): number =>
      Math.max(0, Math.min(loadMWh - capMWh, this.#mostMWh, usableMWh * roundTripEfficiency));
    return Math.max(
      wanted(this.#rideCapMWh[bin]!, storedMWh),
      wanted(this.#peakMWh, Math.max(0, storedMWh - this.#floorMWh)),
    );
  }

  #headroomMWh(bin: number): number {
    return Math.max(0, Math.min(this.#mostMWh, this.#chargeCapMWh[bin]! - this.#loadMWh(bin)));
  }

  #loadMWh(bin: number): number {
    return this.#conditions.facilityW[bin]! * this.#mwhPerW;
  }
}
