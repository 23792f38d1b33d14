import { pairedDifference } from '../metrics/statistics.js';
import type { Candidate } from './candidates.js';
import { valuesOf, type SiteMeasure } from './measures.js';
import { exactValue } from './ranking.js';

/** What tells a candidate from the others of a comparison, in every variant of it. */
export const identityOf = ({ scenario, policy, spec }: Candidate): string =>
  JSON.stringify([scenario, policy, spec.id]);

/** The candidates of a variant in the order of those it varies; `undefined`: it has none such. */
export function matched(base: readonly Candidate[], variant: readonly Candidate[]): readonly (Candidate | undefined)[] {
  const byIdentity = new Map(variant.map((candidate) => [identityOf(candidate), candidate]));
  return base.map((candidate) => byIdentity.get(identityOf(candidate)));
}

/** What a paired difference says of two candidates: which is clearly lower, if any. */
type Standing = 'first' | 'second' | 'unclear';

/** Two candidates, the one that is lower now first. */
export type ChangedPair = readonly [lower: string, higher: string];

/** How a ranking differs from another of the same candidates, pair by pair. */
export interface RankChanges {
  /** Clear in both, the other way round. */
  readonly swapped: readonly ChangedPair[];
  /** Clear before, and not any more: named in the order of before. */
  readonly blurred: readonly ChangedPair[];
  /** Not clear before, and clear now. */
  readonly cleared: readonly ChangedPair[];
}

/**
 * Pairs of candidates that a variant puts in another order, by paired differences over replications: of one
 * replication nothing is said, unless it is exact. Candidates that the variant lacks, or has no value for, are left out.
 */
export function rankChanges(
  base: readonly Candidate[],
  variant: readonly (Candidate | undefined)[],
  measure: SiteMeasure,
): RankChanges {
  const swapped: ChangedPair[] = [];
  const blurred: ChangedPair[] = [];
  const cleared: ChangedPair[] = [];
  base.forEach((one, index) => {
    for (let other = index + 1; other < base.length; other++) {
      const [a, b] = [variant[index], variant[other]];
      if (a === undefined || b === undefined) continue;
      const before = standing(one, base[other]!, measure);
      const after = standing(a, b, measure);
      if (before === after) continue;
      const inOrder = (of: Standing): ChangedPair =>
        of === 'first' ? [one.label, base[other]!.label] : [base[other]!.label, one.label];
      if (before === 'unclear') cleared.push(inOrder(after));
      else if (after === 'unclear') blurred.push(inOrder(before));
      else swapped.push(inOrder(after));
    }
  });
  return { swapped, blurred, cleared };
}

function standing(one: Candidate, other: Candidate, measure: SiteMeasure): Standing {
  const [a, b] = [valuesOf(one, measure), valuesOf(other, measure)];
  if (a.length === 0 || a.length !== b.length || ![...a, ...b].every(Number.isFinite)) return 'unclear';
  if (one.exact && other.exact) {
    const [left, right] = [exactValue(a[0]!), exactValue(b[0]!)];
    return left === right ? 'unclear' : left < right ? 'first' : 'second';
  }
  const { verdict } = pairedDifference(a, b);
  return verdict === 'lower' ? 'first' : verdict === 'higher' ? 'second' : 'unclear';
}

/** Whether the order is another, or known to be one where it was not, or not any more. */
export const isChanged = ({ swapped, blurred, cleared }: RankChanges): boolean =>
  swapped.length + blurred.length + cleared.length > 0;

/** The same in words: `b before a; no clear difference between c and d`; empty where nothing changes. */
export function changesText({ swapped, blurred, cleared }: RankChanges): string {
  return [
    ...swapped.map(([lower, higher]) => `${lower} before ${higher}`),
    ...blurred.map(([a, b]) => `no clear difference between ${a} and ${b}`),
    ...cleared.map(([lower, higher]) => `${lower} clearly before ${higher}`),
  ].join('; ');
}
