import { heldGpus } from '../cluster/layout.js';
import { trainingW, type ClassPower } from '../power/nodePower.js';
import type { Library } from '../scenario/sourceDoc.js';
import type { TrainingRow } from '../scenario/trainingSpec.js';
import { acceleratorOf } from '../training/accelerator.js';
import type { Stack } from '../training/stack.js';
import { stackOf } from '../training/stacks.js';
import { stepTime } from '../training/stepTime.js';
import { bestRun, type BestRun, type NoRun } from './bestRun.js';
import { precisionOf } from './modelChoices.js';
import type { SizedPartition } from './partitions.js';
import type { ClassModel } from './trainingModels.js';

/** Speeds by pods are worked out up to here; the last holds beyond, where little changes. */
const MAX_PODS = 64;

/** Best executions of models by size, hardware and pods, each found once. */
export class ThroughputRows {
  readonly #runs = new Map<string, BestRun | NoRun>();
  readonly #rows = new Map<string, TrainingRow>();
  readonly #library: Library;

  /** @param library - its stacks say what hardware reaches */
  constructor(library: Library) {
    this.#library = library;
  }

  /** How the class's model runs on so many GPUs of the partition, or why it cannot. */
  run(of: ClassModel, partition: SizedPartition, gpus: number): BestRun | NoRun {
    const key = runKey(of, partition, gpus);
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const found = bestRun(
      of,
      partition,
      gpus,
      spanOf(partition, fewestPods(partition, gpus)),
      this.#stack(of, partition),
    );
    this.#runs.set(key, found);
    return found;
  }

  /** The row of a size that {@link run} finds an execution for; its watts, not its speeds, know the power caps. */
  row(of: ClassModel, power: ClassPower, partition: SizedPartition, gpus: number): TrainingRow | undefined {
    const best = this.run(of, partition, gpus);
    if (!best.ok) return undefined;
    const { gpuPowerFraction, powerCapFraction = 1 } = power;
    const caps = `${gpuPowerFraction} ${powerCapFraction} ${partition.gpuCapW ?? ''} ${podsOf(partition)}`;
    const key = `${runKey(of, partition, gpus)} ${caps}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = rowOf(of, power, partition, gpus, best, this.#stack(of, partition));
    this.#rows.set(key, row);
    return row;
  }

  #stack(of: ClassModel, { hardware }: SizedPartition): Stack {
    return stackOf(this.#library, hardware.name, precisionOf(of));
  }
}

/** All that an execution follows from; hardware and models are one document a name. */
function runKey({ use, model }: ClassModel, partition: SizedPartition, gpus: number): string {
  const { hardware, racksPerPod, oversubscription } = partition;
  return JSON.stringify([use, model.name, hardware.name, racksPerPod, oversubscription, gpus]);
}

function rowOf(
  { model }: ClassModel,
  power: ClassPower,
  partition: SizedPartition,
  gpus: number,
  { execution, estimate, text }: BestRun,
  stack: Stack,
): TrainingRow {
  const { hardware, gpuCapW } = partition;
  const accelerator = acceleratorOf(hardware);
  const first = fewestPods(partition, gpus);
  const most = Math.min(podsOf(partition), heldGpus(gpus, partition.gpusPerNode) / partition.gpusPerNode, MAX_PODS);
  const speeds: number[] = [];
  const watts: number[] = [];
  for (let pods = 1; pods <= Math.max(1, most); pods++) {
    // In fewer pods than hold it a job never is.
    const there = pods <= first ? estimate : stepTime(model, execution, accelerator, stack, spanOf(partition, pods));
    speeds.push(there.tokensPerS / estimate.tokensPerS);
    const { gpuPowerFraction, powerCapFraction } = power;
    watts.push(trainingW(hardware, gpuPowerFraction, there.exposedFraction, { gpuCapW }, powerCapFraction));
  }
  // Of GPUs that the parallelism leaves out, the job holds all.
  const share = execution.gpus / gpus;
  return {
    gpus,
    tokensPerS: estimate.tokensPerS,
    mfu: estimate.mfu * share,
    ...shortened(speeds, watts),
    parallelism: text,
  };
}

/** Without the entries at the end that repeat the one before. */
function shortened(speeds: number[], watts: number[]): Pick<TrainingRow, 'speedByPods' | 'activeWByPods'> {
  let length = speeds.length;
  while (length > 1 && speeds[length - 1] === speeds[length - 2] && watts[length - 1] === watts[length - 2]) length--;
  return { speedByPods: speeds.slice(0, length), activeWByPods: watts.slice(0, length) };
}

const podGpus = ({ racksPerPod, hardware, gpusPerNode }: SizedPartition): number =>
  racksPerPod * hardware.nodesPerRack.value * gpusPerNode;

/** Pods of the partition, the last maybe partly filled. */
const podsOf = (partition: SizedPartition): number => Math.ceil(partition.gpus / podGpus(partition));

/** Pods a job needs in an empty partition. */
const fewestPods = (partition: SizedPartition, gpus: number): number =>
  Math.ceil(heldGpus(gpus, partition.gpusPerNode) / podGpus(partition));

const spanOf = ({ oversubscription }: SizedPartition, pods: number) => ({ pods, oversubscription });
