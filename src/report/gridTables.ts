import { MS_PER_DAY, formatDuration } from '../base/units.js';
import type { GridOrderResult } from '../energy/gridOrders.js';
import type { SiteResult } from '../metrics/runResult.js';
import { meanOf } from '../metrics/statistics.js';
import type { CandidateRun } from './candidates.js';
import { withRows, type SiteRow } from './indicatorTables.js';
import { measure, measureColumn, type Measure, type SiteMeasure, type Units } from './measures.js';
import { formatNumber, plural } from './numbers.js';
import { CARBON_KT, ENERGY_MWH, MONEY_EUR, POWER_MW, type Scale } from './scales.js';
import { left, tableText, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

const scaled = (
  key: string,
  title: string,
  scales: readonly Scale[],
  decimals: number,
  value: (site: SiteResult) => number | undefined,
): SiteMeasure => ({ key, title, scales, decimals, of: ({ site }) => value(site) ?? Number.NaN });
const count = (key: string, title: string, unit: string, value: (site: SiteResult) => number | undefined) =>
  measure<CandidateRun>(key, title, unit, 0, ({ site }) => value(site) ?? Number.NaN);

/** Ramps between neighbouring quarter hours, and what was drawn beyond the connection or its limits. */
export const GRID_MEASURES: readonly SiteMeasure[] = [
  scaled('highestRiseMW', 'highest rise', POWER_MW, 1, ({ grid }) => grid?.ramps.highestRiseMW),
  scaled('highestFallMW', 'highest fall', POWER_MW, 1, ({ grid }) => grid?.ramps.highestFallMW),
  scaled('p99RampMW', '99 % within', POWER_MW, 1, ({ grid }) => grid?.ramps.p99MW),
  count('rampsAboveLimit', 'ramps', 'above limit', ({ grid }) => grid?.ramps.aboveLimit),
  count('excessQuarterHours', 'quarter hours', 'above limit', ({ grid }) => grid?.excess?.quarterHours),
  scaled('excessMWh', 'above limit', ENERGY_MWH, 1, ({ grid }) => grid?.excess?.mwh),
  scaled('highestExcessMW', 'at most', POWER_MW, 1, ({ grid }) => grid?.excess?.highestMW),
];

/** What a battery did, and its line on the bill by what it came from. */
export const BATTERY_MEASURES: readonly SiteMeasure[] = [
  measure('cycles', 'cycles', '', 1, ({ site }) => site.battery?.cycles ?? Number.NaN),
  scaled('dischargedMWh', 'discharged', ENERGY_MWH, 2, ({ battery }) => battery?.dischargedMWh),
  scaled('lossesMWh', 'losses', ENERGY_MWH, 2, ({ battery }) => battery?.lossesMWh),
  scaled('gridPeakMW', 'peak with it', POWER_MW, 2, ({ battery }) => battery?.peakMW),
  scaled('peakTargetMW', 'its target', POWER_MW, 2, ({ battery }) => battery?.peakTargetMW),
  scaled('batteryEur', 'on the bill', MONEY_EUR, 3, ({ battery }) => battery?.eur),
  scaled('peakEur', 'of it peak', MONEY_EUR, 3, ({ battery }) => battery?.peakEur),
  scaled('arbitrageEur', 'arbitrage', MONEY_EUR, 3, ({ battery }) => battery?.arbitrageEur),
  scaled('lossesEur', 'losses', MONEY_EUR, 3, ({ battery }) => battery?.lossesEur),
  scaled('batteryCarbonKt', 'carbon', CARBON_KT, 2, ({ battery }) => battery && battery.carbonT / 1000),
];

/** Of one order. */
export const ORDER_MEASURES: readonly Measure<GridOrderResult>[] = [
  { key: 'baselineMW', title: 'hour before', scales: POWER_MW, decimals: 1, of: ({ baselineMW }) => baselineMW },
  { key: 'targetMW', title: 'at most', scales: POWER_MW, decimals: 1, of: ({ targetMW }) => targetMW },
  measure('quarterHoursMet', 'quarter hours', 'met', 1, ({ quarterHoursMet }) => quarterHoursMet),
  { key: 'deliveredMWh', title: 'not drawn', scales: ENERGY_MWH, decimals: 1, of: ({ deliveredMWh }) => deliveredMWh },
  { key: 'shortfallMWh', title: 'short', scales: ENERGY_MWH, decimals: 2, of: ({ shortfallMWh }) => shortfallMWh },
  {
    key: 'worstShortfallMW',
    title: 'short at most',
    scales: POWER_MW,
    decimals: 2,
    of: ({ worst }) => worst?.shortfallMW ?? 0,
  },
];

/** An order of a site in all replications. */
export interface OrderRuns {
  readonly label: string;
  readonly name: string;
  readonly runs: readonly GridOrderResult[];
}

/** The orders of a site, in their order of time. */
export const ordersOf = ({ label, runs }: SiteRow): readonly OrderRuns[] =>
  (runs[0]?.site.grid?.orders ?? []).map(({ name }, index) => ({
    label,
    name,
    runs: runs.map(({ site }) => site.grid!.orders[index]!),
  }));

export const gridTable = (rows: readonly SiteRow[], units: Units): ReportTable | undefined =>
  withRows(rows, GRID_MEASURES, ({ grid }) => grid !== undefined, units);

export const batteryTable = (rows: readonly SiteRow[], units: Units): ReportTable | undefined =>
  withRows(rows, BATTERY_MEASURES, ({ battery }) => battery !== undefined, units);

/** A line for each order of each site. */
export function orderTable(orders: readonly OrderRuns[], units: Units): ReportTable | undefined {
  if (orders.length === 0) return undefined;
  const measured = ORDER_MEASURES.map((one) =>
    measureColumn(
      one,
      orders.map(({ runs }) => runs),
      units,
    ),
  );
  return {
    columns: [
      ...[left('site'), left('order'), left('from'), left('for'), left('met')],
      ...measured.map(({ column }) => column),
    ],
    rows: orders.map(({ label, name, runs }, row) => [
      ...[label, name, timeText(runs[0]!.fromMs), formatDuration(runs[0]!.toMs - runs[0]!.fromMs), metText(runs)],
      ...measured.map(({ cells }) => cells[row]!),
    ]),
  };
}

/** `yes` and `no`; of several replications how many. */
function metText(runs: readonly GridOrderResult[]): string {
  const met = runs.filter((run) => run.met).length;
  if (runs.length === 1) return met === 1 ? 'yes' : 'no';
  return `${formatNumber(met)} of ${formatNumber(runs.length)}`;
}

/** `100 d 12 h` since the start. */
function timeText(ms: number): string {
  const days = Math.floor(ms / MS_PER_DAY);
  const restMs = ms - days * MS_PER_DAY;
  return [...(days > 0 ? [`${days} d`] : []), ...(restMs > 0 || days === 0 ? [formatDuration(restMs)] : [])].join(' ');
}

/** More orders than that are told of by those that were missed by most. */
const MOST_ORDERS = 20;

const ORDER_NOTE =
  'Met: every quarter hour at or below what the order allows. The hour before is counted without a battery; not drawn is against it.';
const BATTERY_NOTE =
  'EUR as on the bill: negative saves. All other lines of the bill are those of the draw without the battery; its target of peak shaving knows the whole load in advance.';

/** Connection, orders and batteries under their headings, those that there are. */
export function gridTexts(rows: readonly SiteRow[]): readonly string[] {
  const section = (heading: string, table: ReportTable | undefined, note?: string): string[] => {
    if (table === undefined) return [];
    const noted = note === undefined ? [] : [wrap(note, { indent: '  ', first: '' })];
    return [[heading, tableText(table), ...noted].join('\n\n')];
  };
  const all = rows.flatMap(ordersOf);
  const shortMWh = ({ runs }: OrderRuns): number => meanOf(runs.map(({ shortfallMWh }) => shortfallMWh));
  const shown =
    all.length <= MOST_ORDERS ? all : [...all].sort((a, b) => shortMWh(b) - shortMWh(a)).slice(0, MOST_ORDERS);
  const heading =
    all.length <= MOST_ORDERS
      ? 'Orders of the grid operator'
      : `Orders of the grid operator: of ${plural(all.length, 'order')} the ${MOST_ORDERS} that were missed by most`;
  return [
    ...section('At the grid connection, from one quarter hour to the next', gridTable(rows, 'readable')),
    ...section(heading, orderTable(shown, 'readable'), ORDER_NOTE),
    ...section('Batteries', batteryTable(rows, 'readable'), BATTERY_NOTE),
  ];
}

/** The same for programs, with every order. */
export const gridTablesPlain = (rows: readonly SiteRow[]): readonly ReportTable[] =>
  [gridTable(rows, 'fixed'), orderTable(rows.flatMap(ordersOf), 'fixed'), batteryTable(rows, 'fixed')].filter(
    (table) => table !== undefined,
  );
