import type { ScheduleSummary } from '../metrics/runResult.js';
import { estimate } from '../metrics/statistics.js';
import type { Candidate, CandidatePart, CandidateRun, Candidates, ScheduleRuns } from './candidates.js';
import type { CompareContext, CompareVariants } from './compareText.js';
import { SHARE_MEASURES } from './brokerTable.js';
import {
  FAILURE_MEASURES,
  failuresByCause,
  GOODPUT_MEASURES,
  haveGoodput,
  TRAINING_MEASURES,
  trainingByClass,
} from './goodputTables.js';
import { BATTERY_MEASURES, GRID_MEASURES, ORDER_MEASURES, ordersOf } from './gridTables.js';
import { besideIndustry } from './industryPrices.js';
import { valuesOf, type SiteMeasure } from './measures.js';
import { CARBON_MEASURES, checkedLimits, INDICATOR_MEASURES, knownMeasures } from './indicatorTables.js';
import { shownReplication } from './numbers.js';
import { rankCandidates } from './ranking.js';
import { referenceComparisons } from './referenceText.js';
import {
  ALL_IN_TOTAL_EUR,
  EUR_PER_GPU_HOUR,
  POWER_MEASURES,
  PRICE_MEASURES,
  rankedMeasure,
  SCHEDULE_MEASURES,
  throughputMeasures,
  TOTAL_EUR,
  workMeasures,
} from './siteMeasures.js';
import { costStackJson, estimateJson, powerPoliciesJson, priceYearsJson, tornadoJson } from './variantsJson.js';

/** Changes when a member of the document below changes its meaning or goes away. */
export const COMPARE_SCHEMA_VERSION = 3;

const SITE_MEASURES = [EUR_PER_GPU_HOUR, TOTAL_EUR, ...PRICE_MEASURES, ...POWER_MEASURES];

/** Of a site, and where its jobs tell of their work what that costs. */
const siteMeasures = (runs: readonly CandidateRun[]): readonly SiteMeasure[] => [
  ...SITE_MEASURES,
  ...workMeasures(runs),
  ...[ALL_IN_TOTAL_EUR].filter(({ has }) => runs.some(has)),
  ...throughputMeasures(runs),
];

/** What a comparison says, in base units, for programs; replications count from 1. What does not exist is null. */
export function compareJson(
  found: Candidates,
  context: CompareContext,
  { priceYears, tornado }: CompareVariants = {},
): Record<string, unknown> {
  const { candidates, schedules, replications, dropped } = found;
  const { measure: ranked } = rankedMeasure(candidates.flatMap(({ runs }) => runs));
  return {
    schemaVersion: COMPARE_SCHEMA_VERSION,
    command: 'compare',
    questions: context.questions,
    replications: replications.map(shownReplication),
    incompleteReplications: dropped.map(shownReplication),
    rankedBy: ranked.key,
    ranking: replications.length === 0 ? {} : rankings(candidates),
    candidates: candidates.map((candidate) => candidateJson(candidate, ranked)),
    schedules: schedules.map(scheduleJson),
    costStack: replications.length === 0 ? null : costStackJson(candidates),
    powerPolicies: replications.length === 0 ? [] : powerPoliciesJson(candidates),
    priceYears: priceYears === undefined ? null : priceYearsJson(priceYears),
    sensitivity: tornado === undefined ? null : tornadoJson(tornado),
    reference: replications.length === 0 ? [] : referenceComparisons(candidates),
    industryPrices: replications.length === 0 ? [] : besideIndustry(candidates, context.industryPrices),
    baseYears: context.baseYears,
    flagged: context.flagged,
  };
}

function rankings(candidates: readonly Candidate[]): Record<string, unknown> {
  const { measure } = rankedMeasure(candidates.flatMap(({ runs }) => runs));
  return Object.fromEntries(
    [...new Set([measure, EUR_PER_GPU_HOUR, TOTAL_EUR])].map((by) => [
      by.key,
      rankCandidates(candidates, by).map(({ index, rank, tied, text, againstPrevious }) => ({
        candidate: candidates[index]!.label,
        rank: text === '' ? null : rank,
        tied,
        moreThanPrevious:
          againstPrevious === undefined
            ? null
            : { ...estimateJson(againstPrevious.difference), verdict: againstPrevious.verdict },
      })),
    ]),
  );
}

/** What is ranked stands with each, also of one that ran without a power policy beside one that has it. */
function candidateJson(candidate: Candidate, ranked: SiteMeasure): Record<string, unknown> {
  const { label, scenario, policy, spec, runs } = candidate;
  return {
    label,
    scenario,
    site: spec.id,
    title: spec.title,
    zone: spec.zone,
    policy,
    deterministic: candidate.exact,
    measures: measuresJson([...siteMeasures(runs), ranked].map((one) => [one.key, valuesOf(candidate, one)])),
    bill: measuresJson(
      (['supplyEur', 'networkEur', 'leviesEur', 'capacityEur', 'batteryEur', 'totalEur'] as const).map((line) => [
        line,
        runs.map(({ site }) => site.bill[line]),
      ]),
    ),
    billLines: runs.length === 0 ? null : billLinesJson(runs),
    ...reportsJson(runs),
    fingerprints: runs.map(({ fingerprint }) => fingerprint),
    ...(candidate.parts === undefined ? {} : { sites: candidate.parts.map(partJson) }),
  };
}

/** Every line of the bill, in its order; a tariff has the same lines in every replication. */
function billLinesJson(runs: readonly CandidateRun[]): Record<string, unknown>[] {
  return runs[0]!.site.bill.lines.map(({ name, group, quantity, unit }, index) => {
    const lines = runs.map(({ site }) => site.bill.lines[index]!);
    const quantities = quantity === undefined ? {} : { quantity: lines.map((line) => line.quantity!) };
    const columns = measuresJson(Object.entries({ eur: lines.map(({ eur }) => eur), ...quantities }));
    return { name, group, ...(unit === undefined ? {} : { unit }), ...columns };
  });
}

/** The carbon account, the indicators and the limits they are held against, where there are any. */
function reportsJson(runs: readonly CandidateRun[]): Record<string, unknown> {
  const values = (measures: readonly SiteMeasure[]): Record<string, unknown> =>
    measuresJson(knownMeasures(measures, runs).map(({ key, of }) => [key, runs.map(of)]));
  return {
    ...(runs.some(({ site }) => site.carbon) ? { carbon: values(CARBON_MEASURES) } : {}),
    ...(runs.some(({ site }) => site.indicators)
      ? { indicators: values(INDICATOR_MEASURES), limits: checkedLimits(runs) }
      : {}),
    ...(runs.some(({ site }) => site.grid) ? { grid: values(GRID_MEASURES), orders: ordersJson(runs) } : {}),
    ...(runs.some(({ site }) => site.battery) ? { battery: values(BATTERY_MEASURES) } : {}),
  };
}

/** Each order of the grid operator, with what was delivered by quarter hour in each replication. */
function ordersJson(runs: readonly CandidateRun[]): Record<string, unknown>[] {
  return ordersOf({ label: '', runs }).map(({ name, runs: orders }) => ({
    name,
    fromMs: orders[0]!.fromMs,
    toMs: orders[0]!.toMs,
    met: orders.map(({ met }) => met),
    measures: measuresJson(ORDER_MEASURES.map(({ key, of }) => [key, orders.map(of)])),
    deliveredMW: orders.map(({ deliveredMW }) => deliveredMW),
  }));
}

/** A site of a broker. */
function partJson({ spec, runs }: CandidatePart): Record<string, unknown> {
  return {
    site: spec.id,
    title: spec.title,
    zone: spec.zone,
    measures: measuresJson([...SHARE_MEASURES, ...siteMeasures(runs)].map(({ key, of }) => [key, runs.map(of)])),
    ...reportsJson(runs),
  };
}

function scheduleJson({ label, policy, runs }: ScheduleRuns): Record<string, unknown> {
  const measures = [...SCHEDULE_MEASURES, ...(haveGoodput(runs) ? GOODPUT_MEASURES : [])];
  return {
    label,
    policy,
    measures: measuresJson(measures.map(({ key, of }) => [key, runs.map(of)])),
    ...(haveGoodput(runs) ? phasesJson(runs) : {}),
    replications: runs,
  };
}

/** What was trained and what failed: of runs with phases. */
function phasesJson(runs: readonly ScheduleSummary[]): Record<string, unknown> {
  return {
    training: trainingByClass(runs).map(({ name, model, runs: trained }) => ({
      class: name,
      model,
      measures: measuresJson(TRAINING_MEASURES.map(({ key, of }) => [key, trained.map(of)])),
    })),
    failures: failuresByCause(runs).map(({ cause, runs: failures }) => ({
      cause,
      measures: measuresJson(FAILURE_MEASURES.map(({ key, of }) => [key, failures.map(of)])),
    })),
  };
}

function measuresJson(columns: readonly (readonly [string, readonly number[]])[]): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(([key, values]) => [key, values.length === 0 ? null : { ...estimateJson(estimate(values)), values }]),
  );
}
