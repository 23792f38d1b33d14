import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_S } from '../base/units.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { WayAhead } from '../sim/waitProbe.js';
import { HELD_BY_OTHERS, type ExplainedStretch, type Explanation, type WaitPhase } from './explanation.js';
import { formatNumber, formatWait, plural } from './numbers.js';
import { pickScale, WAIT_MS } from './scales.js';
import { left, right, tablePlain, tableText, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

/** Rows of the tables of longest stretches and of jobs that went ahead. */
const LONGEST = 5;

/** What one job waited for, for a terminal. */
export function explainText(
  explained: Explanation,
  { policy, replication, seed }: RunSpec,
  fingerprint: string,
): string {
  const { job, first, again, interruptions } = explained;
  const parts = [
    `Job ${job} under ${policy.text}, replication ${replication + 1}, seed ${seed}, fingerprint ${fingerprint}`,
    facts(explained),
    wrap(verdict(explained)),
  ];
  if (first.ms > 0) parts.push(`Why it waited ${formatWait(first.ms)}\n\n${tableText(reasonTable(first))}`);
  if (again.ms > 0) {
    const times = plural(interruptions, 'interruption');
    const by = `Pre-empted by ${policy.preempt!.name}, waiting again`;
    parts.push(`${by}: ${formatWait(again.ms)} after ${times}\n\n${tableText(reasonTable(again))}`);
  }
  if (explained.stretches.length > 1) {
    parts.push(
      `Longest stretches of ${formatNumber(explained.stretches.length)}\n\n${tableText(longestTable(explained))}`,
    );
  }
  if (explained.overtakers.length > 0 && namesThem(explained)) {
    const count = plural(explained.overtakers.length, 'job');
    parts.push(`Went ahead while it waited: ${count}, most GPU-hours first\n\n${tableText(overtakerTable(explained))}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** A row for each stretch, in order of time. */
export function explainPlain({ stretches }: Explanation): string {
  const columns = [
    ...[left('reason'), right('interruptions'), right('from_ms'), right('to_ms'), right('wait_ms')],
    ...[right('most_free_gpus'), left('what')],
  ];
  const whole = (value: number) => ({ value, decimals: 0 });
  const rows = stretches.map(({ reason, interruptions, fromMs, toMs, mostFree, text }) => [
    ...[reason, whole(interruptions), whole(fromMs), whole(toMs), whole(toMs - fromMs), whole(mostFree), text],
  ]);
  return `${tablePlain({ columns, rows })}\n`;
}

function facts(explained: Explanation): string {
  const { gpus, held, estimateMs, className, user, partition, submitMs, startMs, endMs } = explained;
  const holds = held === gpus ? '' : `, holds ${formatNumber(held)} as whole nodes`;
  const lines: [string, string][] = [
    ['needs', `${plural(gpus, 'GPU')} of ${partition}${holds}, up to ${formatWait(estimateMs)} by its estimate`],
    ['asked by', `user ${user}, class ${className}`],
    ['submitted', clock(submitMs)],
  ];
  if (!Number.isNaN(startMs)) lines.push(['started', `${clock(startMs)}, after ${formatWait(startMs - submitMs)}`]);
  if (!Number.isNaN(endMs)) lines.push(['ended', `${clock(endMs)}, ${explained.state}`]);
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

function verdict({ state, first, again, rejectedFor, submitMs, startMs, stoppedMs }: Explanation): string {
  const stopped = `The run stopped at ${clock(stoppedMs)}`;
  if (state === 'not submitted') return `${stopped}, before the job was submitted: it never had to wait.`;
  if (state === 'rejected') {
    const after = first.ms === 0 ? 'at once' : `after ${formatWait(first.ms)}`;
    return `It was turned away ${after}: ${rejectedFor!}.`;
  }
  if (state === 'waiting' && !Number.isNaN(startMs))
    return `${stopped}; it had been interrupted and was waiting again then, after ${formatWait(again.ms)} of such waits.`;
  if (state === 'waiting')
    return `${stopped}; it was still waiting then, for ${formatWait(stoppedMs - submitMs)} so far.`;
  if (again.ms > 0 && first.ms === 0) return 'It did not wait for its first start: it started when it was submitted.';
  if (first.ms === 0) return 'It did not wait: it started when it was submitted.';
  return `It waited from ${clock(submitMs)} to ${clock(startMs)}.`;
}

function reasonTable({ reasons, ms }: WaitPhase): ReportTable {
  const { unit, size } = pickScale(WAIT_MS, [ms]);
  return {
    columns: [right('time', unit), right('share', '%'), right('stretches'), left('because')],
    rows: reasons.map((reason) => [
      { value: reason.ms / size, decimals: 2 },
      { value: 100 * reason.share, decimals: 1 },
      { value: reason.stretches, decimals: 0 },
      reason.text,
    ]),
  };
}

function longestTable({ stretches }: Explanation): ReportTable {
  const length = ({ fromMs, toMs }: ExplainedStretch): number => toMs - fromMs;
  const longest = [...stretches].sort((a, b) => length(b) - length(a) || a.fromMs - b.fromMs).slice(0, LONGEST);
  const { unit, size } = pickScale(WAIT_MS, longest.map(length));
  return {
    columns: [right('time', unit), right('most free', 'GPUs'), left('from'), left('because')],
    rows: longest.map((stretch) => [
      { value: length(stretch) / size, decimals: 2 },
      { value: stretch.mostFree, decimals: 0 },
      clock(stretch.fromMs),
      stretch.text,
    ]),
  };
}

const namesThem = ({ stretches, overtakers }: Explanation): boolean =>
  stretches.some(({ reason }) => HELD_BY_OTHERS.includes(reason)) || overtakers.some(({ way }) => way === 'taken');

const WAYS: Readonly<Record<WayAhead, string>> = {
  taken: 'on its GPUs, which were taken for it',
  order: 'before it in the queue',
  preemption: 'behind it in the queue, started by the pre-emption',
  backfill: 'behind it in the queue, started early',
};

function overtakerTable({ overtakers }: Explanation): ReportTable {
  const most = overtakers.slice(0, LONGEST);
  const { unit, size } = pickScale(
    WAIT_MS,
    most.map(({ ms }) => ms),
  );
  return {
    columns: [right('job'), right('GPUs'), right('for', unit), left('how')],
    rows: most.map(({ job, gpus, ms, way }) => [
      { value: job, decimals: 0 },
      { value: gpus, decimals: 0 },
      { value: ms / size, decimals: 2 },
      WAYS[way],
    ]),
  };
}

/** Time from the start of the horizon: `12 d 04:20:00`, with ms where there are any; negative in the warm-up. */
export function clock(ms: number): string {
  const at = Math.abs(ms);
  const two = (unit: number, of: number): string => String(Math.floor(at / unit) % of).padStart(2, '0');
  const time = `${two(MS_PER_HOUR, 24)}:${two(MS_PER_MINUTE, 60)}:${two(MS_PER_S, 60)}`;
  const rest = at % MS_PER_S === 0 ? '' : `.${String(at % MS_PER_S).padStart(3, '0')}`;
  return `${ms < 0 ? '-' : ''}${Math.floor(at / MS_PER_DAY)} d ${time}${rest}`;
}
