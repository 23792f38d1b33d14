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

/**
 * Everything that does not divide in a parallelism, each with the number to change; empty when all does.
 *
 * Vocabularies are padded by every framework and never at fault. Layers may leave {@link SPARE_PLACES} places of the
 * pipeline empty.
 */
export function divisionFaults(model: ModelSpec, execution: ExecutionSpec): DivisionFault[] {
  const notCounts = Object.entries(COUNTS).flatMap(([key, name]) => {
    const value = execution[key as keyof typeof COUNTS];
    if (Number.isSafeInteger(value) && value >= 1) return [];
    return [
      { key: key as keyof ExecutionSpec, message: `expected ${name} to be a whole number of at least 1, got ${value}` },
    ];
  });
  if (notCounts.length > 0) return notCounts;
  return [
    ...tensorFaults(model, execution),
    ...layerFaults(model, execution),
    ...sequenceFaults(model, execution),
    ...expertFaults(model, execution),
    ...batchFaults(execution),
    ...gpuFaults(execution),
  ];
}

function tensorFaults(model: ModelSpec, { tensor }: ExecutionSpec): DivisionFault[] {
  const { heads, kvHeads, feedForward, latentAttention, name } = model;
  const faults: string[] = [];
  if (heads % tensor !== 0) faults.push(`TP ${tensor} does not divide the ${heads} heads of ${name}`);
  if (latentAttention === undefined && kvHeads % tensor !== 0 && tensor % kvHeads !== 0) {
    faults.push(`TP ${tensor} neither divides the ${kvHeads} key-value heads of ${name} nor is a multiple of them`);
  }
  if (feedForward % tensor !== 0)
    faults.push(`TP ${tensor} does not divide the feed-forward width ${feedForward} of ${name}`);
  return faults.map((message) => ({ key: 'tensor', message }));
}

function layerFaults(model: ModelSpec, execution: ExecutionSpec): DivisionFault[] {
  const { pipeline, interleave } = execution;
  const faults: DivisionFault[] = [];
  if (interleave > 1 && pipeline === 1) {
    faults.push({ key: 'interleave', message: `interleaving ${interleave} needs a pipeline, PP is 1` });
  }
  if (dividesLayers(model, execution)) return faults;
  const chunks = pipeline * interleave;
  const shape = interleave === 1 ? `PP ${pipeline}` : `PP ${pipeline} × interleaving ${interleave} = ${chunks}`;
  const spare = chunks * layersPerChunk(model, execution) - model.layers;
  const message = `${shape} does not divide the ${model.layers} layers of ${model.name}: ${spare} places stay empty, at most ${SPARE_PLACES} may`;
  return [...faults, { key: pipeline > model.layers || interleave === 1 ? 'pipeline' : 'interleave', message }];
}

function sequenceFaults(
  { sequence }: ModelSpec,
  { context, tensor, sequenceParallel }: ExecutionSpec,
): DivisionFault[] {
  const faults: DivisionFault[] = [];
  // Each rank has a piece of the first and of the second half, so that causal attention is shared evenly.
  if (context > 1 && sequence % (2 * context) !== 0) {
    const message = `CP ${context} does not divide the sequence of ${sequence} tokens into ${2 * context} pieces`;
    faults.push({ key: 'context', message });
  } else if (sequenceParallel && (sequence / context) % tensor !== 0) {
    const message = `TP ${tensor} with sequence parallelism does not divide the ${sequence / context} tokens of a rank`;
    faults.push({ key: 'tensor', message });
  }
  return faults;
}

function expertFaults(model: ModelSpec, execution: ExecutionSpec): DivisionFault[] {
  const { expert, tensor, context, data } = execution;
  const { experts, name } = model;
  if (experts === undefined) {
    return expert === 1 ? [] : [{ key: 'expert', message: `EP ${expert} needs experts, ${name} has none` }];
  }
  const faults: string[] = [];
  if (experts.count % expert !== 0) faults.push(`EP ${expert} does not divide the ${experts.count} experts of ${name}`);
  const ranks = tensor * context * data;
  if (ranks % expert !== 0) {
    faults.push(
      `EP ${expert} does not divide TP ${tensor} × CP ${context} × DP ${data} = ${ranks}, the ranks of a pipeline stage`,
    );
  } else if (experts.feedForward % expertTensorRanks(execution) !== 0) {
    faults.push(`TP ${tensor} does not divide the expert width ${experts.feedForward} of ${name}`);
  }
  return faults.map((message) => ({ key: 'expert', message }));
}

function batchFaults(execution: ExecutionSpec): DivisionFault[] {
  const { globalBatch, data, microBatch, interleave, pipeline } = execution;
  const faults: DivisionFault[] = [];
  if (globalBatch % (data * microBatch) !== 0) {
    const message = `DP ${data} × micro-batch ${microBatch} = ${data * microBatch} does not divide the global batch of ${globalBatch} sequences`;
    faults.push({ key: 'globalBatch', message });
  } else if (interleave > 1 && microBatches(execution) < pipeline) {
    const message = `interleaving needs at least PP ${pipeline} micro-batches a step, the global batch of ${globalBatch} gives ${microBatches(execution)}`;
    faults.push({ key: 'globalBatch', message });
  }
  return faults;
}

function gpuFaults({ gpus, tensor, pipeline, context, data }: ExecutionSpec): DivisionFault[] {
  const replica = tensor * pipeline * context;
  if (replica * data === gpus) return [];
  const shape = `TP ${tensor} × PP ${pipeline} × CP ${context}`;
  if (gpus % replica !== 0) return [{ key: 'gpus', message: `${shape} = ${replica} does not divide ${gpus} GPUs` }];
  return [
    { key: 'data', message: `expected DP ${gpus / replica}, since ${gpus} GPUs / (${shape}) leave that, got ${data}` },
  ];
}
