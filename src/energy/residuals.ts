import type { Draw } from '../base/random.js';
import { drawNormal } from '../base/random.js';
import type { ResidualCalibration } from '../scenario/zoneSchema.js';

const HOURS_PER_DAY = 24;
/** Days before the year starts, so that the daily pattern has forgotten its first day. */
const RUN_IN_DAYS = 30;
/**
 * Weather systems are smooth from hour to hour: over these hours the slow component is smoothed. Without it the
 * ranking puts the dearest hour of a year next to quite ordinary ones.
 */
const SMOOTHING_HOURS = 4;

/** Independent innovations of the three components of one residual, by hour. */
export interface Innovations {
  readonly slow: Float64Array;
  readonly fast: Float64Array;
  readonly daily: Float64Array;
}

/**
 * Standard normals for `hours` hours and the run-in before them, drawn hour by hour: a leap year has the draws of
 * a common one and a day more.
 */
export function drawInnovations(draw: Draw, hours: number): Innovations {
  const length = hours + RUN_IN_DAYS * HOURS_PER_DAY;
  const slow = new Float64Array(length);
  const fast = new Float64Array(length);
  const daily = new Float64Array(length);
  for (let hour = 0; hour < length; hour++) {
    slow[hour] = drawNormal(draw);
    fast[hour] = drawNormal(draw);
    daily[hour] = drawNormal(draw);
  }
  return { slow, fast, daily };
}

/** Innovations with the given correlation to `base`, hour by hour and component by component; `own` supplies the rest. */
export function correlatedInnovations(base: Innovations, own: Innovations, correlation: number): Innovations {
  const rest = Math.sqrt(1 - correlation * correlation);
  const mix = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, hour) => correlation * value + rest * b[hour]!);
  return { slow: mix(base.slow, own.slow), fast: mix(base.fast, own.fast), daily: mix(base.daily, own.daily) };
}

/**
 * A stationary normal residual with mean 0 and variance 1: weather systems (slow), hour-to-hour noise (fast),
 * and a pattern over the day that comes back the next day, weakened.
 *
 * Its autocorrelation at lag k is about slowShare·e^(−k/slowHours) + fastShare·e^(−k/fastHours) + dailyShare·d(k),
 * with d(k) ∝ Σⱼ persistence^|j|·e^(−|k−24j|/dailyHours); smoothing lifts the first term at short lags.
 */
export function residualProcess(calibration: ResidualCalibration, innovations: Innovations): Float64Array {
  const { slowShare, dailyShare, slowHours, fastHours, dailyHours, dailyPersistence } = calibration;
  const slow = autoregressive(innovations.slow, slowHours);
  const smoothing = Math.exp(-1 / SMOOTHING_HOURS);
  const slowVariance = echo(slow, 1, smoothing, slowHours);
  const fast = autoregressive(innovations.fast, fastHours);
  const daily = autoregressive(innovations.daily, dailyHours);
  const dailyVariance = echo(daily, HOURS_PER_DAY, dailyPersistence, dailyHours);

  const slowSd = Math.sqrt(slowShare / slowVariance);
  const fastSd = Math.sqrt(Math.max(0, 1 - slowShare - dailyShare));
  const dailySd = Math.sqrt(dailyShare / dailyVariance);
  const runIn = RUN_IN_DAYS * HOURS_PER_DAY;
  return Float64Array.from({ length: slow.length - runIn }, (_, i) => {
    const hour = i + runIn;
    return slowSd * slow[hour]! + fastSd * fast[hour]! + dailySd * daily[hour]!;
  });
}

/** AR(1) of variance 1 that forgets over `hours`. */
function autoregressive(innovations: Float64Array, hours: number): Float64Array {
  const keep = Math.exp(-1 / hours);
  const fresh = Math.sqrt(1 - keep * keep);
  const values = new Float64Array(innovations.length);
  values[0] = innovations[0]!;
  for (let hour = 1; hour < values.length; hour++) {
    values[hour] = keep * values[hour - 1]! + fresh * innovations[hour]!;
  }
  return values;
}

/**
 * Lets an AR(1) of variance 1 that forgets over `hours` come back `lag` hours later, weakened: x[h] += keep·x[h−lag],
 * in place.
 *
 * @returns the stationary variance of the result
 */
function echo(values: Float64Array, lag: number, keep: number, hours: number): number {
  for (let hour = lag; hour < values.length; hour++) values[hour]! += keep * values[hour - lag]!;
  const overLag = keep * Math.exp(-lag / hours);
  return (1 + overLag) / ((1 - overLag) * (1 - keep * keep));
}
