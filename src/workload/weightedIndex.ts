/**
 * Draws an index in proportion to weights by inversion, in O(1) expected time (indexed search, Chen and
 * Asau 1974): ascending in u, so sorted or stratified draws give sorted or stratified indices.
 *
 * Weights are ≥ 0 and at least one is above 0. 8 bytes a weight plus 4 for the guide.
 */
export class WeightedIndex {
  /** Share of the total up to and including each index; the last is 1. */
  readonly cumulative: Float64Array;
  readonly #guide: Int32Array;

  constructor(weights: ArrayLike<number>) {
    const count = weights.length;
    this.cumulative = new Float64Array(count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      total += weights[i]!;
      this.cumulative[i] = total;
    }
    let last = count - 1;
    while (weights[last] === 0) last--;
    for (let i = 0; i < count; i++) this.cumulative[i] = i < last ? this.cumulative[i]! / total : 1;
    // guide[g] is the first index whose share reaches past g / count.
    this.#guide = new Int32Array(count);
    let index = 0;
    for (let g = 0; g < count; g++) {
      while (this.cumulative[index]! <= g / count) index++;
      this.#guide[g] = index;
    }
  }

  /** Index of the share that u ∈ [0, 1) falls into. */
  at(u: number): number {
    let index = this.#guide[(u * this.#guide.length) | 0]!;
    while (this.cumulative[index]! <= u) index++;
    return index;
  }
}
