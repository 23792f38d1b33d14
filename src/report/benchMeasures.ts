import { SIZE_CLASSES } from '../metrics/sizeClasses.js';
import type { GoodputSummary, SiteTraining } from '../metrics/goodputResult.js';
import type { ScheduleSummary, SiteResult } from '../metrics/runResult.js';
import { measure, type Measure } from './measures.js';
import { CARBON_KT, ENERGY_MWH, FLOP_DAYS, GPU_HOURS, MONEY_EUR, WAIT_MS, type Scale } from './scales.js';

/** One run of a policy: what it delivered, and what its sites drew and paid. */
export interface BenchRun {
  readonly replication: number;
  readonly fingerprint: string;
  readonly schedule: ScheduleSummary;
  readonly sites: readonly SiteResult[];
  /** GPU-hours used, summed over the sites that were paid for: those of a shared schedule once for each. */
  readonly paidGpuHours: number;
}

/** A measure that policies are compared by. */
export interface BenchMeasure extends Measure<BenchRun> {
  /** `undefined`: neither is better by itself. */
  readonly better: 'lower' | 'higher' | undefined;
  /** What the numbers of a table for programs count: `1` for those without a unit. */
  readonly unit: string;
  /** Of runs whose jobs fail, write checkpoints or train a model; NaN in others, whose reports leave it out. */
  readonly ofPhases?: true;
}

/** Measures that belong in one table. */
export interface MeasureGroup {
  readonly title: string;
  readonly measures: readonly BenchMeasure[];
}

type Better = BenchMeasure['better'];

const scaled = (
  key: string,
  title: string,
  scales: readonly Scale[],
  of: (run: BenchRun) => number,
  better: Better,
  unit = scales[0]!.unit,
): BenchMeasure => ({ key, title, scales, decimals: 2, of, better, unit });

/** @param heading - what a table for people says below the title */
const plain = (
  key: string,
  title: string,
  heading: string,
  decimals: number,
  of: (run: BenchRun) => number,
  better: Better,
  unit = heading === '' ? '1' : heading,
): BenchMeasure => ({ ...measure(key, title, heading, decimals, of), better, unit });

const time = (key: string, title: string, of: (schedule: ScheduleSummary) => number): BenchMeasure =>
  scaled(key, title, WAIT_MS, ({ schedule }) => of(schedule), 'lower');

const overSites = ({ sites }: BenchRun, of: (site: SiteResult) => number): number =>
  sites.reduce((sum, site) => sum + of(site), 0);

const totalMWh = (run: BenchRun): number => overSites(run, (site) => site.facilityMWh);
const totalEur = (run: BenchRun): number => overSites(run, ({ bill }) => bill.totalEur);
const carbonKt = (run: BenchRun): number => overSites(run, (site) => site.carbonKt);

/** Of the first of `GPU_HOURS`, whose table says the rest in its heading. */
const MILLION_GPU_HOURS = 'million GPU-hours';

/** `waitMean1to7`, …, `waitMean4096up`. */
const sizeKey = (name: string): string => `waitMean${name.replace('–', 'to').replace(' and more', 'up')}Ms`;

/** What `gigasim bench` measures of a policy in every run, in the order of its report. */
const COMMON_GROUPS: readonly MeasureGroup[] = [
  {
    title: 'Completion: from submission to end (JCT), of jobs that ended; "in system" counts the others with their age',
    measures: [
      time('jctMeanMs', 'mean JCT', ({ jct }) => jct.meanMs),
      time('jctP50Ms', 'p50 JCT', ({ jct }) => jct.p50Ms),
      time('jctP95Ms', 'p95 JCT', ({ jct }) => jct.p95Ms),
      time('jctP99Ms', 'p99 JCT', ({ jct }) => jct.p99Ms),
      time('timeInSystemMeanMs', 'in system', (schedule) => schedule.timeInSystemMeanMs),
      plain(
        'boundedSlowdownMean',
        'slowdown',
        'bounded',
        2,
        ({ schedule }) => schedule.boundedSlowdownMean,
        'lower',
        '1',
      ),
      plain('unfinished', 'unfinished', 'jobs', 0, ({ schedule }) => schedule.unfinished, 'lower'),
    ],
  },
  {
    title: 'Waits: from submission to the first start',
    measures: [
      time('waitMeanMs', 'mean wait', ({ wait }) => wait.meanMs),
      time('waitP50Ms', 'p50 wait', ({ wait }) => wait.p50Ms),
      time('waitP95Ms', 'p95 wait', ({ wait }) => wait.p95Ms),
      time('waitP99Ms', 'p99 wait', ({ wait }) => wait.p99Ms),
      time('longestWaitMs', 'longest wait', ({ longestWaitMs }) => longestWaitMs),
      plain('queueMean', 'queued', 'mean jobs', 1, ({ schedule }) => schedule.queueMean, 'lower', 'jobs'),
    ],
  },
  {
    title: 'Mean wait by GPUs asked for',
    measures: SIZE_CLASSES.map((name, index) =>
      time(sizeKey(name), `wait ${name} GPUs`, ({ waitBySize }) => waitBySize[index]!.wait.meanMs),
    ),
  },
  {
    title: "Fairness: Jain's index over users, finish-time fairness ρ (below 1: better off than on a 1/N share)",
    measures: [
      plain('jainIndex', 'Jain index', '0 to 1', 3, ({ schedule }) => schedule.fairness.jainIndex, 'higher', '1'),
      plain('rhoMean', 'mean ρ', '', 3, ({ schedule }) => schedule.fairness.rhoMean, 'lower'),
      plain('rhoP95', 'p95 ρ', '', 3, ({ schedule }) => schedule.fairness.rhoP95, 'lower'),
      plain('rhoMax', 'largest ρ', '', 1, ({ schedule }) => schedule.fairness.rhoMax, 'lower'),
    ],
  },
  {
    title: 'Machine',
    measures: [
      scaled(
        'gpuHoursUsed',
        'GPU-hours used',
        GPU_HOURS,
        ({ schedule }) => schedule.gpuHoursUsed,
        undefined,
        MILLION_GPU_HOURS,
      ),
      plain('utilisation', 'utilisation', '%', 2, ({ schedule }) => 100 * schedule.utilisationFraction, 'higher'),
      plain(
        'fragmentation',
        'fragmented',
        '% of free',
        2,
        (run) => 100 * run.schedule.fragmentationFraction,
        'lower',
        '%',
      ),
      plain('preemptions', 'pre-emptions', '', 0, ({ schedule }) => schedule.preemptions, 'lower'),
      plain('resizes', 'resizes', '', 0, ({ schedule }) => schedule.resizes, undefined),
      scaled(
        'lostGpuHours',
        'GPU-hours lost',
        GPU_HOURS,
        ({ schedule }) => schedule.lostGpuHours,
        'lower',
        MILLION_GPU_HOURS,
      ),
      plain('timedOut', 'killed', 'at estimate', 0, ({ schedule }) => schedule.timedOut, 'lower', 'jobs'),
      plain('rejected', 'rejected', 'jobs', 0, ({ schedule }) => schedule.rejected, 'lower'),
    ],
  },
  {
    title: 'Energy, cost and carbon',
    measures: [
      scaled('facilityMWh', 'energy', ENERGY_MWH, totalMWh, undefined),
      scaled('totalEur', 'cost', MONEY_EUR, totalEur, undefined),
      scaled('carbonKt', 'carbon', CARBON_KT, carbonKt, undefined),
      plain('eurPerGpuHour', 'EUR/GPU-hour', '', 4, (run) => totalEur(run) / run.paidGpuHours, 'lower', 'EUR/GPU-hour'),
      plain(
        'kgCo2PerGpuHour',
        'kg CO2/GPU-hour',
        '',
        4,
        (run) => (1e6 * carbonKt(run)) / run.paidGpuHours,
        'lower',
        'kg CO2/GPU-hour',
      ),
    ],
  },
];

/** Useful GPU-hours, summed over the sites that were paid for. */
const usefulGpuHours = (run: BenchRun): number => overSites(run, (site) => site.usefulGpuHours ?? Number.NaN);

/** What was trained: tokens of different models do not add up, their model FLOPs do. NaN where no class has a model. */
function exaFlopDays({ schedule }: BenchRun): number {
  const trained = schedule.classes.flatMap(({ training }) => (training === undefined ? [] : [training.exaFlopDays]));
  return trained.length === 0 ? Number.NaN : trained.reduce((sum, own) => sum + own, 0);
}

/** Over what was trained, summed over the sites that were paid for. */
const perWork = (
  key: string,
  title: string,
  decimals: number,
  of: (run: BenchRun) => number,
  work: (training: SiteTraining | undefined) => number | undefined,
): BenchMeasure => ({
  ...plain(
    key,
    title,
    '',
    decimals,
    (run) => of(run) / overSites(run, ({ training }) => work(training) ?? Number.NaN),
    'lower',
    title,
  ),
  ofPhases: true,
});

const phaseShare = (
  key: string,
  title: string,
  better: Better,
  of: (goodput: GoodputSummary) => number,
): BenchMeasure => ({
  ...plain(
    key,
    title,
    '%',
    2,
    ({ schedule: { goodput } }) => (goodput === undefined ? Number.NaN : 100 * of(goodput)),
    better,
  ),
  ofPhases: true,
});

const PHASE_MEASURES: readonly BenchMeasure[] = [
  phaseShare('goodput', 'goodput', 'higher', ({ goodputFraction }) => goodputFraction),
  phaseShare('ettr', 'ETTR', 'higher', ({ ettrFraction }) => ettrFraction),
  phaseShare('stall', 'checkpoints', 'lower', ({ stallGpuHours, totalGpuHours }) => stallGpuHours / totalGpuHours),
  phaseShare('lostWork', 'lost work', 'lower', ({ lostGpuHours, totalGpuHours }) => lostGpuHours / totalGpuHours),
  phaseShare(
    'restarts',
    'starts, restarts',
    'lower',
    ({ restartGpuHours, totalGpuHours }) => restartGpuHours / totalGpuHours,
  ),
  { ...scaled('exaFlopDays', 'trained', FLOP_DAYS, exaFlopDays, 'higher'), ofPhases: true },
  {
    ...plain(
      'eurPerUsefulGpuHour',
      'EUR/useful GPU-hour',
      '',
      4,
      (run) => totalEur(run) / usefulGpuHours(run),
      'lower',
      'EUR/GPU-hour',
    ),
    ofPhases: true,
  },
  perWork('eurPerExaFlopDay', 'EUR/exaFLOP-day', 1, totalEur, (training) => training?.exaFlopDays),
  perWork('energyMWhPerExaFlopDay', 'MWh/exaFLOP-day', 2, totalMWh, (training) => training?.exaFlopDays),
  perWork('eurPerTrillionTokens', 'EUR/T tokens', 0, totalEur, (training) => (training?.tokens ?? Number.NaN) / 1e12),
];

export const MEASURE_GROUPS: readonly MeasureGroup[] = [
  ...COMMON_GROUPS,
  {
    title: 'Goodput: useful is what was productive and not lost again, in shares of all GPU time',
    measures: PHASE_MEASURES,
  },
];

export const BENCH_MEASURES: readonly BenchMeasure[] = MEASURE_GROUPS.flatMap(({ measures }) => measures);

/** The measure of a key; the caller offers the keys. */
export const benchMeasure = (key: string): BenchMeasure | undefined =>
  BENCH_MEASURES.find((candidate) => candidate.key === key);
