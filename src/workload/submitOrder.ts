/**
 * The stable order of rows by submit time, or `undefined` when they already stand in it.
 *
 * Bottom-up merge sort; halves that already stand in order are not compared. Cost: O(n) for sorted rows
 * (almost all traces), else O(n log n) and 8 bytes a row.
 */
export function submitOrder(submitMs: Float64Array, count: number): Int32Array | undefined {
  let isSorted = true;
  for (let i = 1; i < count && isSorted; i++) isSorted = submitMs[i - 1]! <= submitMs[i]!;
  if (isSorted) return undefined;
  let order = Int32Array.from({ length: count }, (_, index) => index);
  let target = new Int32Array(count);
  for (let width = 1; width < count; width *= 2) {
    for (let low = 0; low < count; low += 2 * width) {
      mergeRuns(submitMs, order, target, low, Math.min(low + width, count), Math.min(low + 2 * width, count));
    }
    [order, target] = [target, order];
  }
  return order;
}

/** Merges order[low, middle) and order[middle, high) into `target`; equal keys take the left first. */
function mergeRuns(
  key: Float64Array,
  order: Int32Array,
  target: Int32Array,
  low: number,
  middle: number,
  high: number,
): void {
  if (middle >= high || key[order[middle - 1]!]! <= key[order[middle]!]!) {
    for (let i = low; i < high; i++) target[i] = order[i]!;
    return;
  }
  let left = low;
  let right = middle;
  for (let i = low; i < high; i++) {
    const takeLeft = left < middle && (right >= high || key[order[left]!]! <= key[order[right]!]!);
    target[i] = takeLeft ? order[left++]! : order[right++]!;
  }
}
