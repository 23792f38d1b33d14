import type { Issue } from '../base/errors.js';
import { formatDuration } from '../base/units.js';
import { eligiblePartitions, largestGang, largestPartition, type PartitionSize } from './fitting.js';
import type { ResolvedGenerator, ResolvedJobList, ResolvedMix } from './resolved.js';

/**
 * Everything in a resolved generator that does not fit a site: unknown partitions, jobs too large where
 * `oversize` refuses, listed jobs submitted after the horizon. Paths are those of the workload document.
 *
 * @param horizonMs - end of arrivals, ms; leave it out when the run drains
 * @returns all issues; empty when `generateJobs` may be called
 */
export function checkGenerator(
  generator: ResolvedGenerator,
  partitions: readonly PartitionSize[],
  horizonMs = Infinity,
): Issue[] {
  return generator.kind === 'mix' ? checkMix(generator, partitions) : checkList(generator, partitions, horizonMs);
}

function checkMix(mix: ResolvedMix, partitions: readonly PartitionSize[]): Issue[] {
  return mix.classes.flatMap((entry, index) => {
    const where = `classes[${index}]`;
    const unknown = unknownPartition(entry.partition, partitions, `${where}.partition`);
    if (unknown) return [unknown];
    if (mix.oversize !== 'refuse') return [];
    const gpus = Math.max(...entry.sizes.map((size) => size.gpus));
    return tooLarge(`class ${entry.name}`, gpus, entry.partition, partitions, `${where}.sizes`);
  });
}

function checkList(list: ResolvedJobList, partitions: readonly PartitionSize[], horizonMs: number): Issue[] {
  return list.jobs.flatMap((job, index) => {
    const where = `jobs[${index}]`;
    const unknown = unknownPartition(job.partition, partitions, `${where}.partition`);
    const issues = unknown ? [unknown] : [];
    if (!unknown && list.oversize === 'refuse') {
      issues.push(...tooLarge('the job', job.gpus, job.partition, partitions, `${where}.gpus`));
    }
    if (job.submitMs >= horizonMs) {
      issues.push({
        path: `${where}.submit`,
        message: `expected a submit time before the horizon of ${formatDuration(horizonMs)}; got ${formatDuration(job.submitMs)}`,
      });
    }
    return issues;
  });
}

function unknownPartition(name: string | null, partitions: readonly PartitionSize[], path: string): Issue | undefined {
  if (eligiblePartitions(name, partitions).length > 0) return undefined;
  const known = partitions.map((partition) => partition.name).join(', ');
  return { path, message: `expected one of the site's partitions ${known}; got ${String(name)}` };
}

function tooLarge(
  who: string,
  gpus: number,
  name: string | null,
  partitions: readonly PartitionSize[],
  path: string,
): Issue[] {
  const eligible = eligiblePartitions(name, partitions).map((index) => partitions[index]!);
  const largest = eligible[largestPartition(eligible)]!;
  if (gpus <= largestGang(largest)) return [];
  const which = name === null ? 'the largest partition' : `its partition ${name}`;
  return [
    {
      path,
      message: `${who} asks for ${gpus} GPUs, ${which} has ${largestGang(largest)}`,
      hint: 'Take a smaller size, or oversize: rescale to run it on fewer GPUs for longer.',
    },
  ];
}
