import { z } from 'zod';
import { figure } from './figure.js';

/**
 * A transformer as its authors published it: an entry of `scenarios/models/`. docs/models.md explains each key.
 *
 * `published` is what its authors count; throughput and memory are counted from the shape alone.
 */
const count = figure({ integer: true, min: 1 });

export const modelSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.literal('model'),
    /** Catalogue id, equal to the file's name. */
    name: z.string().regex(/^[a-z0-9.]+(-[a-z0-9.]+)*$/, 'expected lower-case words joined by hyphens'),
    title: z.string().min(1),
    note: z.string().optional(),

    published: z.strictObject({
      /** Parameters, 10^9. */
      parametersB: figure({ positive: true }),
      /** Of them at work on a token, 10^9; all where absent. */
      activeB: figure({ positive: true }).optional(),
    }),

    layers: count,
    hidden: count,
    heads: count,
    /** Key-value heads of grouped-query attention; as many as heads where absent. */
    kvHeads: count.optional(),
    /** Width of a head; hidden / heads where absent. */
    headDim: count.optional(),
    /** Width of the dense feed-forward block. */
    feedForward: count,
    /** Gated (SwiGLU): three matrices in the feed-forward block instead of two. */
    gated: z.boolean(),
    vocabulary: count,
    /** One matrix for input and output embeddings. */
    tiedEmbeddings: z.boolean(),
    /** Tokens of a training sequence. */
    sequence: count,
    experts: z
      .strictObject({
        count,
        /** Routed experts that work on a token. */
        active: count,
        /** Experts that work on every token. */
        shared: figure({ integer: true, min: 0 }),
        /** Width of an expert. */
        feedForward: count,
        /** First layers that have the dense block. */
        denseLayers: figure({ integer: true, min: 0 }),
      })
      .optional(),
    latentAttention: z
      .strictObject({ queryRank: count, keyValueRank: count, ropeDim: count, valueDim: count })
      .optional(),
  })
  .superRefine((model, context) => {
    const complain = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    const { heads, hidden, layers, kvHeads, headDim, experts } = model;
    if (headDim === undefined && hidden.value % heads.value !== 0) {
      complain(['heads'], `expected heads to divide hidden ${hidden.value} where headDim is absent`);
    }
    if (kvHeads !== undefined && heads.value % kvHeads.value !== 0) {
      complain(['kvHeads'], `expected kvHeads to divide the ${heads.value} heads`);
    }
    if (experts === undefined) return;
    if (experts.active.value > experts.count.value) {
      complain(['experts', 'active'], `expected at most the count of ${experts.count.value}`);
    }
    if (experts.denseLayers.value >= layers.value) {
      complain(['experts', 'denseLayers'], `expected fewer than the ${layers.value} layers`);
    }
  });

export type ModelDoc = z.infer<typeof modelSchema>;
