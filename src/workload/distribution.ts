import { normalCdf, normalQuantile } from './normal.js';
import type { ResolvedDistribution } from './resolved.js';

/** Probabilities 0 and 1 have infinite quantiles: half a step of a 32-bit draw, and the last double below 1. */
const LOWEST_P = 2 ** -33;
const HIGHEST_P = 1 - 2 ** -53;

/**
 * A positive quantity sampled by inversion: one uniform draw in [0, 1) a value, so streams stay aligned
 * and stratified draws give stratified values. One class for all shapes keeps the call site monomorphic.
 */
export class Distribution {
  /** Expected value. */
  readonly mean: number;
  readonly #shape: ResolvedDistribution['shape'];
  /** Lognormal: ln median. Exponential: mean. Constant: value. */
  readonly #location: number;
  readonly #sigma: number;
  /** Lognormal: Φ at the bounds. */
  readonly #lowP: number;
  readonly #spanP: number;
  readonly #min: number;
  readonly #max: number;

  constructor(spec: ResolvedDistribution) {
    this.#shape = spec.shape;
    this.#sigma = 0;
    this.#lowP = 0;
    this.#spanP = 1;
    this.#min = 0;
    this.#max = Infinity;
    if (spec.shape !== 'lognormal') {
      this.#location = spec.shape === 'exponential' ? spec.mean : spec.value;
      this.mean = this.#location;
      return;
    }
    this.#location = Math.log(spec.median);
    this.#sigma = spec.sigma;
    this.#min = spec.min;
    this.#max = spec.max ?? Infinity;
    if (spec.sigma === 0) {
      this.mean = this.#bounded(spec.median);
      return;
    }
    const low = (Math.log(this.#min) - this.#location) / spec.sigma;
    const high = (Math.log(this.#max) - this.#location) / spec.sigma;
    this.#lowP = normalCdf(low);
    this.#spanP = normalCdf(high) - this.#lowP;
    const shift = normalCdf(high - spec.sigma) - normalCdf(low - spec.sigma);
    // Bounds so far out in one tail that doubles see nothing between them: take the nearer bound.
    if (this.#spanP > 1e-12) this.mean = (spec.median * Math.exp(spec.sigma ** 2 / 2) * shift) / this.#spanP;
    else this.mean = this.#bounded(spec.median);
  }

  /** The value below which a share u ∈ [0, 1) lies; ascending in u. */
  quantile(u: number): number {
    if (this.#shape === 'constant') return this.#location;
    if (this.#shape === 'exponential') return -this.#location * Math.log(1 - u);
    if (this.#sigma === 0 || this.#spanP <= 1e-12) return this.#bounded(Math.exp(this.#location));
    const p = Math.min(HIGHEST_P, Math.max(LOWEST_P, this.#lowP + u * this.#spanP));
    return this.#bounded(Math.exp(this.#location + this.#sigma * normalQuantile(p)));
  }

  #bounded(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value));
  }
}
