import { acceleratorOf } from '../training/accelerator.js';
import type { DivisionFault } from '../training/divides.js';
import type { ExecutionSpec, Span, StepEstimate } from '../training/execution.js';
import type { Stack } from '../training/stack.js';
import { bestExecution, type FoundExecution, type SearchResult } from '../training/search.js';
import { globalBatchOf, precisionOf } from './modelChoices.js';
import type { SizedPartition } from './partitions.js';
import type { ClassModel } from './trainingModels.js';

/** The fastest execution of a model on so many GPUs, or on nearly as many of them. */
export interface BestRun {
  readonly ok: true;
  /** Its `gpus` may be fewer than the job holds. */
  readonly execution: ExecutionSpec;
  readonly estimate: StepEstimate;
  /** E.g. `TP8 PP16 DP64`. */
  readonly text: string;
}

/** Why there is none: one or more faults. */
export interface NoRun {
  readonly ok: false;
  readonly faults: readonly RunFault[];
}

export interface RunFault {
  readonly message: string;
  readonly hint?: string | undefined;
  /** Inside the class's `model` the key at fault; absent: the size. */
  readonly key?: readonly string[] | undefined;
}

/** A job leaves at most such a share of its GPUs without work, where they do not divide. */
const MOST_UNUSED = 0.1;

/**
 * The best execution of a class's model, with what of its parallelism the class gives.
 *
 * Sizes that little divides (24,000, or the 100,008 of a whole site) are tried rounded down to multiples of powers of
 * two as well: some GPUs stay without work, as they would in truth, and the rest has a parallelism that suits it. A
 * global batch that the class does not give moves to the nearest that the data ranks share.
 *
 * Cost: a search, a few milliseconds; up to a dozen for sizes that little divides.
 */
export function bestRun(
  of: ClassModel,
  { hardware }: SizedPartition,
  gpus: number,
  span: Span,
  stack: Stack,
): BestRun | NoRun {
  const { use, model } = of;
  const given = Object.entries(use.parallelism ?? {}).filter(([, value]) => value !== undefined);
  const accelerator = acceleratorOf(hardware);
  const precision = precisionOf(of);
  const search = (count: number): SearchResult =>
    bestExecution(model, accelerator, stack, {
      gpus: count,
      span,
      precision,
      globalBatch: globalBatchOf(of),
      exactBatch: use.globalBatch !== undefined,
      given: Object.fromEntries(given),
    });
  let best: FoundExecution | undefined;
  let whole: SearchResult | undefined;
  for (const count of countsBelow(gpus)) {
    const found = search(count);
    whole ??= found;
    if (found.ok && (best === undefined || found.best.estimate.tokensPerS > best.estimate.tokensPerS))
      best = found.best;
  }
  if (best !== undefined) return { ok: true, ...best, text: parallelismText(best.execution) };
  return { ok: false, faults: faultsOf(of, whole!, gpus, accelerator.hbmGB, hardware.name) };
}

/** The count, and below it multiples of ever larger powers of two, down to {@link MOST_UNUSED}. */
function countsBelow(gpus: number): number[] {
  const counts = [gpus];
  for (let unit = 2; unit <= gpus; unit *= 2) {
    const rounded = Math.floor(gpus / unit) * unit;
    if (rounded < (1 - MOST_UNUSED) * gpus) break;
    if (rounded < counts.at(-1)!) counts.push(rounded);
  }
  return counts;
}

function faultsOf(
  { use, model }: ClassModel,
  found: SearchResult,
  gpus: number,
  hbmGB: number,
  name: string,
): RunFault[] {
  if (found.ok) return [];
  const { least, faults } = found;
  if (least === undefined) return faults.map((fault) => divisionFault(use, fault, gpus));
  const { execution, memoryGB } = least;
  const how = `${parallelismText(execution)}, ${execution.recompute} recomputation`;
  return [
    {
      message: `${model.name} needs at least ${Math.ceil(memoryGB)} GB on each of ${gpus} GPUs (${how}); ${name} has ${hbmGB} GB`,
      hint: 'Take more GPUs, a smaller model or another partition.',
    },
  ];
}

/** Placed where the number at fault is given, if it is. */
function divisionFault(
  { parallelism = {}, globalBatch }: ClassModel['use'],
  fault: DivisionFault,
  gpus: number,
): RunFault {
  const { key, message } = fault;
  if (key === 'precision') return { message, key: ['precision'] };
  if (Object.hasOwn(parallelism, key)) return { message, key: ['parallelism', key] };
  if (key !== 'globalBatch' || globalBatch === undefined) return { message };
  return {
    message: `expected a global batch that the data ranks of ${gpus} GPUs can share, got ${globalBatch.value}; the first tried: ${message}`,
    hint: 'Leave globalBatch out, and it moves to the nearest that they can.',
    key: ['globalBatch'],
  };
}

/** `TP8 PP16 DP64`; ranks of 1 are left out, but for the data ranks. */
export function parallelismText({ tensor, pipeline, context, expert, data, zero }: ExecutionSpec): string {
  const ranks: [string, number][] = [
    ['TP', tensor],
    ['PP', pipeline],
    ['CP', context],
    ['EP', expert],
  ];
  const text = ranks.filter(([, count]) => count > 1).map(([name, count]) => name + String(count));
  return [...text, `DP${data}`, ...(zero >= 2 ? [`ZeRO-${zero}`] : [])].join(' ');
}
