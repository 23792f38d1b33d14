import { z } from 'zod';
import { assumed, FINANCE_DEFAULTS } from './defaults.js';
import { figure, type Figure } from './figure.js';

type Default = { readonly value: number; readonly reason: string; readonly source?: string };

/** A default of ours; where one is named, after a source. */
export const assumedAfter = ({ source, ...of }: Default): Figure => ({
  ...assumed(of),
  source: source ?? 'tco-defaults',
  year: 2025,
});

const share = (of: Default) => figure({ min: 0, max: 1 }).default(assumedAfter(of));
const years = (of: Default) => figure({ positive: true, max: 100 }).default(assumedAfter(of));

const { lifeYears, maintenanceFraction } = FINANCE_DEFAULTS;

/** On what terms sites are bought and kept, `finance` of a scenario; docs/tco.md. Fractions are a year where nothing else is said. */
export const financeSchema = z.strictObject({
  /** Weighted average cost of capital, nominal, before tax. */
  wacc: share(FINANCE_DEFAULTS.wacc),
  /** Servers, network and storage; building; grid connection; battery. */
  lifeYears: z
    .strictObject({
      it: years(lifeYears.it),
      facility: years(lifeYears.facility),
      grid: years(lifeYears.grid),
      battery: years(lifeYears.battery),
    })
    .prefault({}),
  /** Of all purchase prices, once. */
  grantFraction: figure({ min: 0, max: 1 }).default(assumedAfter(FINANCE_DEFAULTS.grantFraction)),
  /** Of the price of servers, network and storage, got back at the end of their life. */
  residualFraction: figure({ min: 0, max: 1 }).default(assumedAfter(FINANCE_DEFAULTS.residualFraction)),
  /** Insurance, property tax and land, of all purchase prices. */
  insuranceFraction: share(FINANCE_DEFAULTS.insuranceFraction),
  /** Of the purchase price of each part. */
  maintenanceFraction: z
    .strictObject({
      it: share(maintenanceFraction.it),
      facility: share(maintenanceFraction.facility),
      battery: share(maintenanceFraction.battery),
    })
    .prefault({}),
  /** US dollars for a euro: of prices in dollars. */
  usdPerEur: figure({ positive: true }).default(assumedAfter(FINANCE_DEFAULTS.usdPerEur)),
  /** Of a battery for which its site gives no price. */
  batteryUsdPerKWh: figure({ min: 0 }).default(assumedAfter(FINANCE_DEFAULTS.batteryUsdPerKWh)),
  /** By which the price of servers, network and storage falls in a year; counts for what is bought later. */
  hardwarePriceDeclineFraction: figure({ min: 0, max: 0.99 }).default(
    assumedAfter(FINANCE_DEFAULTS.hardwarePriceDeclineFraction),
  ),
  /** For each GPU-hour sold, the same in all years: of `gigasim buildout`; absent: nothing is known of revenue. */
  revenueEurPerGpuHour: figure({ min: 0 }).optional(),
});

export type Finance = z.infer<typeof financeSchema>;
