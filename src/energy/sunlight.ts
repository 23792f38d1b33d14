import { MS_PER_DAY, MS_PER_HOUR } from '../base/units.js';
import { hoursOfYear } from './calendar.js';

/** Where a plant stands. */
export interface Place {
  readonly latitudeDeg: number;
  /** East is positive. */
  readonly longitudeDeg: number;
}

/** Sunlight outside the atmosphere, W/m², and under which a module gives its rated power. */
const SOLAR_CONSTANT_W_PER_M2 = 1361;
const RATED_W_PER_M2 = 1000;
/** Parts of an hour that are looked at, in the middle of each. */
const PARTS = 4;
const RADIANS = Math.PI / 180;
/** Modules lie this much flatter than the latitude, at most so steep. */
const FLATTER_DEG = 15;
const STEEPEST_DEG = 40;
/** Light from the whole sky, as a share of the direct beam, under a clear sky. */
const DIFFUSE_FRACTION = 0.1;

/**
 * Light on fixed modules towards the equator under a clear sky in each UTC hour of a calendar year, as a share of that
 * at rated power.
 *
 * The sun's place from declination and equation of time, the beam by 0.7 to the power of air mass^0.678, diffuse light
 * a tenth of the beam. 0 while the sun is down all hour. Without horizon, albedo, haze by season and heat of modules:
 * what a plant yields in a year is set by its capacity factor.
 *
 * Worked: latitude 50° N, longitude 0°, 21 June, 12:00 to 13:00 UTC: the sun stands 63° high, air mass 1.12, beam
 * 925 W/m², 12° off the normal of modules at 35° (0.979) and 0.091 from the sky: 0.99.
 */
export function clearSkyLight({ latitudeDeg, longitudeDeg }: Place, calendarYear: number): Float64Array {
  const latitude = latitudeDeg * RADIANS;
  const steepness = Math.min(STEEPEST_DEG, Math.max(0, Math.abs(latitudeDeg) - FLATTER_DEG));
  const tilt = steepness * RADIANS * Math.sign(latitudeDeg);
  const skySeen = (1 + Math.cos(tilt)) / 2;
  const light = new Float64Array(hoursOfYear(calendarYear));
  for (let hour = 0; hour < light.length; hour++) {
    let sum = 0;
    for (let part = 0; part < PARTS; part++) {
      const day = (hour + (part + 0.5) / PARTS) * (MS_PER_HOUR / MS_PER_DAY);
      const declination = 23.45 * RADIANS * Math.sin(2 * Math.PI * ((284 + 1 + day) / 365));
      const solarHour = (day % 1) * 24 + longitudeDeg / 15 + equationOfTimeHours(day);
      const hourAngle = (solarHour - 12) * 15 * RADIANS;
      const height = cosineTo(latitude, declination, hourAngle);
      if (height <= 0) continue;
      // Kasten and Young's air mass without its correction near the horizon, where there is hardly any light.
      const beam = SOLAR_CONSTANT_W_PER_M2 * Math.pow(0.7, Math.pow(1 / Math.max(height, 0.02), 0.678));
      const direct = Math.max(0, cosineTo(latitude - tilt, declination, hourAngle));
      sum += (beam * (direct + DIFFUSE_FRACTION * skySeen)) / RATED_W_PER_M2;
    }
    light[hour] = sum / PARTS;
  }
  return light;
}

/** Cosine of the angle between the sun and the normal of a plane level at that latitude: of its height, for the ground. */
const cosineTo = (latitude: number, declination: number, hourAngle: number): number =>
  Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);

/** Sundial minus clock, hours: up to a quarter hour either way. */
function equationOfTimeHours(day: number): number {
  const angle = 2 * Math.PI * ((day - 80) / 365);
  return (9.87 * Math.sin(2 * angle) - 7.53 * Math.cos(angle) - 1.5 * Math.sin(angle)) / 60;
}
