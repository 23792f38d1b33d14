import { MS_PER_S } from '../base/units.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import { trainingRow, type TrainingRow } from '../scenario/trainingSpec.js';
import type { CheckpointSpec, InitialisationSpec, StorageSpec } from '../scenario/reliabilitySpec.js';
import { heldGpus } from '../cluster/layout.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { dalyIntervalMs } from '../training/checkpointClock.js';

/** What all jobs of a class have in common on so many GPUs of a partition. */
export interface SizePlan {
  /** Of a class with a model that can go there. */
  readonly row: TrainingRow | undefined;
  /** Tokens per ms of a job of this size, nothing in its way; 0 without a model. */
  readonly tokensPerMs: number;
  /** From having GPUs to the first step, ms; and with the reading of a checkpoint. */
  readonly initialisationMs: number;
  readonly restartMs: number;
  /** What a checkpoint writes, and how fast the job's own links let it. */
  readonly stateBytes: number;
  readonly linkBytesPerMs: number;
  /** Stall of a checkpoint in the background, ms. */
  readonly copyMs: number;
  /** Work between checkpoints where the stall is `copyMs`, ms; Infinity: none. */
  readonly intervalMs: number;
  /** Shortest period (work and stall) at which the job keeps to its part of the storage, where Daly decides, ms. */
  readonly leastPeriodMs: number;
  /** It is the class's own. */
  readonly ownInterval: boolean;
  /** Work that is done before any checkpoint, whatever the storage is busy with, ms. */
  readonly firstMs: number;
}

interface SizePlanSources {
  readonly traits: (classIndex: number) => ClassTraits;
  readonly classes: number;
  readonly partitions: readonly PartitionSpec[];
  readonly checkpoints: CheckpointSpec | undefined;
  readonly initialisation: InitialisationSpec | undefined;
  /** Of the site of a partition. */
  readonly storageOf: (partition: number) => StorageSpec;
  readonly siteGpus: (partition: number) => number;
  /** Mean time to a failure of one GPU, ms. */
  readonly gpuMttfMs: number;
}

/** Size plans of a run, each made when first asked for. */
export class SizePlans {
  private readonly made: SizePlan[] = [];
  /** By partition and class: the index of a plan by GPUs, 0: not made yet, else one more. */
  private readonly index: (Int32Array | undefined)[];
  private readonly classes: number;

  private readonly given: SizePlanSources;

  constructor(given: SizePlanSources) {
    this.given = given;
    this.classes = given.classes;
    this.index = given.partitions.flatMap(() => Array.from({ length: given.classes }, () => undefined));
  }

  /** O(1), but for the first of its kind. */
  of(classIndex: number, partition: number, gpus: number): SizePlan {
    const at = partition * this.classes + classIndex;
    const bySize = this.index[at] ?? this.open(at, partition);
    if (bySize[gpus] === 0) bySize[gpus] = this.made.push(this.make(classIndex, partition, gpus));
    return this.made[bySize[gpus]! - 1]!;
  }

  private open(at: number, partition: number): Int32Array {
    const { nodes, gpusPerNode } = this.given.partitions[partition]!;
    return (this.index[at] = new Int32Array(nodes * gpusPerNode + 1));
  }

  private make(classIndex: number, partition: number, gpus: number): SizePlan {
    const { checkpoints, partitions, gpuMttfMs } = this.given;
    const traits = this.given.traits(classIndex);
    const { training } = traits;
    const rows = training?.rows[partition];
    const row = rows ? trainingRow(rows, gpus) : undefined;
    const initialisationMs = this.initialisationMs(traits, gpus);
    const { gpusPerNode } = partitions[partition]!;
    const common = {
      row,
      tokensPerMs: row === undefined ? 0 : (row.tokensPerS * gpus) / row.gpus / MS_PER_S,
      initialisationMs,
      ownInterval: traits.checkpointMs > 0,
    };
    if (checkpoints === undefined)
      return {
        ...common,
        restartMs: initialisationMs,
        stateBytes: 0,
        linkBytesPerMs: Number.POSITIVE_INFINITY,
        copyMs: 0,
        leastPeriodMs: 0,
        intervalMs: traits.checkpointMs > 0 ? traits.checkpointMs : Number.POSITIVE_INFINITY,
        firstMs: traits.checkpointMs > 0 ? traits.checkpointMs : Number.POSITIVE_INFINITY,
      };
    const stateBytes = traits.stateless ? 0 : (training?.stateBytes ?? gpus * checkpoints.stateBytesPerGpu);
    const linkBytesPerMs = Math.ceil(gpus / gpusPerNode) * checkpoints.nodeBytesPerMs;
    const readMs = Math.ceil(stateBytes / Math.min(this.given.storageOf(partition).readBytesPerMs, linkBytesPerMs));
    const copyMs = Math.ceil(stateBytes / (gpus * checkpoints.copyBytesPerMsPerGpu));
    const held = heldGpus(gpus, gpusPerNode);
    const leastPeriodMs = this.leastPeriodMs(partition, held, stateBytes);
    const bestMs = Math.max(dalyIntervalMs(copyMs, gpuMttfMs / held), leastPeriodMs - copyMs);
    const intervalMs = traits.checkpointMs > 0 ? traits.checkpointMs : (checkpoints.intervalMs ?? bestMs);
    // Of writes that hold a job up Daly's interval is known only when they begin.
    const varies = checkpoints.mode === 'blocking' && checkpoints.intervalMs === undefined;
    return {
      ...common,
      ...{ restartMs: initialisationMs + readMs, stateBytes, linkBytesPerMs, copyMs, leastPeriodMs, intervalMs },
      firstMs: varies && traits.checkpointMs === 0 ? 0 : Math.max(1, Math.round(intervalMs)),
    };
  }

  private leastPeriodMs(partition: number, held: number, stateBytes: number): number {
    const { checkpoints, storageOf, siteGpus } = this.given;
    if (checkpoints?.storageShare === undefined) return 0;
    const partBytesPerMs =
      (checkpoints.storageShare * storageOf(partition).writeBytesPerMs * held) / siteGpus(partition);
    return stateBytes / partBytesPerMs;
  }

  private initialisationMs(traits: ClassTraits, gpus: number): number {
    const { initialisation } = this.given;
    // A class's own restart wins.
    if (initialisation === undefined || traits.restartMs > 0) return traits.restartMs;
    const { baseMs, perDoublingMs, mostMs } = initialisation;
    return Math.min(mostMs, Math.round(baseMs + perDoublingMs * Math.log2(gpus)));
  }
}
