import { RandomStreams } from '../base/random.js';
import type { ResidualCalibration, ZoneCalibration } from '../scenario/zoneSchema.js';
import type { Technology } from '../scenario/technology.js';
import { hoursOfYear } from './calendar.js';
import { correlatedInnovations, drawInnovations, residualProcess, type Innovations } from './residuals.js';
import { clearSkyLight } from './sunlight.js';
import { priceInnovations } from './zoneYear.js';

/** Weather over plants: systems of days, and gusts or single clouds. */
const WEATHER: ResidualCalibration = {
  slowShare: 0.8,
  dailyShare: 0,
  slowHours: 40,
  fastHours: 8,
  dailyHours: 24,
  dailyPersistence: 0,
};
/**
 * Innovations that wind and clouds share with the day-ahead price: windy hours are cheap, cloudy ones dear. Set so that
 * the plants of DE-LU earn about what they did in 2024 (docs/prices.md), and assumed elsewhere.
 */
const WIND_WITH_PRICE = -0.75;
const CLOUDS_WITH_PRICE = 0.8;
/** How alike the wind over sea and land is. */
const SEA_WITH_LAND = 0.75;
/** Winter above summer, in standard deviations of the weather. */
const WIND_OF_WINTER = 0.3;
const CLOUDS_OF_WINTER = 0.3;
/** What the densest clouds take away (Kasten and Czeplak 1980). */
const OVERCAST_FRACTION = 0.75;
/** Speeds at which a wind farm starts, and gives its rated power, in units of which only the ratio counts. */
const CUT_IN = 3;
const RATED = 13;
/** Halvings of a bracket: beyond the digits of a double. */
const HALVINGS = 60;

/** The technologies a zone has plants of. */
export function technologiesOf({ generation }: ZoneCalibration): readonly Technology[] {
  return generation === undefined ? [] : (Object.keys(generation.capacityFactor) as Technology[]);
}

/**
 * What a plant of a zone generates in each UTC hour of a calendar year, MW for each MW installed, 0…1.
 *
 * The mean is the zone's capacity factor, exactly. Sun: clear-sky light on fixed modules, dimmed by clouds that last
 * for days and are denser in winter; 0 at night. Wind: speeds with a Rayleigh distribution over the year, laid out by
 * weather systems and season, through a cubic power curve; at sea much as on land. Equal arguments give equal arrays.
 * A zone's wind and sun share innovations with its prices of the same seed, so that plants earn less than the mean.
 *
 * Wrong for a single plant, whose output is rougher, in the wind's course of the day (there is none), and in that zones
 * are drawn apart: neighbours have no wind in common. Curtailment at negative prices, wear and outages are inside the
 * capacity factor only.
 *
 * @param seed - of the zone's year: its `representativeSeed`, or that of a replication
 * @returns `undefined` where the zone has no such plants
 *
 * Cost: about 50 ms.
 */
export function generationProfile(
  zone: ZoneCalibration,
  technology: Technology,
  calendarYear: number,
  seed: string,
): Float64Array | undefined {
  const capacityFactor = zone.generation?.capacityFactor[technology]?.value;
  if (zone.generation === undefined || capacityFactor === undefined) return undefined;
  const hours = hoursOfYear(calendarYear);
  const streams = new RandomStreams(seed);
  const prices = priceInnovations(zone, streams, hours);
  const own = (of: string): Innovations => drawInnovations(streams.fork(`zones/${zone.id}/generation/${of}`), hours);
  if (technology === 'solar') {
    const clouds = correlatedInnovations(prices, own('clouds'), CLOUDS_WITH_PRICE);
    const cloudiness = rankShares(weatherOf(clouds, CLOUDS_OF_WINTER));
    return dimmed(clearSkyLight(zone.generation, calendarYear), cloudiness, capacityFactor);
  }
  const land = correlatedInnovations(prices, own('wind'), WIND_WITH_PRICE);
  const wind = technology === 'onshore-wind' ? land : correlatedInnovations(land, own('sea-wind'), SEA_WITH_LAND);
  return windOutput(rankShares(weatherOf(wind, WIND_OF_WINTER)), capacityFactor);
}

/** The weather's residual, with more of it in winter. */
function weatherOf(innovations: Innovations, ofWinter: number): Float64Array {
  const residual = residualProcess(WEATHER, innovations);
  // Highest in mid-January.
  return residual.map((z, hour) => z + ofWinter * Math.cos((2 * Math.PI * (hour / 24 - 15)) / 365));
}

/** The share of hours below each, 0…1, in the middle of its rank. */
function rankShares(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b);
  const shares = new Float64Array(values.length);
  order.forEach((hour, rank) => (shares[hour] = (rank + 0.5) / values.length));
  return shares;
}

/** Light dimmed by 0.75 × cloudiness^g, with the g that meets the capacity factor. */
function dimmed(clear: Float64Array, cloudiness: Float64Array, capacityFactor: number): Float64Array {
  const light = (g: number): Float64Array =>
    clear.map((full, hour) => Math.min(1, full * (1 - OVERCAST_FRACTION * Math.pow(cloudiness[hour]!, g))));
  return withMean(light(solve((g) => meanOf(light(g)), capacityFactor, { low: 0.01, high: 100 })), capacityFactor);
}

/** Speeds by rank through the power curve, at the mean speed that meets the capacity factor. */
function windOutput(rank: Float64Array, capacityFactor: number): Float64Array {
  const speed = rank.map((share) => Math.sqrt(-Math.log(1 - share)));
  const output = (scale: number): Float64Array => speed.map((unit) => powerCurve(scale * unit));
  return withMean(output(solve((s) => meanOf(output(s)), capacityFactor, { low: 0.1, high: 200 })), capacityFactor);
}

/** Share of rated power; nothing is switched off in storms, which a fleet hardly notices. */
function powerCurve(speed: number): number {
  if (speed <= CUT_IN) return 0;
  if (speed >= RATED) return 1;
  return (speed ** 3 - CUT_IN ** 3) / (RATED ** 3 - CUT_IN ** 3);
}

/** Where a rising function is nearest to a value in a bracket. */
function solve(of: (x: number) => number, wanted: number, bracket: { low: number; high: number }): number {
  let { low, high } = bracket;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (of(middle) < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Scaled to the mean where clouds or wind alone cannot meet it; at most 1. */
function withMean(values: Float64Array, mean: number): Float64Array {
  const scaled = (factor: number): Float64Array => values.map((value) => Math.min(1, value * factor));
  const ratio = mean / meanOf(values);
  if (Math.abs(ratio - 1) < 1e-12) return values;
  return scaled(solve((factor) => meanOf(scaled(factor)), mean, { low: 0, high: Math.max(2, 10 * ratio) }));
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
