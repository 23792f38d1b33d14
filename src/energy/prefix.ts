import type { StepSeries } from '../base/stepSeries.js';

/**
 * Integrals of a step series over any interval in O(1): what a job paid while it ran, whatever the length.
 *
 * The integral of a price in EUR/MWh is in EUR·ms/MWh; times constant watts, divided by
 * `WMS_PER_MWH`, it is EUR.
 */
export class SeriesIntegral {
  readonly stepMs: number;
  /** Covered time: [0, endMs). */
  readonly endMs: number;
  readonly #values: Float64Array;
  /** `#before[i]` = Σ values[0…i−1] × stepMs. */
  readonly #before: Float64Array;

  constructor(series: StepSeries) {
    this.stepMs = series.stepMs;
    this.#values = series.values;
    this.endMs = series.stepMs * series.values.length;
    this.#before = new Float64Array(series.values.length + 1);
    let sum = 0;
    for (let i = 0; i < series.values.length; i++) {
      sum += series.values[i]! * series.stepMs;
      this.#before[i + 1] = sum;
    }
  }

  /**
   * F(t) = ∫ from 0 to t, in value·ms; add watts × (F(end) − F(start)) at each change of watts.
   *
   * @param atMs - in [0, endMs]; outside, the result is NaN, so that nothing is priced at 0 unnoticed
   */
  until(atMs: number): number {
    if (!(atMs >= 0 && atMs <= this.endMs)) return NaN;
    const step = Math.floor(atMs / this.stepMs);
    const rest = atMs - step * this.stepMs;
    return rest === 0 ? this.#before[step]! : this.#before[step]! + this.#values[step]! * rest;
  }

  /** ∫ over [fromMs, toMs), in value·ms. Rounding: a few 1e-16 of the year's integral. */
  between(fromMs: number, toMs: number): number {
    return this.until(toMs) - this.until(fromMs);
  }

  /** Time-weighted mean over [fromMs, toMs); NaN when the interval is empty. */
  mean(fromMs: number, toMs: number): number {
    return this.between(fromMs, toMs) / (toMs - fromMs);
  }
}
