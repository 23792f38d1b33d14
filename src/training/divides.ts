import type { ExecutionSpec } from './execution.js';
import { expertTensorRanks } from './memory.js';
import type { ModelSpec } from './model.js';
import { dividesLayers, layersPerChunk, microBatches, SPARE_PLACES } from './pipelineLayout.js';

/** A number of a parallelism that does not go with another. */
export interface DivisionFault {
  readonly key: keyof ExecutionSpec;
  /** What was expected and what came, as one sentence without a full stop. */
  readonly message: string;
}

const COUNTS = {
  gpus: 'GPUs',
  tensor: 'TP',
  pipeline: 'PP',
  context: 'CP',
  expert: 'EP',
  data: 'DP',
  microBatch: 'the micro-batch',
  globalBatch: 'the global batch',
  interleave: 'interleaving',
} as const satisfies Partial<Record<keyof ExecutionSpec, string>>;

const COUNTED = Object.keys(COUNTS) as readonly (keyof typeof COUNTS)[];

/**
 * Everything that does not divide in a parallelism, each with the number to change; empty when all does.
 *
 * Vocabularies are padded by every framework and never at fault. Layers may leave {@link SPARE_PLACES} places of the
 * pipeline empty.
 */
export function divisionFaults(model: ModelSpec, execution: ExecutionSpec): DivisionFault[] {
  const faults: DivisionFault[] = [];
  for (const key of COUNTED) {
    const value = execution[key];
    if (Number.isSafeInteger(value) && value >= 1) continue;
    faults.push({ key, message: `expected ${COUNTS[key]} to be a whole number of at least 1, got ${value}` });
  }
  if (faults.length > 0) return faults;
  tensorFaults(model, execution, faults);
  layerFaults(model, execution, faults);
  sequenceFaults(model, execution, faults);
  expertFaults(model, execution, faults);
  batchFaults(execution, faults);
  gpuFaults(execution, faults);
  return faults;
}

function tensorFaults(model: ModelSpec, { tensor }: ExecutionSpec, faults: DivisionFault[]): void {
  const { heads, kvHeads, feedForward, latentAttention, name } = model;
  const complain = (message: string): void => {
    faults.push({ key: 'tensor', message });
  };
  if (heads % tensor !== 0) complain(`TP ${tensor} does not divide the ${heads} heads of ${name}`);
  if (latentAttention === undefined && kvHeads % tensor !== 0 && tensor % kvHeads !== 0) {
    complain(`TP ${tensor} neither divides the ${kvHeads} key-value heads of ${name} nor is a multiple of them`);
  }
  if (feedForward % tensor !== 0) {
    complain(`TP ${tensor} does not divide the feed-forward width ${feedForward} of ${name}`);
  }
}

function layerFaults(model: ModelSpec, execution: ExecutionSpec, faults: DivisionFault[]): void {
  const { pipeline, interleave } = execution;
  if (interleave > 1 && pipeline === 1) {
    faults.push({ key: 'interleave', message: `interleaving ${interleave} needs a pipeline, PP is 1` });
  }
  if (dividesLayers(model, execution)) return;
  const chunks = pipeline * interleave;
  const shape = interleave === 1 ? `PP ${pipeline}` : `PP ${pipeline} × interleaving ${interleave} = ${chunks}`;
  const spare = chunks * layersPerChunk(model, execution) - model.layers;
  const message = `${shape} does not divide the ${model.layers} layers of ${model.name}: ${spare} places stay empty, at most ${SPARE_PLACES} may`;
  faults.push({ key: pipeline > model.layers || interleave === 1 ? 'pipeline' : 'interleave', message });
}

function sequenceFaults(
  { sequence }: ModelSpec,
  { context, tensor, sequenceParallel }: ExecutionSpec,
  faults: DivisionFault[],
): void {
  // Each rank has a piece of the first and of the second half, so that causal attention is shared evenly.
  if (context > 1 && sequence % (2 * context) !== 0) {
    const message = `CP ${context} does not divide the sequence of ${sequence} tokens into ${2 * context} pieces`;
    faults.push({ key: 'context', message });
  } else if (sequenceParallel && (sequence / context) % tensor !== 0) {
    const message = `TP ${tensor} with sequence parallelism does not divide the ${sequence / context} tokens of a rank`;
    faults.push({ key: 'tensor', message });
  }
}

function expertFaults(model: ModelSpec, execution: ExecutionSpec, faults: DivisionFault[]): void {
  const { expert, tensor, context, data } = execution;
  const { experts, name } = model;
  const complain = (message: string): void => {
    faults.push({ key: 'expert', message });
  };
  if (experts === undefined) {
    if (expert !== 1) complain(`EP ${expert} needs experts, ${name} has none`);
    return;
  }
  if (experts.count % expert !== 0) complain(`EP ${expert} does not divide the ${experts.count} experts of ${name}`);
  const ranks = tensor * context * data;
  if (ranks % expert !== 0) {
    const shape = `TP ${tensor} × CP ${context} × DP ${data} = ${ranks}`;
    complain(`EP ${expert} does not divide ${shape}, the ranks of a pipeline stage`);
  } else if (experts.feedForward % expertTensorRanks(execution) !== 0) {
    complain(`TP ${tensor} does not divide the expert width ${experts.feedForward} of ${name}`);
  }
}

function batchFaults(execution: ExecutionSpec, faults: DivisionFault[]): void {
  const { globalBatch, data, microBatch, interleave, pipeline } = execution;
  const complain = (message: string): void => {
    faults.push({ key: 'globalBatch', message });
  };
  if (globalBatch % (data * microBatch) !== 0) {
    const share = `DP ${data} × micro-batch ${microBatch} = ${data * microBatch}`;
    complain(`${share} does not divide the global batch of ${globalBatch} sequences`);
  } else if (interleave > 1 && microBatches(execution) < pipeline) {
    const needed = `interleaving needs at least PP ${pipeline} micro-batches a step`;
    complain(`${needed}, the global batch of ${globalBatch} gives ${microBatches(execution)}`);
  }
}

function gpuFaults({ gpus, tensor, pipeline, context, data }: ExecutionSpec, faults: DivisionFault[]): void {
  const replica = tensor * pipeline * context;
  if (replica * data === gpus) return;
  const shape = `TP ${tensor} × PP ${pipeline} × CP ${context}`;
  if (gpus % replica !== 0) {
    faults.push({ key: 'gpus', message: `${shape} = ${replica} does not divide ${gpus} GPUs` });
    return;
  }
  const message = `expected DP ${gpus / replica}, since ${gpus} GPUs / (${shape}) leave that, got ${data}`;
  faults.push({ key: 'data', message });
}
