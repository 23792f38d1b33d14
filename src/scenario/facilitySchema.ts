import { z } from 'zod';
import { date } from './date.js';
import { assumed, FACILITY_DEFAULTS } from './defaults.js';
import { REJECTIONS } from './facilitySpec.js';
import { figure } from './figure.js';

const fraction = () => figure({ min: 0, max: 1 });
const efficiency = () => figure({ positive: true, max: 1 });
const celsius = () => figure({ min: -40, max: 90 });

/** Inputs of power/waterUse.ts; figures left out, of the ways that are used, are our assumptions. */
const waterSchema = z.strictObject({
  /** How the heat in the water loop goes outside; without a loop it says nothing. */
  liquid: z.enum(REJECTIONS).default(FACILITY_DEFAULTS.liquidRejection.value),
  /** How all other heat does. */
  air: z.enum(REJECTIONS).default(FACILITY_DEFAULTS.airRejection.value),
  /** Of towers. */
  cyclesOfConcentration: figure({ min: 1.01 }).optional(),
  /** Of wetted pads. */
  adiabaticFromWetBulbC: celsius().optional(),
  adiabaticLitresPerKwh: figure({ min: 0 }).optional(),
});

const megawatts = z.number().min(0);

/** Heat that a network takes, MW: the same always, a month's level times an hour's share, or a CSV file. */
export const heatDemandSchema = z.union([
  z.string().min(1),
  z.strictObject({ constantMW: figure({ min: 0 }) }),
  z.strictObject({
    /** January … December, MW on average. */
    monthlyMW: z.array(megawatts).length(12),
    /** Local hours 0 … 23, as multiples of the month's level; absent: flat. */
    hourly: z.array(z.number().min(0)).length(24).optional(),
    source: z.string().min(1).optional(),
    assumption: z.boolean().optional(),
    note: z.string().optional(),
  }),
]);

/** Inputs of power/heatReuse.ts. */
const heatReuseSchema = z.strictObject({
  /** What the network wants at the door, °C. */
  supplyC: celsius(),
  /** Most heat handed over, MW. */
  capacityMW: figure({ positive: true }),
  efficiency: efficiency().default(assumed(FACILITY_DEFAULTS.heatReuseEfficiency)),
  demand: heatDemandSchema,
  /** With one the waste heat may be colder than the network wants; its electricity is the site's. */
  heatPumpCop: figure({ min: 1.01 }).optional(),
  revenueEurPerMWh: figure().optional(),
});

/** Inputs of power/derating.ts. */
const deratingSchema = z.strictObject({
  fromWetBulbC: celsius().default(assumed(FACILITY_DEFAULTS.deratingFromWetBulbC)),
  perKFraction: fraction().default(assumed(FACILITY_DEFAULTS.deratingPerKFraction)),
});

const common = {
  upsEfficiency: efficiency(),
  distributionEfficiency: efficiency(),
  /** Constant load (light, offices, controls) as a share of the design IT power. */
  fixedFraction: fraction(),
  /** Absent: water use is not known. */
  water: waterSchema.optional(),
  /** Absent: no heat is reused. */
  heatReuse: heatReuseSchema.optional(),
  /** Absent: the cooling carries the design IT power in any weather. */
  derating: deratingSchema.optional(),
  /** Air that servers take in. */
  intakeC: celsius().optional(),
  /** What leaves the IT: the loop's return, or without one the water behind the hall's coolers. */
  wasteHeatC: celsius().optional(),
  /** Begin of operation; absent: the first day of the calendar year. */
  inOperationFrom: date.optional(),
  /** Where the zone's first two letters are not the country. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'expected two capital letters such as DE')
    .optional(),
  /** Battery power offered to the grid. */
  batteryToGridMW: figure({ min: 0 }).optional(),
};

const liquid = {
  /** Share of the IT heat that leaves in water. */
  liquidFraction: fraction(),
  /** Pumps and dry coolers, W per W of heat in water. */
  liquidCoolingFraction: fraction(),
};

/** Inputs of power/facility.ts: the building by how it cools; without `cooling` a hybrid. */
export const facilitySchema = z.discriminatedUnion('cooling', [
  /** Water for the boards, air for the rest; the loop is warm enough to need no chiller. */
  z.strictObject({ cooling: z.literal('hybrid').optional(), ...liquid, ...common }),
  /** All heat in air. Figures of a loop may stand, for an air-cooled variant of another site: they are not used. */
  z.strictObject({
    cooling: z.literal('air'),
    liquidFraction: fraction().optional(),
    liquidCoolingFraction: fraction().optional(),
    ...common,
  }),
  /** As the hybrid, with a chiller behind the loop for hours too warm for its supply temperature. */
  z.strictObject({
    cooling: z.literal('warm-water'),
    ...liquid,
    /** 32 for ASHRAE W32, 40 for W40, 45 for W45. */
    supplyC: figure({ min: 10, max: 60 }),
    approachK: figure({ min: 0, max: 40 }).default(assumed(FACILITY_DEFAULTS.approachK)),
    riseK: figure({ positive: true, max: 40 }).default(assumed(FACILITY_DEFAULTS.riseK)),
    chillerCop: figure({ positive: true, max: 30 }).default(assumed(FACILITY_DEFAULTS.chillerCop)),
    ...common,
  }),
]);

export type Facility = z.infer<typeof facilitySchema>;
export type HeatDemandSource = z.infer<typeof heatDemandSchema>;
