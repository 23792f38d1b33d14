import { MS_PER_QUARTER_HOUR } from '../../base/units.js';

/**
 * What an IT MWh costs at any time (EUR, or kg CO2e), constant over each quarter hour, and its integral in O(1).
 *
 * Before its first quarter hour the first value holds, beyond its end the last. Rounding: a few 1e-16 of the whole
 * integral, which choices between starts allow for.
 */
export class CostCurve {
  /** A multiple of a quarter hour, ms. */
  readonly fromMs: number;
  readonly values: Float64Array;
  /** Highest magnitude. */
  readonly most: number;
  /** `before[i]` = Σ values[0…i−1], in value · quarter hours. */
  private readonly before: Float64Array;

  constructor(fromMs: number, values: Float64Array) {
    this.fromMs = fromMs;
    this.values = values;
    this.before = new Float64Array(values.length + 1);
    let most = 0;
    for (let bin = 0; bin < values.length; bin++) {
      this.before[bin + 1] = this.before[bin]! + values[bin]!;
      most = Math.max(most, Math.abs(values[bin]!));
    }
    this.most = most;
  }

  /** The quarter hour that a time lies in, within the curve. */
  binOf(atMs: number): number {
    const bin = Math.floor((atMs - this.fromMs) / MS_PER_QUARTER_HOUR);
    return Math.max(0, Math.min(bin, this.values.length - 1));
  }

  /** ∫ of the value over [fromMs, toMs), value · ms. */
  between(fromMs: number, toMs: number): number {
    return this.until(toMs) - this.until(fromMs);
  }

  private until(atMs: number): number {
    const bin = this.binOf(atMs);
    const binFromMs = this.fromMs + bin * MS_PER_QUARTER_HOUR;
    return this.before[bin]! * MS_PER_QUARTER_HOUR + this.values[bin]! * (atMs - binFromMs);
  }
}
