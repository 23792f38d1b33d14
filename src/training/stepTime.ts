import { type Exposure, exchangeMs, expertExchangeMs, ranksInDomain, sendMs } from './collectives.js';
import type { Accelerator, ExecutionSpec, Span, StepEstimate } from './execution.js';
import { attentionWeights, expertLayers, feedForwardWeights, flopsPerToken } from './flops.js';
import { headMs, layerMs, memoryRate, peakTflops } from './layerTime.js';
import { expertTensorRanks, memoryOf } from './memory.js';
import type { ModelSpec } from './model.js';
import type { Stack } from './stack.js';

/** Bytes the optimiser moves for a parameter: gradient, master weight and two moments read, three of them and the weight written. */
const OPTIMISER_BYTES = 30;

/**
 * Of communication beside computation that the scheduler hides, what shows all the same: its kernels take multiprocessors
 * and memory bandwidth from the others. Source: Calculon, systems/*.json (15 % of the multiprocessors for scale-up links).
 */
const INTERFERENCE = 0.15;

/**
 * Time of one optimiser step of a model run this way, from the work, the messages and the schedule of one GPU.
 *
 * A pipeline rank takes `m = globalBatch / (microBatch · data)` micro-batches one after the other; with v virtual
 * stages the bubble is (p − 1)/v micro-batches more. Gradients and weights are exchanged once a step (every micro-batch
 * where weights are sharded too), and the optimiser runs on what is then a rank's own.
 *
 * @param execution - must divide: this is not checked here
 * @returns parts that sum to `stepMs`; `memoryGB` and `fits` are of the fullest GPU
 * @throws RangeError for a precision the accelerator has no peak of
 *
 * Cost: about 5 µs, one object and its parts. Where it is wrong, and how much: docs/throughput.md.
 */
export function stepTime(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  span: Span,
): StepEstimate {
  const { pipeline, interleave, data, microBatch, globalBatch } = execution;
  const microBatches = globalBatch / (microBatch * data);
  const dataRanks = data * execution.context;
  const podsOfData = Math.min(span.pods, dataRanks);

  const mixedLayers = expertLayers(model);
  const plainLayers = model.layers - mixedLayers;
  const layers = layersOfFullestRank(model.layers, pipeline, interleave);
  const share = layers / model.layers;
  let computeMs = 0;
  if (plainLayers > 0) computeMs += plainLayers * share * layerMs(model, execution, accelerator, stack, false);
  if (mixedLayers > 0) computeMs += mixedLayers * share * layerMs(model, execution, accelerator, stack, true);
  const outputMs = headMs(model, execution, accelerator, stack);
  // Where layers are split evenly the last rank has the head on top; else the head stands in for a layer there.
  const even = pipeline === 1 || model.layers % (pipeline * interleave) === 0;
  const perLayerMs = computeMs / layers;
  computeMs = even ? computeMs + outputMs : Math.max(computeMs, computeMs - perLayerMs + outputMs);

  // What hides one kind of communication cannot hide another: each has its equal share of the computation.
  const windows = 1 / kindsOfCommunication(execution);
  const windowMs = perLayerMs * windows;
  const tensorMs = layers * tensorExchangeMs(model, execution, accelerator, stack, windowMs);
  const contextMs = layers * contextExchangeMs(model, execution, accelerator, stack, span, windowMs);
  const expertMs = mixedLayers * share * expertsMs(model, execution, accelerator, stack, span, windowMs);
  // Beyond what the data ranks spread over, stages lie in other pods.
  const stageSlowdown = span.pods > dataRanks ? span.oversubscription : 1;
  const pipelineMs = stageSendsMs(model, execution, accelerator, stack, stageSlowdown, computeMs * windows);
  const microBatchMs = computeMs + tensorMs + contextMs + expertMs + pipelineMs;
  const bubbleMs = ((pipeline - 1) / interleave) * microBatchMs;

  const dense = denseParameters(model, layers, even) / execution.tensor;
  const expertRanks = execution.expert * expertTensorRanks(execution);
  const routed = (routedParameters(model) * share * mixedLayers) / expertRanks;
  const replicas = Math.max(1, (execution.tensor * dataRanks) / expertRanks);
  const gradients = exchangeOfGradientsMs(
    execution,
    dense,
    routed,
    replicas,
    layers,
    microBatches,
    accelerator,
    stack,
    podsOfData,
    span.oversubscription,
    computeMs * windows,
  );
  const own = execution.zero === 0 ? dense + routed : dense / dataRanks + routed / replicas;
  const otherMs = (own * OPTIMISER_BYTES) / memoryRate(accelerator);

  const stepMs = microBatches * microBatchMs + bubbleMs + gradients + otherMs;
  const tokens = globalBatch * model.sequence;
  const tflops = (tokens * flopsPerToken(model)) / (stepMs * 1e9 * execution.gpus);
  const memory = memoryOf(model, execution, accelerator, stack);
  const inCommunication = microBatches * (tensorMs + contextMs + expertMs + pipelineMs) + gradients;
  return {
    stepMs,
    tokensPerS: (tokens / stepMs) * 1000,
    modelTflopsPerGpu: tflops,
    mfu: tflops / peakTflops(accelerator, execution.precision),
    exposedFraction: inCommunication / stepMs,
    bubbleFraction: bubbleMs / stepMs,
    parts: {
      computeMs: microBatches * computeMs,
      bubbleMs,
      tensorMs: microBatches * tensorMs,
      contextMs: microBatches * contextMs,
      expertMs: microBatches * expertMs,
      pipelineMs: microBatches * pipelineMs,
      dataMs: gradients,
      otherMs,
    },
    memoryGB: memory.totalGB,
    fits: memory.fits,
  };
}

/** Of tensor, context, expert, pipeline and data ranks, how many there are; at least 1. */
function kindsOfCommunication({ tensor, context, expert, pipeline, data }: ExecutionSpec): number {
  const kinds =
    Number(tensor > 1) + Number(context > 1) + Number(expert > 1) + Number(pipeline > 1) + Number(data * context > 1);
  return Math.max(1, kinds);
}

/** Layers of the rank that has most; where they do not divide, embedding and output layer count as layers of their own. */
function layersOfFullestRank(layers: number, pipeline: number, interleave: number): number {
  if (pipeline === 1) return layers;
  const places = pipeline * interleave;
  return layers % places === 0 ? layers / pipeline : interleave * Math.ceil((layers + 1) / places);
}

/**
 * Exchanges between tensor ranks for a layer and micro-batch: activations gathered and scattered twice forward and
 * twice backward, again forward where recomputed in full. With sequence parallelism as without the bytes are the same.
 */
function tensorExchangeMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  layerMs: number,
): number {
  const { tensor, context, microBatch, recompute } = execution;
  if (tensor === 1) return 0;
  const bytes = ((microBatch * model.sequence) / context) * model.hidden * 2;
  const exchanges = recompute === 'full' ? 12 : 8;
  return (
    exchanges *
    exchangeMs(bytes, tensor, ranksInDomain(tensor, 1, accelerator), accelerator, stack, 1, 1, layerMs / exchanges)
  );
}

/** Keys and values of other context ranks, forward and backward, and their gradients back. */
function contextExchangeMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  span: Span,
  layerMs: number,
): number {
  const { tensor, context, microBatch } = execution;
  if (context === 1) return 0;
  const { latentAttention: latent } = model;
  const width =
    latent === undefined
      ? (2 * model.kvHeads * model.headDim) / tensor
      : (model.heads * (model.headDim + latent.ropeDim + latent.valueDim)) / tensor;
  const bytes = microBatch * model.sequence * width * 2;
  const pods = span.pods > execution.data ? context : 1;
  return (
    3 *
    exchangeMs(
      bytes,
      context,
      ranksInDomain(context, tensor, accelerator),
      accelerator,
      stack,
      pods,
      span.oversubscription,
      layerMs / 3,
    )
  );
}

/** Tokens to their experts and back, forward and backward. */
function expertsMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  span: Span,
  layerMs: number,
): number {
  const { tensor, context, data, expert, microBatch, precision } = execution;
  // Each expert on all tensor ranks: they have the tokens already, as of a dense block.
  if (expert === 1) return 0;
  const split = expertTensorRanks(execution);
  const rows = (microBatch * model.sequence) / context / tensor;
  const values = rows * model.experts!.active * model.hidden;
  // Groups of expert ranks lie beside each other: they cross pods where there are more pods than groups.
  const pods = Math.max(1, (span.pods * expert * split) / (tensor * context * data));
  // Two-byte numbers but for the way to the experts in low precision, whose operands are one byte.
  const bytes = ((precision === 'fp8' || precision === 'fp4' ? 7 : 8) / 4) * values;
  const { oversubscription } = span;
  const windowMs = layerMs / (split > 1 ? 8 : 4);
  const inDomain = ranksInDomain(expert, split, accelerator);
  const { active } = model.experts!;
  const sentMs = expertExchangeMs(
    bytes,
    active,
    expert,
    inDomain,
    accelerator,
    stack,
    pods,
    oversubscription,
    windowMs,
  );
  // A split expert needs what any of its ranks got on all of them; results are summed on the way back.
  const gathered = ranksInDomain(split, 1, accelerator);
  const gatherMs = exchangeMs(split * bytes, split, gathered, accelerator, stack, 1, 1, windowMs);
  return 4 * (sentMs + gatherMs);
}

/** Activations to the next stage and gradients back, at each virtual stage; each tensor rank sends its part. */
function stageSendsMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  slowdown: number,
  computeMs: number,
): number {
  const { tensor, context, data, pipeline, interleave, microBatch } = execution;
  if (pipeline === 1) return 0;
  const bytes = (((microBatch * model.sequence) / context) * model.hidden * 2) / tensor;
  const sends = 2 * interleave;
  return sends * sendMs(bytes, tensor * context * data, accelerator, stack, slowdown, computeMs / sends);
}

/** Parameters of the fullest rank that all tensor ranks share: attention, dense blocks, shared experts, and an embedding. */
function denseParameters(model: ModelSpec, layers: number, even: boolean): number {
  const { experts, hidden } = model;
  const mixed = expertLayers(model) / model.layers;
  const shared =
    experts === undefined
      ? 0
      : feedForwardWeights(model, experts.shared * experts.feedForward) + hidden * experts.count;
  const layer = attentionWeights(model) + (1 - mixed) * feedForwardWeights(model, model.feedForward) + mixed * shared;
  return layers * layer + (even ? model.vocabulary * hidden : 0);
}

/** Parameters of the routed experts of a layer. */
function routedParameters(model: ModelSpec): number {
  const { experts } = model;
  return experts === undefined ? 0 : experts.count * feedForwardWeights(model, experts.feedForward);
}

/** Gradients reduced and weights gathered over data ranks; experts only over those that hold the same ones. */
function exchangeOfGradientsMs(
  execution: ExecutionSpec,
  dense: number,
  routed: number,
  replicas: number,
  layers: number,
  microBatches: number,
  accelerator: Accelerator,
  stack: Stack,
  pods: number,
  oversubscription: number,
  computeMs: number,
): number {
  const { tensor, pipeline, context, data, expert, zero } = execution;
  const ranks = data * context;
  const inRanks = stack.hierarchical ? ranksInDomain(ranks, tensor, accelerator) : 1;
  const inReplicas = stack.hierarchical
    ? ranksInDomain(replicas, expert * expertTensorRanks(execution), accelerator)
    : 1;
  if (zero !== 3) {
    // Both hide behind the same micro-batch.
    const denseMs = (computeMs * dense) / (dense + routed);
    const routedMs = computeMs - denseMs;
    const exchanged = (bytes: number): number =>
      exchangeMs(bytes * dense, ranks, inRanks, accelerator, stack, pods, oversubscription, denseMs) +
      exchangeMs(bytes * routed, replicas, inReplicas, accelerator, stack, pods, oversubscription, routedMs);
    const once = exchanged(stack.gradientBytes + (zero === 0 ? stack.gradientBytes : stack.gatherBytes));
    // Sharded gradients leave a virtual stage each time all ranks of the pipeline had a micro-batch in it.
    const rounds = zero === 2 ? Math.ceil(microBatches / pipeline) : 1;
    return rounds === 1 ? once : once + (rounds - 1) * exchanged(stack.gradientBytes);
  }
  // Every layer for itself: its weights are fetched ahead of the forward and of the backward pass, its gradients follow.
  const bytes = (2 * stack.gatherBytes + stack.gradientBytes) / (3 * layers);
  const links = slowLinks(stack);
  const exchanges = 3 * layers * microBatches;
  const ms =
    exchanges *
    (exchangeMs(bytes * dense, ranks, inRanks, accelerator, links, pods, oversubscription, 0) +
      exchangeMs(bytes * routed, replicas, inReplicas, accelerator, links, pods, oversubscription, 0));
  const hidden = Math.min(ms, microBatches * computeMs);
  return ms - (1 - INTERFERENCE) * hidden;
}

/** Links of a stack at their rate, or slower where it shows more than all of its communication. */
function slowLinks({ scaleUpExposure, networkExposure }: Stack): Exposure {
  return { scaleUpExposure: Math.max(1, scaleUpExposure), networkExposure: Math.max(1, networkExposure) };
}
