import type { ModelSpec } from './model.js';

/** Weights of the attention projections of a layer: queries, keys, values and output, or their latent factors. */
export function attentionWeights(model: ModelSpec): number {
  const { hidden, heads, kvHeads, headDim, latentAttention: latent } = model;
  if (latent === undefined) return hidden * headDim * (2 * heads + 2 * kvHeads);
  const queries = latent.queryRank * (hidden + heads * (headDim + latent.ropeDim));
  const keysValues =
    hidden * (latent.keyValueRank + latent.ropeDim) + latent.keyValueRank * heads * (headDim + latent.valueDim);
  return queries + keysValues + heads * latent.valueDim * hidden;
}

/** Weights of a feed-forward block of this width. */
export function feedForwardWeights(model: ModelSpec, width: number): number {
  return (model.gated ? 3 : 2) * model.hidden * width;
}

/** Layers whose feed-forward block is a mixture of experts. */
export function expertLayers(model: ModelSpec): number {
  return model.experts === undefined ? 0 : model.layers - model.experts.denseLayers;
}

/** Weights of a layer with experts that work on a token: active and shared experts, and the router. */
export function activeExpertWeights(model: ModelSpec): number {
  const { experts } = model;
  if (experts === undefined) return 0;
  const width = (experts.active + experts.shared) * experts.feedForward;
  return feedForwardWeights(model, width) + model.hidden * experts.count;
}

/**
 * Width of a head in scores and values together, over all heads: FLOPs of attention to one other token, forward, are
 * twice this.
 */
export function scoreWidth(model: ModelSpec): number {
  const { heads, headDim, latentAttention: latent } = model;
  return latent === undefined ? heads * 2 * headDim : heads * (headDim + latent.ropeDim + latent.valueDim);
}

/** Weights that multiply each token in matrices: N_active − V·h of untied embeddings, without norms and biases. */
export function matrixWeights(model: ModelSpec): number {
  const mixed = expertLayers(model);
  return (
    model.layers * attentionWeights(model) +
    (model.layers - mixed) * feedForwardWeights(model, model.feedForward) +
    mixed * activeExpertWeights(model) +
    model.vocabulary * model.hidden
  );
}

/**
 * Model FLOPs to train on one token, forward and backward: 6·(N_active − V·h) + 6·L·h·s with causal attention counted
 * as the half it needs; recomputation does not count.
 *
 * Worked: Llama-3.1-405B at s 8192 → 2.524e12; GPT-3 175B at s 2048 → 1.06e12.
 */
export function flopsPerToken(model: ModelSpec): number {
  return 6 * matrixWeights(model) + 3 * model.layers * scoreWidth(model) * model.sequence;
}
