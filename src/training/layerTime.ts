import type { Accelerator, ExecutionSpec, Precision } from './execution.js';
import { scoreWidth } from './flops.js';
import { expertTensorRanks } from './memory.js';
import type { ModelSpec } from './model.js';
import type { Stack } from './stack.js';

/**
 * Time of a layer's kernels on one GPU, ms a micro-batch: matrix multiplications at the stack's share of the measured
 * ceiling plus their memory traffic, attention, and what is bound by memory.
 */

/** Share of memory bandwidth that streaming kernels reach. Source: Calculon, systems/a100_80g.json (0.75…0.90). */
const MEMORY_EFFICIENCY = 0.8;
/** Fused attention kernels against large GEMMs. Source: FlashAttention-2 and -3 report 0.6…0.75 of dense peak forward, 0.5…0.65 backward. */
const FUSED_ATTENTION_SHARE = 0.7;
/** Batched products of s × s scores against large GEMMs. Assumption. */
const BATCHED_ATTENTION_SHARE = 0.6;
/** Where nobody measured the ceiling of a part: the mean of those measured. */
const UNMEASURED_CEILING = 0.75;

/** Width or depth of a product that costs as much again to fill and drain: half a tile of 128. Assumption. */
const HALF_TILE = 64;

/** Bytes of a number in matrix multiplications. */
const ELEMENT_BYTES: Readonly<Record<Precision, number>> = { fp16: 2, bf16: 2, fp8: 1, fp4: 0.5625 };

/** FLOP/ms that large matrix multiplications reach. */
export function gemmRate(accelerator: Accelerator, stack: Stack, precision: Precision): number {
  const ceiling = accelerator.matmulCeiling?.[precision === 'fp16' ? 'bf16' : precision] ?? UNMEASURED_CEILING;
  return peakTflops(accelerator, precision) * ceiling * stack.gemmShare * 1e9;
}

/** Dense peak, TFLOP/s; of bf16 for fp16, which all parts run at the same rate. */
export function peakTflops(accelerator: Accelerator, precision: Precision): number {
  const peak = accelerator.peakTflops[precision] ?? (precision === 'fp16' ? accelerator.peakTflops.bf16 : undefined);
  if (peak === undefined) throw new RangeError(`${accelerator.name} has no peak of ${precision}`);
  return peak;
}

/** bytes/ms of streaming kernels. */
export function memoryRate(accelerator: Accelerator): number {
  return accelerator.hbmGBPerS * MEMORY_EFFICIENCY * 1e6;
}

/**
 * One pass of rows × depth by depth × width: its FLOPs at the rate, less on narrow ones, and its operands and result
 * through memory once.
 */
function gemmMs(rows: number, width: number, depth: number, elementBytes: number, rate: number, memory: number) {
  const bytes = elementBytes * depth * (rows + width) + 2 * rows * width;
  const narrow = 1 + HALF_TILE / Math.min(width, depth);
  return (2 * rows * width * depth * narrow) / rate + bytes / memory;
}

/** Forward ms of the attention projections. */
function projectionsMs(model: ModelSpec, rows: number, tensor: number, element: number, rate: number, memory: number) {
  const { hidden, headDim, latentAttention: latent } = model;
  const heads = model.heads / tensor;
  if (latent === undefined) {
    const width = (heads + (2 * model.kvHeads) / tensor) * headDim;
    return (
      gemmMs(rows, width, hidden, element, rate, memory) + gemmMs(rows, hidden, heads * headDim, element, rate, memory)
    );
  }
  const { queryRank, keyValueRank, ropeDim, valueDim } = latent;
  return (
    gemmMs(rows, queryRank + keyValueRank + ropeDim, hidden, element, rate, memory) +
    gemmMs(rows, heads * (headDim + ropeDim), queryRank, element, rate, memory) +
    gemmMs(rows, heads * (headDim + valueDim), keyValueRank, element, rate, memory) +
    gemmMs(rows, hidden, heads * valueDim, element, rate, memory)
  );
}

/** Forward ms of a feed-forward block. */
function feedForwardMs(
  model: ModelSpec,
  rows: number,
  width: number,
  blocks: number,
  element: number,
  rate: number,
  memory: number,
) {
  const { hidden } = model;
  const inner = (model.gated ? 2 : 1) * width;
  // `blocks` experts share the rows: each weight is read once, each row multiplied once.
  return (
    gemmMs(rows, inner, hidden, element, rate, memory) +
    gemmMs(rows, hidden, width, element, rate, memory) +
    ((blocks - 1) * element * hidden * (inner + width)) / memory
  );
}

/** Bytes moved by kernels that compute little, forward, for each row of a layer: norms, residuals, dropout, activation, casts. */
function streamedBytes(
  model: ModelSpec,
  mixed: boolean,
  tensor: number,
  sequenceParallel: boolean,
  stack: Stack,
  lowPrecision: boolean,
): number {
  const { hidden, experts } = model;
  const attentionWidth = (model.heads + model.kvHeads) * model.headDim;
  // Two norms (read, write) and two residual sums (read two, write one) of 2-byte numbers; dropout adds a pass and a mask.
  const replicated = (20 + (stack.dropout ? 10 : 0)) * hidden;
  let sharded = 4 * attentionWidth;
  const active = mixed ? experts!.active + experts!.shared : 1;
  const width = mixed ? active * experts!.feedForward : model.feedForward;
  sharded += (model.gated ? 6 : 4) * width;
  // Tokens are copied into the order of the experts and back.
  if (mixed) sharded += 8 * experts!.active * hidden;
  // Each operand is read in 2 bytes and written in 1, as it is and transposed.
  if (lowPrecision) sharded += 4 * (hidden + hidden * active + attentionWidth + width);
  return replicated / (sequenceParallel ? tensor : 1) + sharded / tensor;
}

/**
 * ms a GPU computes for one layer and micro-batch, forward and backward, and forward again where recomputed.
 *
 * The backward pass has two products for each of the forward one, and twice its memory traffic.
 */
export function layerMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  mixed: boolean,
): number {
  const { tensor, context, expert, precision, recompute } = execution;
  const rows = (execution.microBatch * model.sequence) / context;
  const memory = memoryRate(accelerator);
  const rate = gemmRate(accelerator, stack, precision);
  const element = ELEMENT_BYTES[precision];
  const lowPrecision = precision === 'fp8' || precision === 'fp4';
  const passes = recompute === 'full' ? 4 : 3;

  let gemms = projectionsMs(model, rows, tensor, element, rate, memory);
  if (mixed) {
    const { count, active, shared, feedForward } = model.experts!;
    const split = expertTensorRanks(execution);
    const routed = (rows / tensor) * active * split;
    gemms += feedForwardMs(model, routed, feedForward / split, count / expert, element, rate, memory);
    if (shared > 0) gemms += feedForwardMs(model, rows, (shared * feedForward) / tensor, 1, element, rate, memory);
  } else {
    gemms += feedForwardMs(model, rows, model.feedForward / tensor, 1, element, rate, memory);
  }

  const streamed =
    (rows * streamedBytes(model, mixed, tensor, execution.sequenceParallel, stack, lowPrecision)) / memory;
  const again = recompute === 'selective' ? cheapAgainMs(model, execution, mixed, rows, element, rate, memory) : 0;
  return passes * (gemms + streamed) + again + attentionMs(model, execution, accelerator, stack, rows);
}

/** ms of what selective recomputation makes again beside attention itself: up-projections of latent attention, activations of experts. */
function cheapAgainMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  mixed: boolean,
  rows: number,
  element: number,
  rate: number,
  memory: number,
): number {
  const { experts, headDim, latentAttention: latent } = model;
  const { tensor } = execution;
  const heads = model.heads / tensor;
  let ms = 0;
  if (latent !== undefined) {
    ms +=
      gemmMs(rows, heads * (headDim + latent.ropeDim), latent.queryRank, element, rate, memory) +
      gemmMs(rows, heads * (headDim + latent.valueDim), latent.keyValueRank, element, rate, memory);
  }
  if (mixed) {
    const width = (experts!.active + experts!.shared) * experts!.feedForward;
    ms += (rows * (model.gated ? 6 : 4) * width) / tensor / memory;
  }
  return ms;
}

/** ms of attention to other tokens, forward and backward. */
function attentionMs(
  model: ModelSpec,
  execution: ExecutionSpec,
  accelerator: Accelerator,
  stack: Stack,
  rows: number,
): number {
  const { sequence } = model;
  const { tensor, precision, recompute } = execution;
  const rate = gemmRate(accelerator, stack, precision === 'fp16' ? 'fp16' : 'bf16');
  const forward = (rows * scoreWidth(model) * sequence) / tensor;
  // Backward multiplies five times for the two of the forward pass: scores are made again.
  if (stack.fusedAttention) return ((forward / rate) * (3.5 + (recompute === 'full' ? 1 : 0))) / FUSED_ATTENTION_SHARE;
  const again = recompute === 'none' ? 0 : 1;
  // Each score: written, masked softmax of the causal half, dropout with its mask, read again: 9 bytes forward, 17 backward.
  const scores = (rows * model.heads * sequence) / tensor;
  return (
    ((3 + again) * 2 * forward) / (rate * BATCHED_ATTENTION_SHARE) +
    (scores * (26 + 9 * again)) / memoryRate(accelerator)
  );
}

/** ms of the output layer and the loss for a micro-batch, on the last stage; never in less than 2-byte numbers. */
export function headMs(model: ModelSpec, execution: ExecutionSpec, accelerator: Accelerator, stack: Stack): number {
  const { tensor, context, precision } = execution;
  const rows = (execution.microBatch * model.sequence) / context;
  const memory = memoryRate(accelerator);
  const width = model.vocabulary / tensor;
  const rate = gemmRate(accelerator, stack, precision === 'fp16' ? 'fp16' : 'bf16');
  // Logits: to 4-byte numbers, maximum, sum, gradient: about 20 bytes each.
  return 3 * gemmMs(rows, width, model.hidden, 2, rate, memory) + (20 * rows * width) / memory;
}
