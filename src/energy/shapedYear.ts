import { CELLS, groupMeans, seasonOf } from './cells.js';

/** What a year must reproduce, and the noise it is made from. */
export interface ShapedYearInput {
  /** Wanted mean of each season × day type × hour. */
  readonly cellMean: Float64Array;
  /** Wanted mean of each month. */
  readonly monthMean: readonly number[];
  readonly cellOf: Uint8Array;
  readonly monthOf: Uint8Array;
  /** Noise around the shape, by hour, in the series' unit. */
  readonly noise: Float64Array;
  /** The values the hours may take, ascending: the marginal distribution. */
  readonly sorted: Float64Array;
}

/** Rounds of raking; the cell means settle within about six. */
const ROUNDS = 10;
/** Full correction; the rank map's slope is about 1. */
const GAIN = 1;

/**
 * Lays the given values out over the year so that cells and months have their means and the noise its rhythm.
 *
 * Shape plus noise decides the order of the hours; the k-th lowest hour gets the k-th lowest value. Because this
 * bends the shape, cell and month offsets are corrected and the hours ranked again, a fixed number of times.
 * The marginal distribution is exact; cell and month means are close, not exact.
 *
 * Cost: 10 sorts of a year, about 12 ms.
 */
export function shapedYear(input: ShapedYearInput): Float64Array {
  const { cellMean, monthMean, cellOf, monthOf, noise, sorted } = input;
  const hours = noise.length;
  const cellOffset = Float64Array.from(cellMean);
  const monthOffset = startingMonthOffsets(monthMean);
  const latent = new Float64Array(hours);
  let year = new Float64Array(hours);
  for (let round = 0; round < ROUNDS; round++) {
    for (let hour = 0; hour < hours; hour++) {
      latent[hour] = cellOffset[cellOf[hour]!]! + monthOffset[monthOf[hour]!]! + noise[hour]!;
    }
    year = byRank(latent, sorted);
    if (round === ROUNDS - 1) break;
    raiseTo(cellMean, groupMeans(year, cellOf, CELLS), cellOffset);
    raiseTo(monthMean, groupMeans(year, monthOf, 12), monthOffset);
  }
  return year;
}

/** Months against the mean of their season. */
function startingMonthOffsets(monthMean: readonly number[]): Float64Array {
  const season = new Float64Array(4);
  monthMean.forEach((mean, month) => (season[seasonOf(month)]! += mean / 3));
  return Float64Array.from(monthMean, (mean, month) => mean - season[seasonOf(month)]!);
}

function raiseTo(wanted: ArrayLike<number>, got: Float64Array, offset: Float64Array): void {
  for (let group = 0; group < offset.length; group++) {
    // A group without hours (a cell of a shortened year) has no mean and needs no correction.
    if (!Number.isNaN(got[group]!)) offset[group]! += GAIN * (wanted[group]! - got[group]!);
  }
}

/** Each hour's value by its rank; hours that tie get the same value. */
function byRank(latent: Float64Array, sorted: Float64Array): Float64Array<ArrayBuffer> {
  const order = Float64Array.from(latent).sort();
  const year = new Float64Array(latent.length);
  for (let hour = 0; hour < latent.length; hour++) {
    const value = latent[hour]!;
    let low = 0;
    let high = order.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (order[middle]! < value) low = middle + 1;
      else high = middle;
    }
    year[hour] = sorted[low]!;
  }
  return year;
}
