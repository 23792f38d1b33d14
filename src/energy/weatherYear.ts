import type { Draw } from '../base/random.js';
import type { WeatherCalibration } from '../scenario/zoneSchema.js';
import { SEASONS } from '../scenario/zoneSchema.js';
import type { LocalClock } from './calendar.js';
import { dayHarmonicsAt, groupMeans, seasonOf } from './cells.js';
import { drawInnovations, residualProcess } from './residuals.js';

/** Hourly air temperatures, °C; the wet bulb is never above the dry bulb. */
export interface WeatherYear {
  readonly dryBulbC: Float64Array;
  readonly wetBulbC: Float64Array;
}

/** Rounds in which the months are brought to their mean and spread. */
const ROUNDS = 6;
/** Spread of the logarithm of the wet-bulb depression from one weather system to the next: our assumption. */
const DEPRESSION_LOG_SD = 0.25;
/** The air never gets closer to saturation than this share of the month's mean depression. */
const LEAST_DEPRESSION = 0.1;

/**
 * A year of weather in the likeness of a typical year: monthly means and spreads, the day's course, and systems
 * that last for days.
 *
 * Monthly means and (wet bulb) standard deviations agree with the calibration within about 0.05 K; changes from
 * month to month are linear between mid-months. Wrong in that extremes are those of a normal distribution, and
 * that weather is independent of price and carbon, while a real cold spell moves all three.
 */
export function weatherYear(calibration: WeatherCalibration, clock: LocalClock, draw: Draw): WeatherYear {
  const { hours, month } = clock;
  const residual = { ...calibration.residual, dailyShare: 0, dailyHours: 1, dailyPersistence: 0 };
  const systems = residualProcess(residual, drawInnovations(draw, hours));
  const dryness = residualProcess(residual, drawInnovations(draw, hours));
  const dayCourse = dryBulbCourse(calibration, clock);

  const swing = dayCourse.map((kelvin) => kelvin * calibration.wetBulbDayShare);
  const wetBulbC = toMonths(systems, swing, calibration.wetBulbMonthlyMeanC, calibration.wetBulbMonthlySdC, month);

  const wanted = calibration.dryBulbMonthlyMeanC.map((dry, m) =>
    Math.max(LEAST_DEPRESSION, dry - calibration.wetBulbMonthlyMeanC[m]!),
  );
  const depression = Float64Array.from({ length: hours }, (_, hour) => {
    const mean = wanted[month[hour]!]!;
    const overDay = 1 + (dayCourse[hour]! - swing[hour]!) / mean;
    return Math.max(LEAST_DEPRESSION, overDay) * Math.exp(DEPRESSION_LOG_SD * dryness[hour]!);
  });
  scaleMonths(depression, wanted, month);
  return { dryBulbC: wetBulbC.map((wet, hour) => wet + depression[hour]!), wetBulbC };
}

/** The dry bulb's course over the day by local *standard* time: the sun knows no DST. */
function dryBulbCourse(calibration: WeatherCalibration, clock: LocalClock): Float64Array {
  const table = SEASONS.map((season) =>
    Array.from({ length: 24 }, (_, hour) => dayHarmonicsAt(calibration.dryBulbDay[season], hour)),
  );
  const standardOffset = clock.hourOfDay[0]!;
  return Float64Array.from({ length: clock.hours }, (_, hour) => {
    return table[seasonOf(clock.month[hour]!)]![(hour + standardOffset) % 24]!;
  });
}

/** mean(t) + course + spread(t) × noise, the two curves fitted so that months have the wanted mean and spread. */
function toMonths(
  noise: Float64Array,
  course: Float64Array,
  wantedMean: readonly number[],
  wantedSd: readonly number[],
  month: Uint8Array,
): Float64Array {
  const mean = Float64Array.from(wantedMean);
  const spread = Float64Array.from(wantedSd);
  const meanCurve = new Float64Array(noise.length);
  const spreadCurve = new Float64Array(noise.length);
  const values = new Float64Array(noise.length);
  const squares = new Float64Array(noise.length);
  for (let round = 0; round <= ROUNDS; round++) {
    throughMonths(mean, meanCurve);
    throughMonths(spread, spreadCurve);
    for (let hour = 0; hour < values.length; hour++) {
      values[hour] = meanCurve[hour]! + course[hour]! + spreadCurve[hour]! * noise[hour]!;
    }
    const gotMean = groupMeans(values, month, 12);
    for (let hour = 0; hour < values.length; hour++) squares[hour] = (values[hour]! - gotMean[month[hour]!]!) ** 2;
    const gotVariance = groupMeans(squares, month, 12);
    for (let m = 0; m < 12; m++) {
      mean[m]! += wantedMean[m]! - gotMean[m]!;
      // A bounded step: a month whose trend alone exceeds its spread must not drive it to 0 at once.
      spread[m]! *= Math.min(1.25, Math.max(0.8, wantedSd[m]! / Math.sqrt(gotVariance[m]!)));
    }
  }
  return values;
}

/** Multiplies by a curve through the months so that each has the wanted mean. */
function scaleMonths(values: Float64Array, wanted: readonly number[], month: Uint8Array): void {
  const factor = new Float64Array(12).fill(1);
  const curve = new Float64Array(values.length);
  const base = Float64Array.from(values);
  for (let round = 0; round <= ROUNDS; round++) {
    throughMonths(factor, curve);
    for (let hour = 0; hour < values.length; hour++) values[hour] = base[hour]! * curve[hour]!;
    const got = groupMeans(values, month, 12);
    for (let m = 0; m < 12; m++) factor[m]! *= wanted[m]! / got[m]!;
  }
}

/** Fills `curve`: linear from mid-month to mid-month, months of equal length, December on to January. */
function throughMonths(knots: Float64Array, curve: Float64Array): void {
  const length = curve.length / 12;
  for (let hour = 0; hour < curve.length; hour++) {
    const position = (hour + 0.5) / length + 11.5;
    const before = Math.floor(position);
    const t = position - before;
    curve[hour] = knots[before % 12]! * (1 - t) + knots[(before + 1) % 12]! * t;
  }
}
