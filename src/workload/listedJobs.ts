import { meanGpus } from './capacity.js';
import { eligiblePartitions, largestGang, largestPartition } from './fitting.js';
import { tableOf, type GenerateContext, type GeneratedJobs } from './generated.js';
import { allocateJobColumns } from './jobTable.js';
import { listedExtras } from './listedExtras.js';
import type { ResolvedJobList } from './resolved.js';
import { msPerToken } from './tokenTime.js';

/**
 * A table of explicitly listed jobs, sorted by submit time, ties in the order of the list.
 *
 * A job keeps the GPUs it asks for, which are what draws power; the simulation holds whole nodes for it.
 * A job without a partition goes to that of its reservation, else to the largest. `originalId` is its place in the list, from 0. The target
 * load of a list is what it holds. Cost: O(jobs log jobs).
 */
export function listedJobs(list: ResolvedJobList, context: GenerateContext): GeneratedJobs {
  const { partitions, horizonMs, reservations = [], training } = context;
  const columns = allocateJobColumns(list.jobs.length);
  const originalId = new Float64Array(list.jobs.length);
  const order = list.jobs.map((_, index) => index);
  order.sort((a, b) => list.jobs[a]!.submitMs - list.jobs[b]!.submitMs || a - b);
  const totals = list.classes.map(({ name }) => ({ name, jobs: 0, gpuMs: 0, durationFactor: 1, rescaledJobs: 0 }));
  order.forEach((index, row) => {
    const job = list.jobs[index]!;
    const reserved =
      job.reservation === undefined ? undefined : reservations.find(({ name }) => name === job.reservation);
    const where =
      job.partition === null
        ? (reserved?.partition ?? largestPartition(partitions))
        : eligiblePartitions(job.partition, partitions)[0]!;
    const asked = job.gpus;
    const given = Math.min(asked, largestGang(partitions[where]!));
    columns.submitMs[row] = job.submitMs;
    columns.gpus[row] = given;
    const runMs =
      job.runMs === null
        ? Math.ceil(job.tokens! * msPerToken(training, job.class, where, given))
        : Math.ceil((job.runMs * asked) / given);
    columns.runMs[row] = runMs;
    columns.estimateMs[row] = job.estimateMs === null ? runMs : Math.ceil((job.estimateMs * asked) / given);
    columns.classOf[row] = job.class;
    columns.userOf[row] = job.user;
    columns.partitionOf[row] = where;
    columns.endState[row] = job.endState;
    originalId[row] = index;
    const total = totals[job.class]!;
    total.jobs++;
    total.gpuMs += given * runMs;
    if (given < asked) total.rescaledJobs++;
  });
  columns.count = list.jobs.length;
  columns.originalId = originalId;
  const siteGpus = partitions.reduce((sum, partition) => sum + meanGpus(partition, 0, horizonMs), 0);
  const load = totals.reduce((sum, total) => sum + total.gpuMs, 0) / (siteGpus * horizonMs);
  return {
    table: tableOf(columns, list, listedExtras(list, columns, order, context)),
    offeredLoadTarget: load,
    offeredLoadRealised: load,
    warmupLoadRealised: 0,
    rescaledJobs: totals.reduce((sum, total) => sum + total.rescaledJobs, 0),
    classes: totals,
  };
}
