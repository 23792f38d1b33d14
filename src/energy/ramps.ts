import { W_PER_MW } from '../base/units.js';

/** How a draw changes from one quarter hour to the next, of their means, MW. All 0 with fewer than two of them. */
export interface RampSummary {
  /** Highest rise, ≥ 0. */
  readonly highestRiseMW: number;
  /** Highest fall, ≥ 0. */
  readonly highestFallMW: number;
  /** 99 % of the changes, rises and falls alike, are at most so large (nearest rank). */
  readonly p99MW: number;
  /** Changes beyond the connection's ramp limit; absent: there is none. */
  readonly aboveLimit?: number | undefined;
}

/**
 * Statistics of the ramps of a 15-minute load curve.
 *
 * @param limitW - the most a mean may differ from that before it
 *
 * Wrong inside a quarter hour, where a training job that starts or stops moves its whole draw within seconds: these are
 * ramps of the metered means.
 *
 * Cost: one pass and a sort.
 */
export function rampSummary(watts: Float64Array, limitW?: number): RampSummary {
  const changes = new Float64Array(Math.max(0, watts.length - 1));
  let riseW = 0;
  let fallW = 0;
  let aboveLimit = 0;
  for (let i = 0; i < changes.length; i++) {
    const change = watts[i + 1]! - watts[i]!;
    changes[i] = Math.abs(change);
    if (change > riseW) riseW = change;
    if (-change > fallW) fallW = -change;
    if (limitW !== undefined && changes[i]! > limitW) aboveLimit++;
  }
  changes.sort();
  const p99W = changes.length === 0 ? 0 : changes[Math.ceil(0.99 * changes.length) - 1]!;
  return {
    highestRiseMW: riseW / W_PER_MW,
    highestFallMW: fallW / W_PER_MW,
    p99MW: p99W / W_PER_MW,
    ...(limitW === undefined ? {} : { aboveLimit }),
  };
}
