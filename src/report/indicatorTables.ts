import type { LawCheck } from '../metrics/energyLaw.js';
import type { SiteResult } from '../metrics/runResult.js';
import { estimate } from '../metrics/statistics.js';
import type { Candidate, CandidateRun } from './candidates.js';
import { measure, measureColumn, type SiteMeasure, type Units } from './measures.js';
import { formatNumber } from './numbers.js';
import { CARBON_KT, ENERGY_MWH, MONEY_EUR } from './scales.js';
import { left, right, tableText, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

/** A line of these tables: a site in one or more replications. */
export interface SiteRow {
  readonly label: string;
  readonly runs: readonly CandidateRun[];
}

/** The sites of a comparison; of one that a broker serves each by itself, and their total. */
export function rowsOf(candidates: readonly Candidate[]): readonly SiteRow[] {
  const several = candidates.length > 1;
  return candidates.flatMap(({ label, runs, parts = [] }) => [
    ...parts.map((part) => ({ label: several ? `${label}: ${part.spec.id}` : part.spec.id, runs: part.runs })),
    { label, runs },
  ]);
}

type Value = (site: SiteResult) => number | undefined;
/** NaN where a site does not say. */
const of =
  (value: Value): SiteMeasure['of'] =>
  ({ site }) =>
    value(site) ?? Number.NaN;
const one = (key: string, title: string, unit: string, decimals: number, value: Value): SiteMeasure =>
  measure(key, title, unit, decimals, of(value));

/** Tonnes: a site's kilotonnes as far as they come to one. */
const CARBON_T = CARBON_KT.map(({ unit, size }) => ({ unit, size: size * 1000 }));
const WATER_M3 = [
  { unit: 'thousand m³', size: 1000 },
  { unit: 'm³', size: 1 },
];
const GRAMS = [
  { unit: 'g', size: 1 },
  { unit: 'mg', size: 1e-3 },
];

/** Indicators of Regulation (EU) 2024/1364 by their symbols, and what the cooling could not carry. */
export const INDICATOR_MEASURES: readonly SiteMeasure[] = [
  one('pue', 'PUE', 'EDC/EIT', 3, ({ indicators }) => indicators?.pue),
  one('wue', 'WUE', 'm³/MWh', 3, ({ indicators }) => indicators?.wue),
  one('erf', 'ERF', 'EREUSE/EDC', 3, ({ indicators }) => indicators?.erf),
  one('ref', 'REF', 'ERES-TOT/EDC', 3, ({ indicators }) => indicators?.ref),
  one('cue', 'CUE', 'kg/kWh', 4, ({ indicators }) => indicators?.cue),
  { key: 'edcMWh', title: 'EDC', scales: ENERGY_MWH, decimals: 1, of: of(({ indicators }) => indicators?.edcMWh) },
  { key: 'eitMWh', title: 'EIT', scales: ENERGY_MWH, decimals: 1, of: of(({ indicators }) => indicators?.eitMWh) },
  { key: 'winM3', title: 'WIN', scales: WATER_M3, decimals: 1, of: of(({ indicators }) => indicators?.winM3) },
  {
    key: 'ereuseMWh',
    title: 'EREUSE',
    scales: ENERGY_MWH,
    decimals: 1,
    of: of(({ indicators }) => indicators?.ereuseMWh),
  },
  one('pditKw', 'PDIT', 'kW', 0, ({ indicators }) => indicators?.pditKw),
  one('twhC', 'TWH', '°C', 1, ({ indicators }) => indicators?.twhC),
  one('tinC', 'TIN', '°C', 1, ({ indicators }) => indicators?.tinC),
  one('cddKd', 'CDD', 'K·d', 0, ({ indicators }) => indicators?.cddKd),
  one('cbtgKw', 'CBtG', 'kW', 0, ({ indicators }) => indicators?.cbtgKw),
  {
    key: 'heatRevenueEur',
    title: 'heat sold',
    scales: MONEY_EUR,
    decimals: 2,
    of: of(({ indicators }) => indicators?.heatRevenueEur),
  },
  one('deratedHours', 'derated', 'h', 0, ({ indicators }) => indicators?.derating?.hours),
  one(
    'overCapacityQuarterHours',
    'IT above it',
    'quarter hours',
    0,
    ({ indicators }) => indicators?.derating?.overCapacityQuarterHours,
  ),
];

/** The carbon account. */
export const CARBON_MEASURES: readonly SiteMeasure[] = [
  { key: 'locationT', title: 'location', scales: CARBON_T, decimals: 2, of: of(({ carbon }) => carbon?.locationT) },
  { key: 'marketT', title: 'market', scales: CARBON_T, decimals: 2, of: of(({ carbon }) => carbon?.marketT) },
  one('locationKgPerMWh', 'location', 'kg/MWh', 1, ({ carbon }) => carbon?.locationKgPerMWh),
  one('marketKgPerMWh', 'market', 'kg/MWh', 1, ({ carbon }) => carbon?.marketKgPerMWh),
  { key: 'shadowEur', title: 'shadow cost', scales: MONEY_EUR, decimals: 2, of: of(({ carbon }) => carbon?.shadowEur) },
  {
    key: 'gPerGpuHour',
    title: 'per GPU-hour',
    scales: GRAMS,
    decimals: 1,
    of: of(({ carbon }) => carbon?.gPerGpuHour),
  },
  {
    key: 'gPerUsefulGpuHour',
    title: 'per useful one',
    scales: GRAMS,
    decimals: 1,
    of: of(({ carbon }) => carbon?.gPerUsefulGpuHour),
  },
  one('gPerMillionTokens', 'per million', 'tokens, g', 2, ({ carbon }) =>
    carbon?.gPerToken === undefined ? undefined : carbon.gPerToken * 1e6,
  ),
];

/** Those that some run has. */
export const knownMeasures = (
  measures: readonly SiteMeasure[],
  runs: readonly CandidateRun[],
): readonly SiteMeasure[] => measures.filter((known) => runs.some((run) => !Number.isNaN(known.of(run))));

/** A law's limit with what the replications say of it. */
export interface CheckedLimit extends Omit<LawCheck, 'figure' | 'verdict'> {
  /** By replication; absent: not known. */
  readonly figures?: readonly number[] | undefined;
  /** Where replications disagree `fail`, since a limit is to be kept in every year. */
  readonly verdict: LawCheck['verdict'];
}

/** The checks of a site over its replications. */
export function checkedLimits(runs: readonly CandidateRun[]): readonly CheckedLimit[] {
  const [first] = runs;
  return (first?.site.indicators?.checks ?? []).map(({ figure, verdict, ...check }, index) => {
    const all = runs.map(({ site }) => site.indicators!.checks[index]!);
    const figures = figure === undefined ? undefined : all.map((one) => one.figure!);
    return { ...check, figures, verdict: all.find((one) => one.verdict !== 'pass')?.verdict ?? verdict };
  });
}

/** A table of the sites that have something in every replication; columns that none of them knows are left out. */
export const withRows = (
  rows: readonly SiteRow[],
  measures: readonly SiteMeasure[],
  has: (site: SiteResult) => boolean,
  units: Units,
): ReportTable | undefined => {
  const shown = rows.filter(({ runs }) => runs.length > 0 && runs.every(({ site }) => has(site)));
  if (shown.length === 0) return undefined;
  const runsOf = shown.map(({ runs }) => runs);
  const columns = knownMeasures(measures, runsOf.flat()).map((known) => measureColumn(known, runsOf, units));
  return {
    columns: [left('site'), ...columns.map(({ column }) => column)],
    rows: shown.map(({ label }, row) => [label, ...columns.map(({ cells }) => cells[row]!)]),
  };
};

/** Sites that ask for indicators; columns that none of them knows are left out. */
export const indicatorTable = (rows: readonly SiteRow[], units: Units): ReportTable | undefined =>
  withRows(rows, INDICATOR_MEASURES, ({ indicators }) => indicators !== undefined, units);

/** Sites that say how their carbon is counted. */
export const carbonTable = (rows: readonly SiteRow[], units: Units): ReportTable | undefined =>
  withRows(rows, CARBON_MEASURES, ({ carbon }) => carbon !== undefined, units);

/** Each limit that holds for a site, a line each. */
export function limitTable(rows: readonly SiteRow[]): ReportTable | undefined {
  const lines = rows.flatMap(({ label, runs }) =>
    checkedLimits(runs).map(({ rule, indicator, bound, limit, figures, verdict, note, binding }) => [
      label,
      rule,
      `${indicator} ${bound} ${formatNumber(limit, 2)}`,
      { value: figures === undefined ? Number.NaN : estimate(figures).mean, decimals: 3 },
      `${verdict}${binding ? '' : ' (binds nobody)'}${note === undefined ? '' : `; ${note}`}`,
    ]),
  );
  if (lines.length === 0) return undefined;
  return {
    columns: [left('site'), left('rule'), left('limit'), right('figure'), left('verdict')],
    rows: lines,
  };
}

const NOTES = {
  indicators:
    'By the symbols of Regulation (EU) 2024/1364, over the horizon. EREUSE is heat at the network’s door; the heat pump is in EDC. n/a: the site does not say.',
  carbon:
    'Market: PPAs of renewables and guarantees of origin by contract, the rest at the residual mix, or without one at the zone’s own intensity. The shadow cost is no cash: allowances are inside the day-ahead price. Per GPU-hour and token location-based.',
} as const;

/** The three tables under their headings, those that there are. */
export function indicatorTexts(rows: readonly SiteRow[]): readonly string[] {
  const section = (heading: string, table: ReportTable | undefined, note?: string): string[] =>
    table === undefined
      ? []
      : [
          [heading, tableText(table), ...(note === undefined ? [] : [wrap(note, { indent: '  ', first: '' })])].join(
            '\n\n',
          ),
        ];
  return [
    ...section('Indicators of the data centre', indicatorTable(rows, 'readable'), NOTES.indicators),
    ...section('Limits and targets', limitTable(rows)),
    ...section('Carbon by way of counting', carbonTable(rows, 'readable'), NOTES.carbon),
  ];
}

/** The same for programs. */
export const indicatorTablesPlain = (rows: readonly SiteRow[]): readonly ReportTable[] =>
  [indicatorTable(rows, 'fixed'), limitTable(rows), carbonTable(rows, 'fixed')].filter((table) => table !== undefined);
