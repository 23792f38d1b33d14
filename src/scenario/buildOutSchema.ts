import { z } from 'zod';
import { duration } from './duration.js';
import { figure } from './figure.js';

/** The sizes that say how large something is; exactly one of them is given. */
export const SIZES = ['racks', 'nodes', 'gpus'] as const;

const count = () => figure({ integer: true, min: 1 });

/** One step of a partition that grows: all that is in service from then on. */
const stepSchema = z
  .strictObject({
    /** From the start of the horizon, whole hours. */
    at: duration,
    racks: count().optional(),
    nodes: count().optional(),
    gpus: count().optional(),
  })
  .refine((step) => SIZES.filter((key) => step[key] !== undefined).length === 1, {
    when: ({ value }) => typeof value === 'object' && value !== null,
    error: 'expected exactly one of racks, nodes, gpus',
  });

/** The key `phases` of a partition: when how much of it is in service. */
export const phasesSchema = z.array(stepSchema).min(1).max(100);

export type BuildOutStep = z.infer<typeof stepSchema>;
