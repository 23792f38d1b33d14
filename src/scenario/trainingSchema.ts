import { z } from 'zod';
import { figure } from './figure.js';

/**
 * What a class of jobs trains: `model: llama-3.1-405b`, or the name with what is to differ from how it is run by
 * default. docs/workloads.md explains each key; plan/ finds the throughput.
 */
const count = (max: number) => z.number().int().min(1).max(max).optional();

/** What of the parallelism is given; the rest is searched for. */
export const parallelismSchema = z.strictObject({
  tensor: count(1024),
  pipeline: count(1024),
  context: count(1024),
  expert: count(4096),
  /** Sequences of a micro-batch. */
  microBatch: count(65_536),
  /** Virtual stages a pipeline rank. */
  interleave: count(1024),
  recompute: z.enum(['none', 'selective', 'full']).optional(),
  /** Weights, gradients and optimiser: 0 replicated, 1 optimiser sharded, 2 gradients too, 3 all sharded. */
  zero: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).optional(),
});

const modelInFull = z.strictObject({
  /** Name in the catalogue of models. */
  name: z.string().min(1),
  precision: z.enum(['fp16', 'bf16', 'fp8', 'fp4']).optional(),
  /** Tokens of a training sequence; the model's own when absent. */
  sequence: figure({ integer: true, min: 1, max: 100_000_000 }).optional(),
  /** Sequences of a global batch. */
  globalBatch: figure({ integer: true, min: 1, max: 10_000_000 }).optional(),
  parallelism: parallelismSchema.optional(),
});

/** Text is the name alone. */
export const modelUseSchema = z.union([
  z
    .string()
    .min(1)
    .transform((name): z.infer<typeof modelInFull> => ({ name })),
  modelInFull,
]);

/** 1,000 tokens: the step of the smallest model has more. */
const MIN_TOKENS_T = 1e-9;

const trillionTokens = () =>
  figure({ max: 1e6 }).refine(({ value }) => value >= MIN_TOKENS_T, {
    error: `expected at least ${MIN_TOKENS_T} (1,000 tokens: the unit is 10^12)`,
  });

/** Exactly one of `p90T` and `sigma` says how wide a lognormal is. */
const tokenShape = z.discriminatedUnion('shape', [
  z
    .strictObject({
      shape: z.literal('lognormal'),
      medianT: trillionTokens(),
      p90T: trillionTokens().optional(),
      sigma: figure({ min: 0 }).optional(),
      /** Draws outside [minT, maxT] do not occur: the distribution is truncated, not clamped. */
      minT: figure({ min: 0 }),
      maxT: trillionTokens(),
    })
    .refine(({ p90T, sigma }) => (p90T === undefined) !== (sigma === undefined), {
      message: 'expected exactly one of p90T and sigma',
    })
    .refine(({ medianT, p90T }) => p90T === undefined || p90T.value >= medianT.value, {
      path: ['p90T'],
      message: 'expected p90T to be at least medianT',
    })
    .refine(({ minT, maxT }) => minT.value < maxT.value, { path: ['maxT'], message: 'expected maxT above minT' }),
  z.strictObject({ shape: z.literal('exponential'), meanT: trillionTokens() }),
  z.strictObject({ shape: z.literal('constant'), valueT: trillionTokens() }),
]);

/** Tokens that a listed job trains on, in units of 10^12. */
export const jobTokens = trillionTokens();

/** Tokens that the jobs of a class train on, in units of 10^12: a distribution, or one figure for all. */
export const tokensSchema = z.union([jobTokens, tokenShape]);

export type ModelUse = z.infer<typeof modelUseSchema>;
export type Parallelism = z.infer<typeof parallelismSchema>;
export type Tokens = z.infer<typeof tokensSchema>;
