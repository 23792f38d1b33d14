import { z } from 'zod';
import { assumed, RELIABILITY_DEFAULTS } from './defaults.js';
import { assumedDuration, durationFigure } from './durationFigure.js';
import { figure } from './figure.js';

/** Larger factors are slow: failures are made of eight layers for each 1. */
const MAX_RATE_FACTOR = 100;
/** At smaller ones nearly all failures are drawn in vain. */
const MIN_RATE_FACTOR = 0.001;

/** Names of causes and repairs are for people. */
const label = z.string().trim().min(1);
const D = RELIABILITY_DEFAULTS;

/** One entry of `causes`. */
const causeSchema = z
  .strictObject({
    name: label,
    /** Incidents counted; the shares follow. A fraction where the count is an expectation. */
    count: figure({ min: 0 }).optional(),
    /** Or its share of all failures. */
    share: figure({ min: 0, max: 1 }).optional(),
    /** What goes down with it. */
    scope: z.enum(['job', 'node', 'rack', 'pod']),
    /** One of `repairs`; none where only the job goes down. */
    repair: label.optional(),
    /** Of scope and repair, which sources seldom say. */
    assumption: z.boolean().optional(),
    note: z.string().optional(),
  })
  .refine(({ count, share }) => (count === undefined) !== (share === undefined), {
    message: 'expected exactly one of count and share',
  })
  .refine(({ scope, repair }) => scope === 'job' || repair !== undefined, {
    path: ['repair'],
    message: 'expected the name of one of repairs, for a node, rack or pod goes down',
  })
  .refine(({ scope, repair }) => scope !== 'job' || repair === undefined, {
    path: ['repair'],
    message: 'expected none, for with the scope job nothing goes down that could be repaired',
  });

const repairSchema = z.strictObject({
  median: durationFigure(),
  /** Of the logarithm: e^sigma is the factor from the median to the 84th percentile. */
  sigma: figure({ min: 0, max: 5 }),
});

/**
 * What fails how often and what it takes to go on: an entry of `scenarios/reliability/`, or inline in a scenario.
 * docs/failures.md explains every key; plan/reliability.ts turns it into a ReliabilitySpec.
 */
export const reliabilitySchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('reliability'),
  /** Id, equal to the file's name. */
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens'),
  title: z.string().min(1),
  note: z.string().optional(),

  /** Failures that interrupt a job, all causes. */
  failuresPer1000NodeDays: figure({ min: 0, max: 1e6 }),
  /** GPUs of the nodes behind that number: the rate holds per GPU. */
  referenceGpusPerNode: figure({ integer: true, min: 1, max: 32 }).default(assumed(D.referenceGpusPerNode)),
  /** Multiplies the rate. */
  rateFactor: figure({ min: 0, max: MAX_RATE_FACTOR })
    .refine(({ value }) => value === 0 || value >= MIN_RATE_FACTOR, {
      error: `expected 0 or a number from ${MIN_RATE_FACTOR} to ${MAX_RATE_FACTOR}`,
    })
    .default({ value: D.rateFactor.value }),
  causes: z.array(causeSchema).min(1).max(1000),
  /** By name. */
  repairs: z.record(label, repairSchema).default({}),

  /** A share of the nodes that fails so many times as often as the others; the mean rate stays. */
  lemons: z
    .strictObject({ fraction: figure({ min: 0, max: 1 }), rateFactor: figure({ min: 1, max: 1000 }) })
    .optional(),
  /** Weibull hazard of nodes that are new when the horizon begins, down to the rate after `until`. */
  burnIn: z
    .strictObject({
      shape: figure({ min: 0.1, max: 0.999 }).default(assumed(D.burnInShape)),
      until: durationFigure()
        .refine(({ ms }) => ms > 0, { error: 'expected a duration above 0' })
        .default(assumedDuration(D.burnInUntil)),
    })
    .optional(),
  /** Nodes that become slow and slow down their gangs until they are found and evicted. */
  stragglers: z
    .strictObject({
      onsetsPer1000NodeDays: figure({ min: 0, max: 1e6 }).default(assumed(D.stragglerOnsets)),
      /** Of a gang with such a node, in share of its own. */
      speed: figure({ positive: true, max: 0.999 }).default(assumed(D.stragglerSpeed)),
      detection: durationFigure().default(assumedDuration(D.stragglerDetection)),
      /** One of `repairs`. */
      repair: label,
    })
    .optional(),

  /** From a failure until the machine knows of it. */
  detection: durationFigure().default(assumedDuration(D.detection)),
  /** To put a spare node in the place of one that went down. */
  swap: durationFigure().default(assumedDuration(D.swap)),
  /** From having GPUs to the first step: on one GPU, for each doubling of them, and at most. */
  initialisation: z
    .strictObject({
      base: durationFigure().default(assumedDuration(D.initialisationBase)),
      perDoubling: durationFigure().default(assumedDuration(D.initialisationPerDoubling)),
      most: durationFigure().default(assumedDuration(D.initialisationMost)),
    })
    .prefault({}),
  /** Nodes that no job gets, for hot swaps. */
  spares: z
    .strictObject({
      /** Of each partition's nodes, to the nearest whole one. */
      fraction: figure({ min: 0, max: 1 }).default(assumed(D.spareFraction)),
      /** So many of each partition instead. */
      nodes: figure({ integer: true, min: 0 }).optional(),
      /** So many of the named partitions instead. */
      partitions: z.record(z.string().min(1), figure({ integer: true, min: 0 })).optional(),
    })
    .prefault({}),
});

export type Reliability = z.infer<typeof reliabilitySchema>;
