import { ALL_SITES } from '../metrics/siteTotal.js';
import { estimate } from '../metrics/statistics.js';
import type { Candidate, Candidates } from './candidates.js';
import { brokersTable } from './brokerTable.js';
import { trainingTable, USEFUL } from './goodputTables.js';
import { gridTablesPlain, gridTexts } from './gridTables.js';
import { indicatorTablesPlain, indicatorTexts, rowsOf } from './indicatorTables.js';
import { measureColumn, valuesOf, type SiteMeasure, type Units } from './measures.js';
import type { IndustryPrice } from '../plan/planTypes.js';
import { industryText } from './industryPrices.js';
import { formatNumber, plural } from './numbers.js';
import { rankCandidates, type Place } from './ranking.js';
import { referenceText } from './referenceText.js';
import { phaseTables } from './runText.js';
import { HELD_GPUS, scheduleNotes, scheduleTable, scheduleText } from './scheduleText.js';
import {
  ALL_IN_EUR_PER_SOLD_GPU_HOUR,
  ALL_IN_EUR_PER_USEFUL_GPU_HOUR,
  ALL_IN_TOTAL_EUR,
  EUR_PER_EXAFLOP_DAY,
  EUR_PER_FULL_SPEED_GPU_HOUR,
  EUR_PER_GPU_HOUR,
  EUR_PER_USEFUL_GPU_HOUR,
  POWER_MEASURES,
  PRICE_MEASURES,
  rankedMeasure,
  throughputMeasures,
  TOTAL_EUR,
  workMeasures,
  type OptionalMeasure,
  type RankedMeasure,
} from './siteMeasures.js';
import { costStack, costStackTable } from './costStack.js';
import { powerComparisons } from './powerPolicies.js';
import { powerPoliciesTable } from './powerPoliciesTable.js';
import type { PriceYears } from './priceYears.js';
import { priceYearsTable, priceYearsText } from './priceYearsText.js';
import type { Tornado } from './tornado.js';
import { tornadoTable, tornadoText } from './tornadoText.js';
import { wrap } from './wrap.js';
import { left, right, tablePlain, tableText, type Cell, type Column, type ReportTable } from './table.js';

/** What a comparison says besides its numbers. */
export interface CompareContext {
  /** One for each scenario. */
  readonly questions: readonly string[];
  /** By zone. */
  readonly baseYears: Readonly<Record<string, string>>;
  /** By zone, what large industry pays there; absent: not known. */
  readonly industryPrices?: Readonly<Record<string, IndustryPrice>>;
  readonly flagged: { readonly assumptions: number; readonly unverified: number };
  /** Price, carbon and weather years are drawn anew in each replication (`prices: resample`). */
  readonly resampled: boolean;
  /** Texts of policies whose runs failed and will again; absent: none. */
  readonly leftOut?: readonly string[];
  /** Where the flagged figures are listed. */
  readonly assumptionsCommand: string;
}

/** The same candidates with something changed, each run anew as far as it is affected. */
export interface CompareVariants {
  readonly priceYears?: PriceYears | undefined;
  readonly tornado?: Tornado | undefined;
}

/** The whole comparison as a terminal shows it. */
export function compareText(found: Candidates, context: CompareContext, variants: CompareVariants = {}): string {
  const { candidates, replications } = found;
  const parts = [...context.questions.map((question) => wrap(question)), schedulesText(found)];
  if (replications.length > 0) {
    parts.push(costHeading(found), tableText(costTable(candidates, 'readable')), ...refusals(candidates));
    parts.push(...costStackText(inOrderOfCost(candidates)));
    parts.push(powerHeading(candidates), tableText(powerTable(candidates, 'readable')));
    parts.push(...indicatorTexts(rowsOf(inOrderOfCost(candidates))));
    parts.push(...gridTexts(rowsOf(inOrderOfCost(candidates))));
    const brokers = brokersTable(inOrderOfCost(candidates), 'readable');
    if (brokers !== undefined) parts.push('Sites of a broker, and their total', tableText(brokers));
    parts.push(...powerPoliciesText(candidates), ...variantTexts(variants));
    const reference = referenceText(candidates, context.baseYears);
    if (reference !== undefined) parts.push(reference);
    const industry = industryText(inOrderOfCost(candidates), context.industryPrices);
    if (industry !== undefined) parts.push(industry);
  }
  return [...parts, footnotes(found, context)].join('\n\n') + '\n';
}

/** The same tables tab-separated, an empty line between two. */
export function comparePlain(
  { candidates, schedules, replications }: Candidates,
  { priceYears, tornado }: CompareVariants = {},
): string {
  if (replications.length === 0) return '';
  const tables = [costTable(candidates, 'fixed'), powerTable(candidates, 'fixed'), scheduleTable(schedules, 'fixed')];
  const brokers = brokersTable(inOrderOfCost(candidates), 'fixed');
  if (brokers !== undefined) tables.push(brokers);
  tables.push(...trainingOf(schedules, 'fixed'), ...indicatorTablesPlain(rowsOf(inOrderOfCost(candidates))));
  tables.push(...gridTablesPlain(rowsOf(inOrderOfCost(candidates))));
  const powerPolicies = powerPoliciesTable(candidates, 'fixed');
  tables.push(costStackTable(inOrderOfCost(candidates)));
  if (powerPolicies !== undefined) tables.push(powerPolicies);
  if (priceYears !== undefined) tables.push(priceYearsTable(priceYears, 'fixed'));
  if (tornado !== undefined && tornado.rows.length > 0) tables.push(tornadoTable(tornado, 'fixed'));
  return tables.map(tablePlain).join('\n\n') + '\n';
}

const variantTexts = ({ priceYears, tornado }: CompareVariants): string[] => [
  ...(priceYears === undefined ? [] : [priceYearsText(priceYears)]),
  ...(tornado === undefined ? [] : [tornadoText(tornado)]),
];

/** Which neighbours are not ranked against each other, and why. */
function refusals(candidates: readonly Candidate[]): string[] {
  const places = rankCandidates(candidates, rankedBy(candidates).measure);
  const unclear = places.flatMap(({ index, text, againstPrevious }, place) =>
    text === '' || againstPrevious?.verdict !== 'no clear difference'
      ? []
      : [`${candidates[places[place - 1]!.index]!.label} and ${candidates[index]!.label}`],
  );
  if (unclear.length === 0) return [];
  const those = unclear.length === 1 ? 'The two share' : 'They share';
  return [
    wrap(
      `No clear difference between ${unclear.join('; ')}: the 95 % interval of the paired difference holds 0. ` +
        `${those} a rank.`,
    ),
  ];
}

function costStackText(candidates: readonly Candidate[]): string[] {
  const { per, isAllIn } = costStack(candidates);
  const what = isAllIn
    ? 'capital, operation and energy'
    : 'the energy bill alone, as not every site says what it is built of';
  return [`Cost of a ${per} by term, EUR (${what})`, tableText(costStackTable(candidates))];
}

function powerPoliciesText(candidates: readonly Candidate[]): string[] {
  const table = powerPoliciesTable(candidates, 'readable');
  if (table === undefined) return [];
  const baselines = [...new Set(powerComparisons(candidates).map(({ baseline }) => baseline.label))];
  const heading = `Power policies: paired differences against ${baselines.length === 1 ? baselines[0]! : 'the same without one'}`;
  return [heading, tableText(table)];
}

const powerHeading = (candidates: readonly Candidate[]): string =>
  throughputMeasures(candidates.flatMap(({ runs }) => runs)).length === 0
    ? 'Power and carbon'
    : 'Power, carbon and throughput';

function schedulesText({ candidates, schedules, replications }: Candidates): string {
  const [only] = schedules;
  if (only === undefined || replications.length === 0) return 'No replication is complete: nothing to compare.';
  if (schedules.length > 1) {
    const shared = schedules.length < candidates.length ? ' (sites of equal machines share one)' : '';
    return [
      `Schedules${shared}`,
      '',
      tableText(scheduleTable(schedules, 'readable')),
      '',
      ...scheduleNotes(schedules).map((note) => wrap(note, { indent: '  ', first: '' })),
      ...trainingOf(schedules).flatMap((table) => ['', 'Training', '', tableText(table)]),
    ].join('\n');
  }
  const heading =
    candidates.length > 1
      ? `The schedule, common to all ${String(candidates.length)}: same machines, workload, policy (${only.policy}) and seeds, ` +
        'so it is simulated once and paid for at each site.'
      : `The schedule (${only.policy})`;
  return [wrap(heading), scheduleText(only.runs), ...phaseTables(only.runs, MOST_CAUSES)].join('\n\n');
}

/** Rows of causes of failures: a comparison is not about them. */
const MOST_CAUSES = 6;

const trainingOf = (schedules: Candidates['schedules'], units: Units = 'readable'): ReportTable[] =>
  [trainingTable(schedules, units)].filter((table) => table !== undefined);

function costHeading({ candidates, replications }: Candidates): string {
  const count = replications.length;
  const exact = candidates.every((candidate) => candidate.exact);
  const { measure, name, inFull, missing } = rankedBy(candidates);
  if (exact && candidates.length > 1) return `Cost, ranked by ${inFull} (deterministic: one run, no spread)`;
  if (exact) return 'Cost (deterministic: one run, no spread)';
  if (candidates.length === 1) return `Cost (${plural(count, 'replication')})`;
  if (count < 2)
    return 'Cost, from the lowest; one replication cannot tell a difference from noise, so nothing is ranked';
  if (!rankCandidates(candidates, measure).some(({ text }) => text !== ''))
    return `Cost (${plural(count, 'replication')}); too few ${missing}, so none is ranked by ${name}`;
  return `Cost, ranked by ${inFull} (mean ± 95 % interval, ${plural(count, 'replication')})`;
}

/**
 * From the cheapest by what is ranked, with how much dearer each is than the one above, paired by replication. Ranks
 * are left out where nothing can be ranked.
 */
export function costTable(candidates: readonly Candidate[], units: Units): ReportTable {
  const { measure } = rankedBy(candidates);
  const places = rankCandidates(candidates, measure);
  const byTotal = new Map(rankCandidates(candidates, TOTAL_EUR).map((place) => [place.index, place]));
  const ordered = places.map(({ index }) => candidates[index]!);
  const runsOf = ordered.map(({ runs }) => runs);
  const measured = (one: SiteMeasure): TableColumn => {
    const { column, cells } = measureColumn(one, runsOf, units);
    return [column, cells];
  };
  const isRanked = places.some(({ text }) => text !== '');
  const work = workMeasures(candidates.flatMap(({ runs }) => runs));
  const isRankedByTotal = [...byTotal.values()].some(({ text }) => text !== '');
  const all: (TableColumn | false)[] = [
    isRanked && [right('rank'), places.map(({ text }) => text)],
    [left('site'), ordered.map(({ label }) => label)],
    measured(measure),
    candidates.length > 1 && [right('more than', 'the one above'), places.map((place) => stepCell(place, measure))],
    ...[EUR_PER_GPU_HOUR, ...work].filter((one) => one !== measure).map(measured),
    ...(candidates.some(({ runs }) => runs.some(ALL_IN_TOTAL_EUR.has)) ? [measured(ALL_IN_TOTAL_EUR)] : []),
    measured(TOTAL_EUR),
    isRankedByTotal && [right('rank', 'by total'), places.map(({ index }) => byTotal.get(index)!.text)],
    ...PRICE_MEASURES.map(measured),
  ];
  const shown = all.filter((one) => one !== false);
  return {
    columns: shown.map(([column]) => column),
    rows: ordered.map((_, row) => shown.map(([, cells]) => cells[row])),
  };
}

const rankedBy = (candidates: readonly Candidate[]): RankedMeasure =>
  rankedMeasure(candidates.flatMap(({ runs }) => runs));

type TableColumn = readonly [Column, readonly Cell[]];

function stepCell({ againstPrevious }: Place, { decimals }: SiteMeasure): Cell {
  if (againstPrevious === undefined) return '';
  const { mean, halfWidth } = againstPrevious.difference;
  return { value: mean, decimals, half: halfWidth === 0 ? undefined : halfWidth };
}

const inOrderOfCost = (candidates: readonly Candidate[]): readonly Candidate[] =>
  rankCandidates(candidates, rankedBy(candidates).measure).map(({ index }) => candidates[index]!);

/** In the order of the cost table. */
export function powerTable(candidates: readonly Candidate[], units: Units): ReportTable {
  const ordered = inOrderOfCost(candidates);
  const runsOf = ordered.map(({ runs }) => runs);
  const measured = [...POWER_MEASURES, ...throughputMeasures(runsOf.flat())].map((one) =>
    measureColumn(one, runsOf, units),
  );
  return {
    columns: [left('site'), left('zone'), ...measured.map(({ column }) => column)],
    rows: ordered.map(({ label, spec }, row) => [label, spec.zone, ...measured.map(({ cells }) => cells[row]!)]),
  };
}

function footnotes({ candidates, dropped, replications }: Candidates, context: CompareContext): string {
  const { assumptions, unverified } = context.flagged;
  const work = workMeasures(candidates.flatMap(({ runs }) => runs));
  const has = (one: OptionalMeasure): boolean => work.includes(one);
  const why = ` ${rankedBy(candidates).why}`;
  // Said once, at the first of these that is explained.
  const whyAt = [EUR_PER_FULL_SPEED_GPU_HOUR, ALL_IN_EUR_PER_USEFUL_GPU_HOUR, EUR_PER_EXAFLOP_DAY].find(has);
  const lines = [
    ...(replications.length > 1
      ? [
          (context.resampled
            ? '± is half of the 95 % interval over workload seeds and draws of the price, carbon and weather year; tariffs and assumptions are held fixed.'
            : '± is half of the 95 % interval over workload seeds alone; prices, tariffs and assumptions are held fixed.') +
            (candidates.length > 1
              ? ' Replications share their seeds across sites, and differences are paired. "=": no clear difference.'
              : ''),
        ]
      : []),
    ...(context.leftOut ?? []).map((policy) => `Left out: ${policy}. Its runs failed.`),
    ...(dropped.length > 0
      ? [
          dropped.length === 1
            ? `Replication ${String(dropped[0]! + 1)} is incomplete and left out.`
            : `Replications ${dropped.map((r) => r + 1).join(', ')} are incomplete and left out.`,
        ]
      : []),
    ...widthWarning(candidates, replications.length),
    `"GPU-hours used": ${HELD_GPUS}.`,
    ...(has(ALL_IN_EUR_PER_SOLD_GPU_HOUR)
      ? [
          `"all-in": capital, operation and energy.${whyAt === ALL_IN_EUR_PER_USEFUL_GPU_HOUR ? why : ''}`,
          `"sold": what customers pay for, lost work included.`,
        ]
      : []),
    ...(has(EUR_PER_FULL_SPEED_GPU_HOUR) ? [`"full-speed": ${FULL_SPEED}.${why}`] : []),
    ...(has(EUR_PER_USEFUL_GPU_HOUR) ? [`"useful": ${USEFUL}.`] : []),
    ...(has(EUR_PER_EXAFLOP_DAY) ? [`"exaFLOP-day": ${TRAINED}.${whyAt === EUR_PER_EXAFLOP_DAY ? why : ''}`] : []),
    ...(candidates.some(({ parts }) => parts !== undefined)
      ? [
          `"${ALL_SITES}" is the total of the sites a broker sends jobs to; its peak is the sum of their peaks, which each pays by itself.`,
        ]
      : []),
    'Carbon is location-based. EUR without VAT. "price paid" is the day-ahead price weighted by load, whoever supplies it, "delivered" the whole bill per MWh.',
    ...(Object.keys(context.baseYears).length > 0 ? [`Base years: ${groupByText(context.baseYears)}.`] : []),
    `${formatNumber(assumptions + unverified)} figures behind this are flagged (${formatNumber(assumptions)} assumptions, ` +
      `${formatNumber(unverified)} unverified): ${context.assumptionsCommand} lists them.`,
  ];
  return lines.map((line) => wrap(line, { indent: '  ', first: '' })).join('\n');
}

/** What the measures of work count. */
const FULL_SPEED =
  'GPU-hours held, useful ones where jobs have phases, less what caps, suspensions and waking nodes took';
const TRAINED =
  'model FLOPs of what was trained and not lost again, 86,400·10^18; they add up over different models, tokens do not';

/** A half-width beyond this share of the mean says little about either. */
const WIDE_FRACTION = 0.25;

function widthWarning(candidates: readonly Candidate[], replications: number): string[] {
  if (replications < 2) return [];
  const { measure, name } = rankedBy(candidates);
  const wide = candidates.filter((candidate) => {
    const { mean, halfWidth } = estimate(valuesOf(candidate, measure));
    return halfWidth > WIDE_FRACTION * Math.abs(mean);
  });
  if (wide.length === 0) return [];
  return [
    `Too few replications: ${name} is known to no better than a quarter of its mean at ` +
      `${wide.map(({ label }) => label).join(', ')}. More of them narrow it, e.g. --reps ${String(4 * replications)}.`,
  ];
}

/** `FR, DE-LU: levels of 2024; …` with zones that say the same named together. */
function groupByText(baseYears: Readonly<Record<string, string>>): string {
  const zonesOf = new Map<string, string[]>();
  for (const [zone, years] of Object.entries(baseYears)) zonesOf.set(years, [...(zonesOf.get(years) ?? []), zone]);
  return [...zonesOf].map(([years, zones]) => `${zones.join(', ')}: ${years}`).join(' · ');
}
