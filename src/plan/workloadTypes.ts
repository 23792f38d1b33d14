import type { Issue } from '../base/errors.js';
import type { ClassPower } from '../power/nodePower.js';
import type { WorkloadSpec } from '../scenario/runSpec.js';
import type { Library, SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import type { Service } from '../scenario/serviceSchema.js';
import type { TraitKeys } from '../scenario/traitsSchema.js';
import type { PartitionSize } from '../workload/fitting.js';
import type { SwfTrace } from '../workload/swf.js';
import type { ClassTraining } from '../workload/tokenTime.js';
import type { ConfigEntry } from './config.js';
import type { Faults } from './faults.js';
import type { ReadFile } from './files.js';
import type { SizedPartition } from './partitions.js';
import type { ModelOfClass, UsedStack } from './training.js';

/** Where the jobs come from, and what else of it a plan needs. */
export interface ResolvedWorkload {
  readonly doc: SourceDoc;
  readonly name: string;
  /** What of the validated document a run uses, with its figures' sources. */
  readonly value: unknown;
  /** The jobs of a machine. */
  readonly specFor: (partitions: readonly PartitionSize[]) => WorkloadSpec;
  /** By class index. */
  readonly classes: readonly ClassPower[];
  /** By class index: what the document says of all jobs of the class, and where it says so or could; not of services. */
  readonly traits: readonly TraitKeys[];
  readonly classPaths: readonly SourcePath[];
  /** Background loads, whose classes are the last; absent: there are none. */
  readonly services?: readonly Service[] | undefined;
  /** Some job says by itself what sizes it can run at. */
  readonly sizesOfJobs: boolean;
  readonly trace: ResolvedTrace | undefined;
  /** By class index what it trains; absent: no class has a model. */
  readonly models?: ModelOfClass | undefined;
  /** The stacks of software that the models run with on a part of the hardware catalogue. */
  readonly stacksOn?: ((hardware: string) => readonly UsedStack[]) | undefined;
  /** The throughput of the classes on a machine, by class index; absent: no class has a model. */
  readonly trainingOn?: ((partitions: readonly SizedPartition[]) => ClassTraining) | undefined;
  /** The keys that have defaults, as they are run. */
  readonly config: readonly ConfigEntry[];
}

/** What of a workload is sound, so that a fault in one part hides none in another. */
export interface WorkloadParts {
  readonly doc: SourceDoc;
  /** Where in it the classes stand. */
  readonly classPaths: readonly SourcePath[];
  /** What of its sound parts does not fit a site. */
  readonly misfits: (partitions: readonly SizedPartition[]) => readonly Issue[];
  /** `undefined` when anything has a fault. */
  readonly whole: ResolvedWorkload | undefined;
}

export interface WorkloadContext {
  readonly library: Library;
  readonly readFile: ReadFile;
  readonly faults: Faults;
  readonly horizonMs: number | undefined;
}

/** A trace, read once; each machine gets its columns with the partition that the jobs go to there. */
export interface ResolvedTrace {
  readonly read: SwfTrace;
  /** By the name of the input, for the machines asked for so far with `specFor`. */
  readonly tables: Record<string, SwfTrace['table']>;
  readonly contentSha256: Record<string, string>;
}
