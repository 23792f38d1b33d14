/**
 * Exact quantiles by nearest rank: the smallest value that at least the fraction of all values do not exceed.
 *
 * Always one of the values, so a p95 wait is a wait somebody had. Reorders `values` in place (Hoare's
 * selection), O(n) expected for each fraction; NaN is not allowed among them.
 *
 * @param fractions - ascending, each in (0, 1]
 * @returns one value per fraction; all NaN when there are no values
 */
export function quantiles(values: Float64Array, fractions: readonly number[]): number[] {
  let from = 0;
  return fractions.map((fraction) => {
    if (values.length === 0) return Number.NaN;
    const rank = Math.max(0, Math.ceil(fraction * values.length) - 1);
    select(values, from, values.length - 1, rank);
    from = rank; // what lies left of a selected rank is not larger
    return values[rank]!;
  });
}

/** Reorders so that values[rank] is what a sort would put there, nothing larger before, nothing smaller after. */
function select(values: Float64Array, from: number, to: number, rank: number): void {
  let left = from;
  let right = to;
  while (right > left) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >> 1]!, values[right]!);
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else return;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
