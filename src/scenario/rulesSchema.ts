import { z } from 'zod';
import { RULE_DEFAULTS } from './defaults.js';
import { duration } from './duration.js';
import { figure } from './figure.js';

/**
 * Rules of the machine that jobs meet: limits, windows, what happens to a job that outlives its estimate.
 * Names in them are resolved by plan/rules.ts.
 */
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens');

const count = z.number().int().min(1).max(0x7fffffff).optional();

/** What one user or account may have at a time. */
const limitSchema = z.strictObject({
  /** Running jobs (Slurm's MaxJobs). */
  maxJobs: count,
  /** GPUs of running jobs (GrpTRES). */
  maxGpus: count,
});

export const qosSchema = z.strictObject({
  name,
  /** Added to the priority of its jobs. */
  priority: z.number().min(-1e9).max(1e9).default(RULE_DEFAULTS.qosPriority.value),
  /** Longest estimate accepted (MaxWall). */
  maxWall: duration.optional(),
  maxJobs: count,
  maxGpus: count,
  perUser: limitSchema.optional(),
});

export const limitsSchema = z
  .strictObject({
    maxWall: duration.optional(),
    perUser: limitSchema.optional(),
    perAccount: limitSchema.optional(),
    qos: z.array(qosSchema).min(1).max(100).optional(),
  })
  .superRefine(({ qos }, context) => {
    qos?.forEach(({ name: own }, index) => {
      const earlier = qos.findIndex((other) => other.name === own);
      if (earlier === index) return;
      const message = `expected a name of its own; ${own} is qos[${earlier}] already`;
      context.addIssue({ code: 'custom', path: ['qos', index, 'name'], message });
    });
  });

/** One entry of `windows`. */
export const windowSchema = z
  .strictObject({
    name,
    kind: z.enum(['maintenance', 'reservation']),
    /** Name of a site; every site when absent. */
    site: z.string().min(1).optional(),
    /** Name of a partition; every partition when absent, which only `all` can mean. */
    partition: z.string().min(1).optional(),
    nodes: z.number().int().min(1).max(10_000_000).optional(),
    /** All nodes of the partition. */
    all: z.literal(true).optional(),
    from: duration,
    for: duration.optional(),
    to: duration.optional(),
    /** From so long before `from` on, its nodes take no new job. */
    drain: duration.default(RULE_DEFAULTS.drainMs.value),
  })
  .refine(({ nodes, all }) => (nodes === undefined) !== (all === undefined), {
    message: 'expected exactly one of nodes and all',
  })
  .refine((window) => (window.for === undefined) !== (window.to === undefined), {
    message: 'expected exactly one of for and to',
  })
  .refine((window) => window.for !== 0, { path: ['for'], message: 'expected a duration above 0' })
  .refine(({ from, to }) => to === undefined || to > from, { path: ['to'], message: 'expected a time after from' });

export const windowsSchema = z.array(windowSchema).max(10_000);

export const overrunSchema = z.enum(['kill', 'extend']);

export const preemptionSchema = z.strictObject({
  /** A job runs at least so long before it may be pre-empted. */
  guaranteed: duration,
});

export const transferSchema = z.strictObject({
  /** To move a job's data to another site. */
  hoursPerTB: figure({ min: 0, max: 10_000 }),
});

/** A policy in full; each part as in the text form. */
export const policyPartsSchema = z.strictObject({
  order: z.string().min(1),
  backfill: z.string().min(1).optional(),
  preempt: z.string().min(1).optional(),
  placement: z.string().min(1),
  partition: z.string().min(1).optional(),
  siting: z.string().min(1).optional(),
  power: z.string().min(1).optional(),
});

export type Limits = z.infer<typeof limitsSchema>;
export type Window = z.infer<typeof windowSchema>;
export type PolicyParts = z.infer<typeof policyPartsSchema>;
