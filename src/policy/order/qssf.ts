import type { JobId, OrderDef, OrderPolicy } from '../contracts.js';
import type { World } from '../world.js';
import { GpuTime } from './gpuTime.js';
import { groupBy, groupByBoth, type Groups } from './groups.js';

interface QssfParams {
  readonly weight: number;
}

/** Count and mean of run times by group. */
class Means {
  readonly groups: Groups;
  private readonly seen: Int32Array;
  private readonly mean: Float64Array;

  constructor(groups: Groups) {
    this.groups = groups;
    this.seen = new Int32Array(groups.count);
    this.mean = new Float64Array(groups.count);
  }

  /** Mean of the job's group, or NaN while it is empty. */
  of(job: JobId): number {
    const group = this.groups.of[job]!;
    return this.seen[group] === 0 ? Number.NaN : this.mean[group]!;
  }

  /** @param newest - weight of the new value, or 0 for a plain mean */
  add(job: JobId, value: number, newest: number): void {
    const group = this.groups.of[job]!;
    const seen = ++this.seen[group]!;
    const weight = seen === 1 ? 1 : newest > 0 ? newest : 1 / seen;
    this.mean[group]! += weight * (value - this.mean[group]!);
  }
}

/**
 * Quasi-shortest service first (Helios): least predicted run time × GPUs first, where the prediction is Helios' rolling
 * estimate from jobs that have ended. Needs no estimates once there is a history.
 *
 * The prediction is taken when a job joins the queue, from the first of these that is not empty:
 * 1. the user's ended jobs of the same class and number of GPUs: their exponentially weighted mean, m ← w·d + (1−w)·m
 *    with d the newest (the class stands for Helios' similar job names);
 * 2. the user's ended jobs of that number of GPUs: their mean;
 * 3. everybody's ended jobs of that number of GPUs: their mean;
 * 4. the job's own estimate.
 * A run time is the GPU time a job received by the GPUs it asked for: of an interrupted job all its stretches together.
 *
 * Where it is wrong: Helios mixes this with a gradient-boosted regression on the job's attributes; that part is
 * absent, as if its weight λ were 1. A job that is expected to be large waits as long as lesser ones keep coming.
 */
class Qssf implements OrderPolicy {
  private readonly world: World;
  private readonly weight: number;
  private readonly gpuTime: GpuTime;
  private readonly similar: Means;
  private readonly own: Means;
  private readonly sameSize: Means;

  constructor({ weight }: QssfParams, world: World) {
    this.world = world;
    this.weight = weight;
    this.gpuTime = new GpuTime(world);
    const { jobCount } = world;
    const sizes = groupBy(jobCount, (job) => world.gpus(job));
    const own = groupByBoth(
      groupBy(jobCount, (job) => world.userOf(job)),
      sizes,
    );
    const classes = groupBy(jobCount, (job) => world.classOf(job));
    this.sameSize = new Means(sizes);
    this.own = new Means(own);
    this.similar = new Means(groupByBoth(own, classes));
  }

  key(job: JobId): number {
    return this.predictedMs(job) * this.world.gpus(job);
  }

  onStarted(job: JobId): void {
    this.gpuTime.onStarted(job);
  }

  onStopped(job: JobId, ended: boolean): void {
    this.gpuTime.onStopped(job);
    if (!ended) return;
    const runMs = this.gpuTime.of(job) / this.world.gpus(job);
    this.similar.add(job, runMs, this.weight);
    this.own.add(job, runMs, 0);
    this.sameSize.add(job, runMs, 0);
  }

  private predictedMs(job: JobId): number {
    let predicted = this.similar.of(job);
    if (Number.isNaN(predicted)) predicted = this.own.of(job);
    if (Number.isNaN(predicted)) predicted = this.sameSize.of(job);
    return Number.isNaN(predicted) ? this.world.estimateMs(job) : predicted;
  }
}

export const qssf: OrderDef<QssfParams> = {
  axis: 'order',
  name: 'qssf',
  summary: "least predicted run time × GPUs first, from the user's own ended jobs",
  cite: "Hu et al., Characterization and prediction of deep learning workloads in large-scale GPU datacenters (Helios), SC'21",
  starves: true,
  parameters: [
    {
      name: 'weight',
      kind: 'number',
      default: 0.5,
      min: 0.01,
      max: 1,
      summary: "weight of the newest of a user's similar jobs (an assumption)",
    },
  ],
  create: (params, { world }) => new Qssf(params, world),
};
