import type { JobId, OrderDef, OrderPolicy } from '../contracts.js';
import type { World } from '../world.js';
import { GpuTime } from './gpuTime.js';
import { layeredKey } from './layers.js';
import { levelOf, levelThresholds, type ServiceLevelParams } from './serviceLevels.js';

interface GittinsParams extends ServiceLevelParams {
  readonly refresh: number;
}

/**
 * Gittins index over the GPU time received (Tiresias' second policy): the job goes first that most likely ends soon
 * for what it still takes. Needs no estimates: it learns from the jobs that have ended in this run.
 *
 * For a job that has received a GPU·ms, with S the GPU time of a job, the index is the largest over Δ of
 * P(S ≤ a + Δ | S ≥ a) / E[min(S − a, Δ) | S ≥ a]. Here a is the lower end of the job's level, a + Δ the end of any
 * level from there on (the last has none), and S is distributed as in the jobs that have ended, failed and
 * cancelled ones too: their count and mean by level are all that is kept. Levels are ranked by index, lower first among
 * equals; a level nobody has got to yet comes last; within a level jobs go in order of submission.
 *
 * The ranks are taken anew every `refresh`, O(levels²), and stand still in between. While a job waits its
 * level does, so between refreshes keys are static. Without pre-emption every waiting job is in level 0, and this is
 * `fcfs`.
 *
 * Where it is wrong: Tiresias reads the distribution from an earlier trace; here it begins empty, and the order is that
 * of least attained service until jobs have ended. Jobs that are still running are not counted, which at first
 * makes long jobs look rarer than they are.
 */
class Gittins implements OrderPolicy {
  readonly rekeyEveryMs: number;

  private readonly world: World;
  private readonly thresholds: Float64Array;
  private readonly gpuTime: GpuTime;
  /** Jobs that ended in each level, and their GPU·ms. */
  private readonly ended: Float64Array;
  private readonly service: Float64Array;
  private readonly index: Float64Array;
  private readonly byRank: number[];
  private readonly rankOf: Int32Array;

  constructor(params: GittinsParams, world: World) {
    const { levels, refresh } = params;
    this.rekeyEveryMs = refresh;
    this.world = world;
    this.thresholds = levelThresholds(params);
    this.gpuTime = new GpuTime(world);
    this.ended = new Float64Array(levels);
    this.service = new Float64Array(levels);
    this.index = new Float64Array(levels);
    this.byRank = Array.from({ length: levels }, (_, level) => level);
    this.rankOf = Int32Array.from(this.byRank);
  }

  key(job: JobId): number {
    const { world } = this;
    return layeredKey(this.rankOf[levelOf(this.thresholds, world.serviceGpuMs(job))]!, world.submitMs(job));
  }

  onStarted(job: JobId): void {
    this.gpuTime.onStarted(job);
  }

  onStopped(job: JobId, ended: boolean): void {
    this.gpuTime.onStopped(job);
    if (!ended) return;
    const service = this.gpuTime.of(job);
    const level = levelOf(this.thresholds, service);
    this.ended[level]!++;
    this.service[level]! += service;
  }

  refresh(): void {
    const { index, byRank, rankOf } = this;
    for (let level = 0; level < index.length; level++) index[level] = this.indexOf(level);
    byRank.sort((a, b) => index[b]! - index[a]! || a - b);
    byRank.forEach((level, rank) => {
      rankOf[level] = rank;
    });
  }

  /** Ends per GPU·ms, ≥ 0; 0 where no job has got to the level. */
  private indexOf(level: number): number {
    const { ended, service, thresholds } = this;
    const from = level === 0 ? 0 : thresholds[level - 1]!;
    let beyond = 0;
    for (let i = level; i < ended.length; i++) beyond += ended[i]!;
    let ends = 0;
    let spent = 0;
    let best = 0;
    for (let to = level; to < ended.length; to++) {
      ends += ended[to]!;
      beyond -= ended[to]!;
      spent += service[to]! - ended[to]! * from;
      const cost = spent + (beyond === 0 ? 0 : beyond * (thresholds[to]! - from));
      // Jobs that all ended on reaching the level cost nothing; a whole GPU·ms keeps the index finite.
      if (ends > 0) best = Math.max(best, ends / Math.max(1, cost));
    }
    return best;
  }
}

export const gittins: OrderDef<GittinsParams> = {
  axis: 'order',
  name: 'gittins',
  summary: 'Gittins index of the GPU time received, learnt from jobs that ended',
  cite: "Gu et al., Tiresias: a GPU cluster manager for distributed deep learning, NSDI'19",
  starves: true,
  parameters: [
    {
      name: 'levels',
      kind: 'whole',
      default: 20,
      min: 1,
      max: 32,
      summary: 'levels of GPU time; 20 doublings of 3250 s reach past 400,000 GPU-hours (an assumption)',
    },
    {
      name: 'threshold',
      kind: 'duration',
      default: 3_250_000,
      min: 1,
      summary: "GPU time (time × GPUs) at which level 0 ends; 3250 s is the unit of Tiresias' simulator (2019)",
    },
    { name: 'factor', kind: 'number', default: 2, min: 1.01, summary: 'each further threshold over the one before' },
    {
      name: 'refresh',
      kind: 'duration',
      default: 3_600_000,
      min: 1,
      summary: 'how often the index is taken from the history anew (an assumption)',
    },
  ],
  create: (params, { world }) => new Gittins(params, world),
};
