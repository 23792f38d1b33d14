import { levers, type Lever } from '../economics/levers.js';
import {
  curveOf,
  type LoadCurve,
  type RunResult,
  type ScheduleSummary,
  type SiteResult,
} from '../metrics/runResult.js';
import { ALL_SITES, siteTotal } from '../metrics/siteTotal.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { siteSeries } from '../sim/siteMeter.js';
import type { RunInputs } from '../workload/runInputs.js';
import { W_PER_MW } from '../base/units.js';
import { billTexts } from './billTables.js';
import { brokerTable, SHARE_MEASURES } from './brokerTable.js';
import { costedSites, costTexts, type CostedSite } from './costTables.js';
import { fullSpeedGpuHours } from './fullSpeed.js';
import { measureColumn, type Units } from './measures.js';
import { failureTable, parallelismTable, trainingTable } from './goodputTables.js';
import { gridTexts } from './gridTables.js';
import { indicatorTexts, type SiteRow } from './indicatorTables.js';
import { formatNumber } from './numbers.js';
import { pickScale, POWER_MW } from './scales.js';
import { scheduleText } from './scheduleText.js';
import {
  ALL_IN_EUR_PER_FULL_SPEED_GPU_HOUR,
  EUR_PER_FULL_SPEED_GPU_HOUR,
  EUR_PER_GPU_HOUR,
  POWER_MEASURES,
  PRICE_MEASURES,
  TOTAL_EUR,
  workMeasures,
} from './siteMeasures.js';
import { sparkline } from './sparkline.js';
import { left, tableText, type ReportTable } from './table.js';

/** What is left of a run in a results folder; the load curve only of a run that was just done. */
export type KeptResult = Pick<RunResult, 'fingerprint' | 'schedule' | 'sites'> & {
  readonly loadCurves?: readonly LoadCurve[];
};

/** A run with what it was made from. */
export interface FinishedRun {
  readonly spec: RunSpec;
  readonly inputs: RunInputs;
  readonly result: KeptResult;
  readonly key: string;
}

const SPARKLINE_WIDTH = 60;
/** Load factor and intensity are left to `compare`, to keep a run inside the width. */
const RUN_MEASURES = [
  ...POWER_MEASURES.filter(({ key }) => key !== 'loadFactor' && key !== 'carbonKgPerMWh'),
  ...PRICE_MEASURES.filter(({ key }) => key !== 'deliveredEurPerMWh'),
  TOTAL_EUR,
  EUR_PER_GPU_HOUR,
];

/** One run for a terminal: its schedule, its sites, and their curves over the horizon. */
export function runText(run: FinishedRun): string {
  const { spec, result } = run;
  const heading =
    `${spec.policy.text}, replication ${String(spec.replication + 1)}, seed ${spec.seed}, ` +
    `fingerprint ${result.fingerprint}`;
  const parts = [heading, scheduleText([result.schedule]), ...phaseTables([result.schedule])];
  if (spec.sites.length > 0) parts.push(tableText(siteTable([run], 'readable')));
  if (spec.brokered === true) parts.push(tableText(sharesTable(run)));
  parts.push(...billTexts(paidSites(spec, result).map(({ id, site }) => ({ label: id, site }))));
  parts.push(...costOfOwnership(run), ...indicatorTexts(siteRows(run)));
  parts.push(...gridTexts(siteRows(run)));
  const { loadCurves } = result;
  parts.push(
    loadCurves === undefined
      ? 'Found among the results, so its curves are not drawn; series.parquet there holds them.'
      : curves(run, loadCurves),
  );
  return parts.join('\n\n');
}

/** What was trained and what failed, of one schedule with phases; nothing of others. */
export function phaseTables(runs: readonly ScheduleSummary[], mostCauses?: number): string[] {
  const training = trainingTable([{ label: '', runs }], 'readable');
  const parallelism = parallelismTable(runs);
  const failures = failureTable(runs, 'readable', mostCauses);
  return [
    ...(training === undefined ? [] : [`Training\n\n${tableText(training)}`]),
    ...(parallelism === undefined ? [] : [`Parallelism, and MFU at full speed\n\n${tableText(parallelism)}`]),
    ...(failures === undefined ? [] : [`Interruptions by cause\n\n${tableText(failures)}`]),
  ];
}

/** A row for each site of each run. */
export function siteTable(runs: readonly FinishedRun[], units: Units): ReportTable {
  const rows = runs.flatMap(({ spec, result }) =>
    paidSites(spec, result).map(({ id, zone, site }) => ({
      ...{ id, zone, spec },
      run: { replication: spec.replication, fingerprint: result.fingerprint, schedule: result.schedule, site },
    })),
  );
  const measured = [...RUN_MEASURES, ...workMeasures(rows.map(({ run }) => run))].map((one) =>
    measureColumn(
      one,
      rows.map(({ run }) => [run]),
      units,
    ),
  );
  const several = runs.length > 1;
  return {
    columns: [
      ...(several ? [left('policy'), left('replication')] : []),
      left('site'),
      left('zone'),
      ...measured.map(({ column }) => column),
    ],
    rows: rows.map(({ id, zone, spec }, row) => [
      ...(several ? [spec.policy.text, String(spec.replication + 1)] : []),
      id,
      zone,
      ...measured.map(({ cells }) => cells[row]!),
    ]),
  };
}

/** The sites of a run, and their total where one broker serves them. */
function paidSites(
  spec: RunSpec,
  { sites }: KeptResult,
): readonly { readonly id: string; readonly zone: string; readonly site: SiteResult }[] {
  const own = spec.sites.map(({ id, zone }, index) => ({ id, zone, site: sites[index]! }));
  return spec.brokered === true ? [...own, { id: ALL_SITES, zone: '', site: siteTotal(sites) }] : own;
}

const siteRows = ({ spec, result }: FinishedRun): readonly SiteRow[] =>
  paidSites(spec, result).map(({ id, site }) => ({
    label: id,
    runs: [{ replication: spec.replication, fingerprint: result.fingerprint, schedule: result.schedule, site }],
  }));

const costed = ({ spec, result }: FinishedRun): readonly CostedSite[] =>
  costedSites(
    spec,
    paidSites(spec, result).map(({ id, site }, index) => ({ id, site, spec: spec.sites[index] })),
  );

/** What the cost of each site would be with one thing changed; of sites that are costed. */
export const runLevers = (run: FinishedRun): Readonly<Record<string, readonly Lever[]>> =>
  Object.fromEntries(
    costed(run).flatMap((of) => (of.capital === undefined ? [] : [[of.id, levers(of.capital, of.cost, of)]])),
  );

/** By site, GPU-hours at full speed and what one costs; of runs under a power policy. */
export const runFullSpeed = (run: FinishedRun): Readonly<Record<string, Readonly<Record<string, number>>>> =>
  Object.fromEntries(
    siteRows(run).map(({ label, runs: [own] }) => [
      label,
      {
        gpuHours: fullSpeedGpuHours(own!),
        ...Object.fromEntries(
          [EUR_PER_FULL_SPEED_GPU_HOUR, ALL_IN_EUR_PER_FULL_SPEED_GPU_HOUR]
            .filter(({ has }) => has(own!))
            .map(({ key, of }) => [key, of(own!)]),
        ),
      },
    ]),
  );

function costOfOwnership(run: FinishedRun): string[] {
  const { spec } = run;
  const gaps = spec.sites.flatMap(({ id, capitalGaps }) => (capitalGaps === undefined ? [] : [{ id, capitalGaps }]));
  return costTexts(costed(run), gaps);
}

/** What the broker sent where. */
function sharesTable({ spec, result }: FinishedRun): ReportTable {
  const { fingerprint, schedule } = result;
  const rows = paidSites(spec, result).map(({ id, site }) => ({
    broker: '',
    site: id,
    runs: [{ replication: spec.replication, fingerprint, schedule, site }],
  }));
  return brokerTable(rows, SHARE_MEASURES, 'readable');
}

function curves({ spec, inputs }: FinishedRun, loadCurves: readonly LoadCurve[]): string {
  const lines: (readonly [string, string, string])[] = [];
  for (const [index, site] of spec.sites.entries()) {
    const { facilityW, priceEurPerMWh } = siteSeries(site, curveOf(loadCurves, index), inputs);
    const megawatts = facilityW.map((watts) => watts / W_PER_MW);
    const { unit, size } = pickScale(POWER_MW, [extreme(megawatts, Math.max)]);
    lines.push(
      curve(
        `${site.id} power`,
        megawatts.map((value) => value / size),
        unit,
      ),
    );
    lines.push(curve(`${site.id} price`, priceEurPerMWh, 'EUR/MWh'));
  }
  lines.push(curve('queue', queuedJobs(loadCurves), 'jobs'));
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, drawn, range]) => `${name.padEnd(width)}  ${drawn}  ${range}`).join('\n');
}

/** Of all sites. */
const queuedJobs = (loadCurves: readonly LoadCurve[]): Float64Array =>
  loadCurves[0]!.queuedJobMs.map(
    (_, bin) => loadCurves.reduce((sum, { queuedJobMs }) => sum + queuedJobMs[bin]!, 0) / loadCurves[0]!.binMs,
  );

/** Name, line, and the range of the 15-minute values behind it. */
function curve(name: string, values: Float64Array, unit: string): readonly [string, string, string] {
  const low = formatNumber(extreme(values, Math.min), 1);
  const high = formatNumber(extreme(values, Math.max), 1);
  return [name, sparkline(values, SPARKLINE_WIDTH), `${low} to ${high} ${unit}`];
}

/** Of too many values for an argument list. */
function extreme(values: Float64Array, pick: (a: number, b: number) => number): number {
  return values.reduce((a, b) => pick(a, b));
}
