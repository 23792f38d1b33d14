import type { LocalClock } from './calendar.js';
import { CELLS, cellOfHours, groupMeans } from './cells.js';

/** Figures of an hourly series by which a generated year is compared with its source. */
export interface SeriesStatistics {
  readonly mean: number;
  /** Population standard deviation. */
  readonly sd: number;
  readonly p1: number;
  readonly p99: number;
  readonly negativeHours: number;
  readonly lag1: number;
  readonly lag24: number;
  /** Means of the 192 season × day type × local hour cells, in cell order. */
  readonly cellMean: Float64Array;
  /** Means by local month. */
  readonly monthMean: Float64Array;
}

export function seriesStatistics(values: Float64Array, clock: LocalClock): SeriesStatistics {
  const sorted = Float64Array.from(values).sort();
  const mean = meanOf(values);
  return {
    mean,
    sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
    p1: quantileOf(sorted, 0.01),
    p99: quantileOf(sorted, 0.99),
    negativeHours: values.reduce((count, value) => count + (value < 0 ? 1 : 0), 0),
    lag1: autocorrelation(values, 1),
    lag24: autocorrelation(values, 24),
    cellMean: groupMeans(values, cellOfHours(clock), CELLS),
    monthMean: groupMeans(values, clock.month, 12),
  };
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Linear between order statistics; `sorted` ascending. */
function quantileOf(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
}

/** With one mean and variance over the whole series, as the sources' figures are. */
export function autocorrelation(values: Float64Array, lag: number): number {
  const mean = meanOf(values);
  let variance = 0;
  let shared = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = values[i]! - mean;
    variance += deviation * deviation;
    if (i >= lag) shared += deviation * (values[i - lag]! - mean);
  }
  return shared / variance;
}

/** Pearson's r; NaN when one side is constant. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let shared = 0;
  let varianceA = 0;
  let varianceB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! - meanA;
    const y = b[i]! - meanB;
    shared += x * y;
    varianceA += x * x;
    varianceB += y * y;
  }
  return shared / Math.sqrt(varianceA * varianceB);
}

/** The mean of each local hour over the year, from cell means weighted with the hours of this clock. */
export function dayProfile(cellMean: ArrayLike<number>, clock: LocalClock): Float64Array {
  const cellOf = cellOfHours(clock);
  const hourly = Float64Array.from(cellOf, (cell) => cellMean[cell]!);
  return groupMeans(hourly, clock.hourOfDay, 24);
}
