import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR, WMS_PER_MWH, W_PER_MW } from '../base/units.js';
import type { GridOrderSpec, GridSpec } from '../scenario/gridSpec.js';
import { rampSummary, type RampSummary } from './ramps.js';

/** What was drawn beyond the connection, or a limit that changes with time. */
export interface ExcessSummary {
  readonly quarterHours: number;
  readonly mwh: number;
  /** Highest, MW. */
  readonly highestMW: number;
}

/** How an order of the grid operator was met. */
export interface GridOrderResult {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Mean draw of the machines and their building in the hour before it began, without a battery. */
  readonly baselineMW: number;
  /** What was to be drawn at most. */
  readonly targetMW: number;
  /** By quarter hour: baseline less what was drawn; negative where more was drawn than before. */
  readonly deliveredMW: readonly number[];
  /** Every quarter hour at or below the target, to a watt. */
  readonly met: boolean;
  /** Quarter hours at or below the target. */
  readonly quarterHoursMet: number;
  /** Energy drawn above the target. */
  readonly shortfallMWh: number;
  /** The quarter hour that missed the target by most; absent where all met it. */
  readonly worst?: { readonly fromMs: number; readonly shortfallMW: number } | undefined;
  /** Energy that was not drawn against the baseline: flexibility delivered, never below 0. */
  readonly deliveredMWh: number;
}

/** What a site's draw was at its grid connection. */
export interface GridResult {
  readonly ramps: RampSummary;
  /** Absent: the connection has no limit. */
  readonly excess?: ExcessSummary | undefined;
  readonly orders: readonly GridOrderResult[];
}

/** Rounding of sums of watts: a draw so little above its limit is at it. */
const TOLERANCE_W = 1;

/** Watts by quarter hour. */
interface Curve {
  readonly binMs: number;
  /** Of the machines and their building. */
  readonly facilityW: Float64Array;
  /** At the grid connection: with a battery what it takes and gives; without, the same. */
  readonly gridW: Float64Array;
}

/**
 * What connection, limits and orders say of a 15-minute draw.
 *
 * @param limitMW - of `grid.limitSeries`; steps of whole quarter hours from time 0
 *
 * Exact, since orders and limits begin and end on quarter hours. A reduction counts against the facility's own draw in
 * the hour before, so that a battery that charges then does not make it easier.
 */
export function gridResult(grid: GridSpec, limitMW: StepSeries | undefined, curve: Curve): GridResult {
  const { binMs, facilityW, gridW } = curve;
  const limited = grid.connectionW !== undefined || limitMW !== undefined;
  return {
    ramps: rampSummary(gridW, grid.rampWPerQuarterHour),
    ...(limited ? { excess: excessOf(gridW, limitsW(grid, limitMW, gridW.length, binMs), binMs) } : {}),
    orders: grid.orders.map((order) => orderResult(order, curve, facilityW)),
  };
}

/** What may be drawn in each quarter hour by the connection and its limits, without orders, W; Infinity: any. */
export function limitsW(grid: GridSpec, limitMW: StepSeries | undefined, bins: number, binMs: number): Float64Array {
  const most = new Float64Array(bins).fill(grid.connectionW ?? Infinity);
  if (limitMW === undefined) return most;
  for (let bin = 0; bin < bins; bin++) {
    const limitW = limitMW.values[Math.floor((bin * binMs) / limitMW.stepMs)]! * W_PER_MW;
    if (limitW < most[bin]!) most[bin] = limitW;
  }
  return most;
}

/** Mean facility watts of the hour before an order begins. */
export function baselineW({ fromMs }: GridOrderSpec, facilityW: Float64Array, binMs: number): number {
  const from = fromMs / binMs;
  const bins = MS_PER_HOUR / binMs;
  let sumW = 0;
  for (let bin = from - bins; bin < from; bin++) sumW += facilityW[bin]!;
  return sumW / bins;
}

/** The most that an order lets the site draw, W. */
export const orderTargetW = (order: GridOrderSpec, facilityW: Float64Array, binMs: number): number =>
  order.limitW ?? (1 - order.reduceFraction!) * baselineW(order, facilityW, binMs);

function excessOf(gridW: Float64Array, most: Float64Array, binMs: number): ExcessSummary {
  let quarterHours = 0;
  let wms = 0;
  let highestW = 0;
  for (let bin = 0; bin < gridW.length; bin++) {
    const over = gridW[bin]! - most[bin]!;
    if (over <= TOLERANCE_W) continue;
    quarterHours++;
    wms += over * binMs;
    if (over > highestW) highestW = over;
  }
  return { quarterHours, mwh: wms / WMS_PER_MWH, highestMW: highestW / W_PER_MW };
}

function orderResult(order: GridOrderSpec, { gridW, binMs }: Curve, facilityW: Float64Array): GridOrderResult {
  const { name, fromMs, toMs } = order;
  const baseW = baselineW(order, facilityW, binMs);
  const targetW = orderTargetW(order, facilityW, binMs);
  const deliveredMW: number[] = [];
  let quarterHoursMet = 0;
  let shortfallWms = 0;
  let deliveredWms = 0;
  let worstW = TOLERANCE_W;
  let worstMs: number | undefined;
  for (let bin = fromMs / binMs; bin < toMs / binMs; bin++) {
    const drawnW = gridW[bin]!;
    deliveredMW.push((baseW - drawnW) / W_PER_MW);
    deliveredWms += Math.max(0, baseW - drawnW) * binMs;
    const overW = drawnW - targetW;
    if (overW <= TOLERANCE_W) {
      quarterHoursMet++;
      continue;
    }
    shortfallWms += overW * binMs;
    if (overW > worstW) {
      worstW = overW;
      worstMs = bin * binMs;
    }
  }
  return {
    ...{ name, fromMs, toMs },
    baselineMW: baseW / W_PER_MW,
    targetMW: targetW / W_PER_MW,
    deliveredMW,
    met: worstMs === undefined,
    quarterHoursMet,
    shortfallMWh: shortfallWms / WMS_PER_MWH,
    ...(worstMs === undefined ? {} : { worst: { fromMs: worstMs, shortfallMW: worstW / W_PER_MW } }),
    deliveredMWh: deliveredWms / WMS_PER_MWH,
  };
}
