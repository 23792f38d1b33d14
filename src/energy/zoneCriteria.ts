import type { ZoneCalibration } from '../scenario/zoneSchema.js';
import { localClock } from './calendar.js';
import { cellTable, groupMeans } from './cells.js';
import type { SeriesStatistics } from './seriesStatistics.js';
import { correlation, dayProfile, seriesStatistics } from './seriesStatistics.js';
import type { ZoneYear } from './zoneYear.js';

/** What a zone's source says: the side a generated year is held against. */
export interface ZoneTargets {
  readonly price: PriceTargets;
  /** `undefined` where the source has no hourly carbon. */
  readonly carbon: { readonly mean: number; readonly sd: number } | undefined;
  readonly wetBulbMonthlyMeanC: readonly number[];
}

export interface PriceTargets extends Omit<SeriesStatistics, 'cellMean' | 'monthMean'> {
  readonly cellMean: Float64Array;
  readonly hours: number;
}

/** One line of docs/generators.md. */
export interface Criterion {
  readonly name: string;
  readonly target: number;
  readonly generated: number;
  readonly ok: boolean;
}

/** Names, in the order of {@link zoneCriteria}; one limit each, written out for the table's head. */
export const CRITERIA: readonly { readonly name: string; readonly limit: string; readonly digits: number }[] = [
  { name: 'price mean', limit: '±1 %', digits: 2 },
  { name: 'price sd', limit: '±10 %', digits: 2 },
  { name: 'day profile r', limit: '≥ 0.98', digits: 3 },
  { name: '192 cells r', limit: '≥ 0.95', digits: 3 },
  { name: 'negative hours', limit: '±25 %', digits: 0 },
  { name: 'price p1', limit: '±15 % or 3 EUR', digits: 1 },
  { name: 'price p99', limit: '±15 % or 3 EUR', digits: 1 },
  { name: 'lag-1', limit: '±0.05', digits: 3 },
  { name: 'lag-24', limit: '±0.05', digits: 3 },
  { name: 'carbon mean', limit: '±1 %', digits: 2 },
  { name: 'carbon sd', limit: '±10 %', digits: 2 },
  { name: 'wet bulb, worst month', limit: '±0.5 K', digits: 2 },
];

/** The targets a calibration carries. Its quantiles are rounded to 0.1 EUR/MWh. */
export function targetsOf(zone: ZoneCalibration): ZoneTargets {
  const { price, carbon, weather } = zone;
  return {
    price: {
      mean: price.mean,
      sd: price.sd,
      p1: price.quantiles.p1,
      p99: price.quantiles.p99,
      negativeHours: price.negativeHours,
      hours: localClock(zone.timeZone, price.year).hours,
      lag1: price.autocorrelation.lag1,
      lag24: price.autocorrelation.lag24,
      cellMean: cellTable(price.cellMean),
    },
    carbon: carbon.kind === 'series' ? { mean: carbon.mean, sd: carbon.sd } : undefined,
    wetBulbMonthlyMeanC: weather.wetBulbMonthlyMeanC,
  };
}

/**
 * Holds a generated year, before scaling to the base year, against its source.
 *
 * Carbon criteria are absent where the source has none; the worst month of the wet bulb is the one whose mean is
 * furthest off.
 */
export function zoneCriteria(
  targets: ZoneTargets,
  year: ZoneYear,
  timeZone: string,
  calendarYear: number,
): readonly Criterion[] {
  const clock = localClock(timeZone, calendarYear);
  const { price } = targets;
  const got = seriesStatistics(year.priceEurPerMWh, clock);
  const negativeTarget = (price.negativeHours / price.hours) * clock.hours;
  const lines: Criterion[] = [
    within('price mean', price.mean, got.mean, 0.01 * price.mean),
    within('price sd', price.sd, got.sd, 0.1 * price.sd),
    atLeast('day profile r', 0.98, correlation(dayProfile(price.cellMean, clock), dayProfile(got.cellMean, clock))),
    atLeast('192 cells r', 0.95, correlation(price.cellMean, got.cellMean)),
    within('negative hours', negativeTarget, got.negativeHours, 0.25 * negativeTarget),
    within('price p1', price.p1, got.p1, Math.max(3, 0.15 * Math.abs(price.p1))),
    within('price p99', price.p99, got.p99, Math.max(3, 0.15 * Math.abs(price.p99))),
    within('lag-1', price.lag1, got.lag1, 0.05),
    within('lag-24', price.lag24, got.lag24, 0.05),
  ];
  if (targets.carbon) {
    const carbon = seriesStatistics(year.carbonKgPerMWh, clock);
    lines.push(within('carbon mean', targets.carbon.mean, carbon.mean, 0.01 * targets.carbon.mean));
    lines.push(within('carbon sd', targets.carbon.sd, carbon.sd, 0.1 * targets.carbon.sd));
  }
  return [...lines, worstMonth(targets.wetBulbMonthlyMeanC, groupMeans(year.wetBulbC, clock.month, 12))];
}

function within(name: string, target: number, generated: number, tolerance: number): Criterion {
  return { name, target, generated, ok: Math.abs(generated - target) <= tolerance };
}

function atLeast(name: string, target: number, generated: number): Criterion {
  return { name, target, generated, ok: generated >= target };
}

function worstMonth(target: readonly number[], got: Float64Array): Criterion {
  let worst = 0;
  for (let m = 1; m < 12; m++) {
    if (Math.abs(got[m]! - target[m]!) > Math.abs(got[worst]! - target[worst]!)) worst = m;
  }
  return within('wet bulb, worst month', target[worst]!, got[worst]!, 0.5);
}
