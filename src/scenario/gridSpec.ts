/**
 * A site's place on the grid and its battery, as a run needs them.
 *
 * Watts are of the facility at the grid connection, as means of quarter hours. Times are ms from the start of the
 * horizon.
 */

/** An order of the grid operator to draw less for a time. Begins and ends on quarter hours; orders never overlap. */
export interface GridOrderSpec {
  /** Its own among the orders of the site. */
  readonly name: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** It is known from so long before `fromMs` on; 0: it comes unannounced. */
  readonly noticeMs: number;
  /** Exactly one of the two: at most so many watts; or at most (1 − fraction) × the mean of the four quarter hours before `fromMs`. */
  readonly limitW?: number | undefined;
  readonly reduceFraction?: number | undefined;
}

export interface GridSpec {
  /** What may be drawn at any time; absent: no limit. */
  readonly connectionW?: number | undefined;
  /** Ascending in time. */
  readonly orders: readonly GridOrderSpec[];
  /** The most the draw may rise or fall from one quarter hour to the next, W; absent: no limit. */
  readonly rampWPerQuarterHour?: number | undefined;
  /** Name of a series among the inputs: a limit in MW by time, beside `connectionW`; known in advance. */
  readonly limitSeries?: string | undefined;
}

/** What a battery is for; several share it, those that come first here before the others. */
export const BATTERY_USES = ['ride-through', 'peak-shaving', 'arbitrage'] as const;
export type BatteryUse = (typeof BATTERY_USES)[number];

/** A battery behind the grid connection. */
export interface BatterySpec {
  /** Most it charges or discharges with, W at the grid side. */
  readonly powerW: number;
  /** What it takes up from empty to full, MWh; full, it gives back `energyMWh` × `roundTripEfficiency`. */
  readonly energyMWh: number;
  /** Energy given back over energy taken up, above 0 and at most 1. */
  readonly roundTripEfficiency: number;
  readonly uses: readonly BatteryUse[];
  /** Where peak shaving holds the quarter hours' draw; absent: at the lowest level that the battery can hold all along. */
  readonly peakTargetW?: number | undefined;
  /** State of charge at the start, between days of arbitrage and where nothing else is asked of it, 0…1. */
  readonly restFraction: number;
  /** Kept for ride-through: no other use goes below, 0…1. */
  readonly reserveFraction: number;
  /** Investment, EUR per kWh of `energyMWh`. */
  readonly eurPerKWh?: number | undefined;
}
