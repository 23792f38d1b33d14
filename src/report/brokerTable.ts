import { measure, measureColumn, type SiteMeasure, type Units } from './measures.js';
import type { Candidate, CandidateRun } from './candidates.js';
import { GPU_HOURS, WAIT_MS } from './scales.js';
import { EUR_PER_GPU_HOUR, POWER_MEASURES, TOTAL_EUR } from './siteMeasures.js';
import { left, type ReportTable } from './table.js';

/** What a broker sent to a site. */
export const SHARE_MEASURES: readonly SiteMeasure[] = [
  measure('submitted', 'jobs', '', 0, ({ site }) => site.share?.submitted ?? NaN),
  measure('fromElsewhere', 'of them', 'from elsewhere', 0, ({ site }) => site.share?.fromElsewhere ?? NaN),
  measure('utilisationFraction', 'utilisation', '%', 2, ({ site }) => 100 * (site.share?.utilisationFraction ?? NaN)),
  {
    key: 'waitMeanMs',
    title: 'mean wait',
    scales: WAIT_MS,
    decimals: 2,
    of: ({ site }) => site.share?.waitMeanMs ?? NaN,
  },
  {
    key: 'gpuHoursUsed',
    title: 'GPU-hours used',
    scales: GPU_HOURS,
    decimals: 2,
    of: ({ site }) => site.gpuHoursUsed,
  },
];

const MONEY_AND_CARBON = [
  ...POWER_MEASURES.filter(({ key }) => key === 'facilityMWh'),
  TOTAL_EUR,
  EUR_PER_GPU_HOUR,
  ...POWER_MEASURES.filter(({ key }) => key === 'carbonKt'),
];

/** One line of a table of brokers: a site, or all of them. */
export interface BrokerRow {
  /** What tells its broker from others; empty where there is one. */
  readonly broker: string;
  readonly site: string;
  readonly runs: readonly CandidateRun[];
}

/** The sites of each broker below each other, then their total. */
export function brokerTable(rows: readonly BrokerRow[], measures: readonly SiteMeasure[], units: Units): ReportTable {
  const measured = measures.map((one) =>
    measureColumn(
      one,
      rows.map(({ runs }) => runs),
      units,
    ),
  );
  const several = rows.some(({ broker }) => broker !== rows[0]!.broker);
  return {
    columns: [...(several ? [left('broker')] : []), left('site'), ...measured.map(({ column }) => column)],
    rows: rows.map(({ broker, site }, row) => [
      ...(several ? [broker] : []),
      site,
      ...measured.map(({ cells }) => cells[row]!),
    ]),
  };
}

/** Of the candidates that are brokers; nothing where none is. */
export function brokersTable(candidates: readonly Candidate[], units: Units): ReportTable | undefined {
  const rows = candidates.flatMap(({ label, spec, runs, parts = [] }): BrokerRow[] =>
    parts.length === 0
      ? []
      : [
          ...parts.map((part) => ({ broker: label, site: part.spec.id, runs: part.runs })),
          { broker: label, site: spec.id, runs },
        ],
  );
  return rows.length === 0 ? undefined : brokerTable(rows, [...SHARE_MEASURES, ...MONEY_AND_CARBON], units);
}
