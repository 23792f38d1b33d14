import { groupMeans, seasonOf } from './cells.js';

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

/** Rounds of centring and ranking; what is left of the cell errors is small after two. */
const ROUNDS = 3;

/**
 * Lays the given values out over the year so that cells and months have their means and the noise its rhythm.
 *
 * Shape plus noise decides the order of the hours; the k-th lowest hour gets the k-th lowest value. Because this
 * bends the shape, months and cells are centred on their means and the hours ranked again, a fixed number of times.
 * Centring the *values*, not the shape before ranking, keeps a price spike where it is; otherwise it would hop
 * from cell to cell, each round punishing the cell that had it.
 *
 * The marginal distribution is exact but for hours that tie at 0; cell and month means are close. Cost: 4 sorts of a year.
 */
export function shapedYear(input: ShapedYearInput): Float64Array {
  const { cellMean, monthMean, cellOf, monthOf, noise, sorted } = input;
  const monthOffset = fromSeason(monthMean);
  let year = byRank(
    noise.map((value, hour) => value + cellMean[cellOf[hour]!]! + monthOffset[monthOf[hour]!]!),
    sorted,
  );
  for (let round = 0; round < ROUNDS; round++) {
    centre(year, monthOf, monthMean);
    centre(year, cellOf, cellMean);
    year = byRank(year, sorted);
  }
  return year;
}

/** Months against the mean of their season. */
function fromSeason(monthMean: readonly number[]): number[] {
  const season = [0, 0, 0, 0];
  monthMean.forEach((mean, month) => (season[seasonOf(month)]! += mean / 3));
  return monthMean.map((mean, month) => mean - season[seasonOf(month)]!);
}

/** Shifts each group's values so that its mean is the wanted one. */
function centre(values: Float64Array, groupOf: Uint8Array, wanted: ArrayLike<number>): void {
  const shift = groupMeans(values, groupOf, wanted.length).map((mean, group) => wanted[group]! - mean);
  for (let hour = 0; hour < values.length; hour++) values[hour]! += shift[groupOf[hour]!]!;
}

/** Each hour's value by its rank; hours that tie get the same value. */
function byRank(latent: Float64Array, sorted: Float64Array): Float64Array {
  const order = Float64Array.from(latent).sort();
  const year = new Float64Array(latent.length);
  for (let hour = 0; hour < latent.length; hour++) year[hour] = sorted[firstAtLeast(order, latent[hour]!)]!;
  return year;
}

/** Index of the first of the ascending values that is ≥ `value`. */
function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
