import { quantilesInPlace } from './quantiles.js';
import type { DurationSummary } from './runResult.js';

/** Values in one buffer, a stretch per group, so that a group and the whole are both contiguous. 8 B a value. */
export class GroupedDurations {
  private readonly values: Float64Array;
  private readonly from: Int32Array;
  private readonly next: Int32Array;

  /** @param counts - most values that each group will get */
  constructor(counts: Int32Array) {
    this.from = new Int32Array(counts.length);
    let total = 0;
    for (let group = 0; group < counts.length; group++) {
      this.from[group] = total;
      total += counts[group]!;
    }
    this.next = this.from.slice();
    this.values = new Float64Array(total);
  }

  add(group: number, ms: number): void {
    this.values[this.next[group]!++] = ms;
  }

  /** Reorders the group's values. */
  of(group: number): DurationSummary {
    return summariseDurations(this.values.subarray(this.from[group], this.next[group]));
  }

  /** Of all groups together; the groups are lost. */
  all(): DurationSummary {
    return summariseDurations(this.values);
  }
}

/** Mean and quantiles; reorders the values. */
export function summariseDurations(values: Float64Array): DurationSummary {
  const meanMs = sumOf(values) / values.length;
  const [p50Ms, p95Ms, p99Ms, maxMs] = quantilesInPlace(values, [0.5, 0.95, 0.99, 1]) as [
    number,
    number,
    number,
    number,
  ];
  return { jobs: values.length, meanMs, p50Ms, p95Ms, p99Ms, maxMs };
}

/** In the order given. */
export function sumOf(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
