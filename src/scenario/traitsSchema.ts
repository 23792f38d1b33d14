import { z } from 'zod';
import { parseDurationMs } from '../base/units.js';
import { assumed, TRAIT_DEFAULTS } from './defaults.js';
import { duration } from './duration.js';
import { figure } from './figure.js';

/**
 * What may be said of all jobs of a class beyond their sizes and times: the same keys in `classes`, in
 * `jobClasses` and beside `trace`. docs/workloads.md explains each. Absent keys say nothing; what then holds
 * where it matters is in TRAIT_DEFAULTS.
 */
export const traitKeys = {
  /** Higher goes first where an order or a pre-emption asks for it. */
  priority: z.number().min(-1e9).max(1e9).optional(),
  /** May be interrupted in favour of another job. */
  preemptible: z.boolean().optional(),
  /** Productive time between checkpoints: what was done since the last is lost; `0 s`: saved when interrupted. */
  checkpoint: duration.optional(),
  /** From getting GPUs again to being productive again. */
  restart: duration.optional(),
  /** From a change of size to being productive again. */
  resize: duration.optional(),
  /** Sizes a job can run at, as factors of the GPUs it asks for, and the exponent of its speed-up. */
  elastic: z
    .strictObject({
      min: figure({ positive: true, max: 1 }),
      max: figure({ min: 1, max: 1000 }),
      /** Speed on g GPUs: (g / asked)^exponent. */
      exponent: figure({ min: 0, max: 1 }).default(assumed(TRAIT_DEFAULTS.speedupExponent)),
    })
    .optional(),
  /** Speed relative to the reference that run times are given at, by name of a partition or a hardware. */
  speeds: z.record(z.string().min(1), figure({ positive: true, max: 1000 })).optional(),
  /** Power limit set on the GPUs of its jobs, as a share of TDP: watts and speed. */
  powerCap: figure({ positive: true, max: 1 }).optional(),
  /** One of the scenario's `limits.qos`. */
  qos: z.string().min(1).optional(),
  /** Sites the class may run at; all when absent. */
  sites: z.array(z.string().min(1)).min(1).optional(),
  /** Moved when a job runs elsewhere than at home, TB. */
  dataTB: figure({ min: 0, max: 1e6 }).optional(),
  /** Time from submission to the deadline in planned run times. */
  deadline: figure({ min: 1, max: 1e6 }).optional(),
  /** Jobs may be kept waiting for cheaper or cleaner hours, as long as they can meet their deadline. */
  deferrable: z.boolean().optional(),
  /** How long at most. */
  deferFor: duration.optional(),
};

/** Trait keys of one class as parsed: durations in ms. */
export type TraitKeys = z.infer<z.ZodObject<typeof traitKeys>>;

/** Names a job may be called by in `after`: text or a whole number, which are the same when they read the same. */
const jobName = z.union([z.string().min(1), z.number().int()]).transform(String);

const DEADLINE = 'expected a duration such as 12 h (from the start of the horizon) or +2 h (from submission)';

/** What may be said of one listed job beyond its size and times. */
export const jobTraitKeys = {
  /** By which `after` of other jobs names it; its own in the list. */
  id: jobName.optional(),
  /** Jobs that must have completed before it may start (Slurm's afterok). */
  after: z.union([jobName.transform((name) => [name]), z.array(jobName).min(1).max(1000)]).optional(),
  /** Added to the class's. */
  priority: z.number().min(-1e9).max(1e9).optional(),
  /** When it should have ended: `12 h` from the start of the horizon, `+2 h` from its submission. */
  deadline: z
    .string({ error: DEADLINE })
    .refine((text) => parseDeadline(text) !== undefined, { error: DEADLINE })
    .transform((text) => parseDeadline(text)!)
    .optional(),
  /** Fewest and most GPUs it can run on; `gpus` when absent. Before the class's `elastic`. */
  minGpus: z.number().int().min(1).max(0x7fffffff).optional(),
  maxGpus: z.number().int().min(1).max(0x7fffffff).optional(),
  /** Account its usage is charged to; each user is one of its own when absent. */
  account: z
    .union([z.string().min(1), z.number().int()])
    .transform(String)
    .optional(),
  /** Name of the reservation it was submitted to. */
  reservation: z.string().min(1).optional(),
};

/** When a job should have ended, ms from its submission or from the start of the horizon. */
export interface Deadline {
  readonly ms: number;
  readonly fromSubmission: boolean;
}

export function parseDeadline(text: string): Deadline | undefined {
  const relative = /^\s*\+/.test(text);
  const ms = parseDurationMs(relative ? text.replace('+', '') : text);
  return ms === undefined ? undefined : { ms, fromSubmission: relative };
}
