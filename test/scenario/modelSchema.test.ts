import { describe, expect, it } from 'vitest';
import { modelSchema } from '../../src/scenario/modelSchema.js';
import { modelSpec } from '../../src/training/modelSpec.js';
import { modelNames, rawModel, shippedModelDoc } from '../training/models.js';

const LLAMA = rawModel('llama-3-8b');
const DEEPSEEK = rawModel('deepseek-v3');

function faultsOf(base: Record<string, unknown>, change: Record<string, unknown>): string[] {
  const result = modelSchema.safeParse({ ...base, ...change });
  return result.success ? [] : result.error.issues.map((issue) => issue.path.join('.'));
}

describe('catalogue of models', () => {
  it('holds twelve models, each under its own name', () => {
    expect(modelNames()).toHaveLength(12);
    for (const name of modelNames()) expect(shippedModelDoc(name).name).toBe(name);
  });

  it('fills in what a plain transformer leaves out: key-value heads and the width of a head', () => {
    const gpt = modelSpec(shippedModelDoc('gpt3-175b'));
    expect(gpt).toMatchObject({ kvHeads: 96, headDim: 128, experts: undefined, latentAttention: undefined });
    expect(modelSpec(shippedModelDoc('nemotron-4-340b')).headDim).toBe(192);
    expect(modelSpec(shippedModelDoc('qwen3-235b-a22b'))).toMatchObject({ kvHeads: 4, headDim: 128 });
  });
});

describe('model schema', () => {
  it('takes bare numbers as a user writes them', () => {
    expect(modelSchema.parse({ ...LLAMA, layers: 40 }).layers).toEqual({ value: 40 });
  });

  it.each([
    ['a name with blanks', LLAMA, { name: 'my model' }, ['name']],
    ['no layers', LLAMA, { layers: 0 }, ['layers']],
    ['a misspelt key', LLAMA, { layer: 32 }, ['']],
    ['key-value heads that do not divide the heads', LLAMA, { kvHeads: 5 }, ['kvHeads']],
    ['heads that do not divide the width where no width of a head is given', LLAMA, { heads: 24 }, ['heads']],
    [
      'more active experts than there are',
      DEEPSEEK,
      { experts: { count: 8, active: 9, shared: 0, feedForward: 2048, denseLayers: 0 } },
      ['experts.active'],
    ],
    [
      'dense layers only, in a model with experts',
      DEEPSEEK,
      { experts: { count: 8, active: 2, shared: 0, feedForward: 2048, denseLayers: 61 } },
      ['experts.denseLayers'],
    ],
  ])('refuses %s', (_, base, change, paths) => {
    expect(faultsOf(base, change)).toEqual(paths);
  });

  it('takes any number of heads where the width of a head is given', () => {
    expect(faultsOf(LLAMA, { heads: 24, headDim: 128 })).toEqual([]);
  });
});
