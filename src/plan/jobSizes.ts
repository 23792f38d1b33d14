import { heldGpus } from '../cluster/layout.js';
import type { SourcePath } from '../scenario/sourceDoc.js';
import { elasticSizes } from '../workload/elasticSizes.js';
import { eligiblePartitions, largestGang, largestPartition, type PartitionSize } from '../workload/fitting.js';
import type { ResolvedGenerator, ResolvedJob, ResolvedJobList, ResolvedMix } from '../workload/resolved.js';

/** GPUs that some job of a class runs on in the partition it is submitted to. */
export interface JobSize {
  readonly gpus: number;
  /** Index of the partition. */
  readonly partition: number;
  /** Where the workload says so; indices are the generator's. */
  readonly path: SourcePath;
}

/**
 * By class, every size its jobs can have where they are submitted, each once a partition, at the first place that says
 * so: as asked, cut to the partition, and of elastic jobs the fewest, the most and doublings between.
 *
 * Cost: O(classes × sizes × partitions), or O(jobs) of a list.
 */
export function jobSizes(generator: ResolvedGenerator, partitions: readonly PartitionSize[]): JobSize[][] {
  const found = generator.classes.map(() => new Map<string, JobSize>());
  const add = (of: number, size: JobSize): void => {
    const key = `${size.partition} ${size.gpus}`;
    if (!found[of]!.has(key)) found[of]!.set(key, size);
  };
  if (generator.kind === 'mix') addDrawn(generator, partitions, add);
  else addListed(generator, partitions, add);
  return found.map((sizes) => [...sizes.values()]);
}

type Add = (of: number, size: JobSize) => void;

function addDrawn(mix: ResolvedMix, partitions: readonly PartitionSize[], add: Add): void {
  mix.classes.forEach((entry, of) => {
    for (const partition of eligiblePartitions(entry.partition, partitions)) {
      const place = partitions[partition]!;
      entry.sizes.forEach((size, at) => {
        const gpus = Math.min(largestGang(place), heldGpus(size.gpus, place.gpusPerNode));
        add(of, { gpus, partition, path: ['classes', of, 'sizes', 'values', at, 'gpus'] });
        const range = elasticRange(mix, of, gpus, partition, partitions);
        for (const step of steps(range)) add(of, { gpus: step, partition, path: ['classes', of, 'elastic'] });
      });
    }
  });
}

function addListed(list: ResolvedJobList, partitions: readonly PartitionSize[], add: Add): void {
  list.jobs.forEach((job, at) => {
    if (list.classes[job.class] === undefined) return; // of no known class, which is complained of
    for (const partition of homesOf(job, partitions)) {
      const place = partitions[partition]!;
      const most = largestGang(place);
      const gpus = Math.min(job.gpus, most);
      add(job.class, { gpus, partition, path: ['jobs', at, 'gpus'] });
      const [min, max] = elasticRange(list, job.class, gpus, partition, partitions);
      const fewest = Math.min(gpus, job.minGpus ?? min);
      const range = [fewest, Math.max(gpus, Math.min(job.maxGpus ?? max, most))] as const;
      const path = ['jobs', at, job.minGpus === undefined ? 'gpus' : 'minGpus'];
      for (const step of steps(range)) add(job.class, { gpus: step, partition, path });
    }
  });
}

/** Where a listed job may be submitted to: its reservation says so where it does not, and any window may be that. */
function homesOf(job: ResolvedJob, partitions: readonly PartitionSize[]): readonly number[] {
  if (job.partition !== null) return eligiblePartitions(job.partition, partitions).slice(0, 1);
  if (job.reservation === undefined) return [largestPartition(partitions)];
  return eligiblePartitions(null, partitions).filter((at) => largestGang(partitions[at]!) >= job.gpus);
}

/** Fewest and most GPUs of a job of the class. */
function elasticRange(
  { classes }: ResolvedGenerator,
  of: number,
  gpus: number,
  partition: number,
  partitions: readonly PartitionSize[],
): readonly [number, number] {
  // One job, as a table of one row.
  const job = {
    count: 1,
    gpus: Int32Array.of(gpus),
    classOf: Uint8Array.of(0),
    partitionOf: Uint8Array.of(partition),
  };
  const sizes = elasticSizes(job, [classes[of]!], partitions);
  return sizes === undefined ? [gpus, gpus] : [sizes.minGpus[0]!, sizes.maxGpus[0]!];
}

/** The bounds of a range and doublings of the lower one between. */
function steps([fewest, most]: readonly [number, number]): number[] {
  const between: number[] = [];
  for (let gpus = fewest; gpus < most; gpus *= 2) between.push(gpus);
  return fewest === most ? [] : [...between, most];
}
