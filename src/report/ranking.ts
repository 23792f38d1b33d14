import { rankByMean, type RankedColumn } from '../metrics/ranking.js';
import type { Candidate } from './candidates.js';
import { valuesOf, type SiteMeasure } from './measures.js';

/** A candidate's place by one measure. */
export interface Place extends RankedColumn {
  /** `2`, `2=` where it shares the place, nothing where nothing can be said. */
  readonly text: string;
}

/** Candidates from the lowest mean; no places with fewer than two replications, whose spread nobody knows. */
export function rankCandidates(candidates: readonly Candidate[], by: SiteMeasure): readonly Place[] {
  const columns = candidates.map((candidate) => valuesOf(candidate, by));
  const claims = candidates.length > 1 && columns[0]!.length >= 2 && columns.flat().every(Number.isFinite);
  return rankByMean(columns).map((place) => ({
    ...place,
    text: claims ? `${String(place.rank)}${place.tied ? '=' : ''}` : '',
  }));
}
