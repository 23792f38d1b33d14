import { exposedAllToAllMs, exposedExchangeMs, exposedSendMs } from './collectives.js';
import type { Accelerator, ExecutionSpec, Span, StepEstimate } from './execution.js';
import { attentionWeights, expertLayers, feedForwardWeights, flopsPerToken } from './flops.js';
import { headMs, layerMs, memoryRate, peakTflops } from './layerTime.js';
import type { ModelSpec } from './model.js';
import type { Stack } from './stack.js';

/** Bytes the optimiser moves for a parameter: gradient, master weight and two moments read, three of them and the weight written. */
const OPTIMISER_BYTES = 30;

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
 * Cost: about 1 µs, one object. Where it is wrong, and how much: docs/throughput.md.
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
  const even = model.layers % (pipeline * interleave) === 0;
  const perLayerMs = computeMs / layers;
  computeMs = even ? computeMs + outputMs : Math.max(computeMs, computeMs - perLayerMs + outputMs);

  const tensorMs = layers * tensorExchangeMs(model, execution, accelerator, stack);
  const contextMs = layers * contextExchangeMs(model, execution, accelerator, stack, span);
  const expertMs = mixedLayers * share * expertExchangeMs(model, execution, accelerator, stack, span);
  // Beyond what the data ranks spread over, stages lie in other pods.
  const stageSlowdown = span.pods > dataRanks ? span.oversubscription : 1;
  const pipelineMs = stageSendsMs(model, execution, accelerator, stack, stageSlowdown);
  const microBatchMs = computeMs + tensorMs + contextMs + expertMs + pipelineMs;
  const bubbleMs = ((pipeline - 1) / interleave) * microBatchMs;

  const dense = denseParameters(model, layers, even) / execution.tensor;
  const routed = routedParameters(model) * share * mixedLayers;
  const gradients = exchangeOfGradientsMs(
    execution,
    dense,
    routed,
    microBatches,
    accelerator,
    stack,
    podsOfData,
    span.oversubscription,
  );
  const sharded = execution.zero === 0 ? 1 : data * execution.context;
  const own = dense / sharded + routed / execution.expert / (sharded === 1 ? 1 : sharded / execution.expert);
  const otherMs = (own * OPTIMISER_BYTES) / memoryRate(accelerator);

  const stepMs = microBatches * microBatchMs + bubbleMs + gradients + otherMs;
  const tokens = globalBatch * model.sequence;
  const tflops = (tokens * flopsPerToken(model)) / (stepMs * 1e9 * execution.gpus);
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
    memoryGB: 0,
    fits: true,
  };
}

/** Layers of the rank that has most; where they do not divide, embedding and output layer count as layers of their own. */
function layersOfFullestRank(layers: number, pipeline: number, interleave: number): number {
  const slots = pipeline * interleave;
  return layers % slots === 0 ? layers / pipeline : interleave * Math.ceil((layers + 1) / slots);
}

/**
 * Exchanges between tensor ranks for a layer and micro-batch: activations gathered and scattered twice forward and
 * twice backward, again forward where recomputed in full. With sequence parallelism as without the bytes are the same.
 */
function tensorExchangeMs(model: ModelSpec, execution: ExecutionSpec, accelerator: Accelerator, stack: Stack): number {
  const { tensor, context, microBatch, recompute } = execution;
  if (tensor === 1) return 0;
  const bytes = ((microBatch * model.sequence) / context) * model.hidden * 2;
  return (recompute === 'full' ? 12 : 8) * exposedExchangeMs(bytes, tensor, 1, accelerator, stack, 1, 1);
}

/** Keys and values of other context ranks, forward and backward, and their gradients back. */
function contextExchangeMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  span: Span,
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
  return 3 * exposedExchangeMs(bytes, context, tensor, accelerator, stack, pods, span.oversubscription);
}

/** Tokens to their experts and back, forward and backward. */
function expertExchangeMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  span: Span,
): number {
  const { tensor, context, expert, microBatch, precision } = execution;
  if (expert === 1) return 0;
  const rows = (microBatch * model.sequence) / context / tensor;
  const values = rows * model.experts!.active * model.hidden;
  // Two-byte numbers but for the way to the experts in low precision, whose operands are one byte.
  const bytes = precision === 'fp8' || precision === 'fp4' ? 7 : 8;
  return (bytes / 2) * 0.5 * exposedAllToAllMs(2 * values, expert, 1, accelerator, stack, span);
}

/** Activations to the next stage and gradients back, at each virtual stage; each tensor rank sends its part. */
function stageSendsMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  slowdown: number,
): number {
  const { tensor, context, data, pipeline, interleave, microBatch } = execution;
  if (pipeline === 1) return 0;
  const bytes = (((microBatch * model.sequence) / context) * model.hidden * 2) / tensor;
  return 2 * interleave * exposedSendMs(bytes, tensor * context * data, accelerator, stack, slowdown);
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
  microBatches: number,
  accelerator: Accelerator,
  stack: Stack,
  pods: number,
  oversubscription: number,
): number {
  const { tensor, context, data, expert, zero } = execution;
  const ranks = data * context;
  const sharded = zero === 3 ? microBatches : 1;
  const gathers = zero === 3 ? 2 * sharded * stack.gatherBytes : zero === 1 ? stack.gatherBytes : stack.gradientBytes;
  const bytes = gathers + sharded * stack.gradientBytes;
  let ms = exposedExchangeMs(bytes * dense, ranks, tensor, accelerator, stack, pods, oversubscription);
  const replicas = (ranks * tensor) / expert;
  if (routed > 0 && replicas > 1)
    ms += exposedExchangeMs(
      (bytes * routed) / expert,
      replicas,
      expert,
      accelerator,
      stack,
      Math.min(pods, replicas),
      oversubscription,
    );
  return ms;
}
