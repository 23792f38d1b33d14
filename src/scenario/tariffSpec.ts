/**
 * A tariff as a run needs it: small typed terms, plain data. `economics/tariff.ts` makes it of a site's document,
 * `economics/bill.ts` settles it. Prices in EUR without VAT; money paid is positive.
 */

/** A part of local time, in the tariff's zone. What is absent does not restrict. */
export interface HoursSpec {
  /** 1…12. */
  readonly months?: readonly number[] | undefined;
  /** 0 = Monday … 6 = Sunday. */
  readonly days?: readonly number[] | undefined;
  /** 0…23: the clock hours that belong. */
  readonly hours?: readonly number[] | undefined;
}

/** The hours of a class or period: its own and those of `or`. */
export interface ClassHoursSpec extends HoursSpec {
  readonly or?: readonly HoursSpec[] | undefined;
}

/** What happens to energy of a contract that the site does not use. */
export type Surplus = 'sold' | 'lost';

/** A share of the draw of every quarter hour, at one price. */
export interface FixedShareSpec {
  readonly kind: 'fixed';
  readonly name: string;
  /** 0…1. */
  readonly share: number;
  readonly priceEurPerMWh: number;
}

/** A power purchase agreement for all that a plant generates. */
export interface PayAsProducedSpec {
  readonly kind: 'pay-as-produced';
  readonly name: string;
  /** What generates; absent: a profile of the user's own. */
  readonly technology?: string | undefined;
  /** Name among the inputs of the profile, MW per MW installed, 0…1. */
  readonly series: string;
  readonly capacityW: number;
  readonly priceEurPerMWh: number;
  readonly surplus: Surplus;
}

/** A block of constant power. */
export interface BaseloadSpec {
  readonly kind: 'baseload';
  readonly name: string;
  readonly powerW: number;
  readonly priceEurPerMWh: number;
  readonly surplus: Surplus;
}

export type SupplySpec = FixedShareSpec | PayAsProducedSpec | BaseloadSpec;

export interface EnergyClassSpec extends ClassHoursSpec {
  readonly name: string;
  readonly eurPerMWh: number;
}

/** EUR on every MWh, by time class where there are classes. */
export interface EnergyChargeSpec {
  readonly kind: 'energy';
  readonly name: string;
  readonly group: 'network' | 'levies';
  /** Of the hours in no class; absent: the classes cover all hours. */
  readonly eurPerMWh?: number | undefined;
  readonly classes?: readonly EnergyClassSpec[] | undefined;
  /** What MWh beyond a yearly amount pay instead; not with classes. */
  readonly reduced?: { readonly aboveMWhPerYear: number; readonly eurPerMWh: number } | undefined;
}

/** On the highest 15-minute mean, EUR/kW·a; a horizon that is not one year pays its share of the year. */
export interface CapacityChargeSpec {
  readonly kind: 'capacity';
  readonly name: string;
  readonly eurPerKwYear: number;
}

export interface ContractedPeriodSpec extends ClassHoursSpec {
  readonly name: string;
  readonly contractedW: number;
  readonly eurPerKwYear: number;
  /**
   * On each calendar month's highest 15 minutes above the contracted power, EUR/kW; absent: the contract is taken to
   * be raised to the period's peak.
   */
  readonly excessEurPerKw?: number | undefined;
}

/** Power contracted by period, paid whether used or not. The periods divide all hours among them. */
export interface ContractedPowerSpec {
  readonly kind: 'contracted';
  readonly name: string;
  readonly periods: readonly ContractedPeriodSpec[];
}

/** A tax in percent of other lines. */
export interface PercentSpec {
  readonly kind: 'percent';
  readonly name: string;
  /** 0.05 for 5 %. */
  readonly fraction: number;
  /** Names of terms, or groups: their lines so far, with discounts on them. */
  readonly of: readonly string[];
}

/** What is paid for energy not taken below a yearly amount. */
export interface MinimumTakeSpec {
  readonly kind: 'minimum-take';
  readonly name: string;
  readonly mwhPerYear: number;
  readonly eurPerMWh: number;
}

export type ChargeSpec = EnergyChargeSpec | CapacityChargeSpec | ContractedPowerSpec | PercentSpec | MinimumTakeSpec;

/** A discount on named charges for an even load: Germany's §19(2) sentence 2 StromNEV. */
export interface BandDiscountSpec {
  readonly kind: 'band-discount';
  readonly name: string;
  /** Names of terms. */
  readonly of: readonly string[];
  /** A site that draws no more than this in a year has no discount, MWh. */
  readonly aboveMWhPerYear: number;
  /** By rising hours of use; `payFraction` of the named charges is what is left to pay. */
  readonly tiers: readonly { readonly fromHours: number; readonly payFraction: number }[];
}

export type RuleSpec = BandDiscountSpec;

export interface TariffSpec {
  /** IANA name of the zone of time classes. */
  readonly timeZone: string;
  /** Added to (or taken from) day-ahead on every MWh bought at it, EUR/MWh. */
  readonly dayAheadAdderEurPerMWh: number;
  /** Contracts; what they do not cover is bought at day-ahead. */
  readonly supply: readonly SupplySpec[];
  readonly charges: readonly ChargeSpec[];
  readonly rules: readonly RuleSpec[];
}

/** Names of terms that a site's short form becomes, and of the line of what is bought at day-ahead. */
export const TERM_NAMES = {
  dayAhead: 'Day-ahead',
  network: 'Network charge',
  levies: 'Levies',
  capacity: 'Capacity charge',
} as const;

/** Groups of lines on a bill, in its order. */
export const BILL_GROUPS = ['supply', 'network', 'levies', 'capacity', 'battery'] as const;
export type BillGroup = (typeof BILL_GROUPS)[number];
