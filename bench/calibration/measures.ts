import type { ModelSpec } from '../../src/training/model.js';
import { flopsPerToken, matrixWeights, scoreWidth } from '../../src/training/flops.js';
import type { Row } from './rows.js';

/** FLOPs of a token as Megatron-Core counts them: attention to all tokens of the sequence, causal or not. */
function fullAttentionFlops(model: ModelSpec): number {
  return 6 * matrixWeights(model) + 6 * model.layers * scoreWidth(model) * model.sequence;
}

/** FLOPs of a token with full recomputation of the layers, as in the SC21 paper: 96·l·h²·(1 + s/6h + V/16lh). */
function hardwareFlops({ layers, hidden, sequence, vocabulary }: ModelSpec): number {
  return 96 * layers * hidden * hidden * (1 + sequence / (6 * hidden) + vocabulary / (16 * layers * hidden));
}

/** Seconds of a step that a row's figure says. */
export function publishedStepS(row: Row, peakTflops: number): number {
  const { model, execution, published } = row;
  const tokensPerGpu = (execution.globalBatch * model.sequence) / execution.gpus;
  switch (row.measure) {
    case 'step s':
      return published;
    case 'tokens/s/GPU':
      return tokensPerGpu / published;
    case 'hardware TFLOP/s':
      return (tokensPerGpu * hardwareFlops(model)) / (published * 1e12);
    case 'TFLOP/s':
      return (tokensPerGpu * flopsPerToken(model)) / (published * 1e12);
    case 'full-attention TFLOP/s':
      return (tokensPerGpu * fullAttentionFlops(model)) / (published * 1e12);
    case 'full-attention MFU %':
      return (tokensPerGpu * fullAttentionFlops(model)) / ((published / 100) * peakTflops * 1e12);
  }
}

/** What the row's figure would be at so many seconds a step. */
export function measuredAt(row: Row, stepS: number, peakTflops: number): number {
  const published = publishedStepS(row, peakTflops);
  return row.measure === 'step s' ? stepS : (row.published * published) / stepS;
}
