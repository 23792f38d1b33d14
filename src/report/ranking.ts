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

/**
 * Candidates from the lowest mean; no places with fewer than two replications, whose spread nobody knows, unless all
 * are exact: then any difference is one.
 *
 * Those that lack the value in a replication (EUR per GPU-hour where no GPU was used) are not ranked: they come
 * last, as given, without a place.
 */
export function rankCandidates(candidates: readonly Candidate[], by: SiteMeasure): readonly Place[] {
  const exact = candidates.every((candidate) => candidate.exact);
  // Two equal replications are what a deterministic run repeated would give: a spread of 0, and known.
  const columns = candidates.map((candidate) => {
    const values = valuesOf(candidate, by);
    if (!exact) return values;
    // Sums of equal energies in another order differ in their last digits.
    const rounded = values.map((value) => Number(value.toPrecision(EXACT_DIGITS)));
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
