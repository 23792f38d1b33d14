import { describe, expect, it } from 'vitest';
import { parameterCount, stateBytes } from '../../src/training/parameters.js';
import { modelNames, shippedModel, shippedModelDoc } from './models.js';

describe('parameters', () => {
  it.each(modelNames())('%s: counted within 1 %% of what its authors publish', (name) => {
    const { parametersB, activeB } = shippedModelDoc(name).published;
    const counted = parameterCount(shippedModel(name));
    expect(Math.abs(counted.total / (parametersB.value * 1e9) - 1)).toBeLessThan(0.01);
    if (activeB === undefined) {
      expect(counted.active).toBe(counted.total);
      return;
    }
    // DeepSeek counts one of the two embeddings as at work on a token.
    const active = name === 'deepseek-v3' ? counted.active - counted.embedding / 2 : counted.active;
    expect(Math.abs(active / (activeB.value * 1e9) - 1)).toBeLessThan(0.01);
  });

  it('counts a GPT layer as 12·h² and tied embeddings once', () => {
    const { total, embedding } = parameterCount(shippedModel('gpt3-175b'));
    expect(embedding).toBe(51_200 * 12_288);
    expect(total).toBe(96 * 12 * 12_288 ** 2 + 51_200 * 12_288);
  });

  it('counts every expert as a parameter and only the active ones as at work', () => {
    const mixtral = shippedModel('mixtral-8x7b');
    const { total, active } = parameterCount(mixtral);
    expect(total - active).toBe(32 * 6 * 3 * 4096 * 14_336);
  });

  it('saves 14 bytes a parameter', () => {
    const llama = shippedModel('llama-3.1-405b');
    expect(stateBytes(llama) / 1e12).toBeCloseTo(5.68, 2);
  });
});
