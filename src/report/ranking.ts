import { rankByMean, type RankedColumn } from '../metrics/ranking.js';
import type { Candidate } from './candidates.js';
import { valuesOf, type SiteMeasure } from './measures.js';

/** A candidate's place by one measure. */
export interface Place extends RankedColumn {
  /** `2`, `2=` where it shares the place, nothing where nothing can be said. */
  readonly text: string;
}

/** Significant digits in which exact results are told apart; sums are good to about 1e-12. */
const EXACT_DIGITS = 10;

/** An exact result without the digits in which sums of equal things in another order differ. */
export const exactValue = (value: number): number => Number(value.toPrecision(EXACT_DIGITS));

/**
 * Candidates from the lowest mean; no places with fewer than two replications, whose spread nobody knows, unless all
 * are exact: then any difference is one.
 *
 * Those that lack the value in a replication (EUR per GPU-hour where no GPU was used) are not ranked: they come
 * last, as given, without a place.
 */
export function rankCandidates(candidates: readonly Candidate[], by: SiteMeasure): readonly Place[] {
  return rankColumns(
    candidates.map((candidate) => valuesOf(candidate, by)),
    candidates.every((candidate) => candidate.exact),
  );
}

/** The same of columns of values, a value for each replication. */
export function rankColumns(values: readonly (readonly number[])[], exact: boolean): readonly Place[] {
  // Two equal replications are what a deterministic run repeated would give: a spread of 0, and known.
  const columns = values.map((column) => {
    if (!exact) return column;
    const rounded = column.map(exactValue);
    return [...rounded, ...rounded];
  });
  const isComparable = (index: number): boolean => columns[index]!.every(Number.isFinite);
  const indices = columns.map((_, index) => index);
  const comparable = indices.filter(isComparable);
  const claims = comparable.length > 1 && columns[0]!.length >= 2;
  const ranked = rankByMean(comparable.map((index) => columns[index]!)).map((place) => ({
    ...place,
    index: comparable[place.index]!,
    text: claims ? `${String(place.rank)}${place.tied ? '=' : ''}` : '',
  }));
  const rest = indices.filter((index) => !isComparable(index));
  const last = comparable.length + 1;
  return [...ranked, ...rest.map((index) => ({ index, rank: last, tied: true, againstPrevious: undefined, text: '' }))];
}
