import { estimate, type Estimate } from '../metrics/statistics.js';
import type { ScheduleSummary } from '../metrics/runResult.js';
import type { Candidate, CandidateRun } from './candidates.js';
import { formatNumber, MISSING } from './numbers.js';
import { pickScale, type Scale } from './scales.js';
import { right, type Column, type NumberCell } from './table.js';

/** A quantity of a report: its name in JSON, its heading, and how it is read off a run. */
export interface Measure<Run> {
  readonly key: string;
  readonly title: string;
  readonly scales: readonly Scale[];
  readonly decimals: number;
  readonly of: (run: Run) => number;
}

/** A measure with one unit. */
export function measure<Run>(
  key: string,
  title: string,
  unit: string,
  decimals: number,
  of: (run: Run) => number,
): Measure<Run> {
  return { key, title, scales: [{ unit, size: 1 }], decimals, of };
}

/** How a table is to look: units that suit the numbers for people, fixed ones for programs. */
export type Units = 'readable' | 'fixed';

/** One measure of several things as a column of a table. */
export function measureColumn<Run>(
  { title, scales, decimals, of }: Measure<Run>,
  runsOf: readonly (readonly Run[])[],
  units: Units,
): { readonly column: Column; readonly cells: readonly NumberCell[] } {
  const estimates = runsOf.map((runs) => estimate(runs.map(of)));
  const scale =
    units === 'fixed'
      ? scales[0]!
      : pickScale(
          scales,
          estimates.map(({ mean }) => mean),
        );
  return {
    column: right(title, scale.unit),
    cells: estimates.map((value) => estimateCell(value, scale.size, decimals)),
  };
}

/** No ± where there is no spread to speak of: one replication, or the same value in all. */
export function estimateCell({ n, mean, halfWidth }: Estimate, size: number, decimals: number): NumberCell {
  const half = n < 2 || halfWidth === 0 ? undefined : halfWidth / size;
  return { value: mean / size, decimals, half };
}

/** `12.3 ± 0.4 h`. */
export function estimateText(values: readonly number[], scales: readonly Scale[], decimals: number): string {
  const value = estimate(values);
  if (!Number.isFinite(value.mean)) return MISSING;
  const { unit, size } = pickScale(scales, [value.mean]);
  const cell = estimateCell(value, size, decimals);
  const half = cell.half === undefined ? '' : ` ± ${formatNumber(cell.half, decimals)}`;
  return `${formatNumber(cell.value, decimals)}${half}${unit === '' ? '' : ` ${unit}`}`;
}

export type SiteMeasure = Measure<CandidateRun>;
export type ScheduleMeasure = Measure<ScheduleSummary>;

/** All values of a candidate for one measure, by replication. */
export const valuesOf = (candidate: Candidate, { of }: SiteMeasure): number[] => candidate.runs.map(of);
