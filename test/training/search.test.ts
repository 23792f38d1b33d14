import { describe, expect, it } from 'vitest';
import { acceleratorOf } from '../../src/training/accelerator.js';
import { divisionFaults } from '../../src/training/divides.js';
import type { Accelerator, ExecutionSpec } from '../../src/training/execution.js';
import { memoryOf } from '../../src/training/memory.js';
import type { ModelSpec } from '../../src/training/model.js';
import { layersPerChunk } from '../../src/training/pipelineLayout.js';
import { BATCH_TOLERANCE, bestExecution, type SearchRequest } from '../../src/training/search.js';
import { stepTime } from '../../src/training/stepTime.js';
import { shippedHardware } from '../power/catalogue.js';
import { shippedModel, STACK } from './models.js';

const H100 = acceleratorOf(shippedHardware('h100-sxm'));
const A100 = acceleratorOf(shippedHardware('a100-sxm'));
const ONE_POD = { pods: 1, oversubscription: 7 };

const request = (gpus: number, globalBatch: number, rest: Partial<SearchRequest> = {}): SearchRequest => ({
  gpus,
  span: ONE_POD,
  precision: 'bf16',
  globalBatch,
  exactBatch: true,
  ...rest,
});

const search = (name: string, asked: SearchRequest, part: Accelerator = H100) =>
  bestExecution(shippedModel(name), part, STACK, asked);

const upTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1);
const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;

/** Every execution of the stated space, one after the other: what the search must not miss. */
function* everyExecution(model: ModelSpec, { gpus, globalBatch }: SearchRequest): Generator<ExecutionSpec> {
  for (const tensor of upTo(Math.min(8, gpus)).filter(isPowerOfTwo))
    for (const context of upTo(gpus).filter((c) => isPowerOfTwo(c) && (c === 1 || model.sequence / c >= 4096)))
      for (const pipeline of upTo(Math.min(64, gpus)).filter((p) => gpus % (tensor * context * p) === 0))
        for (const expert of upTo(Math.min(64, model.experts?.count ?? 1)).filter(isPowerOfTwo))
          for (const microBatch of [1, 2, 4, 8])
            for (const interleave of upTo(model.layers))
              for (const zero of pipeline === 1 ? ([1, 3] as const) : ([1] as const))
                for (const recompute of ['none', 'selective', 'full'] as const) {
                  const data = gpus / (tensor * context * pipeline);
                  const shape = { gpus, tensor, pipeline, context, expert, data, microBatch, globalBatch, interleave };
                  const chunk = layersPerChunk(model, shape);
                  if (interleave > 1 && ![1, 2, 3, 4, 6].includes(chunk)) continue;
                  yield { ...shape, zero, recompute, precision: 'bf16', sequenceParallel: tensor > 1 };
                }
}

function fastest(model: ModelSpec, part: Accelerator, asked: SearchRequest): number {
  let best = 0;
  for (const execution of everyExecution(model, asked)) {
    if (divisionFaults(model, execution).length > 0) continue;
    if (!memoryOf(model, execution, part, STACK).fits) continue;
    best = Math.max(best, stepTime(model, execution, part, STACK, asked.span).tokensPerS);
  }
  return best;
}

describe('search of a parallelism', () => {
  it.each([
    ['llama-3-8b', 8, 64],
    ['llama-3-8b', 24, 48],
    ['llama-3-70b', 64, 256],
    ['mixtral-8x7b', 32, 128],
    ['gpt3-175b', 96, 96],
    ['gpt3-175b', 64, 24],
    ['qwen3-235b-a22b', 128, 512],
  ])('finds what trying everything finds: %s on %i GPUs, a batch of %i', (name, gpus, globalBatch) => {
    const asked = request(gpus, globalBatch);
    const found = search(name, asked);
    expect(found.ok && found.best.estimate.tokensPerS).toBe(fastest(shippedModel(name), H100, asked));
  });

  it('gives the fastest first, all of them fit and divide', () => {
    const model = shippedModel('llama-3.1-405b');
    const found = search('llama-3.1-405b', request(16_384, 2048));
    if (!found.ok) throw new Error('expected an execution');
    const all = [found.best, ...found.runnersUp];
    const speeds = all.map(({ estimate }) => estimate.tokensPerS);
    expect(speeds).toEqual(speeds.toSorted((a, b) => b - a));
    expect(all).toHaveLength(5);
    for (const { execution, estimate } of all) {
      expect(divisionFaults(model, execution)).toEqual([]);
      expect(memoryOf(model, execution, H100, STACK).fits).toBe(true);
      expect(estimate).toEqual(stepTime(model, execution, H100, STACK, ONE_POD));
    }
    const shapes = all.map(({ execution: { tensor, pipeline, context } }) => `${tensor} ${pipeline} ${context}`);
    expect(new Set(shapes).size).toBe(5);
  });

  it('takes what is given as it is, outside of what it would search too', () => {
    const given = {
      tensor: 8,
      pipeline: 16,
      context: 1,
      microBatch: 1,
      interleave: 8,
      recompute: 'full',
      zero: 0,
    } as const;
    const found = search('llama-3.1-405b', request(16_384, 2048, { given }));
    expect(found.ok && found.best.execution).toMatchObject({ ...given, data: 128 });
    const odd = search('megatron-22b', request(12, 12, { given: { microBatch: 3, data: 2 } }));
    expect(odd.ok && odd.best.execution).toMatchObject({ microBatch: 3, data: 2 });
  });

  it('recomputes only where memory asks for it', () => {
    const recomputation = (microBatch: number): unknown => {
      const given = { tensor: 8, pipeline: 4, microBatch, zero: 1, interleave: 1 } as const;
      const found = search('llama-3-70b', request(32, 32, { given }));
      return found.ok && found.best.execution.recompute;
    };
    expect([1, 4].map(recomputation)).toEqual(['none', 'full']);
  });

  it('says the least memory it found where nothing fits', () => {
    const found = search('llama-3.1-405b', request(8, 64));
    expect(found).toMatchObject({ ok: false, faults: [], least: { execution: { tensor: 8, recompute: 'full' } } });
    const { least } = found as Extract<typeof found, { ok: false }>;
    const model = shippedModel('llama-3.1-405b');
    expect(least!.memoryGB).toBe(memoryOf(model, least!.execution, H100, STACK).totalGB);
    expect(least!.memoryGB).toBeGreaterThan(900);
  });

  it('says which number is at fault where what is given does not divide', () => {
    const faultOf = (asked: SearchRequest): string => {
      const found = search('llama-3-8b', asked);
      return found.ok ? '' : found.faults.map(({ key }) => key).join();
    };
    expect(faultOf(request(8, 64, { given: { tensor: 3 } }))).toBe('tensor,tensor,tensor,tensor,gpus');
    expect(faultOf(request(64, 64, { given: { pipeline: 15 } }))).toBe('pipeline,gpus');
    expect(faultOf(request(64, 64, { given: { tensor: 8, pipeline: 2, context: 1, data: 3 } }))).toBe('data');
    expect(faultOf(request(8, 7, { given: { tensor: 1, pipeline: 1, context: 1 } }))).toBe('globalBatch');
  });

  it('moves a batch that need not be exact to the nearest that data ranks share', () => {
    const found = search('llama-3.1-405b', request(98_304, 2048, { exactBatch: false }));
    if (!found.ok) throw new Error('expected an execution');
    const { globalBatch, data, microBatch } = found.best.execution;
    expect(globalBatch % (data * microBatch)).toBe(0);
    expect(Math.abs(globalBatch - 2048)).toBeLessThanOrEqual(BATCH_TOLERANCE * 2048);
    // An exact batch allows data ranks that divide it only.
    const exact = search('llama-3.1-405b', request(98_304, 2048));
    expect(exact.ok && 2048 % exact.best.execution.data).toBe(0);
  });

  it('refuses a precision that the part lacks', () => {
    expect(search('llama-3-8b', request(8, 64, { precision: 'fp8' }), A100)).toEqual({
      ok: false,
      faults: [
        {
          key: 'precision',
          message: 'expected a precision that a100-sxm has, one of fp16, bf16, got fp8',
        },
      ],
    });
  });

  it('fits more into more memory: never slower on H200 than on H100', () => {
    const h200 = { ...H100, hbmGB: 141 };
    for (const name of ['llama-3-70b', 'gpt3-175b', 'mixtral-8x22b', 'qwen3-235b-a22b']) {
      const speed = (part: Accelerator): number => {
        const found = search(name, request(256, 1024), part);
        return found.ok ? found.best.estimate.tokensPerS : 0;
      };
      expect(speed(h200), name).toBeGreaterThanOrEqual(speed(H100));
    }
  });
});
