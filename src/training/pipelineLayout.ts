import type { ExecutionSpec } from './execution.js';
import type { ModelSpec } from './model.js';

/**
 * Places of a pipeline that may stay without a layer: embedding, loss and one more stand in for layers, as in
 * Megatron-Core's layouts (Llama-3.1-405B: 126 layers on 128 places, DeepSeek-V3: 61 on 64).
 */
export const SPARE_PLACES = 3;

type Shape = Pick<ExecutionSpec, 'pipeline' | 'interleave'>;

/** Layers of a virtual stage; the first and the last have fewer where layers do not divide evenly. */
export function layersPerChunk({ layers }: Pick<ModelSpec, 'layers'>, { pipeline, interleave }: Shape): number {
  return Math.ceil(layers / (pipeline * interleave));
}

/** Whether layers fill the places of the pipeline but for {@link SPARE_PLACES}, and each stage has a layer. */
export function dividesLayers({ layers }: Pick<ModelSpec, 'layers'>, shape: Shape): boolean {
  const places = shape.pipeline * shape.interleave;
  if (places > layers + SPARE_PLACES) return false;
  const perChunk = layersPerChunk({ layers }, shape);
  const spare = places * perChunk - layers;
  return (
    spare <= SPARE_PLACES &&
    layersOfStage({ layers }, shape, 0) > 0 &&
    layersOfStage({ layers }, shape, shape.pipeline - 1) > 0
  );
}

/** Layers of a pipeline rank: the last goes without for up to two of the spare places, the first for the third. */
export function layersOfStage({ layers }: Pick<ModelSpec, 'layers'>, shape: Shape, stage: number): number {
  const { pipeline, interleave } = shape;
  const perChunk = layersPerChunk({ layers }, shape);
  const spare = pipeline * interleave * perChunk - layers;
  if (pipeline === 1) return layers;
  const first = spare >> 1;
  const without = (stage === 0 ? first : 0) + (stage === pipeline - 1 ? spare - first : 0);
  return interleave * perChunk - without;
}

/** Micro-batches of a step that a pipeline sees. */
export function microBatches({ globalBatch, data, microBatch }: ExecutionSpec): number {
  return globalBatch / (data * microBatch);
}

/**
 * Layers whose activations a pipeline rank keeps at once, over all micro-batches in flight.
 *
 * 1F1B: rank i of p keeps p − i micro-batches. Interleaved: 2·(p − 1 − i) + (v − 1)·p + 1 chunks (Megatron; on the
 * first rank L·(1 + (p − 1)/(p·v)) layers, arXiv 2205.05198 §4.2.3). Never more than the micro-batches there are.
 */
export function layersInFlight(model: Pick<ModelSpec, 'layers'>, execution: ExecutionSpec, stage: number): number {
  const { pipeline, interleave } = execution;
  const batches = microBatches(execution);
  if (interleave === 1) return Math.min(pipeline - stage, batches) * layersOfStage(model, execution, stage);
  const chunks = 2 * (pipeline - 1 - stage) + (interleave - 1) * pipeline + 1;
  return Math.min(chunks, batches * interleave) * layersPerChunk(model, execution);
}
