import type { Issue } from '../base/errors.js';
import type { ClassPower } from '../power/nodePower.js';
import type { TrainingRow, TrainingSpec } from '../scenario/trainingSpec.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import type { StackDoc } from '../scenario/stackSchema.js';
import { formatPath } from '../scenario/sourcePath.js';
import { flopsPerToken } from '../training/flops.js';
import { defaultStackDoc, stackDocs } from '../training/stacks.js';
import { stateBytes } from '../training/parameters.js';
import { largestGang } from '../workload/fitting.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import { jobSizes, type JobSize } from './jobSizes.js';
import { precisionOf } from './modelChoices.js';
import type { SizedPartition } from './partitions.js';
import type { ClassModel } from './trainingModels.js';
import type { ThroughputRows } from './trainingRows.js';

/** The models of a workload's classes, by class index; `undefined`: none. */
export type ModelOfClass = readonly (ClassModel | undefined)[];

/** A stack of software with where it stands. */
export interface UsedStack {
  readonly document: StackDoc;
  readonly doc: SourceDoc;
}

/** The stacks that models run with on a part of the hardware catalogue. */
export function stacksOf(library: Library, models: ModelOfClass, hardware: string): UsedStack[] {
  const docs = stackDocs(library);
  return models.flatMap((of) => {
    if (of === undefined) return [];
    const document = defaultStackDoc(docs, hardware, precisionOf(of));
    return [{ document, doc: library.find('stack', document.name)! }];
  });
}

export interface TrainingMisfit {
  readonly issue: Issue;
  /** The class's model is at fault; else a size. Paths of sizes have the generator's indices. */
  readonly ofModel: boolean;
}

/**
 * Sizes at which a model cannot run where its jobs are submitted, each with why: the memory it would take, or the number
 * that does not divide.
 */
export function trainingMisfits(
  generator: ResolvedGenerator,
  models: ModelOfClass,
  partitions: readonly SizedPartition[],
  rows: ThroughputRows,
): TrainingMisfit[] {
  if (models.every((of) => of === undefined)) return [];
  return jobSizes(generator, partitions).flatMap((sizes, index) => {
    const of = models[index];
    if (of === undefined) return [];
    return sizes.flatMap(({ gpus, partition, path }): TrainingMisfit[] => {
      const place = partitions[partition]!;
      const run = rows.run(of, place, gpus);
      if (run.ok) return [];
      return run.faults.map(({ key, message, hint }) => {
        const at = key === undefined ? path : [...of.path, 'model', ...key];
        const issue = { path: formatPath(at), message: `${message} (partition ${place.name})` };
        return { issue: hint === undefined ? issue : { ...issue, hint }, ofModel: key !== undefined };
      });
    });
  });
}

/** What each class trains on a machine, as the run gets it. Sizes of its own partitions were checked to run there. */
export function trainingSpecs(
  generator: ResolvedGenerator,
  models: ModelOfClass,
  classes: readonly ClassPower[],
  partitions: readonly SizedPartition[],
  rows: ThroughputRows,
): readonly (TrainingSpec | undefined)[] {
  const sizes = jobSizes(generator, partitions);
  return models.map((of, index) => {
    if (of === undefined) return undefined;
    const { model } = of;
    return {
      model: model.name,
      flopsPerToken: flopsPerToken(model),
      stateBytes: stateBytes(model),
      rows: partitions.map((_, partition) => rowsAt(of, classes[index]!, sizes[index]!, partition, partitions, rows)),
    };
  });
}

/**
 * Rows of every size that fits the partition. Elsewhere than where its jobs are submitted a class may go only where all
 * of them run.
 */
function rowsAt(
  of: ClassModel,
  power: ClassPower,
  sizes: readonly JobSize[],
  at: number,
  partitions: readonly SizedPartition[],
  rows: ThroughputRows,
): readonly TrainingRow[] | null {
  const partition = partitions[at]!;
  const isHome = sizes.some((size) => size.partition === at);
  const fitting = [...new Set(sizes.map(({ gpus }) => gpus))]
    .filter((gpus) => gpus <= largestGang(partition))
    .sort((a, b) => a - b);
  const found = fitting.map((gpus) => rows.row(of, power, partition, gpus));
  const running = found.filter((row) => row !== undefined);
  return running.length === 0 || (!isHome && running.length < found.length) ? null : running;
}
