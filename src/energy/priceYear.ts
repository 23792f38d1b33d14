import type { ZoneCalibration } from '../scenario/zoneSchema.js';

/** The years a zone's day-ahead prices can be scaled to, ascending: its base year and those with a published mean. */
export function priceYearsOf({ baseYear, priceYears = {} }: ZoneCalibration): readonly number[] {
  const years = new Set([baseYear.year, ...Object.keys(priceYears).map(Number)]);
  return [...years].sort((a, b) => a - b);
}

/** What turns a zone's year at base-year levels into one at the levels of another year. */
export interface YearFactors {
  /** On every price: on the mean and on the deviations from it alike. */
  readonly price: number;
  readonly carbon: number;
  /** The year of the carbon level: the base year where no other is known. */
  readonly carbonYear: number;
}

/**
 * Factors that scale a zone's year from its base-year levels to the levels of another.
 *
 * @returns `undefined` when the zone has no mean for that year
 *
 * One factor on all hours: a year twice as dear is twice as volatile, negative hours stay as many and stay negative,
 * and cheap hours stay the same hours. Wrong in all three for real years: negative hours in DE-LU were 301 in 2023 and
 * 573 in 2025 at nearly equal means, and 2022 was dear in summer. Use a file for a real year.
 *
 * Worked: DE-LU from 78 EUR/MWh (2024) to 235 (2022): an hour at 100 becomes 301.28, one at −10 becomes −30.13.
 */
export function yearFactors(zone: ZoneCalibration, priceYear: number): YearFactors | undefined {
  const { baseYear, priceYears = {}, carbonYears = {} } = zone;
  const base: YearFactors = { price: 1, carbon: 1, carbonYear: baseYear.year };
  if (priceYear === baseYear.year) return base;
  const mean = priceYears[priceYear];
  if (mean === undefined) return undefined;
  const carbon = carbonYears[priceYear];
  return {
    price: mean.value / baseYear.priceEurPerMWh.value,
    // A level of 0 scales to nothing else.
    ...(carbon === undefined || baseYear.carbonKgPerMWh.value === 0
      ? { carbon: 1, carbonYear: baseYear.year }
      : { carbon: carbon.value / baseYear.carbonKgPerMWh.value, carbonYear: priceYear }),
  };
}
