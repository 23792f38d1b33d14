import { meanOf } from '../metrics/statistics.js';
import { tellingMeasures, type BenchCase, type BenchPolicy } from './bench.js';
import { BENCH_MEASURES, type BenchMeasure } from './benchMeasures.js';
import { differenceTables, longTable, measureTables, rankingTable, relativeTable } from './benchTables.js';
import { formatPercent, plural } from './numbers.js';
import { HELD_GPUS } from './scheduleText.js';
import { tableText, tablePlain, type ReportTable } from './table.js';
import { tableCsv, tableMarkdown } from './tableExport.js';
import { wrap } from './wrap.js';

/** What a benchmark says besides its numbers. */
export interface BenchContext {
  readonly question: string;
  readonly rankBy: BenchMeasure;
  /** Price, carbon and weather years are drawn anew in each replication. */
  readonly resampled: boolean;
  /** Present where a precision was asked for. */
  readonly precision?: PrecisionReached | undefined;
  /** Options typed that change nothing where nothing is drawn at random. */
  readonly ignored: readonly string[];
  /** Policies left out, with what went wrong first. */
  readonly failed: readonly { readonly policy: string; readonly message: string }[];
}

/** How far `--precision` came. */
export interface PrecisionReached {
  /** Half-width relative to the mean that was asked for, and the widest there is. */
  readonly asked: number;
  readonly widest: number;
  readonly replications: number;
  /** Of `--max-reps`, or its default. */
  readonly most: number;
  readonly reached: boolean;
}

/** How headings, tables and sentences are written. */
interface Style {
  readonly heading: (text: string, level: number) => string;
  readonly table: (table: ReportTable) => string;
  readonly note: (text: string) => string;
  readonly paragraph: (text: string) => string;
  /** How all policies stand to the baseline. */
  readonly differences: (
    found: BenchCase,
    baseline: BenchPolicy,
  ) => readonly { readonly title: string; readonly table: ReportTable }[];
}

const TERMINAL: Style = {
  heading: (text) => wrap(text),
  table: tableText,
  note: (text) => wrap(text, { indent: '  ', first: '' }),
  paragraph: (text) => wrap(text),
  differences: (found, baseline) =>
    found.policies.length < 2
      ? []
      : [{ title: `Against ${baseline.label}, the baseline`, table: relativeTable(found, baseline) }],
};

const MARKDOWN: Style = {
  heading: (text, level) => `${'#'.repeat(level)} ${text}`,
  table: tableMarkdown,
  note: (text) => `- ${text}`,
  paragraph: (text) => text,
  differences: differenceTables,
};

/** The whole benchmark as a terminal shows it. */
export const benchText = (cases: readonly BenchCase[], context: BenchContext): string =>
  document(cases, context, TERMINAL);

/** The same as a Markdown document. */
export const benchMarkdown = (cases: readonly BenchCase[], context: BenchContext): string =>
  document(cases, context, MARKDOWN);

/** A row for each policy and measure, tab-separated. */
export const benchPlain = (cases: readonly BenchCase[]): string =>
  isEmpty(cases) ? '' : `${tablePlain(longTable(cases))}\n`;

/** The same separated by commas. */
export const benchCsv = (cases: readonly BenchCase[]): string => (isEmpty(cases) ? '' : tableCsv(longTable(cases)));

const isEmpty = (cases: readonly BenchCase[]): boolean => cases.every(({ replications }) => replications.length === 0);

function document(cases: readonly BenchCase[], context: BenchContext, style: Style): string {
  const parts = [style.paragraph(context.question)];
  for (const { policy, message } of context.failed) parts.push(style.paragraph(`Left out: ${policy}. ${message}`));
  for (const asked of failedBaselines(cases))
    parts.push(style.paragraph(`baseline ${asked} failed: no differences. --baseline takes another.`));
  const whole = cases.filter(({ replications }) => replications.length > 0);
  if (whole.length === 0) return [...parts, 'No replication is complete: nothing to compare.'].join('\n\n') + '\n';
  for (const found of whole) parts.push(...caseParts(found, whole.length > 1, context, style));
  parts.push(notes(whole, context).map(style.note).join('\n'));
  return parts.join('\n\n') + '\n';
}

const failedBaselines = (cases: readonly BenchCase[]): ReadonlySet<string> =>
  new Set(cases.filter(({ baseline }) => baseline === undefined).map(({ baselineAsked }) => baselineAsked));

function caseParts(found: BenchCase, isOneOfMany: boolean, { rankBy }: BenchContext, style: Style): string[] {
  const where = isOneOfMany ? ` at ${found.sites.join(', ')}` : '';
  return [
    style.heading(`Ranked by ${rankBy.title}${where} (${spread(found)})`, 2),
    style.table(rankingTable(found, rankBy)),
    ...measureTables(found).flatMap(({ title, table }) => [style.heading(title, 3), style.table(table)]),
    ...(found.baseline === undefined ? [] : style.differences(found, found.baseline)).flatMap(({ title, table }) => [
      style.heading(title, 3),
      style.table(table),
    ]),
  ];
}

function spread({ exact, replications }: BenchCase): string {
  if (exact) return 'deterministic: one run, differences are exact';
  if (replications.length === 1) return 'one replication cannot tell a difference from noise, so nothing is ranked';
  return `mean ± 95 % interval, ${plural(replications.length, 'replication')}`;
}

function notes(cases: readonly BenchCase[], context: BenchContext): string[] {
  const [first] = cases;
  const { replications, exact, dropped, policies } = first!;
  const several = replications.length > 1;
  return [
    ...(several && !exact ? [intervalNote(context), ...multipleNote(cases)] : []),
    ...precisionNote(context),
    ...(exact && context.ignored.length > 0
      ? [
          `Nothing in this scenario is drawn at random, so one run of each policy says all: ${context.ignored.join(' and ')} changed nothing.`,
        ]
      : []),
    ...(dropped.length === 0
      ? []
      : [`Left out, because not every policy has it: ${plural(dropped.length, 'replication')}.`]),
    ...cases.flatMap(unfinishedNote),
    ...(policies.some(({ clairvoyant }) => clairvoyant)
      ? ['* clairvoyant: knows how long each job will run, as no real scheduler does.']
      : []),
    ...(policies.some(({ starves }) => starves) ? ['~ starves: a job may wait for ever behind others.'] : []),
    ...sitesNote(cases),
    `"GPU-hours used": ${HELD_GPUS}. Energy, cost and carbon also fall when less work is done, so their totals carry no ` +
      'verdict. Carbon is location-based. EUR without VAT.',
  ];
}

function intervalNote({ resampled }: BenchContext): string {
  const held = resampled
    ? 'workload seeds and draws of the price, carbon and weather year; tariffs and assumptions are held fixed'
    : 'workload seeds alone; prices, tariffs and assumptions are held fixed';
  return (
    `± is half of the 95 % interval over ${held}. All policies see the same jobs in each replication, and differences are ` +
    'paired. "=": no clear difference.'
  );
}

/** One in twenty intervals misses; whoever reads many verdicts should know how many. */
function multipleNote(cases: readonly BenchCase[]): string[] {
  const verdicts = cases.reduce(
    (sum, found) =>
      found.baseline === undefined
        ? sum
        : sum + (found.policies.length - 1) * tellingMeasures(found, BENCH_MEASURES).length,
    0,
  );
  if (verdicts === 0) return [];
  return [
    `Each verdict stands alone at 95 %: of these ${plural(verdicts, 'comparison')}, about ${String(Math.ceil(verdicts / 20))} ` +
      'would come out clear between equal policies. Trust the measure you chose beforehand, and wide margins.',
  ];
}

function precisionNote({ precision, rankBy }: BenchContext): string[] {
  if (precision === undefined) return [];
  const { asked, widest, replications, most, reached } = precision;
  const wanted = `--precision ${formatPercent(asked)}`;
  if (Number.isNaN(widest))
    return [
      `${wanted} cannot be reached: some policy has no ${rankBy.title} in ${plural(replications, 'replication')}.`,
    ];
  const found = `${rankBy.title} is known to ${formatPercent(widest)} of its mean or better for every policy`;
  return reached
    ? [`${wanted}: ${plural(replications, 'replication')} were needed; ${found}.`]
    : [
        `${wanted} was not reached in ${plural(replications, 'replication')}, the most that --max-reps ${String(most)} allows: ${found}.`,
      ];
}

/** Mean completion times flatter who leaves long jobs behind. */
const UNFINISHED_APART = 0.005;

function unfinishedNote({ policies }: BenchCase): string[] {
  const shares = policies.map(({ runs }) =>
    meanOf(runs.map(({ schedule }) => schedule.unfinished / schedule.submitted)),
  );
  const low = Math.min(...shares);
  const high = Math.max(...shares);
  if (!(high - low > UNFINISHED_APART)) return [];
  return [
    `From ${formatPercent(low)} to ${formatPercent(high)} of the jobs had not ended at the horizon, by policy: JCT does not ` +
      'hold them, "in system" does. A longer horizon narrows the gap.',
  ];
}

function sitesNote(cases: readonly BenchCase[]): string[] {
  const summed = cases.filter(({ sites }) => sites.length > 1);
  if (summed.length === 0) return [];
  const which = summed.map(({ sites }) => sites.join(' + ')).join('; ');
  return [`Energy, cost and carbon are sums over ${which}; --json has each site.`];
}
