import type { FailureSummary, GoodputSummary, TrainingSize, TrainingSummary } from '../metrics/goodputResult.js';
import type { ScheduleSummary } from '../metrics/runResult.js';
import { meanOf } from '../metrics/statistics.js';
import { estimateText, measure, measureColumn, type Measure, type ScheduleMeasure, type Units } from './measures.js';
import { formatPercent } from './numbers.js';
import { FLOP_DAYS, GPU_HOURS, TOKENS, TOKENS_PER_S, type Scale } from './scales.js';
import { left, right, type Cell, type ReportTable } from './table.js';

/** What counts as useful, where the number is explained. */
export const USEFUL =
  'productive and not lost again: without standing still for checkpoints, work lost in failures, starts, restarts and detection; ' +
  'ETTR is useful time over time held and waited for repair';

/** Whether runs have phases to be told of. All of one plan do, or none. */
export const haveGoodput = (runs: readonly ScheduleSummary[]): boolean =>
  runs.length > 0 && runs.every(({ goodput }) => goodput !== undefined);

const of =
  (value: (goodput: GoodputSummary) => number) =>
  ({ goodput }: ScheduleSummary): number =>
    goodput === undefined ? Number.NaN : value(goodput);

const sumOf = (failures: readonly FailureSummary[], value: (failure: FailureSummary) => number): number =>
  failures.reduce((sum, failure) => sum + value(failure), 0);

const shareOfTotal = (key: string, title: string, value: (goodput: GoodputSummary) => number): ScheduleMeasure =>
  measure(
    key,
    title,
    '%',
    2,
    of((goodput) => (100 * value(goodput)) / goodput.totalGpuHours),
  );

/** What GPU time went to, in the order in which its shares of the total are told; they sum to 100 %. */
export const GPU_TIME_SHARES: readonly ScheduleMeasure[] = [
  shareOfTotal('usefulPercent', 'useful', ({ usefulGpuHours }) => usefulGpuHours),
  shareOfTotal('stallPercent', 'checkpoints', ({ stallGpuHours }) => stallGpuHours),
  shareOfTotal('lostPercent', 'lost work', ({ lostGpuHours }) => lostGpuHours),
  shareOfTotal('restartPercent', 'starts and restarts', ({ restartGpuHours }) => restartGpuHours),
  shareOfTotal('idlePercent', 'idle', ({ idleGpuHours }) => idleGpuHours),
  shareOfTotal('sparePercent', 'spare', ({ spareGpuHours }) => spareGpuHours),
  shareOfTotal('downPercent', 'down', ({ downGpuHours }) => downGpuHours),
  shareOfTotal('withdrawnPercent', 'withdrawn', ({ withdrawnGpuHours }) => withdrawnGpuHours),
];

/** Beside the shares: what it is the wait for is held by others, is idle or down, and stands in the total as that. */
const REPAIR_WAIT = shareOfTotal(
  'repairWaitPercent',
  'waiting for repair',
  ({ repairWaitGpuHours }) => repairWaitGpuHours,
);

/** The measures of every schedule are `SCHEDULE_MEASURES`; for people those of phases are left out that are 0 in all. */
export function phaseMeasures(schedules: readonly (readonly ScheduleSummary[])[], units: Units) {
  if (!schedules.some(haveGoodput)) return [];
  const runs = schedules.flat();
  return units === 'fixed'
    ? GOODPUT_MEASURES
    : GOODPUT_MEASURES.filter(({ of: value }) => runs.some((run) => value(run) !== 0));
}

/** What a schedule with phases delivered, beside the measures of every schedule. */
export const GOODPUT_MEASURES: readonly ScheduleMeasure[] = [
  {
    key: 'usefulGpuHours',
    title: 'useful GPU-hours',
    scales: GPU_HOURS,
    decimals: 2,
    of: of(({ usefulGpuHours }) => usefulGpuHours),
  },
  measure(
    'ettrPercent',
    'ETTR',
    '%',
    2,
    of(({ ettrFraction }) => 100 * ettrFraction),
  ),
  ...GPU_TIME_SHARES,
  REPAIR_WAIT,
  measure(
    'failures',
    'failures',
    '',
    0,
    of(({ failures }) => sumOf(failures, countOfFailures)),
  ),
  measure(
    'interruptions',
    'jobs',
    'interrupted',
    0,
    of(({ failures }) => sumOf(failures, ({ interruptions }) => interruptions)),
  ),
];

/** Lost work and restarts after a pre-emption stand among the causes, but nothing failed. */
const countOfFailures = ({ cause, count }: FailureSummary): number => (cause === PRE_EMPTION ? 0 : count);
const PRE_EMPTION = 'pre-emption';

/** Of a schedule with phases, lines of its summary: name and text. */
export function goodputLines(runs: readonly ScheduleSummary[]): [string, string][] {
  if (!haveGoodput(runs)) return [];
  const percent = ({ of: value }: ScheduleMeasure): string =>
    estimateText(runs.map(value), [{ unit: '%', size: 1 }], 2);
  const shares = GPU_TIME_SHARES.filter(
    ({ key, of: value }) => key === 'usefulPercent' || runs.some((run) => value(run) !== 0),
  );
  const waiting = runs.some((run) => REPAIR_WAIT.of(run) !== 0)
    ? `; beside the total, jobs waiting for repair ${percent(REPAIR_WAIT)}`
    : '';
  const ettr = estimateText(
    runs.map((run) => 100 * run.goodput!.ettrFraction),
    [{ unit: '%', size: 1 }],
    2,
  );
  const storage = Math.max(
    ...runs[0]!.goodput!.storageLoadFraction.map((_, site) =>
      meanOf(runs.map((run) => run.goodput!.storageLoadFraction[site]!)),
    ),
    0,
  );
  return [
    ['GPU time', `${shares.map((share) => `${share.title} ${percent(share)}`).join(', ')}${waiting}`],
    ['ETTR', `${ettr} of the time held and waited for repair was productive`],
    ...(storage > 0
      ? [['storage', `${formatPercent(storage, 2)} of the write bandwidth for checkpoints in use`] as [string, string]]
      : []),
  ];
}

/** Rare causes stand beside those that cost most. */
const UP_TO_THOUSANDS = GPU_HOURS.slice(1);

/** Measures of one cause of failures. */
export const FAILURE_MEASURES: readonly Measure<FailureSummary>[] = [
  measure('count', 'times', '', 1, ({ count }) => count),
  measure('interruptions', 'jobs', 'interrupted', 1, ({ interruptions }) => interruptions),
  hours('lostGpuHours', 'GPU-hours lost', ({ lostGpuHours }) => lostGpuHours, UP_TO_THOUSANDS),
  hours('restartGpuHours', 'to restart', ({ restartGpuHours }) => restartGpuHours, UP_TO_THOUSANDS),
  measure('downNodeHours', 'node-hours', 'down', 1, ({ downNodeHours }) => downNodeHours),
];

/** Measures of what one class trained. */
export const TRAINING_MEASURES: readonly Measure<TrainingSummary>[] = [
  { key: 'tokens', title: 'tokens', scales: TOKENS, decimals: 3, of: ({ tokens }) => tokens },
  { key: 'tokensPerS', title: 'tokens/s', scales: TOKENS_PER_S, decimals: 2, of: ({ tokensPerS }) => tokensPerS },
  { key: 'exaFlopDays', title: 'trained', scales: FLOP_DAYS, decimals: 2, of: ({ exaFlopDays }) => exaFlopDays },
  measure('mfuPercent', 'MFU', '%', 2, ({ mfuFraction }) => 100 * mfuFraction),
  hours('usefulGpuHours', 'useful GPU-hours', ({ usefulGpuHours }) => usefulGpuHours),
];

function hours<Run>(key: string, title: string, value: (run: Run) => number, scales: readonly Scale[] = GPU_HOURS) {
  return { key, title, scales, decimals: 2, of: value };
}

/** One cause in all replications: nothing where it never struck. */
export interface CauseRuns {
  readonly cause: string;
  readonly runs: readonly FailureSummary[];
}

/** Every cause of some replication, from the one that cost most GPU-hours. */
export function failuresByCause(runs: readonly ScheduleSummary[]): readonly CauseRuns[] {
  const found = runs.map(({ goodput }) => new Map(goodput?.failures.map((failure) => [failure.cause, failure])));
  const causes = [...new Set(found.flatMap((byCause) => [...byCause.keys()]))];
  const cost = ({ runs: failures }: CauseRuns): number =>
    sumOf(failures, ({ lostGpuHours, restartGpuHours }) => lostGpuHours + restartGpuHours);
  return causes
    .map((cause) => ({ cause, runs: found.map((byCause) => byCause.get(cause) ?? neverStruck(cause)) }))
    .sort((a, b) => cost(b) - cost(a));
}

const neverStruck = (cause: string): FailureSummary => ({
  ...{ cause, count: 0, interruptions: 0, lostGpuHours: 0, restartGpuHours: 0, downNodeHours: 0 },
});

/** What a class trained, in all replications. */
export interface TrainingRuns {
  readonly name: string;
  readonly model: string;
  readonly runs: readonly TrainingSummary[];
}

/** The classes with a model, in the workload's order. */
export function trainingByClass(runs: readonly ScheduleSummary[]): readonly TrainingRuns[] {
  const classes = runs[0]?.classes ?? [];
  return classes.flatMap(({ name, training }, index) =>
    training === undefined
      ? []
      : [{ name, model: training.model, runs: runs.map((run) => run.classes[index]!.training!) }],
  );
}

/** Sizes that a table tells of. */
const MOST_SIZES = 12;

/** How the models of the classes ran by size, those with most useful time; `undefined` where none did. */
export function parallelismTable(runs: readonly ScheduleSummary[]): ReportTable | undefined {
  const sizes = trainingByClass(runs).flatMap(({ name, model, runs: trained }) => {
    const found = new Map<string, { name: string; model: string; size: TrainingSize; hours: number }>();
    for (const size of trained.flatMap((one) => one.sizes)) {
      const key = `${size.partition} ${size.gpus}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { name, model, size, hours: size.usefulGpuHours });
      else known.hours += size.usefulGpuHours;
    }
    return [...found.values()];
  });
  if (sizes.length === 0) return undefined;
  const least = sizes.map(({ hours: spent }) => spent).sort((a, b) => b - a)[MOST_SIZES - 1] ?? 0;
  return {
    columns: [left('class'), left('model'), left('partition'), right('GPUs'), left('parallelism'), right('MFU', '%')],
    rows: sizes
      .filter(({ hours: spent }) => spent >= least)
      .map(({ name, model, size }): Cell[] => [
        name,
        model,
        size.partition,
        { value: size.gpus, decimals: 0 },
        size.parallelism,
        { value: 100 * size.mfuFraction, decimals: 1 },
      ]),
  };
}

/**
 * A row for each cause; `undefined` where nothing failed.
 *
 * @param most - rows; the causes that cost least are then one together
 */
export function failureTable(runs: readonly ScheduleSummary[], units: Units, most = Infinity): ReportTable | undefined {
  const causes = mostCostly(failuresByCause(runs), most);
  if (causes.length === 0) return undefined;
  const measured = FAILURE_MEASURES.map((one) =>
    measureColumn(
      one,
      causes.map((cause) => cause.runs),
      units,
    ),
  );
  return {
    columns: [left('cause'), ...measured.map(({ column }) => column)],
    rows: causes.map(({ cause }, row) => [cause, ...measured.map(({ cells }) => cells[row]!)]),
  };
}

function mostCostly(causes: readonly CauseRuns[], most: number): readonly CauseRuns[] {
  if (causes.length <= most) return causes;
  const rest = causes.slice(most - 1);
  const cause = `${String(rest.length)} others`;
  const sums = rest[0]!.runs.map((_, replication): FailureSummary => {
    const sum = (of: (failure: FailureSummary) => number): number =>
      rest.reduce((total, { runs }) => total + of(runs[replication]!), 0);
    return {
      cause,
      count: sum(({ count }) => count),
      interruptions: sum(({ interruptions }) => interruptions),
      lostGpuHours: sum(({ lostGpuHours }) => lostGpuHours),
      restartGpuHours: sum(({ restartGpuHours }) => restartGpuHours),
      downNodeHours: sum(({ downNodeHours }) => downNodeHours),
    };
  });
  return [...causes.slice(0, most - 1), { cause, runs: sums }];
}

/** Replications of a schedule with what it is called; empty where there is one. */
interface LabelledRuns {
  readonly label: string;
  readonly runs: readonly ScheduleSummary[];
}

/** A row for each class with a model of each schedule; `undefined` where there is none. */
export function trainingTable(schedules: readonly LabelledRuns[], units: Units): ReportTable | undefined {
  const rows = schedules.flatMap(({ label, runs }) => trainingByClass(runs).map((of) => ({ label, ...of })));
  if (rows.length === 0) return undefined;
  const measured = TRAINING_MEASURES.map((one) =>
    measureColumn(
      one,
      rows.map(({ runs }) => runs),
      units,
    ),
  );
  const several = schedules.length > 1;
  return {
    columns: [
      ...(several ? [left('schedule')] : []),
      left('class'),
      left('model'),
      ...measured.map(({ column }) => column),
    ],
    rows: rows.map(({ label, name, model }, row) => [
      ...(several ? [label] : []),
      name,
      model,
      ...measured.map(({ cells }) => cells[row]!),
    ]),
  };
}
