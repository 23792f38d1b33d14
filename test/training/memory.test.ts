import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accelerators } from '../../bench/calibration/fit.js';
import { refusedRows } from '../../bench/calibration/known.js';
import { CHECKS, ROWS } from '../../bench/calibration/rows.js';
import { openLibrary } from '../../src/io/library.js';
import { stackDocs, stackSpec } from '../../src/training/stacks.js';
import type { Accelerator, ExecutionSpec } from '../../src/training/execution.js';
import { activationBytes, memoryOf, RESERVE_GB, type MemoryFacts } from '../../src/training/memory.js';
import { execution, shippedModel } from './models.js';

/** Software of 2021 and 2022: FP32 gradients, scores in memory, dropout. */
const MEGATRON_2022: MemoryFacts = { fusedAttention: false, gradientBytes: 4, dropout: true };
/** BF16 training since: FP32 gradients, attention in one kernel. */
const BF16: MemoryFacts = { fusedAttention: true, gradientBytes: 4, dropout: false };
/** NVIDIA's recipes for speed: gradients in BF16. */
const FAST: MemoryFacts = { fusedAttention: true, gradientBytes: 2, dropout: false };

const of = (hbmGB: number): Pick<Accelerator, 'hbmGB'> => ({ hbmGB });
const A100 = of(80);
const H100 = of(80);
const H200 = of(141);
const B200 = of(180);
const GB200 = of(186);
const GB300 = of(288);

type Said = Parameters<typeof execution>[0];
const memory = (name: string, said: Said, part: Pick<Accelerator, 'hbmGB'>, facts: MemoryFacts) =>
  memoryOf(shippedModel(name), execution(said), part, facts);

describe('activations', () => {
  const shares = (name: string): Record<string, number> => {
    const model = shippedModel(name);
    const kept = (said: Partial<ExecutionSpec>): number =>
      activationBytes(model, execution({ gpus: 8, tensor: 8, precision: 'fp16', ...said }), MEGATRON_2022, false)
        .stored;
    const plain = kept({ recompute: 'none', sequenceParallel: false });
    return {
      sequence: kept({ recompute: 'none' }) / plain,
      selective: kept({ recompute: 'selective', sequenceParallel: false }) / plain,
      both: kept({ recompute: 'selective' }) / plain,
      full: kept({ recompute: 'full', sequenceParallel: false }) / plain,
    };
  };

  it.each([
    ['megatron-22b', { sequence: 0.67, selective: 0.49, both: 0.16, full: 0.08 }],
    ['gpt3-175b', { sequence: 0.62, selective: 0.57, both: 0.18, full: 0.09 }],
    ['mt-nlg-530b', { sequence: 0.58, selective: 0.62, both: 0.2, full: 0.1 }],
    ['megatron-1t', { sequence: 0.58, selective: 0.62, both: 0.2, full: 0.1 }],
  ])('%s: the shares of arXiv 2205.05198 figure 7', (name, published) => {
    for (const [what, share] of Object.entries(shares(name))) {
      expect(Math.abs(share - published[what as keyof typeof published]), what).toBeLessThan(0.006);
    }
  });

  it('a GPT layer keeps h·(10 + 24/t) + 5·a·s/t bytes of a token, and (34·h + 5·a·s)/t with sequence parallelism', () => {
    const model = shippedModel('gpt3-175b');
    const kept = (sequenceParallel: boolean): number =>
      activationBytes(
        model,
        execution({ gpus: 8, tensor: 8, precision: 'fp16', recompute: 'none', sequenceParallel }),
        MEGATRON_2022,
        false,
      ).stored;
    expect(kept(false)).toBe(12_288 * (10 + 24 / 8) + (5 * 96 * 2048) / 8);
    expect(kept(true)).toBe((34 * 12_288 + 5 * 96 * 2048) / 8);
  });
});

describe('memory of a GPU', () => {
  it('is 18 bytes a parameter where nothing is sharded', () => {
    const { weightsGB, gradientsGB, optimizerGB, activationsGB, workingGB, reserveGB, totalGB } = memory(
      'megatron-22b',
      { gpus: 8, tensor: 8, microBatch: 4, precision: 'fp16' },
      A100,
      MEGATRON_2022,
    );
    const parameters = (48 * 12 * 6144 ** 2 + 51_200 * 6144) / 8;
    expect(weightsGB + gradientsGB + optimizerGB).toBeCloseTo((18 * parameters) / 1e9, 9);
    expect(activationsGB).toBeCloseTo((34 * 2048 * 4 * 6144 * 48) / 8 / 1e9, 9);
    expect(workingGB).toBeCloseTo((4 * 2048 * 4 * 51_200) / 8 / 1e9, 9);
    expect(reserveGB).toBe(RESERVE_GB);
    expect(totalGB).toBeCloseTo(weightsGB + gradientsGB + optimizerGB + activationsGB + workingGB + RESERVE_GB, 9);
  });

  it('shards the optimiser over data and context ranks under ZeRO-1, everything under ZeRO-3', () => {
    const at = (zero: 0 | 1 | 3) => memory('llama-3-8b', { gpus: 64, context: 2, zero }, H100, BF16);
    const [none, one, three] = [at(0), at(1), at(3)];
    expect(one.optimizerGB).toBeCloseTo(none.optimizerGB / 64, 9);
    expect(one.gradientsGB).toBe(none.gradientsGB);
    expect(three.gradientsGB).toBeCloseTo(none.gradientsGB / 64, 9);
    expect(three.weightsGB).toBeCloseTo(none.weightsGB / 64, 9);
    expect(three.workingGB).toBeGreaterThan(one.workingGB);
  });

  it('holds Llama 3 405B as trained on 16,384 H100, TP8 PP16 DP128 with nothing recomputed, for it shards gradients', () => {
    const at = (zero: 1 | 2) =>
      memory(
        'llama-3.1-405b',
        { gpus: 16_384, tensor: 8, pipeline: 16, interleave: 8, globalBatch: 2048, zero },
        H100,
        BF16,
      );
    expect(at(1).fits).toBe(false);
    expect(at(2).fits).toBe(true);
    // Whole: 1/8 of a virtual stage's; own: 1/128 of all.
    expect(at(2).gradientsGB).toBeCloseTo(at(1).gradientsGB * (1 / 8 + 1 / 128), 9);
    expect(at(2).optimizerGB).toBe(at(1).optimizerGB);
  });

  it('saves nothing by ZeRO-2 in a pipeline without virtual stages: all gradients are being made at once', () => {
    const at = (zero: 1 | 2) => memory('gpt3-175b', { gpus: 1024, tensor: 8, pipeline: 8, zero }, H100, BF16);
    expect(at(2).gradientsGB).toBe(at(1).gradientsGB);
  });

  it('spreads experts over expert ranks and shards their optimiser over what is left', () => {
    const at = (expert: number) => memory('deepseek-v3', { gpus: 256, pipeline: 4, expert }, GB200, BF16);
    // 256 experts of 44.04 M weights in each of the 15 layers of a middle rank of 16 places.
    const experts = 16 * 256 * 3 * 7168 * 2048;
    expect(at(32).weightsGB - at(64).weightsGB).toBeCloseTo((2 * experts * (1 / 32 - 1 / 64)) / 1e9, 6);
    // 64 data ranks: 2 hold the same experts at EP 32, 1 at EP 64, so each keeps as much of the optimiser.
    expect(at(32).optimizerGB).toBeCloseTo(at(64).optimizerGB, 6);
  });

  it('keeps a micro-batch for every stage still ahead, more when interleaved', () => {
    const at = (said: Partial<ExecutionSpec>) =>
      memory('gpt3-175b', { gpus: 64, tensor: 8, pipeline: 8, globalBatch: 64, ...said }, A100, MEGATRON_2022);
    const interleaved = at({ interleave: 3 }).activationsGB / at({}).activationsGB;
    expect(interleaved).toBeCloseTo(1 + 7 / (8 * 3), 2);
    // No more micro-batches than there are.
    expect(at({ globalBatch: 2 }).activationsGB).toBeCloseTo((at({}).activationsGB * 2) / 8, 9);
  });

  it('keeps inputs of 8-bit multiplications in 8 bits', () => {
    const at = (precision: 'bf16' | 'fp8') =>
      memory('llama-3-70b', { gpus: 64, tensor: 4, pipeline: 8, precision }, H100, FAST).activationsGB;
    expect(at('fp8')).toBeLessThan(0.9 * at('bf16'));
  });
});

interface Row {
  readonly what: string;
  readonly model: string;
  readonly said: Said;
  readonly part: Pick<Accelerator, 'hbmGB'>;
  readonly facts: MemoryFacts;
}

const row = (what: string, model: string, part: Row['part'], facts: MemoryFacts, said: Said): Row => ({
  what,
  model,
  said,
  part,
  facts,
});

const FP16 = { precision: 'fp16' } as const;
const TP8_PP8_V3 = { tensor: 8, pipeline: 8, interleave: 3, zero: 0, ...FP16 } as const;
const TP8_PP35_V3 = { tensor: 8, pipeline: 35, interleave: 3, zero: 0, ...FP16 } as const;
const LLAMA_405B = { pipeline: 8, context: 2, interleave: 8, precision: 'fp8' } as const;

/** Runs that were published with their settings, so they fitted. */
const FITTED: readonly Row[] = [
  row('2104.04473 table 1: 530B, full recomputation', 'mt-nlg-530b', A100, MEGATRON_2022, {
    gpus: 2520,
    tensor: 8,
    pipeline: 35,
    globalBatch: 2520,
    recompute: 'full',
    sequenceParallel: false,
    zero: 0,
    ...FP16,
  }),
  row('2104.04473 table 2: 175B on TP8·PP12', 'gpt3-175b', A100, MEGATRON_2022, {
    gpus: 384,
    tensor: 8,
    pipeline: 12,
    globalBatch: 1536,
    recompute: 'full',
    sequenceParallel: false,
    zero: 0,
    ...FP16,
  }),
  row('2104.04473 table 2: 175B under ZeRO-3', 'gpt3-175b', A100, MEGATRON_2022, {
    gpus: 384,
    microBatch: 4,
    globalBatch: 1536,
    recompute: 'full',
    sequenceParallel: false,
    zero: 3,
    ...FP16,
  }),
  ...(['selective', 'full'] as const).flatMap((recompute) => [
    row(`2205.05198 table 5: 22B, ${recompute}`, 'megatron-22b', A100, MEGATRON_2022, {
      gpus: 8,
      tensor: 8,
      microBatch: 4,
      recompute,
      zero: 0,
      ...FP16,
    }),
    row(`2205.05198 table 5: 175B, ${recompute}`, 'gpt3-175b', A100, MEGATRON_2022, {
      gpus: 64,
      globalBatch: 64,
      recompute,
      ...TP8_PP8_V3,
    }),
    row(`2205.05198 table 5: 530B, ${recompute}`, 'mt-nlg-530b', A100, MEGATRON_2022, {
      gpus: 280,
      globalBatch: 280,
      recompute,
      ...TP8_PP35_V3,
    }),
    row(`2205.05198 table 5: 1T, ${recompute}`, 'megatron-1t', A100, MEGATRON_2022, {
      gpus: 512,
      tensor: 8,
      pipeline: 64,
      globalBatch: 512,
      recompute,
      zero: 0,
      ...FP16,
    }),
  ]),
  row('2402.15627 table 2: 175B on TP8·PP8·v6', 'gpt3-175b', A100, BF16, {
    gpus: 256,
    tensor: 8,
    pipeline: 8,
    interleave: 6,
    globalBatch: 768,
  }),
  row('2406.11704 table 2: Nemotron-4 340B', 'nemotron-4-340b', H100, BF16, {
    gpus: 1536,
    tensor: 8,
    pipeline: 12,
    interleave: 8,
    globalBatch: 768,
  }),
  row('2407.21783 table 4: Llama-3.1-405B on 8,192 H100, FSDP', 'llama-3.1-405b', H100, BF16, {
    gpus: 8192,
    tensor: 8,
    pipeline: 16,
    globalBatch: 2048,
    zero: 3,
  }),
  row('Megatron-Bridge: Llama-3-8B on 8 H100, CP 2', 'llama-3-8b', H100, FAST, {
    gpus: 8,
    context: 2,
    globalBatch: 128,
  }),
  row('Megatron-Bridge: Llama-3-70B on 64 H100, BF16', 'llama-3-70b', H100, FAST, {
    gpus: 64,
    tensor: 4,
    pipeline: 4,
    context: 2,
    interleave: 5,
    globalBatch: 128,
  }),
  row('Megatron-Bridge: Llama-3-70B FSDP on 64 B300, all kept', 'llama-3-70b', GB300, FAST, {
    gpus: 64,
    zero: 3,
    globalBatch: 128,
  }),
  row('Megatron-Bridge: Llama-3-70B on 64 H100, FP8', 'llama-3-70b', H100, FAST, {
    gpus: 64,
    tensor: 4,
    pipeline: 8,
    interleave: 5,
    globalBatch: 256,
    precision: 'fp8',
  }),
  row('Megatron-Bridge: Llama-3.1-405B on 1,024 H100, FP8', 'llama-3.1-405b', H100, FAST, {
    gpus: 1024,
    tensor: 8,
    globalBatch: 1536,
    ...LLAMA_405B,
  }),
  row('Megatron-Bridge: Llama-3.1-405B on 128 B200, FP8', 'llama-3.1-405b', B200, FAST, {
    gpus: 128,
    tensor: 4,
    globalBatch: 64,
    ...LLAMA_405B,
  }),
  row('Megatron-Bridge: Llama-3.1-405B on 256 GB200, FP4', 'llama-3.1-405b', GB200, FAST, {
    gpus: 256,
    tensor: 4,
    pipeline: 16,
    interleave: 8,
    globalBatch: 1536,
    precision: 'fp4',
  }),
  row('Megatron-Bridge: Llama-3.1-405B on 256 GB300, FP8', 'llama-3.1-405b', GB300, FAST, {
    gpus: 256,
    tensor: 4,
    pipeline: 8,
    interleave: 4,
    globalBatch: 1536,
    precision: 'fp8',
  }),
  row('Megatron-Bridge: DeepSeek-V3 on 256 GB200, BF16', 'deepseek-v3', GB200, FAST, {
    gpus: 256,
    pipeline: 4,
    interleave: 4,
    expert: 64,
    globalBatch: 4096,
  }),
  row('Megatron-Bridge: DeepSeek-V3 on 256 GB300, FP8', 'deepseek-v3', GB300, FAST, {
    gpus: 256,
    pipeline: 2,
    interleave: 8,
    expert: 32,
    globalBatch: 4096,
    precision: 'fp8',
  }),
  row('Megatron-Bridge: DeepSeek-V3 on 256 B200, FP8', 'deepseek-v3', B200, FAST, {
    gpus: 256,
    pipeline: 8,
    interleave: 2,
    expert: 32,
    globalBatch: 4096,
    precision: 'fp8',
  }),
  row('Megatron-Bridge: Qwen3-235B on 256 H100, FP8', 'qwen3-235b-a22b', H100, FAST, {
    gpus: 256,
    tensor: 2,
    pipeline: 8,
    interleave: 4,
    expert: 32,
    globalBatch: 8192,
    precision: 'fp8',
  }),
  row('Megatron-Bridge: Qwen3-235B on 256 GB200, FP8', 'qwen3-235b-a22b', GB200, FAST, {
    gpus: 256,
    pipeline: 8,
    interleave: 3,
    expert: 32,
    globalBatch: 8192,
    precision: 'fp8',
  }),
  row('MLPerf v5.0: Llama-3.1-405B on 512 H100', 'llama-3.1-405b', H100, FAST, {
    gpus: 512,
    tensor: 8,
    globalBatch: 1152,
    ...LLAMA_405B,
  }),
  row('MLPerf v5.0: Llama-3.1-405B on 512 H200', 'llama-3.1-405b', H200, FAST, {
    gpus: 512,
    tensor: 4,
    globalBatch: 1152,
    ...LLAMA_405B,
  }),
  row('MLPerf v5.0: Llama-3.1-405B on 256 GB200', 'llama-3.1-405b', GB200, FAST, {
    gpus: 256,
    tensor: 4,
    globalBatch: 448,
    ...LLAMA_405B,
  }),
  row('MLPerf v5.1: Llama-3.1-405B on 512 GB300, FP4', 'llama-3.1-405b', GB300, FAST, {
    gpus: 512,
    tensor: 2,
    globalBatch: 1152,
    ...LLAMA_405B,
    precision: 'fp4',
  }),
];

/** Settings that are known not to fit, and why. */
const TOO_LARGE: readonly Row[] = [
  row('175B replicated on 8 A100: 16 B · 175e9 / 8 alone is 350 GB', 'gpt3-175b', A100, MEGATRON_2022, {
    gpus: 8,
    tensor: 8,
    zero: 0,
    ...FP16,
  }),
  row('1T on 64 H100: 16 TB of state, 5 TB of memory', 'megatron-1t', H100, BF16, { gpus: 64, tensor: 8, pipeline: 8 }),
  row('Llama-3.1-405B in one node of H100: 101 GB of weights a GPU', 'llama-3.1-405b', H100, BF16, {
    gpus: 8,
    tensor: 8,
  }),
  row('530B as 2205.05198 ran it, without recomputation: figure 1, above 80 GB', 'mt-nlg-530b', A100, MEGATRON_2022, {
    gpus: 280,
    globalBatch: 280,
    recompute: 'none',
    sequenceParallel: false,
    ...TP8_PP35_V3,
  }),
  row('175B as 2205.05198 ran it, without recomputation: figure 1', 'gpt3-175b', A100, MEGATRON_2022, {
    gpus: 64,
    globalBatch: 64,
    recompute: 'none',
    sequenceParallel: false,
    ...TP8_PP8_V3,
  }),
  row('1T as 2205.05198 ran it, without recomputation: figure 1', 'megatron-1t', A100, MEGATRON_2022, {
    gpus: 512,
    tensor: 8,
    pipeline: 64,
    globalBatch: 512,
    recompute: 'none',
    sequenceParallel: false,
    zero: 0,
    ...FP16,
  }),
  row('Llama-3-8B on one H100: 145 GB of state', 'llama-3-8b', H100, BF16, { gpus: 1 }),
  row('Llama-3-70B FSDP on 64 GB200, 2 sequences: NVIDIA offloads 40 layers to the host', 'llama-3-70b', GB200, FAST, {
    gpus: 64,
    microBatch: 2,
    zero: 3,
    precision: 'fp8',
  }),
  row('Llama-3-70B FSDP on 64 GB200, 1 sequence, BF16: NVIDIA offloads 20 layers', 'llama-3-70b', GB200, FAST, {
    gpus: 64,
    zero: 3,
  }),
  row('Llama-3-70B FSDP on 64 B200, FP8: NVIDIA offloads 5 layers', 'llama-3-70b', B200, FAST, {
    gpus: 64,
    zero: 3,
    precision: 'fp8',
  }),
  row('Llama-3-8B on 8 H100, BF16, all kept: NVIDIA takes CP 2', 'llama-3-8b', H100, FAST, {
    gpus: 8,
    globalBatch: 128,
  }),
  row('Llama-3-8B on 8 H100, FP8, all kept: NVIDIA recomputes 5 layers', 'llama-3-8b', H100, FAST, {
    gpus: 8,
    globalBatch: 128,
    precision: 'fp8',
  }),
  row('DeepSeek-V3 on 256 H100: 671e9 · 16 B / 256 and more activations than are left', 'deepseek-v3', H100, FAST, {
    gpus: 256,
    pipeline: 4,
    interleave: 4,
    expert: 64,
    globalBatch: 4096,
    precision: 'fp8',
  }),
];

describe('what fits', () => {
  it.each(FITTED)('fits, as published: $what', ({ model, said, part, facts }) => {
    const { totalGB, fits } = memory(model, said, part, facts);
    expect(fits, `${totalGB.toFixed(1)} GB`).toBe(true);
  });

  it.each(TOO_LARGE)('does not fit: $what', ({ model, said, part, facts }) => {
    const { totalGB, fits } = memory(model, said, part, facts);
    expect(fits, `${totalGB.toFixed(1)} GB`).toBe(false);
  });
});

it('refuses one published run, by 2.4 %: Llama-3.1-405B in FP8 on 256 GB200', () => {
  const said = { gpus: 256, tensor: 4, pipeline: 16, interleave: 4, globalBatch: 1536, precision: 'fp8' } as const;
  const { totalGB, fits } = memory('llama-3.1-405b', said, GB200, FAST);
  expect(fits).toBe(false);
  expect(totalGB / GB200.hbmGB).toBeLessThan(1.03);
});

it('refuses two of the 104 rows of the calibration and one of its checks, by name: all others fit', () => {
  const library = openLibrary(['scenarios']);
  const stacks = new Map(stackDocs(library).map((doc) => [doc.name, stackSpec(doc)]));
  const refused = refusedRows([...ROWS, ...CHECKS], stacks, accelerators(ROWS, library));
  expect(refused.map(({ row: { id }, needsGB, hasGB }) => [id, Math.round(needsGB), hasGB])).toEqual([
    ['SC21 ZeRO-3 530B, 640 GPUs', 89, 80],
    ['Megatron-Bridge Llama-3.1-405B, 256 GB200, FP8', 191, 186],
    ['Llama 3 405B, 8192 H100', 87, 80],
  ]);
  for (const {
    row: { id },
  } of refused)
    expect(readFileSync('docs/models.md', 'utf8')).toContain(id);
});

/** Layers, hidden, heads, TP, PP, GPUs and global batch; a micro-batch of 1. */
type Shape = readonly [number, number, number, number, number, number, number];

const fitsAsGpt = (
  [layers, hidden, heads, tensor, pipeline, gpus, globalBatch]: Shape,
  rest: Partial<Said>,
  part: Row['part'],
  facts: MemoryFacts,
) => {
  const gpt = shippedModel('gpt3-175b');
  const model = { ...gpt, layers, hidden, heads, kvHeads: heads, headDim: hidden / heads, feedForward: 4 * hidden };
  const run = execution({ gpus, tensor, pipeline, globalBatch, ...rest });
  return memoryOf(model, run, part, facts).fits;
};

it.each<Shape>([
  [24, 2304, 24, 1, 1, 32, 512],
  [30, 3072, 32, 2, 1, 64, 512],
  [36, 4096, 32, 4, 1, 128, 512],
  [40, 6144, 48, 8, 1, 256, 1024],
  [48, 8192, 64, 8, 2, 512, 1536],
  [60, 10240, 80, 8, 4, 1024, 1792],
  [80, 12288, 96, 8, 8, 1536, 2304],
  [96, 16384, 128, 8, 16, 1920, 2160],
])('fits, as in 2104.04473 table 1: %i layers of width %i', (...shape) => {
  const settings = { recompute: 'full', sequenceParallel: false, zero: 0, ...FP16 } as const;
  expect(fitsAsGpt(shape, settings, A100, MEGATRON_2022)).toBe(true);
});

it.each<Shape>([
  [24, 2048, 16, 1, 1, 48, 192],
  [30, 4096, 32, 2, 1, 96, 192],
  [32, 6144, 48, 4, 1, 192, 192],
  [48, 7168, 56, 8, 1, 384, 192],
  [84, 8192, 64, 8, 2, 768, 384],
  [92, 10240, 80, 8, 4, 1536, 768],
  [96, 12288, 96, 8, 6, 2304, 1152],
  [96, 16384, 128, 8, 8, 3072, 1536],
])('fits, as in the weak scaling of Megatron-Core 0.8: %i layers of width %i', (...shape) => {
  expect(fitsAsGpt(shape, {}, H100, BF16)).toBe(true);
});
