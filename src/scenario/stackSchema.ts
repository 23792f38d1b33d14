import { z } from 'zod';

/**
 * A hardware and software stack: an entry of `scenarios/stacks/`. What a framework of a year makes of an accelerator,
 * in at most three fitted constants and facts of the software; a fact that rows decided counts as one of the three;
 * docs/throughput.md explains each.
 */
const constant = (min: number, max: number) =>
  z.strictObject({
    value: z.number().min(min).max(max),
    /** By `npm run calibrate` to the published rows of the stack; else an assumption. */
    fitted: z.boolean(),
    source: z.string().min(1),
    year: z.number().int().min(1900).max(2100),
    confidence: z.enum(['high', 'medium', 'low']),
    assumption: z.boolean().optional(),
    note: z.string().optional(),
  });

/** Physical ranges of the constants, which the fit keeps to. */
export const STACK_RANGES = {
  gemmShare: [0.4, 1.1],
  scaleUpExposure: [0.05, 3],
  networkExposure: [0.1, 3],
} as const;

const stackShape = z.strictObject({
  version: z.literal(1),
  kind: z.literal('stack'),
  /** Catalogue id, equal to the file's name. */
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens'),
  title: z.string().min(1),
  note: z.string().optional(),
  software: z.string().min(1),
  year: z.number().int().min(1900).max(2100),
  /** Names in the hardware catalogue that its rows were measured on. */
  hardware: z.array(z.string().min(1)),
  precisions: z.array(z.enum(['fp16', 'bf16', 'fp8', 'fp4'])),
  /** Hardware it stands for at these precisions unless something else is asked for; one stack at most for each. */
  defaultFor: z.array(
    z.strictObject({
      hardware: z.array(z.string().min(1)).min(1),
      precisions: z.array(z.enum(['fp16', 'bf16', 'fp8', 'fp4'])).min(1),
      note: z.string().optional(),
    }),
  ),

  /** Share of the measured matrix-multiply ceiling that large products reach in training. */
  gemmShare: constant(...STACK_RANGES.gemmShare),
  /** Share that shows of communication inside scale-up domains. */
  scaleUpExposure: constant(...STACK_RANGES.scaleUpExposure),
  /** Share that shows of communication over the network; above 1 the links are slower than their rate. */
  networkExposure: constant(...STACK_RANGES.networkExposure),

  /** The published rows it was fitted to or checked with, and its errors there; written by `npm run calibrate`. */
  calibration: z
    .strictObject({
      rows: z.number().int().positive(),
      /** Absolute errors of the step time over all its rows, 0…1: median, 90th percentile, largest. */
      median: z.number().min(0),
      p90: z.number().min(0),
      largest: z.number().min(0),
      /** 90th percentile of the errors where each model is left out whole and predicted by a fit to the others. */
      newModel: z.number().min(0),
      of: z
        .array(
          z.strictObject({
            hardware: z.string().min(1),
            precision: z.enum(['fp16', 'bf16', 'fp8', 'fp4']),
            model: z.enum(['dense', 'experts']),
            rows: z.number().int().positive(),
            /** Fewest and most. */
            gpus: z.tuple([z.number().int().positive(), z.number().int().positive()]),
          }),
        )
        .min(1),
    })
    .optional(),

  facts: z.strictObject({
    source: z.string().min(1),
    fusedAttention: z.boolean(),
    gradientBytes: z.union([z.literal(2), z.literal(4)]),
    gatherBytes: z.union([z.literal(1), z.literal(2), z.literal(4)]),
    hierarchical: z.boolean(),
    dropout: z.boolean(),
    /** Those that no source states and `npm run calibrate` chose by the training rows. */
    fitted: z.array(z.literal('hierarchical')).max(1).optional(),
  }),
});

/** Most that may be fitted to the rows of a stack. */
export const MOST_FITTED = 3;

export const CONSTANT_NAMES = ['gemmShare', 'scaleUpExposure', 'networkExposure'] as const;

/** What of a stack was fitted to its rows: constants, and facts that no source states. */
export function fittedOf(doc: z.infer<typeof stackShape>): readonly string[] {
  return [...CONSTANT_NAMES.filter((name) => doc[name].fitted), ...(doc.facts.fitted ?? [])];
}

export const stackSchema = stackShape.superRefine((doc, context) => {
  const fitted = fittedOf(doc);
  if (fitted.length > MOST_FITTED)
    context.addIssue({
      code: 'custom',
      path: ['facts', 'fitted'],
      message: `expected at most ${MOST_FITTED} fitted constants, facts chosen by rows included; got ${fitted.join(', ')}; state one of them (fitted: false)`,
    });
});

export type StackDoc = z.infer<typeof stackSchema>;
