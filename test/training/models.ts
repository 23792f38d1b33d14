import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { modelSchema, type ModelDoc } from '../../src/scenario/modelSchema.js';
import type { ExecutionSpec } from '../../src/training/execution.js';
import type { ModelSpec } from '../../src/training/model.js';
import { modelSpec } from '../../src/training/modelSpec.js';
import type { Stack } from '../../src/training/stack.js';

const FOLDER = resolve(import.meta.dirname, '../../scenarios/models');

export const modelNames = (): string[] =>
  readdirSync(FOLDER)
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort();

export const rawModel = (name: string): Record<string, unknown> =>
  parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')) as Record<string, unknown>;

export const shippedModelDoc = (name: string): ModelDoc => modelSchema.parse(rawModel(name));
export const shippedModel = (name: string): ModelSpec => modelSpec(shippedModelDoc(name));

/** Constants of no fit, so that a calibration changes no test. */
export const STACK: Stack = {
  name: 'test',
  gemmShare: 0.85,
  scaleUpExposure: 0.6,
  networkExposure: 1,
  fusedAttention: true,
  gradientBytes: 4,
  gatherBytes: 2,
  hierarchical: true,
  dropout: false,
};

/** A parallelism by what is said of it; data parallelism is what the GPUs leave, the batch one micro-batch a rank. */
export function execution(said: Partial<ExecutionSpec> & { readonly gpus: number }): ExecutionSpec {
  const { gpus, tensor = 1, pipeline = 1, context = 1, microBatch = 1 } = said;
  const data = gpus / (tensor * pipeline * context);
  return {
    tensor,
    pipeline,
    context,
    expert: 1,
    data,
    microBatch,
    globalBatch: data * microBatch,
    interleave: 1,
    precision: 'bf16',
    recompute: 'selective',
    sequenceParallel: tensor > 1,
    zero: 1,
    ...said,
  };
}
