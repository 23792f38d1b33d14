/**
 * Exact quantiles of values that are all held.
 *
 * Rule: linear interpolation between order statistics (type 7 of Hyndman and Fan 1996; the default of R and
 * NumPy). With n sorted values x[0…n-1] and h = p·(n−1), the quantile is x[⌊h⌋] + (h − ⌊h⌋)·(x[⌊h⌋+1] − x[⌊h⌋]).
 * Worked: 1, 2, 3, 4 → p50 2.5, p95 3.85. One value is every quantile of itself.
 */

/**
 * Quantiles by selection, which reorders `values` in place: O(n) for each probability on average, no copy; in
 * ascending order, each looks only at what lies above the one before.
 *
 * @param values - no NaN; its order afterwards is not promised
 * @param probabilities - each 0…1 inclusive, in any order
 * @returns one number for each probability; all NaN for no values
 */
export function quantilesInPlace(values: Float64Array, probabilities: readonly number[]): number[] {
  let settled = 0; // nothing left of it is larger, nothing right of it smaller
  return probabilities.map((probability) => {
    const below = Math.floor(probability * (values.length - 1));
    const quantile = quantileInPlace(values, probability, below >= settled ? settled : 0);
    settled = below;
    return quantile;
  });
}

/** The same on a copy: 8 bytes a value. */
export function quantiles(values: Float64Array, probabilities: readonly number[]): number[] {
  return quantilesInPlace(values.slice(), probabilities);
}

/** `from`: nothing before it is larger than anything behind. */
function quantileInPlace(values: Float64Array, probability: number, from: number): number {
  const last = values.length - 1;
  if (last < 0) return NaN;
  const position = probability * last;
  const below = Math.floor(position);
  const low = selectInPlace(values, below, from);
  const fraction = position - below;
  if (fraction === 0) return low;
  let high = Infinity;
  for (let i = below + 1; i <= last; i++) if (values[i]! < high) high = values[i]!;
  return low + fraction * (high - low);
}

/**
 * The value that stands at `rank` once sorted; afterwards nothing left of it is larger and nothing right of
 * it smaller. Floyd and Rivest (1975) would need fewer comparisons; median of three needs no tuning, and
 * equal values (waits of 0 by the hundred thousand) are split evenly by stopping at them from both sides.
 *
 * @param from - nothing before it is larger than anything behind; at most `rank`
 */
function selectInPlace(values: Float64Array, rank: number, from: number): number {
  let left = from;
  let right = values.length - 1;
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >>> 1]!, values[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i] = values[j]!;
        values[j] = swapped;
        i++;
        j--;
      }
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break; // between the two parts all equal the pivot
  }
  return values[rank]!;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
