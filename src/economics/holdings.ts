import type { BuildTime } from '../scenario/buildOutSchema.js';
import type { CapitalSpec } from '../scenario/capitalSpec.js';
import { priceAfter } from './npv.js';

/** What joins a site at a date. */
export interface BuildOutPhase {
  /** Years of the calendar from the start of the window, ≥ 0; 1 July is about 0.5. */
  readonly atYears: number;
  readonly gpus: number;
  /** Servers, network and storage at the prices of the start of the window. */
  readonly hardwareEur: number;
  /** Rated IT power, kW. */
  readonly itKw: number;
}

/** A site that grows over years, and the terms on which it is bought. */
export interface BuildOutSpec {
  /** All of it, once the last phase is there. */
  readonly capital: CapitalSpec;
  /** At least one; ascending in time. */
  readonly phases: readonly BuildOutPhase[];
  /** Whole years, from 1 January. */
  readonly windowYears: number;
  readonly facility: BuildTime;
  readonly grid: BuildTime;
  /** For each GPU-hour sold, the same in all years; absent: nothing is known of revenue. */
  readonly revenueEurPerGpuHour?: number | undefined;
}

/** One unit of something, from its purchase to its sale or the end of the window; EUR. */
export interface Holding {
  readonly part: 'it' | 'facility' | 'grid' | 'battery';
  readonly fromYears: number;
  readonly toYears: number;
  /** Gross of the grant. */
  readonly paidEur: number;
  readonly grantEur: number;
  /** Its residual value when it is replaced, its book value at the end of the window. */
  readonly soldEur: number;
}

/** Something bought, and bought again when its life ends. */
interface Asset extends Pick<Holding, 'part'> {
  readonly atYears: number;
  /** At the prices of the start of the window. */
  readonly eur: number;
}

/**
 * All that is bought inside the window. Hardware is bought with each phase at the price of its date, a battery with the
 * first. Whatever comes to the end of its life before the window ends is sold for its residual value and bought again,
 * without a grant. What is left then is worth its book value: straight from its price to its residual value over its
 * life. Used hardware is never worth more than it costs new.
 *
 * Worked: hardware of 100 EUR at the start and as much after a year, 30 % cheaper each year, lives of 5 years, no
 * residual value, a window of 2: paid 100 and 70; left min(100 × 3/5, 49) = 49 and min(70 × 4/5, 49) = 49.
 *
 * Wrong where a replacement is of a better kind, for prices of buildings, which do not change here, and for what is sold
 * while it still runs.
 */
export const holdingsOf = (spec: BuildOutSpec): Holding[] => assetsOf(spec).flatMap((asset) => chain(asset, spec));

function assetsOf({ capital, phases, facility, grid }: BuildOutSpec): Asset[] {
  const { designItKw, facilityEurPerKwIt, connectionKw, gridEurPerKw, battery } = capital;
  const first = phases[0]!.atYears;
  const shared = (part: Asset['part'], eur: number, built: BuildTime): Asset[] =>
    built === 'first-phase'
      ? [{ part, atYears: first, eur }]
      : phases.map(({ atYears, itKw }) => ({ part, atYears, eur: (eur * itKw) / designItKw }));
  return [
    ...phases.map(({ atYears, hardwareEur }): Asset => ({ part: 'it', atYears, eur: hardwareEur })),
    ...shared('facility', designItKw * facilityEurPerKwIt, facility),
    ...shared('grid', connectionKw * gridEurPerKw, grid),
    ...(battery === undefined
      ? []
      : [{ part: 'battery', atYears: first, eur: battery.energyKWh * battery.eurPerKWh } as const]),
  ];
}

/** An asset and its replacements. */
function chain({ part, atYears, eur }: Asset, { capital: { finance }, windowYears }: BuildOutSpec): Holding[] {
  const lifeYears = finance.lifeYears[part];
  const [decline, residualFraction] =
    part === 'it' ? [finance.hardwarePriceDeclineFraction, finance.residualFraction] : [0, 0];
  const holdings: Holding[] = [];
  for (let unit = 0; ; unit++) {
    const fromYears = atYears + unit * lifeYears;
    if (fromYears >= windowYears) return holdings;
    const toYears = Math.min(fromYears + lifeYears, windowYears);
    const paidEur = priceAfter(eur, decline, fromYears);
    const bookEur = paidEur * (1 - ((1 - residualFraction) * (toYears - fromYears)) / lifeYears);
    holdings.push({
      ...{ part, fromYears, toYears, paidEur },
      grantEur: unit === 0 ? finance.grantFraction * paidEur : 0,
      soldEur: Math.min(bookEur, priceAfter(eur, decline, toYears)),
    });
  }
}

/** Maintenance and insurance of what is held in a year of the window, by the time it is held in it, EUR. */
export function upkeepEur(holdings: readonly Holding[], { finance }: CapitalSpec, year: number): number {
  const { maintenanceFraction, insuranceFraction } = finance;
  return holdings.reduce((sum, { part, fromYears, toYears, paidEur }) => {
    const held = Math.max(0, Math.min(toYears, year + 1) - Math.max(fromYears, year));
    const maintenance = part === 'grid' ? 0 : maintenanceFraction[part];
    return sum + held * paidEur * (maintenance + insuranceFraction);
  }, 0);
}
