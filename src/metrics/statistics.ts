import jstat from 'jstat';
import { invariant } from '../base/errors.js';

/** Mean of replications with its 95 % interval: Student's t with n − 1 degrees of freedom. */
export interface Estimate {
  /** Replications. */
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n − 1 in the denominator); NaN with fewer than two. */
  readonly sd: number;
  /** The interval is mean ± halfWidth; NaN with fewer than two, because one run says nothing about spread. */
  readonly halfWidth: number;
}

/**
 * Estimate of a mean from independent replications.
 *
 * Worked: 1, 2, 3, 4, 5 → mean 3, sd 1.5811, t(0.975; 4) = 2.7764, half-width 1.9632.
 *
 * Wrong when the values are not roughly normal and few, or not independent (steps of one run are not).
 *
 * @param values - one finite value for each replication, at least one
 */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  invariant(n > 0, 'an estimate has at least one value');
  const mean = meanOf(values);
  if (n < 2) return { n, mean, sd: NaN, halfWidth: NaN };
  const squares = values.map((value) => (value - mean) ** 2);
  const sd = Math.sqrt(sumOf(squares) / (n - 1));
  return { n, mean, sd, halfWidth: (tQuantile975(n - 1) * sd) / Math.sqrt(n) };
}

/** Mean of at least one value; exact when all are equal. */
export function meanOf(values: readonly number[]): number {
  const first = values[0]!;
  // Around the first value, so that a constant column has its own value as mean and 0 as deviation.
  return first + sumOf(values.map((value) => value - first)) / values.length;
}

/** 97.5 % quantile of Student's t: 12.706 for 1 degree of freedom, 2.776 for 4, towards 1.960. */
export function tQuantile975(degreesOfFreedom: number): number {
  return jstat.jStat.studentt.inv(0.975, degreesOfFreedom);
}

export type Verdict = 'lower' | 'higher' | 'no clear difference' | 'one replication';

/** A paired comparison: what `values` has more than `baseline`, replication by replication. */
export interface PairedDifference {
  /** Of values[i] − baseline[i]. */
  readonly difference: Estimate;
  /** Of `values` against `baseline`. */
  readonly verdict: Verdict;
}

/**
 * Compares two columns whose i-th values come from the same random draws (common random numbers).
 *
 * The verdict is 'no clear difference' when the 95 % interval of the mean difference holds 0 (an end at 0
 * included), and where a replication lacks a value (NaN); of one replication, whose spread nobody knows, it is just that.
 *
 * Wrong as a *joint* statement: of twenty comparisons of equal things about one comes out clear.
 */
export function pairedDifference(values: readonly number[], baseline: readonly number[]): PairedDifference {
  invariant(values.length === baseline.length, 'paired columns have one value for each replication');
  const difference = estimate(values.map((value, i) => value - baseline[i]!));
  return { difference, verdict: verdictOf(difference) };
}

/**
 * The paired difference in units of the baseline's mean, which is taken as it was found: so this and
 * {@link pairedDifference} always agree on what is clear.
 *
 * Worked: 8, 12 against 10, 10 → 0 ± 2.5412; 9, 19 against 10, 20 → −0.0667 ± 0.
 *
 * NaN where that mean is 0. Wrong as the interval of a ratio of means, which also holds the baseline's spread.
 */
export function relativeDifference(values: readonly number[], baseline: readonly number[]): Estimate {
  const { n, mean, sd, halfWidth } = pairedDifference(values, baseline).difference;
  const base = Math.abs(meanOf(baseline));
  const unit = base === 0 ? NaN : base;
  return { n, mean: mean / unit, sd: sd / unit, halfWidth: halfWidth / unit };
}

function verdictOf({ n, mean, halfWidth }: Estimate): Verdict {
  if (n < 2) return 'one replication';
  if (!(Math.abs(mean) > halfWidth)) return 'no clear difference';
  return mean < 0 ? 'lower' : 'higher';
}

function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
