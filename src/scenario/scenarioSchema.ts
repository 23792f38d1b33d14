import { z } from 'zod';
import { buildOutSchema } from './buildOutSchema.js';
import { checkpointsSchema } from './checkpointsSchema.js';
import { SCENARIO_LIMITS, TRACE_DEFAULTS, trainingPowerFraction } from './defaults.js';
import { duration, durationUpTo } from './duration.js';
import { figure } from './figure.js';
import { financeSchema } from './financeSchema.js';
import {
  limitsSchema,
  overrunSchema,
  policyPartsSchema,
  preemptionSchema,
  transferSchema,
  windowsSchema,
} from './rulesSchema.js';
import { servicesSchema } from './serviceSchema.js';
import { traitKeys } from './traitsSchema.js';

/** A name in the library, or an object: `{ use: name, … }` refines the named one, anything else stands in full. */
const reference = z.union([z.string().min(1), z.record(z.string(), z.unknown())]);

const level = z.number().positive().max(100);
const levelsSchema = z.strictObject({ price: level.optional(), carbon: level.optional() });

/** A policy as text, or its parts by axis. */
const policySchema = z.union([z.string().min(1), policyPartsSchema]);

/**
 * A runnable scenario: which sites run which jobs under which policies, for how long, how often.
 *
 * Each field is checked by itself, so that one fault hides no other. What sites and workload say is checked
 * by plan/ against their own schemas, once references are resolved.
 */
export const scenarioSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('scenario'),
  /** The question this scenario answers. */
  question: z.string().trim().min(1),
  sites: z.array(reference).min(1),
  workload: reference,
  /** `order+backfill@placement` or its parts by axis, or a list of them: each is run. */
  policy: z.union([z.string().min(1), policyPartsSchema, z.array(policySchema).min(1)]),
  /** What is simulated and metered, from 1 January 00:00 UTC of `calendarYear`. */
  horizon: durationUpTo(SCENARIO_LIMITS.horizon),
  /** Arrivals before the horizon, which fill the machine; not metered. */
  warmup: durationUpTo(SCENARIO_LIMITS.warmup).optional(),
  seed: z.union([z.number().int(), z.string().min(1)]).optional(),
  replications: z.number().int().min(1).max(10_000).optional(),
  calendarYear: z.number().int().min(1990).max(2100).optional(),
  /** One canonical price, carbon and weather year for all replications, or another draw for each. */
  prices: z.enum(['representative', 'resample']).optional(),
  /** A year whose mean price each zone is scaled to, `base` for its base year, or a CSV file beside the scenario. */
  priceYear: z.union([z.number().int().min(1990).max(2100), z.string().min(1)]).optional(),
  /** What day-ahead prices and carbon are multiplied by, whatever they come from: for sensitivity. */
  levels: levelsSchema.optional(),
  limits: limitsSchema.optional(),
  windows: windowsSchema.optional(),
  /** What happens to a job that outlives its estimate. */
  overrun: overrunSchema.optional(),
  preemption: preemptionSchema.optional(),
  transfer: transferSchema.optional(),
  /** What fails: a name in the library, a refined one or one in full; `none`. */
  reliability: reference.optional(),
  checkpoints: checkpointsSchema.optional(),
  /** On what terms sites are bought and kept. Present: every site is costed, not only those that give their capital. */
  finance: financeSchema.optional(),
  /** When what all phases of a site's `buildOut` use is built; of `gigasim buildout`. */
  buildOut: buildOutSchema.optional(),
});

/** Parsed fields; durations in ms, absent optional ones absent. */
export type Scenario = z.infer<typeof scenarioSchema>;

/** `workload: { trace: … }`: jobs of a log in the Standard Workload Format, plain or gzipped. */
export const traceWorkloadSchema = z.strictObject({
  /** Path from the scenario's folder. */
  trace: z.string().min(1),
  timeUnit: z.enum(['s', 'ms']).default(TRACE_DEFAULTS.timeUnit.value),
  /** Trace time that becomes time 0; its first submission when absent. Earlier jobs fall into the warm-up. */
  start: duration.optional(),
  /** Skip and count malformed lines instead of refusing the file. */
  lenient: z.boolean().default(TRACE_DEFAULTS.lenient.value),
  /** Share of its TDP that a GPU draws under these jobs. */
  gpuPowerFraction: figure({ positive: true, max: 1 }).default(trainingPowerFraction),
  /** Name of the partition that all jobs go to; each site's largest when absent. */
  partition: z.string().min(1).optional(),
  /** Jobs wait for the job that field 17 names, where that one completes. */
  dependencies: z.boolean().default(TRACE_DEFAULTS.dependencies.value),
  /** Replications but the first have each submission moved by up to so much, either way. */
  shake: duration.optional(),
  /** GPUs that serve users beside these jobs. */
  service: servicesSchema.optional(),
  ...traitKeys,
});

export type TraceOptions = z.infer<typeof traceWorkloadSchema>;
