import { RandomStreams } from '../base/random.js';
import type { ZoneCalibration } from '../scenario/zoneSchema.js';
import { SEASONS } from '../scenario/zoneSchema.js';
import type { LocalClock } from './calendar.js';
import { hoursOfYear, localClock } from './calendar.js';
import { cellOfHours, cellTable, harmonicTable, seasonOf } from './cells.js';
import { sortedYear } from './marginal.js';
import type { Innovations } from './residuals.js';
import { correlatedInnovations, drawInnovations, residualProcess } from './residuals.js';
import { shapedYear } from './shapedYear.js';
import { weatherYear } from './weatherYear.js';

/** A synthetic calendar year of one bidding zone, hour by hour from 1 January 00:00 UTC. */
export interface ZoneYear {
  /** EUR/MWh, day-ahead; may be negative. */
  readonly priceEurPerMWh: Float64Array;
  /** kg CO2e/MWh (= g/kWh), life-cycle; ≥ 0. */
  readonly carbonKgPerMWh: Float64Array;
  readonly dryBulbC: Float64Array;
  readonly wetBulbC: Float64Array;
}

/** Harmonised clearing limits of the European day-ahead auction, EUR/MWh (docs/sources.md, `sdac-limits`). */
const DAY_AHEAD_LIMITS = { min: -500, max: 4000 };

/**
 * A year with the zone's statistics, at the levels of the years its shapes come from.
 *
 * Price and carbon: means of the season × day type × hour cells and of the months, the marginal distribution with
 * its negative hours, lag-1 and lag-24 autocorrelation, and the correlation of the two. Equal arguments give equal
 * arrays. Zones are drawn independently: on one and the same cold day prices of real neighbours rise together
 * (DE-LU and FR correlate at 0.70), here they do not. Holidays are ordinary days.
 *
 * Cost: about 30 ms. docs/generators.md shows how near each zone comes to its source.
 */
export function generateZoneYear(zone: ZoneCalibration, calendarYear: number, seed: string): ZoneYear {
  const clock = localClock(zone.timeZone, calendarYear);
  const streams = new RandomStreams(seed);
  const innovations = priceInnovations(zone, streams, clock.hours);
  return {
    priceEurPerMWh: priceYear(zone, clock, innovations),
    carbonKgPerMWh: carbonYear(zone, clock, streams, innovations),
    ...weatherYear(zone.weather, clock, streams.fork(`zones/${zone.id}/weather`)),
  };
}

/** What moves a zone's prices in the year of a seed, for whatever moves with them. */
export const priceInnovations = (zone: ZoneCalibration, streams: RandomStreams, hours: number): Innovations =>
  drawInnovations(streams.fork(`zones/${zone.id}/price`), hours);

/** The zone's one canonical year, at base-year levels: what every replication sees unless prices are resampled. */
export function representativeYear(zone: ZoneCalibration, calendarYear: number): ZoneYear {
  return resampledYear(zone, calendarYear, zone.representativeSeed);
}

/** Another year of the same statistics and the same levels. */
export function resampledYear(zone: ZoneCalibration, calendarYear: number, seed: string): ZoneYear {
  return toBaseYear(zone, generateZoneYear(zone, calendarYear, seed));
}

/**
 * Scales price and carbon to the zone's base year: level and deviations by the same factor, so a cheaper year is
 * also a calmer one. Negative prices stay negative and zero stays zero.
 */
export function toBaseYear(zone: ZoneCalibration, year: ZoneYear): ZoneYear {
  const price = zone.baseYear.priceEurPerMWh.value / zone.price.mean;
  const carbon = zone.carbon.kind === 'series' ? zone.baseYear.carbonKgPerMWh.value / zone.carbon.mean : 1;
  return {
    ...year,
    priceEurPerMWh: year.priceEurPerMWh.map((eur) => eur * price),
    carbonKgPerMWh: year.carbonKgPerMWh.map((kg) => kg * carbon),
  };
}

function priceYear(zone: ZoneCalibration, clock: LocalClock, innovations: Innovations): Float64Array {
  const { price } = zone;
  const spread = SEASONS.map((season) => price.residualSd[season]);
  const noise = residualProcess(price.residual, innovations).map((z, hour) => {
    const quarterOfDay = Math.floor(clock.hourOfDay[hour]! / 6);
    return z * spread[seasonOf(clock.month[hour]!)]![quarterOfDay]!;
  });
  return shapedYear({
    cellMean: cellTable(price.cellMean),
    monthMean: price.monthlyMean,
    cellOf: cellOfHours(clock),
    monthOf: clock.month,
    noise,
    sorted: sortedYear(price, price.negativeHours / hoursOfYear(price.year), clock.hours, DAY_AHEAD_LIMITS),
  });
}

function carbonYear(
  zone: ZoneCalibration,
  clock: LocalClock,
  streams: RandomStreams,
  ofPrice: Innovations,
): Float64Array {
  const { carbon } = zone;
  if (carbon.kind === 'constant') return new Float64Array(clock.hours).fill(zone.baseYear.carbonKgPerMWh.value);
  const own = drawInnovations(streams.fork(`zones/${zone.id}/carbon`), clock.hours);
  const innovations = correlatedInnovations(ofPrice, own, carbon.withPrice.innovationCorrelation);
  return shapedYear({
    cellMean: harmonicTable(carbon.profile),
    monthMean: carbon.monthlyMean,
    cellOf: cellOfHours(clock),
    monthOf: clock.month,
    noise: residualProcess(carbon.residual, innovations).map((z) => z * carbon.residualSd),
    sorted: sortedYear(carbon, 0, clock.hours),
  });
}
