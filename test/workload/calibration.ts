import { MS_PER_DAY, MS_PER_S } from '../../src/base/units.js';
import { END_STATES, type JobTable } from '../../src/workload/jobTable.js';
import { generate, shippedGenerator } from './shipped.js';

/** The end states a generator draws; timing out is a matter of the run. */
const DRAWN_STATES = END_STATES.slice(0, 3);

/** What a table of jobs looks like in the terms that clusters publish; shares 0…1, times in s. */
export interface Portrait {
  readonly jobs: number;
  readonly meanGpus: number;
  readonly largestGpus: number;
  readonly meanRunS: number;
  readonly medianRunS: number;
  /** By {@link DRAWN_STATES}. */
  readonly endStateByCount: readonly number[];
  readonly endStateByTime: readonly number[];
  readonly upTo8ByCount: number;
  readonly upTo8ByTime: number;
  readonly from256ByTime: number;
  readonly evaluationByCount: number;
  readonly trainingByTime: number;
  readonly medianRunOverEstimate: number;
  readonly above90OfEstimate: number;
}

/** Portrait of the jobs submitted from time 0 on. */
export function portrait(table: JobTable): Portrait {
  const rows = [...table.submitMs.keys()].filter((job) => table.submitMs[job]! >= 0);
  const work = (job: number): number => table.gpus[job]! * table.runMs[job]!;
  const total = rows.reduce((sum, job) => sum + work(job), 0);
  const byCount = (keep: (job: number) => boolean): number => rows.filter(keep).length / rows.length;
  const byTime = (keep: (job: number) => boolean): number =>
    rows.reduce((sum, job) => (keep(job) ? sum + work(job) : sum), 0) / total;
  const mean = (value: (job: number) => number): number => rows.reduce((sum, job) => sum + value(job), 0) / rows.length;
  const median = (value: (job: number) => number): number =>
    Float64Array.from(rows, value).sort()[Math.floor(rows.length / 2)]!;
  const isOf = (names: readonly string[]) => {
    const wanted = names.map((name) => table.classNames.indexOf(name));
    return (job: number): boolean => wanted.includes(table.classOf[job]!);
  };
  const runOverEstimate = (job: number): number => table.runMs[job]! / table.estimateMs[job]!;
  return {
    jobs: rows.length,
    meanGpus: mean((job) => table.gpus[job]!),
    largestGpus: rows.reduce((max, job) => Math.max(max, table.gpus[job]!), 0),
    meanRunS: mean((job) => table.runMs[job]! / MS_PER_S),
    medianRunS: median((job) => table.runMs[job]! / MS_PER_S),
    endStateByCount: DRAWN_STATES.map((_, state) => byCount((job) => table.endState[job] === state)),
    endStateByTime: DRAWN_STATES.map((_, state) => byTime((job) => table.endState[job] === state)),
    upTo8ByCount: byCount((job) => table.gpus[job]! <= 8),
    upTo8ByTime: byTime((job) => table.gpus[job]! <= 8),
    from256ByTime: byTime((job) => table.gpus[job]! >= 256),
    evaluationByCount: byCount(isOf(['evaluation'])),
    trainingByTime: byTime(isOf(['frontier-pretraining', 'training'])),
    medianRunOverEstimate: median(runOverEstimate),
    above90OfEstimate: byCount((job) => runOverEstimate(job) > 0.9),
  };
}

/** A site-year of a shipped mix, seed 1. */
export const siteYear = (name: string): Portrait =>
  portrait(generate(shippedGenerator(name), '1/0', { horizonMs: 366 * MS_PER_DAY, warmupMs: 0 }).table);

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const three = (values: readonly number[]): string => values.map((value) => (100 * value).toFixed(0)).join(' / ') + ' %';

/** The table of docs/workloads.md: the drawn jobs of a site-year beside what the sources publish. */
export function calibrationTable(thinned: Portrait, full: Portrait): string[] {
  const row = (what: string, value: (portrait: Portrait) => string, published: string): string =>
    `| ${what} | ${value(full)} | ${value(thinned)} | ${published} |`;
  return [
    '| figure | frontier-mix-full | frontier-mix | published |',
    '| --- | --- | --- | --- |',
    row('jobs a site-year', (p) => whole(p.jobs), 'Kalos scaled to 100,000 GPUs: about 1.6 million'),
    row('mean GPUs of a job', (p) => p.meanGpus.toFixed(1), 'Kalos 26.8, Seren 5.7, Philly 1.9'),
    row('largest job, GPUs', (p) => whole(p.largestGpus), 'Seren and Kalos 1,024; Llama 3 16,384'),
    row('mean run, s', (p) => whole(p.meanRunS), 'Kalos 1,260, Seren 1,414, Philly 18,006'),
    row('median run, s', (p) => whole(p.medianRunS), 'Kalos 124, Seren 122, Philly 874'),
    row(
      'completed / failed / cancelled, by count',
      (p) => three(p.endStateByCount),
      'Kalos 54 / 40 / 6 %, Seren 50 / 43 / 8 %, Philly 60 / 31 / 9 %',
    ),
    row(
      'the same, by GPU time',
      (p) => three(p.endStateByTime),
      'Kalos 31 / 8 / 61 %, Seren 21 / 12 / 66 %, Philly 32 / 39 / 29 %',
    ),
    row('jobs on at most 8 GPUs', (p) => percent(p.upTo8ByCount), 'RSC over 90 % (unverified)'),
    row('GPU time of jobs on at most 8 GPUs', (p) => percent(p.upTo8ByTime), 'RSC under 10 % (unverified)'),
    row('GPU time of jobs on 256 GPUs or more', (p) => percent(p.from256ByTime), 'RSC-1 66 %, RSC-2 52 % (unverified)'),
    row('evaluation, share of jobs', (p) => percent(p.evaluationByCount), 'Kalos 92.9 % (unverified)'),
    row(
      'pre-training and training, share of GPU time',
      (p) => percent(p.trainingByTime),
      'pre-training: Kalos 94 %, Seren 69.5 % (unverified)',
    ),
    row('run over estimate, median', (p) => p.medianRunOverEstimate.toFixed(2), 'KTH 0.40, Curie 0.02'),
    row('jobs above 0.9 of their estimate', (p) => percent(p.above90OfEstimate), 'KTH 21.3 %, Curie 9.1 %'),
  ];
}
