import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Accelerator, ExecutionSpec, Span } from '../../src/training/execution.js';
import { flopsPerToken } from '../../src/training/flops.js';
import { headMs, layerMs } from '../../src/training/layerTime.js';
import type { ModelSpec } from '../../src/training/model.js';
import type { Stack } from '../../src/training/stack.js';
import { stepTime } from '../../src/training/stepTime.js';
import { DEEPSEEK_V3, GPT3, gpt, LLAMA_405B, LLAMA_8B, QWEN3_235B } from '../../bench/calibration/shapes.js';

const H100: Accelerator = {
  name: 'h100',
  peakTflops: { fp16: 989, bf16: 989, fp8: 1979 },
  matmulCeiling: { bf16: 0.8, fp8: 0.7 },
  hbmGB: 80,
  hbmGBPerS: 3350,
  scaleUpGpus: 8,
  scaleUpGBPerS: 450,
  nicGBPerS: 50,
  gpusPerNode: 8,
};

const STACK: Stack = {
  name: 'test',
  gemmShare: 0.85,
  scaleUpExposure: 0.5,
  networkExposure: 0.75,
  fusedAttention: true,
  gradientBytes: 4,
  gatherBytes: 2,
  hierarchical: true,
  dropout: false,
};

const ONE_POD: Span = { pods: 1, oversubscription: 1 };

const execution = (given: Partial<ExecutionSpec> & { globalBatch: number }): ExecutionSpec => {
  const { tensor = 1, pipeline = 1, context = 1, data = 1 } = given;
  return {
    gpus: tensor * pipeline * context * data,
    tensor,
    pipeline,
    context,
    data,
    expert: 1,
    microBatch: 1,
    interleave: 1,
    precision: 'bf16',
    recompute: 'none',
    sequenceParallel: true,
    zero: 1,
    ...given,
  };
};

/** GPT-3 on 8·8·d GPUs. */
const gpt3 = (data: number, globalBatch: number, more: Partial<ExecutionSpec> = {}): ExecutionSpec =>
  execution({ tensor: 8, pipeline: 8, data, globalBatch, ...more });

const partsSum = ({ parts }: ReturnType<typeof stepTime>): number =>
  Object.values(parts).reduce((sum, ms) => sum + ms, 0);

const aPower = (max: number) => fc.integer({ min: 0, max }).map((exponent) => 2 ** exponent);

/** Models and executions that divide, dense and with experts. */
const aRun = fc
  .record({
    model: fc.constantFrom<ModelSpec>(GPT3, LLAMA_405B, LLAMA_8B, QWEN3_235B, DEEPSEEK_V3),
    tensor: aPower(3),
    pipeline: aPower(4),
    context: aPower(2),
    data: aPower(6),
    expert: aPower(5),
    interleave: fc.constantFrom(1, 2),
    perRank: fc.integer({ min: 1, max: 64 }),
    precision: fc.constantFrom<'bf16' | 'fp8'>('bf16', 'fp8'),
    recompute: fc.constantFrom<ExecutionSpec['recompute']>('none', 'selective', 'full'),
    sequenceParallel: fc.boolean(),
    zero: fc.constantFrom<ExecutionSpec['zero']>(0, 1, 2, 3),
    fusedAttention: fc.boolean(),
    hierarchical: fc.boolean(),
    scaleUpExposure: fc.double({ min: 0.05, max: 2, noNaN: true }),
    networkExposure: fc.double({ min: 0.1, max: 2, noNaN: true }),
  })
  .map((drawn) => {
    const { model, data, context, tensor, perRank } = drawn;
    const { fusedAttention, hierarchical, scaleUpExposure, networkExposure } = drawn;
    const { pipeline, interleave, precision, recompute, sequenceParallel, zero } = drawn;
    const expert = model.experts === undefined ? 1 : Math.min(drawn.expert, data * context * tensor);
    const run = execution({
      tensor,
      pipeline,
      context,
      data,
      expert,
      interleave: pipeline === 1 ? 1 : interleave,
      globalBatch: data * perRank,
      precision,
      recompute,
      sequenceParallel,
      zero,
    });
    return { model, run, stack: { ...STACK, fusedAttention, hierarchical, scaleUpExposure, networkExposure } };
  });

describe('FLOPs of a token', () => {
  it('agree with the published count of Llama-3.1-405B at 8192 tokens, 2.524e12', () => {
    expect(flopsPerToken(LLAMA_405B)).toBeGreaterThan(2.5235e12);
    expect(flopsPerToken(LLAMA_405B)).toBeLessThan(2.5245e12);
  });

  it('agree within 0.5 % with the published count of GPT-3 at 2048 tokens, 1.0645e12', () => {
    expect(Math.abs(flopsPerToken(GPT3) / 1.0645e12 - 1)).toBeLessThan(0.005);
  });

  it('count the experts that work on a token only: DeepSeek-V3 is 671B with 37B active', () => {
    // 249 GFLOP: 782 TFLOP/s at 3139 tokens/s, as published beside each other.
    expect(Math.abs(flopsPerToken(DEEPSEEK_V3) / (782e12 / 3139) - 1)).toBeLessThan(0.02);
    expect(Math.abs(flopsPerToken(QWEN3_235B) / (1092e12 / 7376) - 1)).toBeLessThan(0.02);
  });
});

describe('step time', () => {
  it('of one GPU is its layers, its head and the optimiser', () => {
    const model = gpt(1024, 4, 16);
    const run = execution({ globalBatch: 6, microBatch: 2 });
    const estimate = stepTime(model, run, H100, STACK, ONE_POD);
    const microBatchMs = 4 * layerMs(model, run, H100, STACK, false) + headMs(model, run, H100, STACK);
    expect(estimate.parts.computeMs).toBeCloseTo(3 * microBatchMs, 9);
    // 50.3 M weights of layers and 52.4 M of the embedding, 30 B each at 80 % of 3.35 TB/s.
    expect(estimate.parts.otherMs).toBeCloseTo(((4 * 12 * 1024 * 1024 + 51_200 * 1024) * 30) / 2.68e9, 6);
    expect(estimate.exposedFraction).toBe(0);
    expect(estimate.bubbleFraction).toBe(0);
  });

  it('reports rates that follow from the step', () => {
    const run = gpt3(16, 1536);
    const { stepMs, tokensPerS, modelTflopsPerGpu, mfu } = stepTime(GPT3, run, H100, STACK, ONE_POD);
    expect(tokensPerS).toBeCloseTo((1536 * 2048) / (stepMs / 1000), 6);
    expect(modelTflopsPerGpu).toBeCloseTo((tokensPerS * flopsPerToken(GPT3)) / 1024 / 1e12, 9);
    expect(mfu).toBeCloseTo(modelTflopsPerGpu / 989, 12);
  });

  it.each([
    [1, 96],
    [2, 96],
    [6, 16],
  ])('has a bubble of (p − 1)/(v·m) of the work of its micro-batches: v %i, m %i', (interleave, microBatches) => {
    const run = gpt3(4, 4 * microBatches, { interleave });
    const { parts } = stepTime(GPT3, run, H100, STACK, ONE_POD);
    const work = parts.computeMs + parts.tensorMs + parts.contextMs + parts.expertMs + parts.pipelineMs;
    expect(parts.bubbleMs / work).toBeCloseTo(7 / (interleave * microBatches), 12);
  });

  it('shows a quarter of tensor traffic where the stack does: eight exchanges a layer', () => {
    const model = gpt(8192, 8, 64);
    const run = execution({ tensor: 8, globalBatch: 1 });
    const stack = { ...STACK, scaleUpExposure: 0.25 };
    const { parts } = stepTime(model, run, H100, stack, ONE_POD);
    // 7/8 of 2048 · 8192 · 2 B at 65 % of 450 GB/s, and 10 µs to start.
    const exchangeMs = (7 / 8) * ((2048 * 8192 * 2) / 292.5e6) + 0.01;
    expect(parts.tensorMs).toBeCloseTo(0.25 * 8 * 8 * exchangeMs, 9);
  });

  it('reduces gradients inside nodes first, then a node’s share of them over the network', () => {
    const model = { ...gpt(4096, 32, 32), vocabulary: 1000 };
    const run = execution({ data: 32, globalBatch: 32, zero: 1 });
    const { parts } = stepTime(model, run, H100, { ...STACK, scaleUpExposure: 1, networkExposure: 1 }, ONE_POD);
    const bytes = (32 * 12 * 4096 * 4096 + 1000 * 4096) * (4 + 2);
    // 8 ranks at 292.5 GB/s; then an eighth over 4 nodes at 45 GB/s; 10 µs, and 20 µs for each of two doublings.
    const expected = ((7 / 8) * bytes) / 292.5e6 + 0.01 + ((3 / 4) * (bytes / 8)) / 45e6 + 0.04;
    expect(parts.dataMs).toBeCloseTo(expected, 6);
  });

  it('hides gradients no longer than a micro-batch computes', () => {
    const hiding = { ...STACK, scaleUpExposure: 0.1, networkExposure: 0.1 };
    const model = { ...gpt(4096, 32, 32), vocabulary: 1000 };
    const data = (microBatch: number): number =>
      stepTime(model, execution({ data: 32, globalBatch: 32 * 8, microBatch }), H100, hiding, ONE_POD).parts.dataMs;
    const all = stepTime(
      model,
      execution({ data: 32, globalBatch: 32 * 8 }),
      H100,
      { ...hiding, scaleUpExposure: 1, networkExposure: 1 },
      ONE_POD,
    ).parts.dataMs;
    expect(data(8)).toBeCloseTo(0.1 * all, 9);
    const starved = { ...H100, nicGBPerS: 1 };
    const run = execution({ data: 32, globalBatch: 32 * 8 });
    const slow = stepTime(model, run, starved, hiding, ONE_POD);
    const bare = stepTime(model, run, starved, { ...hiding, scaleUpExposure: 1, networkExposure: 1 }, ONE_POD);
    expect(slow.parts.dataMs).toBeCloseTo(bare.parts.dataMs - slow.parts.computeMs / 8, 9);
  });

  it('fetches sharded weights layer by layer, twice a micro-batch; behind computation 15 % of it shows', () => {
    const model = { ...gpt(4096, 32, 32), vocabulary: 1 };
    const run = execution({ data: 32, globalBatch: 256, microBatch: 4, zero: 3 });
    const { parts } = stepTime(model, run, { ...H100, nicGBPerS: 500 }, STACK, ONE_POD);
    // Of a layer's 12·h² weights: two times 2 B gathered and 4 B of gradients reduced, in three exchanges.
    const bytes = (12 * 4096 * 4096 + 4096 / 32) * (2 * 2 + 4);
    const layerMs = ((7 / 8) * bytes) / 292.5e6 + ((3 / 4) * (bytes / 8)) / 450e6 + 3 * (0.01 + 0.04);
    expect(parts.dataMs).toBeCloseTo(0.15 * 2 * 32 * layerMs, 6);
    const starved = stepTime(model, run, { ...H100, nicGBPerS: 0.5 }, STACK, ONE_POD).parts;
    const slowMs = ((7 / 8) * bytes) / 292.5e6 + ((3 / 4) * (bytes / 8)) / 0.45e6 + 3 * (0.01 + 0.04);
    expect(starved.dataMs).toBeCloseTo(2 * 32 * slowMs - 0.85 * starved.computeMs, 6);
  });

  it('lets each data rank take everything through its own port where the software does', () => {
    const model = { ...gpt(4096, 32, 32), vocabulary: 1 };
    const run = execution({ data: 32, globalBatch: 64 });
    const flat = { ...STACK, scaleUpExposure: 1, networkExposure: 1, hierarchical: false };
    const bytes = (32 * 12 * 4096 * 4096 + 4096) * 6;
    const { parts } = stepTime(model, run, H100, flat, ONE_POD);
    expect(parts.dataMs).toBeCloseTo(((31 / 32) * bytes) / 45e6 + 0.1, 6);
  });

  it('sends one copy of a token to each other node that has experts of it', () => {
    const stack = { ...STACK, scaleUpExposure: 1, networkExposure: 1 };
    const run = execution({ data: 32, expert: 32, globalBatch: 32 });
    const { parts } = stepTime(QWEN3_235B, run, H100, stack, ONE_POD);
    const copies = 4096 * 8 * 4096 * 2;
    const network = ((copies / 8) * 3 * (1 - 0.75 ** 8)) / 45e6 + 0.02;
    const inside = ((7 / 8) * copies) / 292.5e6 + 0.01;
    expect(parts.expertMs).toBeCloseTo(94 * 4 * (network + inside), 6);
  });

  it('takes a third more for full recomputation, less what is not in layers', () => {
    const model = { ...gpt(8192, 32, 64), vocabulary: 100 };
    const none = stepTime(model, execution({ globalBatch: 8 }), H100, STACK, ONE_POD);
    const full = stepTime(model, execution({ globalBatch: 8, recompute: 'full' }), H100, STACK, ONE_POD);
    const ratio = full.parts.computeMs / none.parts.computeMs;
    expect(ratio).toBeGreaterThan(1.32);
    expect(ratio).toBeLessThan(4 / 3 + 1e-9);
  });

  it('is as slow as the stage that has most: 126 layers on 128 places leave the last stage the head', () => {
    const run = execution({ tensor: 8, pipeline: 16, interleave: 8, data: 8, globalBatch: 512 });
    const { parts } = stepTime(LLAMA_405B, run, H100, STACK, ONE_POD);
    expect(parts.computeMs / 64).toBeCloseTo(8 * layerMs(LLAMA_405B, run, H100, STACK, false), 9);
    const even = execution({ tensor: 8, pipeline: 14, interleave: 9, data: 8, globalBatch: 512 });
    const there = stepTime(LLAMA_405B, even, H100, STACK, ONE_POD);
    const stage = 9 * layerMs(LLAMA_405B, even, H100, STACK, false) + headMs(LLAMA_405B, even, H100, STACK);
    expect(there.parts.computeMs / 64).toBeCloseTo(stage, 9);
  });

  it('suffers from pods where data ranks have none beside them in a pod, hardly where they have many', () => {
    const slowdown = (data: number, pods: number): number => {
      const run = gpt3(data, data * 24, { interleave: 6 });
      const at = (span: Span): number => stepTime(GPT3, run, H100, STACK, span).stepMs;
      return at({ pods, oversubscription: 7 }) / at(ONE_POD);
    };
    expect(slowdown(8, 8)).toBeGreaterThan(1.1);
    expect(slowdown(64, 2)).toBeLessThan(1.03);
    expect(slowdown(64, 2)).toBeGreaterThan(1);
  });

  it('reduces sharded gradients each time the whole pipeline had a micro-batch', () => {
    const dataMs = (zero: 1 | 2, microBatches: number) =>
      stepTime(GPT3, gpt3(16, 16 * microBatches, { interleave: 2, zero }), H100, STACK, ONE_POD).parts.dataMs;
    expect(dataMs(2, 8)).toBe(dataMs(1, 8));
    // Two-byte weights gathered once, four-byte gradients reduced once or four times: 18 to 6 bytes, and what starting takes.
    const ratio = dataMs(2, 32) / dataMs(1, 32);
    expect(ratio).toBeGreaterThan(2.85);
    expect(ratio).toBeLessThan(3.05);
  });

  it('splits an expert over the tensor ranks that expert parallelism leaves, as memory does', () => {
    // 8 tokens a GPU: weights are all that takes time, and each GPU holds the same number of them.
    const short = { ...QWEN3_235B, sequence: 16 };
    const at = (expert: number) => execution({ tensor: 2, data: 8, expert, globalBatch: 8 });
    const ms = (expert: number) => layerMs(short, at(expert), H100, STACK, true);
    expect(ms(8) / ms(16)).toBeGreaterThan(0.98);
    expect(ms(8) / ms(16)).toBeLessThan(1.02);
  });

  it('gathers tokens over the ranks of a split expert', () => {
    const wide = { ...H100, scaleUpGpus: 64 };
    const at = (expert: number) =>
      stepTime(QWEN3_235B, execution({ tensor: 2, data: 8, expert, globalBatch: 8 }), wide, STACK, ONE_POD);
    // 8 of 9 copies of 2,048 tokens go elsewhere and all to the other half: more than to 16 whole ones.
    expect(at(8).parts.expertMs).toBeGreaterThan(at(16).parts.expertMs * 1.4);
  });

  it('refuses a precision the accelerator has no peak of, by name', () => {
    expect(() => stepTime(GPT3, gpt3(1, 8, { precision: 'fp4' }), H100, STACK, ONE_POD)).toThrow(
      'h100 has no peak of fp4',
    );
  });
});

describe('whatever is run', () => {
  it('the parts sum to the step, and shares lie between 0 and 1', () => {
    fc.assert(
      fc.property(aRun, fc.integer({ min: 1, max: 32 }), ({ model, run, stack }, pods) => {
        const estimate = stepTime(model, run, H100, stack, { pods, oversubscription: 4 });
        expect(partsSum(estimate) / estimate.stepMs).toBeCloseTo(1, 12);
        expect(estimate.mfu).toBeGreaterThan(0);
        expect(estimate.mfu).toBeLessThan(1);
        expect(estimate.exposedFraction).toBeGreaterThanOrEqual(0);
        expect(estimate.exposedFraction + estimate.bubbleFraction).toBeLessThan(1);
        for (const ms of Object.values(estimate.parts)) expect(ms).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('more pods and more oversubscription never make it faster', () => {
    fc.assert(
      fc.property(
        aRun,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        fc.double({ min: 1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        ({ model, run, stack }, pods, morePods, oversubscription, more) => {
          const at = (span: Span): number => stepTime(model, run, H100, stack, span).stepMs;
          const near = at({ pods, oversubscription });
          const spread = at({ pods: pods + morePods, oversubscription });
          expect(spread).toBeGreaterThanOrEqual(near * (1 - 1e-12));
          const narrow = at({ pods, oversubscription: oversubscription + more });
          expect(narrow).toBeGreaterThanOrEqual(near * (1 - 1e-12));
        },
      ),
    );
  });

  it('more bandwidth and a higher ceiling never make it slower', () => {
    fc.assert(
      fc.property(
        aRun,
        fc.constantFrom('hbmGBPerS' as const, 'scaleUpGBPerS' as const, 'nicGBPerS' as const),
        fc.double({ min: 1, max: 8, noNaN: true }),
        ({ model, run, stack }, link, factor) => {
          const faster = { ...H100, [link]: H100[link] * factor };
          const before = stepTime(model, run, H100, stack, ONE_POD).stepMs;
          expect(stepTime(model, run, faster, stack, ONE_POD).stepMs).toBeLessThanOrEqual(before * (1 + 1e-12));
          const better = { ...stack, gemmShare: Math.min(1.1, stack.gemmShare * factor) };
          expect(stepTime(model, run, H100, better, ONE_POD).stepMs).toBeLessThanOrEqual(before * (1 + 1e-12));
        },
      ),
    );
  });
});
