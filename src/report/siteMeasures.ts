import type { SiteResult } from '../metrics/runResult.js';
import type { CandidateRun } from './candidates.js';
import { costOf } from './costStack.js';
import { fullSpeedGpuHours, hasPower } from './fullSpeed.js';
import type { ScheduleMeasure, SiteMeasure } from './measures.js';
import { measure } from './measures.js';
import { CARBON_KT, ENERGY_MWH, FLOP_DAYS, GPU_HOURS, MONEY_EUR, POWER_MW, WAIT_MS } from './scales.js';

/** What a site costs. */
export const EUR_PER_GPU_HOUR: SiteMeasure = measure(
  'eurPerGpuHour',
  'EUR per',
  'GPU-hour',
  4,
  ({ site }) => site.eurPerGpuHour,
);
/** A measure that some runs lack: reports leave it out where all do. */
export interface OptionalMeasure extends SiteMeasure {
  readonly has: (run: CandidateRun) => boolean;
}

const optional = (
  key: string,
  title: string,
  unit: string,
  decimals: number,
  value: (site: SiteResult) => number | undefined,
): OptionalMeasure => ({
  ...measure(key, title, unit, decimals, ({ site }) => value(site) ?? Number.NaN),
  has: ({ site }) => value(site) !== undefined,
});

/** The same over the GPU-hours that were productive and not lost again; of runs with phases. */
export const EUR_PER_USEFUL_GPU_HOUR = optional(
  'eurPerUsefulGpuHour',
  'EUR per useful',
  'GPU-hour',
  4,
  ({ eurPerUsefulGpuHour }) => eurPerUsefulGpuHour,
);
/** Over the model FLOPs that were trained: slow machines sell cheap hours, not cheap work. */
export const EUR_PER_EXAFLOP_DAY = optional(
  'eurPerExaFlopDay',
  'EUR per',
  'exaFLOP-day',
  1,
  ({ training }) => training?.eurPerExaFlopDay,
);
/** All that owning the site costs, capital and operation included, over the useful GPU-hours. */
export const ALL_IN_EUR_PER_USEFUL_GPU_HOUR = optional(
  'allInEurPerUsefulGpuHour',
  'all-in EUR per',
  'useful GPU-hour',
  4,
  (site) => costOf(site)?.eurPerUsefulGpuHour,
);
/** The same over the GPU-hours that jobs asked for and held, work that failures lost included. */
export const ALL_IN_EUR_PER_SOLD_GPU_HOUR = optional(
  'allInEurPerSoldGpuHour',
  'all-in EUR per',
  'sold GPU-hour',
  4,
  (site) => costOf(site)?.eurPerSoldGpuHour,
);
/** The bill over GPU-hours at full speed, which being slower does not add to; shown where a power policy ran. */
export const EUR_PER_FULL_SPEED_GPU_HOUR: OptionalMeasure = {
  ...measure<CandidateRun>(
    'eurPerFullSpeedGpuHour',
    'EUR per',
    'full-speed GPU-hour',
    4,
    (run) => run.site.bill.totalEur / fullSpeedGpuHours(run),
  ),
  has: hasPower,
};
/** All that owning the site costs over the same. */
export const ALL_IN_EUR_PER_FULL_SPEED_GPU_HOUR: OptionalMeasure = {
  ...measure<CandidateRun>(
    'allInEurPerFullSpeedGpuHour',
    'all-in EUR per',
    'full-speed GPU-hour',
    4,
    (run) => (costOf(run.site)?.totalEur ?? Number.NaN) / fullSpeedGpuHours(run),
  ),
  has: (run) => hasPower(run) && costOf(run.site) !== undefined,
};
/** What a site's energy and money came to in work done, where runs tell. */
const WORK_MEASURES: readonly OptionalMeasure[] = [
  ALL_IN_EUR_PER_FULL_SPEED_GPU_HOUR,
  ALL_IN_EUR_PER_USEFUL_GPU_HOUR,
  ALL_IN_EUR_PER_SOLD_GPU_HOUR,
  EUR_PER_FULL_SPEED_GPU_HOUR,
  EUR_PER_USEFUL_GPU_HOUR,
  EUR_PER_EXAFLOP_DAY,
  optional('energyMWhPerExaFlopDay', 'MWh per', 'exaFLOP-day', 2, ({ training }) => training?.energyMWhPerExaFlopDay),
  optional('eurPerTrillionTokens', 'EUR per', 'trillion tokens', 0, ({ training }) => training?.eurPerTrillionTokens),
];

/** Those of them that some run has. */
export const workMeasures = (runs: readonly CandidateRun[]): readonly OptionalMeasure[] =>
  WORK_MEASURES.filter(({ has }) => runs.some(has));

/** What sites are ranked by. */
export interface RankedMeasure {
  readonly measure: SiteMeasure;
  /** As headings and notes call it. */
  readonly name: string;
  readonly inFull: string;
  /** What a candidate without the value lacks: "too few …". */
  readonly missing: string;
  /** Why by this; said where more is known than the bill. */
  readonly why: string;
  /** Whether it says all of these runs, so that they can be ranked by it. */
  readonly covers: (runs: readonly CandidateRun[]) => boolean;
}

const SLOWER = 'jobs that caps slow hold their GPUs for longer, so that an hour held looks cheaper and does less';

/** From the one that says most of what a site is for. */
const RANKED_MEASURES: readonly RankedMeasure[] = [
  {
    measure: ALL_IN_EUR_PER_FULL_SPEED_GPU_HOUR,
    name: 'all-in EUR per full-speed GPU-hour',
    inFull: 'all-in EUR per full-speed GPU-hour',
    missing: 'had any full-speed GPU-hour',
    why: `All that owning a site costs ranks, over these: ${SLOWER}.`,
    covers: (runs) => runs.some(hasPower) && runs.every(({ site }) => costOf(site) !== undefined),
  },
  {
    measure: ALL_IN_EUR_PER_USEFUL_GPU_HOUR,
    name: 'all-in EUR per useful GPU-hour',
    inFull: 'all-in EUR per useful GPU-hour',
    missing: 'had any useful GPU-hour',
    why: 'Every site says what it is built of, so all that owning it costs ranks, over the hours that were productive.',
    covers: (runs) => runs.every(({ site }) => costOf(site)?.eurPerUsefulGpuHour !== undefined),
  },
  {
    measure: EUR_PER_EXAFLOP_DAY,
    name: 'EUR per exaFLOP-day',
    inFull: 'EUR per exaFLOP-day trained',
    missing: 'trained anything',
    why: 'All jobs train models, so EUR per exaFLOP-day ranks: an hour of a slower machine is cheaper, and does less.',
    covers: (runs) =>
      runs.every(
        ({ site, schedule }) =>
          site.training !== undefined && schedule.classes.every(({ training }) => training !== undefined),
      ),
  },
  {
    measure: EUR_PER_FULL_SPEED_GPU_HOUR,
    name: 'EUR per full-speed GPU-hour',
    inFull: 'EUR per full-speed GPU-hour',
    missing: 'had any full-speed GPU-hour',
    why: `EUR per such an hour ranks: ${SLOWER}.`,
    covers: (runs) => runs.some(hasPower),
  },
  {
    measure: EUR_PER_GPU_HOUR,
    name: 'EUR per GPU-hour',
    inFull: 'EUR per GPU-hour used',
    missing: 'used any GPU-hour',
    why: 'The bill is that of jobs without a model too, so EUR per GPU-hour ranks, whatever an hour achieves.',
    covers: () => true,
  },
];

/**
 * What these runs are ranked by. All that a GPU-hour costs where every site is costed: at full speed where a power
 * policy ran in any, else a useful one. Else the energy bill, per exaFLOP-day where all jobs of all of them have models,
 * per GPU-hour at full speed where a power policy ran, else per GPU-hour.
 */
export const rankedMeasure = (runs: readonly CandidateRun[]): RankedMeasure =>
  RANKED_MEASURES.find(({ covers }) => covers(runs))!;

/**
 * What a sensitivity is of: what is ranked, but where that is the bill alone and every run says what its site is built
 * of: all that a sold GPU-hour costs.
 */
export function sensitivityMeasure(runs: readonly CandidateRun[]): SiteMeasure {
  const { measure: ranked } = rankedMeasure(runs);
  if (ranked === ALL_IN_EUR_PER_USEFUL_GPU_HOUR || ranked === ALL_IN_EUR_PER_FULL_SPEED_GPU_HOUR) return ranked;
  return runs.length > 0 && runs.every(ALL_IN_EUR_PER_SOLD_GPU_HOUR.has) ? ALL_IN_EUR_PER_SOLD_GPU_HOUR : ranked;
}

export const TOTAL_EUR: SiteMeasure = {
  key: 'totalEur',
  title: 'energy cost',
  scales: MONEY_EUR,
  decimals: 2,
  of: ({ site }) => site.bill.totalEur,
};
/** All that owning the site costs over the horizon; where every site says what it is built of. */
export const ALL_IN_TOTAL_EUR: OptionalMeasure = {
  ...{ key: 'allInTotalEur', title: 'all-in cost', scales: MONEY_EUR, decimals: 1 },
  of: ({ site }) => costOf(site)?.totalEur ?? Number.NaN,
  has: ({ site }) => costOf(site) !== undefined,
};
export const PRICE_MEASURES: readonly SiteMeasure[] = [
  measure('deliveredEurPerMWh', 'delivered', 'EUR/MWh', 2, ({ site }) => site.deliveredEurPerMWh),
  measure('paidPriceEurPerMWh', 'price paid', 'EUR/MWh', 2, ({ site }) => site.paidPriceEurPerMWh),
  measure('meanPriceEurPerMWh', 'mean price', 'EUR/MWh', 2, ({ site }) => site.meanPriceEurPerMWh),
];

/** What a site draws and emits. */
export const POWER_MEASURES: readonly SiteMeasure[] = [
  { key: 'facilityMWh', title: 'energy', scales: ENERGY_MWH, decimals: 1, of: ({ site }) => site.facilityMWh },
  { key: 'meanFacilityMW', title: 'mean', scales: POWER_MW, decimals: 1, of: ({ site }) => site.meanFacilityMW },
  { key: 'peakFacilityMW', title: 'peak', scales: POWER_MW, decimals: 1, of: ({ site }) => site.peakFacilityMW },
  measure('loadFactor', 'load', 'mean/peak', 3, ({ site }) => site.loadFactor),
  measure('pue', 'PUE', '', 3, ({ site }) => site.pue),
  { key: 'carbonKt', title: 'carbon', scales: CARBON_KT, decimals: 2, of: ({ site }) => site.carbonKt },
  measure('carbonKgPerMWh', 'carbon', 'kg/MWh', 1, ({ site }) => site.carbonKgPerMWh),
];

/** What a site achieved, where runs tell: beside what it draws. */
const THROUGHPUT_MEASURES: readonly OptionalMeasure[] = [
  {
    ...{ key: 'usefulGpuHours', title: 'useful GPU-hours', scales: GPU_HOURS, decimals: 2 },
    of: ({ site }) => site.usefulGpuHours ?? Number.NaN,
    has: ({ site }) => site.usefulGpuHours !== undefined,
  },
  {
    ...{ key: 'exaFlopDays', title: 'trained', scales: FLOP_DAYS, decimals: 1 },
    of: ({ site }) => site.training?.exaFlopDays ?? Number.NaN,
    has: ({ site }) => site.training !== undefined,
  },
];

/** Those of them that some run has. */
export const throughputMeasures = (runs: readonly CandidateRun[]): readonly OptionalMeasure[] =>
  THROUGHPUT_MEASURES.filter(({ has }) => runs.some(has));

/** What the schedule delivered. */
export const SCHEDULE_MEASURES: readonly ScheduleMeasure[] = [
  {
    key: 'gpuHoursUsed',
    title: 'GPU-hours used',
    scales: GPU_HOURS,
    decimals: 2,
    of: ({ gpuHoursUsed }) => gpuHoursUsed,
  },
  measure('utilisationFraction', 'utilisation', '%', 2, ({ utilisationFraction }) => 100 * utilisationFraction),
  { key: 'waitMeanMs', title: 'mean wait', scales: WAIT_MS, decimals: 2, of: ({ wait }) => wait.meanMs },
  { key: 'waitP95Ms', title: 'p95 wait', scales: WAIT_MS, decimals: 2, of: ({ wait }) => wait.p95Ms },
  measure('queueMean', 'queued', 'mean jobs', 1, ({ queueMean }) => queueMean),
  measure('submitted', 'submitted', 'jobs', 0, ({ submitted }) => submitted),
];
