import type { GenerateContext } from './generated.js';
import { elasticSizes } from './elasticSizes.js';
import { largestGang } from './fitting.js';
import type { JobColumns, JobExtras } from './jobTable.js';
import type { ResolvedJob, ResolvedJobList } from './resolved.js';

/**
 * The optional columns of a list, each only where some job or class says something; `undefined` where none does.
 *
 * @param order - index in the list by row of the columns
 */
export function listedExtras(
  list: ResolvedJobList,
  columns: JobColumns,
  order: readonly number[],
  { partitions, reservations = [] }: Pick<GenerateContext, 'partitions' | 'reservations'>,
): JobExtras | undefined {
  const jobs = order.map((index) => list.jobs[index]!);
  const says = (key: keyof ResolvedJob): boolean => jobs.some((job) => job[key] !== undefined);
  const withSlack = jobs.some((job) => list.classes[job.class]!.deadlineSlack !== undefined);
  const extras: JobExtras = {
    ...(says('account') ? { accountOf: Int32Array.from(jobs, ({ account }) => account!) } : {}),
    ...(says('priority') ? { priority: Float64Array.from(jobs, ({ priority }) => priority ?? 0) } : {}),
    ...(says('deadlineMs') || withSlack
      ? { deadlineMs: Float64Array.from(jobs, (job, row) => deadlineOf(job, list, columns.runMs[row]!)) }
      : {}),
    ...listedSizes(list, columns, jobs, partitions),
    ...(says('after') ? { afterOk: dependencies(jobs, order) } : {}),
    ...(says('reservation')
      ? {
          reservationOf: Int16Array.from(jobs, ({ reservation }, row) =>
            windowOf(reservation, columns.partitionOf[row]!),
          ),
        }
      : {}),
  };
  return Object.keys(extras).length === 0 ? undefined : extras;

  function windowOf(name: string | undefined, partition: number): number {
    if (name === undefined) return -1;
    const there = reservations.findIndex((window) => window.name === name && window.partition === partition);
    return there >= 0 ? there : reservations.findIndex((window) => window.name === name);
  }
}

/** Its own, or as many run times after its submission as its class gives. */
function deadlineOf(job: ResolvedJob, list: ResolvedJobList, runMs: number): number {
  const slack = list.classes[job.class]!.deadlineSlack ?? Infinity;
  return job.deadlineMs ?? job.submitMs + Math.round(slack * Math.max(1, runMs));
}

/** The class's factors, and before them the job's own sizes; none above its partition. */
function listedSizes(
  list: ResolvedJobList,
  columns: JobColumns,
  jobs: readonly ResolvedJob[],
  partitions: GenerateContext['partitions'],
): Pick<JobExtras, 'minGpus' | 'maxGpus'> {
  const count = jobs.length;
  const byClass = elasticSizes({ ...columns, count }, list.classes, partitions);
  const own = jobs.some(({ minGpus, maxGpus }) => minGpus !== undefined || maxGpus !== undefined);
  if (byClass === undefined && !own) return {};
  const { minGpus, maxGpus } = byClass ?? {
    minGpus: columns.gpus.slice(0, count),
    maxGpus: columns.gpus.slice(0, count),
  };
  jobs.forEach((job, row) => {
    const given = columns.gpus[row]!;
    if (job.minGpus !== undefined) minGpus[row] = Math.min(given, job.minGpus);
    if (job.maxGpus === undefined) return;
    maxGpus[row] = Math.max(given, Math.min(job.maxGpus, largestGang(partitions[columns.partitionOf[row]!]!)));
  });
  return { minGpus, maxGpus };
}

function dependencies(jobs: readonly ResolvedJob[], order: readonly number[]): NonNullable<JobExtras['afterOk']> {
  const rowOf = new Int32Array(order.length);
  order.forEach((index, row) => (rowOf[index] = row));
  const offsets = new Int32Array(jobs.length + 1);
  jobs.forEach(({ after = [] }, row) => (offsets[row + 1] = offsets[row]! + after.length));
  return { offsets, jobs: Int32Array.from(jobs.flatMap(({ after = [] }) => after.map((index) => rowOf[index]!))) };
}
