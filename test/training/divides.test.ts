import { describe, expect, it } from 'vitest';
import { divisionFaults } from '../../src/training/divides.js';
import type { ExecutionSpec } from '../../src/training/execution.js';
import { layersInFlight, layersOfStage } from '../../src/training/pipelineLayout.js';
import { execution, shippedModel } from './models.js';

const said = (name: string, change: Partial<ExecutionSpec> & { readonly gpus: number }): string[] =>
  divisionFaults(shippedModel(name), execution(change)).map(({ key, message }) => `${key}: ${message}`);

describe('a parallelism that does not divide', () => {
  it.each([
    ['heads by TP', 'llama-3-8b', { gpus: 6, tensor: 3 }, /^tensor: TP 3 does not divide the 32 heads of llama-3-8b$/],
    [
      'layers by PP',
      'gpt3-175b',
      { gpus: 40, tensor: 8, pipeline: 5 },
      /^pipeline: PP 5 does not divide the 96 layers of gpt3-175b: 4 places stay empty, at most 3 may$/,
    ],
    [
      'layers by PP and interleaving',
      'gpt3-175b',
      { gpus: 64, tensor: 8, pipeline: 8, interleave: 5, globalBatch: 8 },
      /^interleave: PP 8 × interleaving 5 = 40 does not divide the 96 layers/,
    ],
    [
      'interleaving without a pipeline',
      'gpt3-175b',
      { gpus: 8, tensor: 8, interleave: 2 },
      /^interleave: interleaving 2 needs a pipeline, PP is 1$/,
    ],
    [
      'the sequence by CP',
      'gpt3-175b',
      { gpus: 24, tensor: 8, context: 3 },
      /^context: CP 3 does not divide the sequence of 2048 tokens into 6 pieces$/,
    ],
    [
      'EP without experts',
      'gpt3-175b',
      { gpus: 8, tensor: 8, expert: 2 },
      /^expert: EP 2 needs experts, gpt3-175b has none$/,
    ],
    [
      'experts by EP',
      'mixtral-8x7b',
      { gpus: 48, expert: 3 },
      /^expert: EP 3 does not divide the 8 experts of mixtral-8x7b$/,
    ],
    [
      'ranks of a stage by EP',
      'deepseek-v3',
      { gpus: 64, pipeline: 4, expert: 32 },
      /^expert: EP 32 does not divide TP 1 × CP 1 × DP 16 = 16, the ranks of a pipeline stage$/,
    ],
    [
      'the batch by DP and micro-batch',
      'llama-3-8b',
      { gpus: 8, microBatch: 2, globalBatch: 24 },
      /^globalBatch: DP 8 × micro-batch 2 = 16 does not divide the global batch of 24 sequences$/,
    ],
    [
      'too few micro-batches to interleave',
      'gpt3-175b',
      { gpus: 64, tensor: 8, pipeline: 8, interleave: 3, globalBatch: 4 },
      /^globalBatch: interleaving needs at least PP 8 micro-batches a step, the global batch of 4 gives 4$/,
    ],
    [
      'GPUs by the model ranks',
      'gpt3-175b',
      { gpus: 100, tensor: 8, pipeline: 2, data: 6, globalBatch: 6 },
      /^gpus: TP 8 × PP 2 × CP 1 = 16 does not divide 100 GPUs$/,
    ],
    [
      'a DP that is not what GPUs leave',
      'gpt3-175b',
      { gpus: 64, tensor: 8, data: 4, globalBatch: 4 },
      /^data: expected DP 8, since 64 GPUs \/ \(TP 8 × PP 1 × CP 1\) leave that, got 4$/,
    ],
    [
      'half a rank',
      'gpt3-175b',
      { gpus: 8, tensor: 1.5 },
      /^tensor: expected TP to be a whole number of at least 1, got 1\.5$/,
    ],
  ])('says which number: %s', (_, name, change, expected) => {
    const faults = said(name, change);
    expect(faults[0]).toMatch(expected);
  });

  it('takes key-value heads that TP divides, and TP that is a multiple of them', () => {
    const model = { ...shippedModel('llama-3-70b'), kvHeads: 12, heads: 96 };
    const faults = (tensor: number) => divisionFaults(model, execution({ gpus: 96, tensor, sequenceParallel: false }));
    expect(faults(4)).toEqual([]);
    expect(faults(24).map(({ key }) => key)).toEqual(['tensor']);
    expect(faults(8)[0]?.message).toBe(
      'TP 8 neither divides the 12 key-value heads of llama-3-70b nor is a multiple of them',
    );
  });

  it('says all at once', () => {
    const change = { gpus: 210, tensor: 3, pipeline: 7, context: 5, expert: 2, globalBatch: 3, data: 2 };
    const keys = divisionFaults(shippedModel('llama-3-8b'), execution(change)).map(({ key }) => key);
    expect(keys).toEqual(['tensor', 'tensor', 'tensor', 'context', 'expert', 'globalBatch']);
  });
});

describe('layers of a pipeline', () => {
  it.each([
    // One layer a place.
    ['llama-3.1-405b', 16, 8, [7, 8, 7]],
    ['deepseek-v3', 4, 4, [15, 16, 14]],
    ['qwen3-235b-a22b', 8, 4, [11, 12, 11]],
    ['mt-nlg-530b', 35, 3, [3, 3, 3]],
  ])('%s on PP %i, interleaving %i: embedding and loss stand in for layers', (name, pipeline, interleave, layers) => {
    const model = shippedModel(name);
    const stages = [0, 1, pipeline - 1].map((stage) => layersOfStage(model, { pipeline, interleave }, stage));
    expect(stages).toEqual(layers);
    const all = Array.from({ length: pipeline }, (__, stage) => layersOfStage(model, { pipeline, interleave }, stage));
    expect(all.reduce((sum, some) => sum + some, 0)).toBe(model.layers);
  });

  it('keeps p − i micro-batches at rank i, without interleaving', () => {
    const model = shippedModel('gpt3-175b');
    const run = execution({ gpus: 64, tensor: 8, pipeline: 8, globalBatch: 64 });
    expect([0, 1, 7].map((stage) => layersInFlight(model, run, stage))).toEqual([96, 84, 12]);
  });
});
