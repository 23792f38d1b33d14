import { z } from 'zod';
import { SERVICE_DEFAULTS } from './defaults.js';
import { figure } from './figure.js';
import { isPlainObject } from './sourcePath.js';

/** A table by hour of the day, with where it comes from; the same keys as a figure's. */
const profileSchema = z.strictObject({
  values: z.array(z.number().min(0).max(1)).length(24),
  source: z.string().min(1).optional(),
  year: z.number().int().min(1900).max(2100).optional(),
  confidence: z.enum(['high', 'medium', 'low']).optional(),
  assumption: z.boolean().optional(),
  unverified: z.boolean().optional(),
  note: z.string().optional(),
});

/** One background load: GPUs that serve users all the time, by the key `service` of a workload of any kind. */
export const serviceSchema = z
  .strictObject({
    /** Of its class of jobs in every report. */
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens')
      .default(SERVICE_DEFAULTS.name.value),
    /** How large at each site: exactly one of these two; `share` of the GPUs its partition begins with. */
    gpus: figure({ integer: true, min: 1 }).optional(),
    share: figure({ positive: true, max: 1 }).optional(),
    /** GPUs of one replica, which starts, fails and restarts as a whole; whole nodes. */
    replicaGpus: figure({ integer: true, min: 1 }),
    /** Name of the partition it runs in; each site's largest when absent. */
    partition: z.string().min(1).optional(),
    /** What a GPU draws in its busiest hour, as a fraction of its TDP. */
    gpuPowerFraction: figure({ positive: true, max: 1 }),
    /** Of that, by hour of the local day, 0…1. */
    profile: profileSchema,
    /** IANA name of the zone of these hours; the site's when absent. */
    timeZone: z.string().min(1).optional(),
  })
  .superRefine(
    ...besideOtherFaults((entry, complain) => {
      if ((entry['gpus'] === undefined) === (entry['share'] === undefined))
        complain([], `expected exactly one of gpus and share; got ${entry['gpus'] === undefined ? 'none' : 'both'}`);
    }),
  );

/** A check that is made whether or not some key of the entry has a fault. */
function besideOtherFaults(
  check: (entry: Record<string, unknown>, complain: (path: string[], message: string) => void) => void,
) {
  return [
    (entry: object, context: z.RefinementCtx): void => {
      check(entry as Record<string, unknown>, (path, message) => {
        context.addIssue({ code: 'custom', path, message });
      });
    },
    { when: ({ value }: { readonly value: unknown }) => isPlainObject(value) },
  ] as const;
}

/** A class is one byte, of which a workload may have 250. */
const MAX_SERVICES = 5;

/** The key `service` of a workload: one, or a list. */
export const servicesSchema = z.union([serviceSchema, z.array(serviceSchema).min(1).max(MAX_SERVICES)]);

export type Service = z.infer<typeof serviceSchema>;
