import { meanOf } from '../metrics/statistics.js';
import type { ScheduleSummary } from '../metrics/runResult.js';
import type { ScheduleRuns } from './candidates.js';
import { goodputLines, phaseMeasures } from './goodputTables.js';
import { estimateText, measureColumn, type Units } from './measures.js';
import { formatNumber, formatWait, plural } from './numbers.js';
import { GPU_HOURS, pickScale, WAIT_MS } from './scales.js';
import { sleepLines } from './sleepLines.js';
import { SCHEDULE_MEASURES } from './siteMeasures.js';
import { left, type ReportTable } from './table.js';
import { REPORT_WIDTH, wrap } from './wrap.js';

/** What counts as used, where the number is explained. */
export const HELD_GPUS = 'held by jobs, whatever they achieve; a job of more GPUs than a node has holds whole nodes';

const NAME_WIDTH = 15;
const INDENT = ' '.repeat(NAME_WIDTH + 1);

const PERCENT = [{ unit: '%', size: 1 }];

/** One schedule in words: what it delivered, how long jobs waited, what the horizon cut. Means over replications. */
export function scheduleText(runs: readonly ScheduleSummary[]): string {
  const of = (value: (run: ScheduleSummary) => number): number[] => runs.map(value);
  const mean = (value: (run: ScheduleSummary) => number): number => meanOf(of(value));
  const first = runs[0]!;
  // One unit for what was used and what there was, or 8.00 of 140.54 thousand reads as 8 thousand.
  const scales = [pickScale(GPU_HOURS, [mean((run) => run.gpuHoursUsed)])];
  const capacity = estimateText([first.gpuHoursCapacity], scales, 2);
  const lines: [string, string][] = [
    [
      'GPU-hours used',
      `${estimateText(
        of((run) => run.gpuHoursUsed),
        scales,
        2,
      )} of ${capacity} on ${formatNumber(first.gpus)} GPUs${growth(first)}`,
    ],
    ...serviceLines(runs),
    [
      'utilisation',
      estimateText(
        of((run) => 100 * run.utilisationFraction),
        PERCENT,
        2,
      ),
    ],
    ['offered load', offeredLoad(runs)],
    [
      'wait',
      `mean ${estimateText(
        of((run) => run.wait.meanMs),
        WAIT_MS,
        2,
      )}, ` +
        `95th percentile ${estimateText(
          of((run) => run.wait.p95Ms),
          WAIT_MS,
          2,
        )}`,
    ],
    [
      'queue',
      `${formatNumber(
        mean((run) => run.queueMean),
        1,
      )} jobs on average, ${formatNumber(Math.max(...of((run) => run.queueMax)))} at most`,
    ],
    ['jobs', jobCounts(mean)],
    ...[...goodputLines(runs), ...sleepLines(runs)].map(([name, text]): [string, string] => [
      name,
      wrap(text, { width: REPORT_WIDTH - INDENT.length }).replaceAll('\n', `\n${INDENT}`),
    ]),
    ['cut by horizon', cutCounts(runs)],
  ];
  const rescaled = mean((run) => run.rescaledJobs);
  if (rescaled > 0) {
    lines.push([
      're-scaled',
      `${plural(Math.round(rescaled), 'job')} larger than the machine: run on all of it for longer, GPU-time kept`,
    ]);
  }
  return lines.map(([name, text]) => `${name.padEnd(NAME_WIDTH)} ${text}`).join('\n');
}

/** Of a site that grows, what there was at first. */
const growth = ({ gpusAtStart }: ScheduleSummary): string =>
  gpusAtStart === undefined ? '' : `, ${formatNumber(gpusAtStart)} of them from the start`;

/** Of the GPU-hours used, what each service held. */
function serviceLines(runs: readonly ScheduleSummary[]): [string, string][] {
  const services = runs[0]!.services ?? [];
  return services.map(({ name, gpus }, index) => {
    const at = runs[0]!.classes.length - services.length + index;
    const hours = runs.map((run) => run.classes[at]!.gpuHoursUsed);
    const scales = [pickScale(GPU_HOURS, [meanOf(hours)])];
    return ['of services', `${name} ${estimateText(hours, scales, 2)} on ${formatNumber(gpus)} GPUs`];
  });
}

function offeredLoad(runs: readonly ScheduleSummary[]): string {
  const loads = runs.map((run) => formatNumber(run.offeredLoadRealised, 4)).sort();
  const realised = loads[0] === loads.at(-1) ? loads[0]! : `${loads[0]!} to ${loads.at(-1)!}`;
  const { offeredLoadTarget } = runs[0]!;
  return offeredLoadTarget === undefined
    ? `${realised}, as submitted`
    : `${formatNumber(offeredLoadTarget, 4)} asked, ${realised} submitted`;
}

type MeanOf = (value: (run: ScheduleSummary) => number) => number;

function jobCounts(mean: MeanOf): string {
  const parts = [
    [mean((run) => run.completed), 'completed'],
    [mean((run) => run.failed), 'failed'],
    [mean((run) => run.cancelled), 'cancelled'],
  ] as const;
  const ends = parts.filter(([count]) => count > 0).map(([count, what]) => `${formatNumber(count)} ${what}`);
  return [`${formatNumber(mean((run) => run.submitted))} submitted`, ...ends].join(', ');
}

/** The wait so far is that of a waiting job, whichever replication it is in: some may have none. */
function cutCounts(runs: readonly ScheduleSummary[]): string {
  const mean: MeanOf = (value) => meanOf(runs.map(value));
  const waiting = mean((run) => run.waitingAtEnd);
  const waitedMs = mean((run) => (run.waitingAtEnd > 0 ? run.waitingAtEnd * run.waitingSoFarMeanMs : 0)) / waiting;
  const waited = waiting > 0 ? ` (for ${formatWait(waitedMs)} so far)` : '';
  return `${formatNumber(mean((run) => run.runningAtEnd))} running, ${formatNumber(waiting)} waiting${waited}`;
}

/** Several schedules side by side. */
export function scheduleTable(schedules: readonly ScheduleRuns[], units: Units): ReportTable {
  const runsOf = schedules.map(({ runs }) => runs);
  const measures = [...SCHEDULE_MEASURES, ...phaseMeasures(runsOf, units)];
  const measured = measures.map((one) => measureColumn(one, runsOf, units));
  return {
    columns: [left('schedule'), ...measured.map(({ column }) => column)],
    rows: schedules.map(({ label }, row) => [label, ...measured.map(({ cells }) => cells[row]!)]),
  };
}

/** What was left out of {@link scheduleTable}: jobs cut by the horizon or re-scaled, and the load asked for. */
export function scheduleNotes(schedules: readonly ScheduleRuns[]): string[] {
  return schedules.map(({ label, runs }) => {
    const mean: MeanOf = (value) => meanOf(runs.map(value));
    const rescaled = mean((run) => run.rescaledJobs);
    const note = rescaled > 0 ? `; ${plural(Math.round(rescaled), 'job')} re-scaled to the machine's size` : '';
    return `${label}: offered load ${offeredLoad(runs)}; cut by the horizon: ${cutCounts(runs)}${note}`;
  });
}
