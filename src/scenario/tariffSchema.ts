import { z } from 'zod';
import { SITE_DEFAULTS } from './defaults.js';
import { figure } from './figure.js';
import { hoursShape } from './hoursSchema.js';
import { TECHNOLOGIES } from './technology.js';

const name = z.string().min(1);
const surplus = z.enum(['sold', 'lost']);

const isObject = ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null;
const given = (keys: readonly string[], value: object): string[] => keys.filter((key) => key in value);
const PROFILES = ['technology', 'profile'];

/** One entry of `supply`; economics/terms/supply.ts. */
export const supplySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('fixed'),
    name,
    /** Of the draw of every quarter hour, 0…1. */
    share: figure({ min: 0, max: 1 }),
    priceEurPerMWh: figure(),
  }),
  z
    .strictObject({
      kind: z.literal('pay-as-produced'),
      name,
      /** Exactly one of these two: the zone's profile of a technology, or a CSV file, MW per MW installed. */
      technology: z.enum(TECHNOLOGIES).optional(),
      profile: z.string().min(1).optional(),
      capacityMW: figure({ positive: true }),
      priceEurPerMWh: figure(),
      surplus,
    })
    .refine((term) => given(PROFILES, term).length === 1, {
      when: isObject,
      error: ({ input }) =>
        `expected exactly one of technology and profile; got ${given(PROFILES, input as object).length === 0 ? 'none' : 'both'}`,
    }),
  z.strictObject({
    kind: z.literal('baseload'),
    name,
    powerMW: figure({ positive: true }),
    priceEurPerMWh: figure(),
    surplus,
  }),
]);

/** Without a unit nobody knows whether a charge is by the year, the month or the day. */
const PER_KW_YEAR = 'expected a number in EUR per kW and year (eurPerKwYear) or { value, source, year, … }';
const eurPerKwYear = () => z.union(figure({ min: 0 }).options, { error: PER_KW_YEAR });

/** One entry of `charges`; a file of its kind in economics/terms/. */
export const chargeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('energy'),
    name,
    group: z.enum(['network', 'levies']),
    /** With classes: of the hours in none of them. */
    eurPerMWh: figure({ min: 0 }).optional(),
    classes: z
      .array(z.strictObject({ name, eurPerMWh: figure({ min: 0 }), ...hoursShape }))
      .min(1)
      .optional(),
    /** Beyond a yearly amount; not with classes. */
    reduced: z.strictObject({ aboveMWh: figure({ min: 0 }), eurPerMWh: figure({ min: 0 }) }).optional(),
  }),
  z.strictObject({ kind: z.literal('capacity'), name, eurPerKwYear: eurPerKwYear() }),
  z.strictObject({
    kind: z.literal('contracted'),
    name,
    periods: z
      .array(
        z.strictObject({
          name,
          contractedMW: figure({ min: 0 }),
          eurPerKwYear: eurPerKwYear(),
          excessEurPerKw: figure({ min: 0 }).optional(),
          ...hoursShape,
        }),
      )
      .min(1),
  }),
  z.strictObject({
    kind: z.literal('percent'),
    name,
    percent: figure({ min: 0, max: 100 }),
    of: z.array(z.string().min(1)).min(1),
  }),
  z.strictObject({
    kind: z.literal('minimum-take'),
    name,
    mwhPerYear: figure({ min: 0 }),
    eurPerMWh: figure({ min: 0 }),
  }),
]);

/** One entry of `rules`. */
export const ruleSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('band-discount'),
    name,
    of: z.array(z.string().min(1)).min(1),
    aboveGWh: figure({ min: 0 }),
    tiers: z
      .array(
        z.strictObject({ fromHours: figure({ positive: true, max: 8784 }), payFraction: figure({ min: 0, max: 1 }) }),
      )
      .min(1),
  }),
]);

/** Keys of the short form that a tariff without `charges` needs, and what is missing without them. */
export const FLAT_KEYS = ['capacityEurPerKwYear', 'networkEurPerMWh', 'leviesEurPerMWh'] as const;

const flatShape = {
  capacityEurPerKwYear: eurPerKwYear().optional(),
  networkEurPerMWh: figure({ min: 0 }).optional(),
  leviesEurPerMWh: figure({ min: 0 }).optional(),
};

/**
 * A site's `tariff`, EUR without VAT: four flat figures, or terms; docs/tariffs.md. Faults between terms (names, time
 * classes, shares) are found by plan/tariff.ts.
 */
export const tariffSchema = FLAT_KEYS.reduce(
  (schema, key) =>
    schema.refine((tariff) => 'charges' in tariff || key in tariff, {
      path: [key],
      when: isObject,
      error: `expected a number of at least 0${key === 'capacityEurPerKwYear' ? ' (EUR per kW and year)' : ''}, or charges`,
    }),
  z.strictObject({
    ...flatShape,
    /** Supplier's margin on (or a contract's discount off) every hour's day-ahead price. */
    dayAheadAdderEurPerMWh: figure().default({ value: SITE_DEFAULTS.dayAheadAdderEurPerMWh.value }),
    /** IANA name of the zone of time classes; default: the bidding zone's. */
    timeZone: z.string().min(1).optional(),
    supply: z.array(supplySchema).optional(),
    charges: z.array(chargeSchema).optional(),
    rules: z.array(ruleSchema).optional(),
  }),
);

export type Tariff = z.infer<typeof tariffSchema>;
export type SupplyTerm = z.infer<typeof supplySchema>;
export type ChargeTerm = z.infer<typeof chargeSchema>;
