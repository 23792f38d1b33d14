import { z } from 'zod';
import { date } from './date.js';
import { BUILD_OUT_DEFAULTS } from './defaults.js';
import { duration } from './duration.js';
import { figure } from './figure.js';

/** The sizes that say how large something is; exactly one of them is given. */
export const SIZES = ['racks', 'nodes', 'gpus'] as const;

const count = () => figure({ integer: true, min: 1 });

/** One step of a partition that grows: all that is in service from then on. */
const stepSchema = <At extends z.ZodType>(at: At) =>
  z
    .strictObject({ at, racks: count().optional(), nodes: count().optional(), gpus: count().optional() })
    .refine((step) => SIZES.filter((key) => key in step).length === 1, {
      when: ({ value }) => typeof value === 'object' && value !== null,
      error: 'expected exactly one of racks, nodes, gpus',
    });

const MOST_STEPS = 100;

/** The key `phases` of a partition: when how much of it is in service, from the start of the horizon, whole hours. */
export const phasesSchema = z.array(stepSchema(duration)).min(1).max(MOST_STEPS);

const datedStepSchema = stepSchema(date);

/** The key `buildOut` of a partition: from which dates on how much of it is in service. */
export const datedPhasesSchema = z.array(datedStepSchema).min(1).max(MOST_STEPS);

export type DatedPhase = z.infer<typeof datedStepSchema>;

/** When something is built that all phases use: all of it for the first of them, or for each its share. */
export const BUILD_TIMES = ['first-phase', 'each-phase'] as const;
export type BuildTime = (typeof BUILD_TIMES)[number];

/** The key `buildOut` of a scenario: what a site that grows over years builds when; docs/build-out.md. */
export const buildOutSchema = z.strictObject({
  /** Shell, power and cooling. */
  facility: z.enum(BUILD_TIMES).default(BUILD_OUT_DEFAULTS.facility.value),
  grid: z.enum(BUILD_TIMES).default(BUILD_OUT_DEFAULTS.grid.value),
});
