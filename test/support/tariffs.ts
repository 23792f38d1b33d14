import type { StepSeries } from '../../src/base/stepSeries.js';
import { settleBill, type SettledBill } from '../../src/economics/bill.js';
import type { BillLine } from '../../src/economics/energyBill.js';
import { flatCharges, type FlatTariff } from '../../src/economics/tariff.js';
import type { ChargeSpec, RuleSpec, SupplySpec, TariffSpec } from '../../src/scenario/tariffSpec.js';

export const QUARTER_MS = 900_000;

/** A tariff of nothing but what is given; energy is bought at day-ahead. */
export const tariffOf = (change: Partial<TariffSpec>): TariffSpec => ({
  timeZone: 'UTC',
  dayAheadAdderEurPerMWh: 0,
  supply: [],
  charges: [],
  rules: [],
  ...change,
});
/** A tariff of flat figures alone. */
export const flatTariff = (flat: FlatTariff, timeZone = 'UTC'): TariffSpec =>
  tariffOf({
    timeZone,
    dayAheadAdderEurPerMWh: flat.dayAheadAdderEurPerMWh ?? 0,
    charges: flatCharges(flat),
  });
export const charging = (...charges: ChargeSpec[]): TariffSpec => tariffOf({ charges });
export const supplying = (...supply: SupplySpec[]): TariffSpec => tariffOf({ supply });
export const ruling = (rule: RuleSpec, ...charges: ChargeSpec[]): TariffSpec => tariffOf({ charges, rules: [rule] });

/** Quarter hours of draw in MW and day-ahead price; a number stands for all of them. */
export interface Days {
  readonly mw: readonly number[] | Float64Array;
  readonly price?: number | readonly number[] | Float64Array;
  readonly calendarYear?: number;
  readonly series?: Readonly<Record<string, StepSeries>>;
}

export function settled(tariff: TariffSpec, { mw, price = 0, calendarYear = 2027, series = {} }: Days): SettledBill {
  const bins = mw.length;
  return settleBill(tariff, {
    binMs: QUARTER_MS,
    drawW: Float64Array.from(mw, (one) => one * 1e6),
    dayAheadEurPerMWh: typeof price === 'number' ? new Float64Array(bins).fill(price) : Float64Array.from(price),
    horizonMs: bins * QUARTER_MS,
    calendarYear,
    series,
  });
}

/** Quarter hours of a year of 365 days. */
export const YEAR_BINS = 365 * 96;

/** The same MW in every quarter hour of 2027, but for the ones listed. */
export function flatYear(mw: number, other: Readonly<Record<number, number>> = {}, bins = YEAR_BINS): Float64Array {
  const draw = new Float64Array(bins).fill(mw);
  for (const [bin, value] of Object.entries(other)) draw[Number(bin)] = value;
  return draw;
}

/** EUR of a line by its name; a name the bill does not have is an error. */
export function eurOf({ bill }: SettledBill, name: string): number {
  return lineOf({ bill }, name).eur;
}

export function lineOf({ bill }: Pick<SettledBill, 'bill'>, name: string): BillLine {
  const found = bill.lines.filter((line) => line.name === name);
  if (found.length !== 1)
    throw new Error(`${name}: ${found.length} of ${bill.lines.map((line) => line.name).join('; ')}`);
  return found[0]!;
}

/** Index of the first quarter hour at or after a time of the year, written `2027-03-28T01:00Z`. */
export const binAt = (time: string): number =>
  (Date.parse(time) - Date.parse(`${time.slice(0, 4)}-01-01T00:00Z`)) / QUARTER_MS;
