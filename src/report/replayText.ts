import { MS_PER_HOUR, MS_PER_S } from '../base/units.js';
import type { JobOutcomes, RunResult } from '../metrics/runResult.js';
import { SWF_RULE, type SwfCounts } from '../workload/swf.js';
import { formatNumber, formatPercent, formatWait, plural } from './numbers.js';
import { HELD_GPUS } from './scheduleText.js';
import { left, tablePlain, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

export interface Replayed {
  readonly file: string;
  readonly policy: string;
  readonly result: RunResult;
  readonly counts: SwfCounts;
  readonly span: TraceSpan;
}

/** From the first submission to the last end, and what depends on its length. */
export interface TraceSpan {
  readonly makespanMs: number;
  /** GPU-hours used / (GPUs × makespan); NaN when nothing took any time. */
  readonly utilisationFraction: number;
  /** Jobs waiting, mean over the makespan. */
  readonly queueMean: number;
}

/** A trace may begin long after its time 0, so that nothing here may be divided by the run's length. */
export function traceSpan({ schedule }: Pick<RunResult, 'schedule'>, { table, endMs }: JobOutcomes): TraceSpan {
  const lastEndMs = endMs.reduce((last, end) => (end > last ? end : last), -Infinity);
  const makespanMs = lastEndMs - table.submitMs[0]!;
  return {
    makespanMs,
    utilisationFraction: (schedule.gpuHoursUsed * MS_PER_HOUR) / (schedule.gpus * makespanMs),
    queueMean: (schedule.queueMean * schedule.horizonMs) / makespanMs,
  };
}

/** What the schedule of a trace amounts to. */
export function replayText({ file, policy, result, counts, span }: Replayed): string {
  const { schedule, fingerprint } = result;
  const { wait } = schedule;
  const lines: [string, string][] = [
    ['machine', `${formatNumber(schedule.gpus)} GPUs under ${policy}`],
    [
      'jobs',
      `${formatNumber(schedule.submitted)}: ${formatNumber(schedule.completed)} completed, ${formatNumber(schedule.failed)} failed, ${formatNumber(schedule.cancelled)} cancelled`,
    ],
    ['makespan', `${seconds(span.makespanMs)} s (${formatWait(span.makespanMs)})`],
    [
      'utilisation',
      `${formatPercent(span.utilisationFraction, 2)}: ${formatNumber(schedule.gpuHoursUsed, 1)} GPU-hours used`,
    ],
    [
      'wait, s',
      `mean ${seconds(wait.meanMs)}, median ${seconds(wait.p50Ms)}, p95 ${seconds(wait.p95Ms)}, p99 ${seconds(wait.p99Ms)}, max ${seconds(wait.maxMs)}`,
    ],
    ['bounded slowdown', `${formatNumber(schedule.boundedSlowdownMean, 3)} on average, runs under 10 s count as 10 s`],
    ['queue', `${formatNumber(span.queueMean, 1)} jobs on average, ${formatNumber(schedule.queueMax)} at most`],
    ['fingerprint', fingerprint],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    `${file} replayed`,
    '',
    ...lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`),
    '',
    wrap(`How lines become jobs: ${SWF_RULE}.`),
    wrap(`GPU-hours used: ${HELD_GPUS}.`),
    wrap(countsText(counts)),
    '',
  ].join('\n');
}

const seconds = (ms: number): string => formatNumber(ms / MS_PER_S, 3);

/** `Of 28 000 lines, 27 992 are jobs; 8 malformed skipped; …`: only what happened. */
export function countsText(counts: SwfCounts): string {
  const parts: [number, string][] = [
    [counts.malformed, 'malformed, skipped'],
    [counts.unknownSize, 'of unknown size, skipped'],
    [counts.zeroRun, 'without a run time, kept as 0 ms'],
    [counts.runCut, 'cut to the time requested'],
    [counts.sizeFromRequest, 'sized by the request'],
    [counts.unknownEstimate, 'without a requested time'],
  ];
  const happened = parts.filter(([count]) => count > 0).map(([count, what]) => `${formatNumber(count)} ${what}`);
  return [`${plural(counts.lines, 'line')}, ${plural(counts.jobs, 'job')}`, ...happened].join('; ') + '.';
}

/** The same as name and value, tab-separated, in base units; a value that does not exist is empty. */
export function replayPlain({ policy, result, span }: Replayed): string {
  const { schedule, fingerprint } = result;
  const rows: [string, string | number][] = [
    ['policy', policy],
    ['gpus', schedule.gpus],
    ['jobs', schedule.submitted],
    ['makespanMs', span.makespanMs],
    ['utilisationFraction', span.utilisationFraction],
    ['waitMeanMs', schedule.wait.meanMs],
    ['waitP50Ms', schedule.wait.p50Ms],
    ['waitP95Ms', schedule.wait.p95Ms],
    ['waitP99Ms', schedule.wait.p99Ms],
    ['waitMaxMs', schedule.wait.maxMs],
    ['boundedSlowdownMean', schedule.boundedSlowdownMean],
    ['queueMean', span.queueMean],
    ['queueMax', schedule.queueMax],
    ['fingerprint', fingerprint],
  ];
  const table: ReportTable = {
    columns: [left('name'), left('value')],
    rows: rows.map(([name, value]) => [
      name,
      typeof value === 'number' && !Number.isFinite(value) ? '' : String(value),
    ]),
  };
  return `${tablePlain(table)}\n`;
}

/**
 * The schedule job by job: `job,submit,start,end,gpus`, in order of submission, times in the trace's unit.
 *
 * `job` is the trace's own number. A time that does not exist is left empty.
 */
export function jobsCsv({ table, startMs, endMs }: JobOutcomes, msPerUnit: number): string {
  const time = (ms: number): string => (Number.isNaN(ms) ? '' : String(ms / msPerUnit));
  const lines = ['job,submit,start,end,gpus'];
  for (let job = 0; job < table.count; job++) {
    const number = table.originalId === undefined ? job : table.originalId[job]!;
    lines.push(
      `${number},${time(table.submitMs[job]!)},${time(startMs[job]!)},${time(endMs[job]!)},${table.gpus[job]!}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
