import { z } from 'zod';
import { datedPhasesSchema, phasesSchema, SIZES } from './buildOutSchema.js';
import { capitalSchema } from './capitalSchema.js';
import { carbonSchema } from './carbonSchema.js';
import { batterySchema } from './batterySchema.js';
import { storageSchema } from './checkpointsSchema.js';
import { SITE_DEFAULTS } from './defaults.js';
import { duration } from './duration.js';
import { facilitySchema } from './facilitySchema.js';
import { figure } from './figure.js';
import { gridSchema } from './gridSchema.js';
import { seriesSource } from './seriesSource.js';
import { tariffSchema } from './tariffSchema.js';

/** A count of whole things, at least one. */
const count = () => figure({ integer: true, min: 1 });

const sizesGiven = (partition: object): string[] => [...SIZES, 'phases', 'buildOut'].filter((key) => key in partition);

/** One entry of `partitions`. */
export const partitionSchema = z
  .strictObject({
    name: z.string().min(1),
    /** Catalogue id of its one GPU type. */
    hardware: z.string().min(1),
    /** How large: exactly one of these three; `gpus` must be whole nodes (checked against the catalogue by plan). */
    racks: count().optional(),
    nodes: count().optional(),
    gpus: count().optional(),
    /** In place of the catalogue's. */
    racksPerPod: count().optional(),
    oversubscription: figure({ min: 1 }).optional(),
    /** Power limit set on every GPU, W. */
    gpuCapW: figure({ positive: true }).optional(),
    /** From when on it is in service, from the start of the horizon; from the start of the run when absent. */
    inService: duration.optional(),
    /** In place of a size and of `inService`: when how much of it is in service, in the order of time. */
    phases: phasesSchema.optional(),
    /** The same by dates, over years: a run has what its calendar year brings. */
    buildOut: datedPhasesSchema.optional(),
  })
  // `when`: said beside any other fault of the partition, not after it.
  .refine((partition) => sizesGiven(partition).length === 1, {
    when: ({ value }) => typeof value === 'object' && value !== null,
    error: ({ input }) => {
      const given = sizesGiven(input as object);
      return `expected exactly one of racks, nodes, gpus, phases, buildOut; got ${given.length === 0 ? 'none' : given.join(' and ')}`;
    },
  })
  .refine(({ inService, phases, buildOut }) => inService === undefined || (phases ?? buildOut) === undefined, {
    path: ['inService'],
    message: 'expected no inService beside phases or buildOut, each of which says when it is in service',
  });

/** A user's own series in place of the zone's representative year: a CSV file, a constant or steps. */
const seriesSchema = z.strictObject({
  price: seriesSource('price').optional(),
  carbon: seriesSource('carbon').optional(),
  wetBulb: seriesSource('wetBulb').optional(),
  /** IANA name of the zone the files' times are in. */
  timeZone: z.string().min(1).default(SITE_DEFAULTS.seriesTimeZone.value),
});

/** A bill worked out without simulating, to be printed beside the simulated one. Location-based carbon. */
const referenceSchema = z.strictObject({
  totalEurMPerYear: z.number().positive(),
  ktCo2PerYear: z.number().min(0),
  itMW: z.number().positive(),
  loadFactor: z.number().positive().max(1),
  pue: z.number().min(1),
  energyEurPerMWh: z.number(),
  carbonKgPerMWh: z.number().min(0),
  /** Year of the day-ahead prices behind `energyEurPerMWh`. */
  energyBaseYear: z.number().int().min(1990).max(2100),
  source: z.string().min(1),
});

/** A site: its machines, its building, its place on the grid. An entry of `scenarios/sites/`, or inline in a scenario. */
export const siteSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('site'),
  /** Id, equal to the file's name. */
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens'),
  title: z.string().min(1),
  note: z.string().optional(),
  /** Bidding zone, e.g. `DE-LU`: price, carbon and weather. */
  zone: z.string().min(1),
  /** Where the zone's typical weather is not the site's own. */
  weatherNote: z.string().optional(),
  partitions: z.array(partitionSchema).min(1),
  facility: facilitySchema,
  tariff: tariffSchema,
  series: seriesSchema.optional(),
  grid: gridSchema.optional(),
  battery: batterySchema.optional(),
  storage: storageSchema.optional(),
  carbon: carbonSchema.optional(),
  capital: capitalSchema.optional(),
  reference: referenceSchema.optional(),
});

export type Site = z.infer<typeof siteSchema>;
export type SitePartition = z.infer<typeof partitionSchema>;
