/** Exponential decay by a half-life; factors for whole ms from a table, so they are the same on any engine. */
export class HalfLife {
  readonly halfLifeMs: number;
  /** 2^(−2^k/halfLife): what is left after 2^k ms. */
  private readonly left: Float64Array;
  private lastMs = 0;
  private lastFactor = 1;

  constructor(halfLifeMs: number) {
    this.halfLifeMs = halfLifeMs;
    this.left = Float64Array.from({ length: 53 }, (_, k) => 2 ** -(2 ** k / halfLifeMs));
  }

  /** What is left of 1 after so many whole ms, 0…1. O(log ms), O(1) for the same again. */
  factor(ms: number): number {
    if (ms === this.lastMs) return this.lastFactor;
    let factor = 1;
    let rest = ms;
    for (let k = 0; rest > 0; k++) {
      const half = Math.floor(rest / 2);
      if (rest > 2 * half) factor *= this.left[k]!;
      rest = half;
    }
    this.lastMs = ms;
    this.lastFactor = factor;
    return factor;
  }

  /** What has gathered and is left after so many ms of 1 a ms: ∫ 2^(−t/halfLife) dt. */
  gathered(ms: number): number {
    return (this.halfLifeMs / Math.LN2) * (1 - this.factor(ms));
  }
}
