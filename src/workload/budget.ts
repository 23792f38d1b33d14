import { MS_PER_HOUR } from '../base/units.js';
import { heldGpus } from '../cluster/layout.js';
import type { Block } from './arrivals.js';
import { capacityGpuMs, meanGpus } from './capacity.js';
import { Distribution } from './distribution.js';
import { eligiblePartitions, largestGang, type PartitionSize } from './fitting.js';
import type { ResolvedClass, ResolvedMix } from './resolved.js';
import { tokenTime, type ClassTraining, type MsPerToken } from './tokenTime.js';

/** How far a failed or cancelled job gets: a uniform share of its planned run time (assumption), so half on average. */
export const MEAN_INTERRUPTED_FRACTION = 0.5;

/** What a class is to submit in a block. */
export interface ClassBudget {
  /** Expected number of jobs, ≥ 0; not whole. */
  readonly meanJobs: number;
  /** GPU time of its jobs, GPU·ms. */
  readonly gpuMs: number;
}

/**
 * Expected GPU·ms of one job of a class, after rounding to whole nodes; re-scaling keeps it, but where run times follow from tokens.
 *
 * @param block - in which partitions that grow have what GPUs they have; absent: at the start of the horizon
 */
export function meanWork(
  entry: ResolvedClass,
  partitions: readonly PartitionSize[],
  msPerToken?: MsPerToken,
  block: Block = { fromMs: 0, toMs: 0 },
): number {
  let gpus = 0;
  let weights = 0;
  const eligible = eligiblePartitions(entry.partition, partitions);
  const there = eligible.map((index) => meanGpus(partitions[index]!, block.fromMs, block.toMs));
  const someThere = there.some((gpusThere) => gpusThere > 0);
  for (const [at, index] of eligible.entries()) {
    const partition = partitions[index]!;
    const here = someThere ? there[at]! : partition.gpus;
    for (const size of entry.sizes) {
      const weight = size.weight * here;
      const asked = heldGpus(size.gpus, partition.gpusPerNode);
      if (msPerToken === undefined) {
        gpus += weight * asked;
      } else {
        const given = Math.min(asked, largestGang(partition));
        gpus += weight * given * msPerToken(index, given);
      }
      weights += weight;
    }
  }
  const interrupted = entry.failedFraction + entry.cancelledFraction;
  const meanRun = new Distribution(entry.duration).mean * (1 - interrupted * MEAN_INTERRUPTED_FRACTION);
  return (gpus / weights) * meanRun;
}

/**
 * GPU time and jobs of each class in a block.
 *
 * Of a partition that grows the load is that of what it has at each time: a class is offered its share of `load` × the
 * GPUs of the site, of that as much as the partitions it may go to have of theirs.
 *
 * Thinning takes the jobs *and* the GPU time of thinnable classes to `thinning` of their shares and gives
 * the freed GPU time to the other classes in proportion, so the load stays and the jobs inside a class
 * keep their distribution. Where classes give rates, thinning only takes jobs away.
 */
export function classBudgets(
  mix: ResolvedMix,
  partitions: readonly PartitionSize[],
  block: Block,
  training?: ClassTraining,
): ClassBudget[] {
  const blockMs = block.toMs - block.fromMs;
  const works = mix.classes.map((entry, index) =>
    meanWork(entry, partitions, tokenTime(entry, index, training), block),
  );
  const kept = mix.classes.map((entry) => (entry.thinnable ? mix.thinning : 1));
  if (mix.load === null) {
    return mix.classes.map((entry, index) => {
      const meanJobs = (entry.jobsPerHour! * kept[index]! * blockMs) / MS_PER_HOUR;
      return { meanJobs, gpuMs: meanJobs * works[index]! };
    });
  }
  const shares = mix.classes.map((entry) => entry.gpuTimeShare!);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const thinned = sum(shares.filter((_, index) => mix.classes[index]!.thinnable));
  const others = sum(shares) - thinned;
  const gain = others > 0 ? 1 + (thinned * (1 - mix.thinning)) / others : 1;
  const siteGpuMs = sum(partitions.map(({ gpus, serviceGpus = 0 }) => gpus - serviceGpus)) * blockMs;
  return mix.classes.map((entry, index) => {
    const share = (shares[index]! / (others + thinned)) * (entry.thinnable ? mix.thinning : gain);
    const gpuMs = share * mix.load! * siteGpuMs * builtFraction(entry, partitions, block);
    return gpuMs === 0 ? { meanJobs: 0, gpuMs } : { meanJobs: gpuMs / works[index]!, gpuMs };
  });
}

/** Of the GPU time of the partitions that a class may go to, the share that is in service; 1 where none grows. */
function builtFraction(
  { partition }: ResolvedClass,
  partitions: readonly PartitionSize[],
  { fromMs, toMs }: Block,
): number {
  const own = eligiblePartitions(partition, partitions).map((index) => partitions[index]!);
  if (own.every(({ inService }) => inService === undefined)) return 1;
  const there = own.reduce((total, one) => total + capacityGpuMs(one, fromMs, toMs), 0);
  const whole = own.reduce((total, { gpus, serviceGpus = 0 }) => total + gpus - serviceGpus, 0) * (toMs - fromMs);
  return there / whole;
}

/** Jobs to draw and the GPU·ms they are scaled to. */
export interface ClassQuota {
  readonly jobs: number;
  readonly gpuMs: number;
}

/**
 * Whole numbers of jobs. A class whose budget is under half a job gets none; its GPU time goes to the class
 * with the next smaller mean job, and the last class takes at least one job, so no GPU time is lost.
 */
export function exactQuotas(budgets: readonly ClassBudget[]): ClassQuota[] {
  const meanJobMs = budgets.map(({ gpuMs, meanJobs }) => (meanJobs > 0 ? gpuMs / meanJobs : 0));
  const order = budgets
    .map((_, index) => index)
    .filter((index) => meanJobMs[index]! > 0)
    .sort((a, b) => meanJobMs[b]! - meanJobMs[a]! || a - b);
  const quotas = budgets.map((): ClassQuota => ({ jobs: 0, gpuMs: 0 }));
  let carried = 0;
  order.forEach((index, rank) => {
    const gpuMs = budgets[index]!.gpuMs + carried;
    const isLast = rank === order.length - 1;
    const jobs = Math.max(isLast && gpuMs > 0 ? 1 : 0, Math.round(gpuMs / meanJobMs[index]!));
    carried = jobs === 0 ? gpuMs : 0;
    if (jobs > 0) quotas[index] = { jobs, gpuMs };
  });
  return quotas;
}
