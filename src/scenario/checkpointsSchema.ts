import { z } from 'zod';
import { MS_PER_S } from '../base/units.js';
import { assumed, CHECKPOINT_DEFAULTS, STORAGE_DEFAULTS } from './defaults.js';
import { duration } from './duration.js';
import { figure } from './figure.js';

const D = CHECKPOINT_DEFAULTS;
/** A step of training takes seconds: nothing is saved more often. */
const MIN_INTERVAL_MS = MS_PER_S;

/** `checkpoints` of a scenario: how all jobs save what they did. docs/failures.md explains every key. */
export const checkpointsSchema = z.strictObject({
  /** Stand still until it is written, or only until it is in the hosts' memory. */
  mode: z.enum(['background', 'blocking']).default(D.mode.value),
  /** Productive time between two; `daly`: the best for each job. */
  interval: z
    .union([
      z.literal('daly'),
      duration.refine((ms) => ms >= MIN_INTERVAL_MS, { error: 'expected daly or a duration of at least 1 s' }),
    ])
    .default(D.interval.value),
  /** Where `daly` decides: share of a site's write bandwidth that all jobs together may fill, each by its GPUs. */
  storageShare: figure({ positive: true, max: 1 }).default(assumed(D.storageShare)),
  /** From a GPU's memory to its host's, each GPU. */
  hostCopyGBPerS: figure({ positive: true, max: 1e6 }).default(assumed(D.hostCopyGBPerS)),
  /** Most that a node can read or write. */
  nodeGBPerS: figure({ positive: true, max: 1e6 }).default({ ...assumed(D.nodeGBPerS), source: 'alibaba-cpfs' }),
  /** What a job without a model saves. */
  stateGBPerGpu: figure({ positive: true, max: 1e4 }).default({
    ...assumed(D.stateGBPerGpu),
    source: 'llama3-reliability',
  }),
});

export type Checkpoints = z.infer<typeof checkpointsSchema>;

/** Bandwidth of a site's checkpoint storage, which the jobs that write at once share. */
export const storageSchema = z.strictObject({
  writeGBPerS: figure({ positive: true, max: 1e6 }),
  readGBPerS: figure({ positive: true, max: 1e6 }),
});

export type Storage = z.infer<typeof storageSchema>;

/** What a site of so many GPUs that says nothing of its storage has. */
export const defaultStorage = (gpus: number): Storage => ({
  writeGBPerS: { ...assumed(STORAGE_DEFAULTS.writeGBPerS), value: gpus * STORAGE_DEFAULTS.writeGBPerS.value },
  readGBPerS: { ...assumed(STORAGE_DEFAULTS.readGBPerS), value: gpus * STORAGE_DEFAULTS.readGBPerS.value },
});
