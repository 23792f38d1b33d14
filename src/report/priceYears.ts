import { estimate, type Estimate } from '../metrics/statistics.js';
import type { Candidate, Candidates } from './candidates.js';
import { valuesOf, type SiteMeasure } from './measures.js';
import { identityOf, matched, rankChanges, type RankChanges } from './rankChanges.js';
import { rankCandidates } from './ranking.js';

/** A comparison under the prices of one year. */
export interface PriceYearComparison {
  /** `2023`, or the name of a file. */
  readonly year: string;
  readonly found: Candidates;
  /** Ids of sites that have no prices of that year, with the reason. */
  readonly gaps: readonly { readonly site: string; readonly why: string }[];
}

/** A candidate under the prices of one year. */
export interface PriceYearCell {
  /** As in the cost table; empty where nothing can be ranked. */
  readonly rank: string;
  readonly cost: Estimate;
}

export interface PriceYears {
  readonly measure: SiteMeasure;
  readonly years: readonly string[];
  /** In the order of the comparison as planned. */
  readonly rows: readonly {
    readonly candidate: Candidate;
    /** By year; `undefined`: its zone has no published mean, or its runs are not complete. */
    readonly cells: readonly (PriceYearCell | undefined)[];
    /** Years in which it is first, alone. */
    readonly first: number;
  }[];
  readonly gaps: readonly { readonly year: string; readonly site: string; readonly why: string }[];
  /** Of two years with a different order of candidates that both rank. */
  readonly changes: readonly { readonly from: string; readonly to: string; readonly changes: RankChanges }[];
}

/** The ranking by `measure` under the prices of each year, and between which years it changes. */
export function priceYears(
  planned: Candidates,
  compared: readonly PriceYearComparison[],
  measure: SiteMeasure,
): PriceYears {
  const base = rankCandidates(planned.candidates, measure).map(({ index }) => planned.candidates[index]!);
  const byYear = compared.map(({ found }) => ({ ...rankedCells(found, measure), found }));
  return {
    measure,
    years: compared.map(({ year }) => year),
    rows: base.map((candidate) => {
      const identity = identityOf(candidate);
      return {
        candidate,
        cells: byYear.map(({ cells }) => cells.get(identity)),
        first: byYear.filter(({ firstAlone }) => firstAlone === identity).length,
      };
    }),
    gaps: compared.flatMap(({ year, gaps }) => gaps.map((gap) => ({ year, ...gap }))),
    changes: compared.slice(1).flatMap(({ year, found }, index) => {
      const before = compared[index]!;
      const earlier = base.map((candidate) => matched([candidate], before.found.candidates)[0]);
      const both = base.filter((_, at) => earlier[at] !== undefined);
      const known = earlier.filter((candidate) => candidate !== undefined);
      const labelled = known.map((candidate, at): Candidate => ({ ...candidate, label: both[at]!.label }));
      return [
        { from: before.year, to: year, changes: rankChanges(labelled, matched(both, found.candidates), measure) },
      ];
    }),
  };
}

function rankedCells({ candidates, replications }: Candidates, measure: SiteMeasure) {
  const cells = new Map<string, PriceYearCell>();
  if (replications.length === 0) return { cells, firstAlone: undefined };
  const places = rankCandidates(candidates, measure);
  for (const { index, text } of places) {
    const candidate = candidates[index]!;
    cells.set(identityOf(candidate), { rank: text, cost: estimate(valuesOf(candidate, measure)) });
  }
  const [first] = places;
  return { cells, firstAlone: first?.text === '1' ? identityOf(candidates[first.index]!) : undefined };
}
