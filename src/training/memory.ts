import { attentionWeights, feedForwardWeights } from './flops.js';
import type { Accelerator, ExecutionSpec, Precision } from './execution.js';
import type { ModelSpec } from './model.js';
import { routedWeights, sharedWeights } from './parameters.js';
import { layersInFlight, layersOfStage } from './pipelineLayout.js';
import type { Stack } from './stack.js';

/** Bytes of the fullest GPU of a job, GB are 10^9 bytes; the parts sum to `totalGB`. */
export interface MemoryEstimate {
  readonly totalGB: number;
  /** `totalGB` is at most what the accelerator has. */
  readonly fits: boolean;
  readonly weightsGB: number;
  readonly gradientsGB: number;
  readonly optimizerGB: number;
  /** Kept for the backward pass, over all micro-batches in flight. */
  readonly activationsGB: number;
  /** Logits, a layer being recomputed, layers gathered from other ranks. */
  readonly workingGB: number;
  readonly reserveGB: number;
}

/** What of a stack decides about memory. */
export type MemoryFacts = Pick<Stack, 'fusedAttention' | 'gradientBytes' | 'dropout'>;

/**
 * CUDA context, NCCL buffers and fragmentation.
 *
 * Assumption, low confidence: 1.5 to 3 GB are usual; parts sold as 80 GB hold 85.9.
 */
export const RESERVE_GB = 2;

/** BF16, or FP8 in both layouts. */
const WEIGHT_BYTES = 2;
/** FP32 master weight and two FP32 moments of Adam. */
const OPTIMIZER_BYTES = 12;
/** Of an input of a matrix multiplication kept for the backward pass; FP4 with a scale for each 16. */
const INPUT_BYTES: Readonly<Record<Precision, number>> = { fp16: 2, bf16: 2, fp8: 1, fp4: 0.5625 };
/** Layers gathered at once under ZeRO-3: the one at work and the one fetched ahead. */
const GATHERED_LAYERS = 2;

/**
 * Memory of the fullest pipeline rank: weights, gradients, optimiser, activations (Korthikanti et al., arXiv
 * 2205.05198, generalised to grouped heads, gated and expert feed-forward blocks, latent attention and 8-bit inputs),
 * logits, and {@link RESERVE_GB}.
 *
 * Selective recomputation drops what is cheap to make again: the core of attention, up-projections of latent
 * attention, activation functions of experts. With fused attention the core is never kept, so `none` and `selective`
 * are equal for dense models.
 *
 * Worked: Megatron 22B, TP8, a micro-batch of 4, sequence parallel and selective: 18 B · 22.06e9 / 8 = 49.6 GB of
 * state, 34 · 2048 · 4 · 6144 / 8 · 48 = 10.3 GB of activations, arXiv 2205.05198 table 3.
 *
 * Wrong for offloading to the host (not modelled: such runs need less), for experts that get unequal shares of the
 * tokens, and by what the allocator loses beyond the reserve. Cost: O(1), under a microsecond.
 */
export function memoryOf(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Pick<Accelerator, 'hbmGB'>,
  facts: MemoryFacts,
): MemoryEstimate {
  const last = execution.pipeline - 1;
  let fullest = stageMemory(model, execution, facts, 0);
  // The second rank holds as many layers as any, the first may go without some; the last has the logits.
  for (const stage of last > 1 ? [1, last] : last === 1 ? [1] : []) {
    const other = stageMemory(model, execution, facts, stage);
    if (other.totalGB > fullest.totalGB) fullest = other;
  }
  return { ...fullest, fits: fullest.totalGB <= accelerator.hbmGB };
}

/** Ranks an expert is split over: those of tensor parallelism, as far as the experts leave them. */
export function expertTensorRanks({ tensor, context, data, expert }: ExecutionSpec): number {
  return Math.max(1, Math.min(tensor, (tensor * context * data) / expert));
}

function stageMemory(
  model: ModelSpec,
  execution: ExecutionSpec,
  facts: MemoryFacts,
  stage: number,
): Omit<MemoryEstimate, 'fits'> {
  const { tensor, pipeline, context, data, expert, zero } = execution;
  const layers = layersOfStage(model, execution, stage);
  const dense = model.experts === undefined ? layers : stage === 0 ? Math.min(layers, model.experts.denseLayers) : 0;
  const mixed = layers - dense;
  const embeddings = embeddingsOfStage(model, pipeline, stage) * model.vocabulary * model.hidden;
  const own =
    (layers * attentionWeights(model) +
      dense * feedForwardWeights(model, model.feedForward) +
      mixed * sharedWeights(model) +
      embeddings) /
    tensor;
  const expertRanks = expert * expertTensorRanks(execution);
  const experts = (mixed * routedWeights(model)) / expertRanks;
  const replicas = data * context;
  const expertReplicas = Math.max(1, (tensor * replicas) / expertRanks);
  const sharded = zero === 0 ? 0 : 1;
  const state = (bytes: number, shard: boolean): number =>
    (bytes * (own / (shard ? replicas : 1) + experts / (shard ? expertReplicas : 1))) / 1e9;

  // ZeRO-2: a rank's own share, and whole those of the virtual stage (without a pipeline: the layer) that makes them.
  const gradientsOnTheWay = (): number => {
    const whole = state(facts.gradientBytes, false);
    const made = pipeline === 1 ? layers : execution.interleave;
    return Math.min(whole, state(facts.gradientBytes, true) + whole / made);
  };

  const tokens = (execution.microBatch * model.sequence) / context;
  // Where dense and mixed layers share a rank, mixed ones stand for all: they keep more.
  const kept = activationBytes(model, execution, facts, mixed > 0);
  const logits = stage === pipeline - 1 ? (4 * model.vocabulary) / tensor : 0;
  const recomputed = execution.recompute === 'full' ? kept.whole : 0;
  const gathered =
    zero === 3
      ? (GATHERED_LAYERS * WEIGHT_BYTES * (attentionWeights(model) + feedForwardWeights(model, model.feedForward))) /
        tensor
      : 0;
  const parts = {
    weightsGB: state(WEIGHT_BYTES, zero === 3),
    gradientsGB: zero === 2 ? gradientsOnTheWay() : state(facts.gradientBytes, zero === 3),
    optimizerGB: state(OPTIMIZER_BYTES, sharded === 1),
    activationsGB: (tokens * kept.stored * layersInFlight(model, execution, stage)) / 1e9,
    workingGB: (tokens * (logits + recomputed) + gathered) / 1e9,
    reserveGB: RESERVE_GB,
  };
  const totalGB =
    parts.weightsGB + parts.gradientsGB + parts.optimizerGB + parts.activationsGB + parts.workingGB + parts.reserveGB;
  return { totalGB, ...parts };
}

/** Matrices of the embedding's size a rank holds; of tied ones the first and the last rank have a copy each. */
function embeddingsOfStage({ tiedEmbeddings }: ModelSpec, pipeline: number, stage: number): number {
  if (pipeline === 1) return tiedEmbeddings ? 1 : 2;
  return stage === 0 || stage === pipeline - 1 ? 1 : 0;
}

/**
 * Bytes a layer keeps of each token of a GPU (its share of the sequence under context parallelism): as recomputation
 * leaves them, and whole.
 *
 * A GPT layer under tensor parallelism alone keeps h·(10 + 24/t) + 5·a·s/t, with sequence parallelism (34·h + 5·a·s)/t
 * (arXiv 2205.05198, equations 2 and 4).
 */
export function activationBytes(
  model: ModelSpec,
  execution: ExecutionSpec,
  facts: MemoryFacts,
  mixed: boolean,
): { readonly stored: number; readonly whole: number } {
  const { hidden, heads, kvHeads, headDim, latentAttention: latent } = model;
  const { tensor, recompute } = execution;
  const spread = execution.sequenceParallel ? tensor : 1;
  const input = INPUT_BYTES[execution.precision];

  // Inputs of the two norms, inputs of attention and feed-forward, dropout masks.
  const replicated = 2 * 2 * hidden + 2 * input * hidden + (facts.dropout ? 2 * hidden : 0);
  const ranks = latent === undefined ? 0 : latent.queryRank + latent.keyValueRank;
  const compressed = (2 + input) * ranks + 2 * (latent?.ropeDim ?? 0);
  const keyHeads = latent === undefined ? kvHeads : heads;
  const keyWidth = headDim + (latent?.ropeDim ?? 0);
  const valueWidth = latent?.valueDim ?? headDim;
  const projected = 2 * (heads * keyWidth + keyHeads * (keyWidth + valueWidth));
  // The output is kept for attention in 16 bits, and once more as an 8- or 4-bit input of its projection.
  const attended = (input < 2 ? 2 + input : 2) * heads * valueWidth;
  const core = facts.fusedAttention ? 0 : (facts.dropout ? 5 : 2) * heads * model.sequence;
  const feedForward = mixed
    ? expertActivations(model, execution, input)
    : denseActivations(model, model.feedForward, input);

  const whole =
    (replicated + compressed) / spread +
    (projected + attended + core + feedForward.functions + feedForward.rest) / tensor +
    feedForward.dispatched;
  if (recompute === 'full') return { stored: (2 * hidden) / spread, whole };
  if (recompute === 'none') return { stored: whole, whole };
  const cheap = core + (latent === undefined ? 0 : projected) + (mixed ? feedForward.functions : 0);
  return { stored: whole - cheap / tensor, whole };
}

interface FeedForwardActivations {
  /** Outputs of the activation function, inputs of the second matrix. */
  readonly functions: number;
  /** Inputs of the activation function. */
  readonly rest: number;
  /** Tokens as experts get them, per GPU. */
  readonly dispatched: number;
}

function denseActivations({ gated }: ModelSpec, width: number, input: number): FeedForwardActivations {
  return { functions: input * width, rest: (gated ? 4 : 2) * width, dispatched: 0 };
}

function expertActivations(model: ModelSpec, execution: ExecutionSpec, input: number): FeedForwardActivations {
  const { active, shared, feedForward } = model.experts!;
  const { functions, rest } = denseActivations(model, (active + shared) * feedForward, input);
  // A split expert needs the whole token on each of its ranks.
  const dispatched = (active * input * model.hidden * expertTensorRanks(execution)) / execution.tensor;
  return { functions, rest, dispatched };
}
