import type { MarginalCalibration } from '../scenario/zoneSchema.js';
import { quantileList } from '../scenario/zoneSchema.js';

/** A tail heavier than this has no finite variance worth matching. */
const HEAVIEST_TAIL = 0.45;
const UNLIMITED = { min: -Infinity, max: Infinity };
/** Below this a tail is nearly a cliff; −1 would be uniform down to a sharp end. */
const LIGHTEST_TAIL = -1;

/**
 * The hours of a year in ascending order: what the marginal distribution says they are.
 *
 * Between the quantiles monotone cubic interpolation; beyond p1 and p99 generalised Pareto tails with the
 * calibration's mean and spread of the excess. Exactly `negativeFraction` of the hours lie below 0 (none is
 * negative when it is 0), and the mean is exactly the calibration's. The k-th value stands for the middle of
 * its rank, so no value depends on a draw: seeds differ in *when*, not in *what*.
 *
 * @param negativeFraction - share of hours below 0, 0…1
 * @param limits - what no hour may pass, however heavy the tails
 * @returns `hours` values, ascending
 *
 * Wrong in that every year has the same extremes; a real one has other spikes.
 */
export function sortedYear(
  calibration: MarginalCalibration,
  negativeFraction: number,
  hours: number,
  limits: { readonly min: number; readonly max: number } = UNLIMITED,
): Float64Array {
  const knots = quantileKnots(calibration, negativeFraction);
  const slope = monotoneSlopes(knots);
  const low = knots.at[0]!;
  const high = knots.at[knots.at.length - 1]!;
  const lower = paretoTail(calibration.lowerTail);
  const upper = paretoTail(calibration.upperTail);
  const values = new Float64Array(hours);
  for (let rank = 0, piece = 0; rank < hours; rank++) {
    const u = (rank + 0.5) / hours;
    let value: number;
    if (u < low) value = knots.value[0]! - lower(u / low);
    else if (u > high) value = knots.value[knots.at.length - 1]! + upper((1 - u) / (1 - high));
    else {
      while (piece < knots.at.length - 2 && knots.at[piece + 1]! < u) piece++;
      value = hermite(knots, slope, piece, u);
    }
    value = Math.min(limits.max, Math.max(limits.min, value));
    values[rank] = u < negativeFraction ? value : Math.max(0, value);
  }
  moveMean(values, calibration.mean, negativeFraction);
  return values;
}

interface Knots {
  readonly at: readonly number[];
  readonly value: readonly number[];
}

/**
 * The quantiles and the zero crossing, ascending in both. A quantile that contradicts the crossing (0.0 after
 * rounding, though the hours there are negative) gives way to it.
 */
function quantileKnots(calibration: MarginalCalibration, negativeFraction: number): Knots {
  const knots = quantileList(calibration.quantiles).filter(({ at, value }) =>
    at < negativeFraction ? value < 0 : value >= 0,
  );
  if (negativeFraction > 0 && !knots.some(({ at }) => at === negativeFraction)) {
    knots.push({ at: negativeFraction, value: 0 });
    knots.sort((a, b) => a.at - b.at);
  }
  return { at: knots.map(({ at }) => at), value: knots.map(({ value }) => value) };
}

/** Fritsch–Carlson slopes (harmonic means of neighbouring secants): the interpolant never overshoots. */
function monotoneSlopes({ at, value }: Knots): number[] {
  const secant = at.slice(1).map((x, i) => (value[i + 1]! - value[i]!) / (x - at[i]!));
  return at.map((_, i) => {
    if (i === 0) return secant[0]!;
    if (i === at.length - 1) return secant[i - 1]!;
    const before = secant[i - 1]!;
    const after = secant[i]!;
    if (before <= 0 || after <= 0) return 0;
    const wBefore = 2 * (at[i + 1]! - at[i]!) + (at[i]! - at[i - 1]!);
    const wAfter = at[i + 1]! - at[i]! + 2 * (at[i]! - at[i - 1]!);
    return (wBefore + wAfter) / (wBefore / before + wAfter / after);
  });
}

function hermite({ at, value }: Knots, slope: readonly number[], piece: number, u: number): number {
  const width = at[piece + 1]! - at[piece]!;
  const t = (u - at[piece]!) / width;
  const rest = 1 - t;
  return (
    value[piece]! * (1 + 2 * t) * rest * rest +
    value[piece + 1]! * (3 - 2 * t) * t * t +
    slope[piece]! * width * t * rest * rest -
    slope[piece + 1]! * width * t * t * rest
  );
}

/** Excess over the threshold as a function of the tail's remaining share, 1 at the threshold, towards 0 far out. */
function paretoTail(tail: { meanExcess: number; sdExcess: number }): (share: number) => number {
  if (tail.meanExcess === 0) return () => 0;
  const ratio = tail.meanExcess / Math.max(tail.sdExcess, 1e-9);
  const shape = Math.min(HEAVIEST_TAIL, Math.max(LIGHTEST_TAIL, 0.5 * (1 - ratio * ratio)));
  const scale = tail.meanExcess * (1 - shape);
  if (Math.abs(shape) < 1e-6) return (share) => -scale * Math.log(share);
  return (share) => (scale / shape) * (Math.pow(share, -shape) - 1);
}

/**
 * Brings the mean to the target by bending the middle of the distribution, between the zero crossing (or p10)
 * and p90, so that the tails and the count of negative hours stay.
 */
function moveMean(values: Float64Array, target: number, negativeFraction: number): void {
  const hours = values.length;
  const low = Math.max(0.1, negativeFraction);
  const high = 0.9;
  if (low >= high) return;
  let sum = 0;
  let weight = 0;
  const bump = (rank: number): number => {
    const t = ((rank + 0.5) / hours - low) / (high - low);
    return t > 0 && t < 1 ? Math.sin(Math.PI * t) : 0;
  };
  for (let rank = 0; rank < hours; rank++) {
    sum += values[rank]!;
    weight += bump(rank);
  }
  const shift = (target * hours - sum) / weight;
  for (let rank = 0; rank < hours; rank++) values[rank]! += shift * bump(rank);
  values.sort();
}
