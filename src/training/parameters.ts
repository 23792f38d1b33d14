import { activeExpertWeights, attentionWeights, expertLayers, feedForwardWeights } from './flops.js';
import type { ModelSpec } from './model.js';

/** Parameters of a model, in weights. Norms, biases and learned positions are left out: below 0.2 % of any model here. */
export interface ParameterCount {
  readonly total: number;
  /** That work on a token: of the routed experts only the active ones; both embeddings. */
  readonly active: number;
  /** Of them, input embedding and output head; one matrix where they are tied. */
  readonly embedding: number;
}

/**
 * Parameters counted from the shape, within 1 % of what its authors publish.
 *
 * Worked: Llama-3.1-405B: 126 · (16384 · 128 · (2 · 128 + 2 · 8) + 3 · 16384 · 53248) + 2 · 128256 · 16384 = 405.8e9.
 */
export function parameterCount(model: ModelSpec): ParameterCount {
  const mixed = expertLayers(model);
  const embedding = (model.tiedEmbeddings ? 1 : 2) * model.vocabulary * model.hidden;
  const common =
    embedding +
    model.layers * attentionWeights(model) +
    (model.layers - mixed) * feedForwardWeights(model, model.feedForward);
  return {
    total: common + mixed * (sharedWeights(model) + routedWeights(model)),
    active: common + mixed * activeExpertWeights(model),
    embedding,
  };
}

/** Weights of a layer with experts that every token meets: shared experts and the router. */
export function sharedWeights(model: ModelSpec): number {
  const { experts } = model;
  if (experts === undefined) return 0;
  return feedForwardWeights(model, experts.shared * experts.feedForward) + model.hidden * experts.count;
}

/** Weights of all routed experts of a layer. */
export function routedWeights(model: ModelSpec): number {
  const { experts } = model;
  return experts === undefined ? 0 : experts.count * feedForwardWeights(model, experts.feedForward);
}

/**
 * What a checkpoint holds of a parameter: BF16 weight (2 B), FP32 master weight (4 B) and two FP32 moments of Adam
 * (8 B). Gradients are not saved.
 */
export const STATE_BYTES_PER_PARAMETER = 14;

export const stateBytes = (model: ModelSpec): number => STATE_BYTES_PER_PARAMETER * parameterCount(model).total;
