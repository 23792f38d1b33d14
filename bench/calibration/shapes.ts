import type { ModelSpec } from '../../src/training/model.js';

/** Shapes of the models in the calibration rows, as the papers and repositories that publish the figures give them. */

/** GPT of the Megatron papers: all heads have their own keys and values, GeLU four times as wide, one embedding. */
export function gpt(hidden: number, layers: number, heads: number, sequence = 2048, vocabulary = 51_200): ModelSpec {
  return {
    name: `gpt-h${hidden}-l${layers}`,
    layers,
    hidden,
    heads,
    kvHeads: heads,
    headDim: hidden / heads,
    feedForward: 4 * hidden,
    gated: false,
    vocabulary,
    tiedEmbeddings: true,
    sequence,
  };
}

export const GPT3 = gpt(12_288, 96, 96);
export const GPT_22B = gpt(6144, 48, 64);
export const GPT_530B = gpt(20_480, 105, 128);
export const GPT_1T = gpt(25_600, 128, 160);
/** MegaScale's models: 128 and 160 heads, vocabulary 64,000. */
export const MEGASCALE_175B = gpt(12_288, 96, 128, 2048, 64_000);
export const MEGASCALE_530B = gpt(20_480, 105, 160, 2048, 64_000);

function llama(name: string, layers: number, hidden: number, heads: number, feedForward: number): ModelSpec {
  return {
    name,
    layers,
    hidden,
    heads,
    kvHeads: 8,
    headDim: 128,
    feedForward,
    gated: true,
    vocabulary: 128_256,
    tiedEmbeddings: false,
    sequence: 8192,
  };
}

export const LLAMA_8B = llama('llama-3-8b', 32, 4096, 32, 14_336);
export const LLAMA_70B = llama('llama-3-70b', 80, 8192, 64, 28_672);
export const LLAMA_405B = llama('llama-3.1-405b', 126, 16_384, 128, 53_248);

export const NEMOTRON_340B: ModelSpec = {
  name: 'nemotron-4-340b',
  layers: 96,
  hidden: 18_432,
  heads: 96,
  kvHeads: 8,
  headDim: 192,
  feedForward: 73_728,
  gated: false,
  vocabulary: 256_000,
  tiedEmbeddings: false,
  sequence: 4096,
};

export const DEEPSEEK_V3: ModelSpec = {
  name: 'deepseek-v3',
  layers: 61,
  hidden: 7168,
  heads: 128,
  kvHeads: 128,
  headDim: 128,
  feedForward: 18_432,
  gated: true,
  vocabulary: 129_280,
  tiedEmbeddings: false,
  sequence: 4096,
  experts: { count: 256, active: 8, shared: 1, feedForward: 2048, denseLayers: 3 },
  latentAttention: { queryRank: 1536, keyValueRank: 512, ropeDim: 64, valueDim: 128 },
};

export const QWEN3_235B: ModelSpec = {
  name: 'qwen3-235b-a22b',
  layers: 94,
  hidden: 4096,
  heads: 64,
  kvHeads: 4,
  headDim: 128,
  feedForward: 12_288,
  gated: true,
  vocabulary: 151_936,
  tiedEmbeddings: false,
  sequence: 4096,
  experts: { count: 128, active: 8, shared: 0, feedForward: 1536, denseLayers: 0 },
};
