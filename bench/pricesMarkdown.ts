import { localClock } from '../src/energy/calendar.js';
import { generationProfile, technologiesOf } from '../src/energy/generationProfile.js';
import { priceYearsOf } from '../src/energy/priceYear.js';
import { representativeYear } from '../src/energy/zoneYear.js';
import type { Figure } from '../src/scenario/figure.js';
import type { Technology } from '../src/scenario/technology.js';
import type { ZoneCalibration } from '../src/scenario/zoneSchema.js';
import { TABLE_YEAR, table } from './generatorsMarkdown.js';

/** Annual market values of German plants in 2024 over the spot mean (`marktwerte-2024`). */
const EARNED_2024: Readonly<Record<Technology, number>> = {
  solar: 4.624 / 7.946,
  'onshore-wind': 6.293 / 7.946,
  'offshore-wind': 6.777 / 7.946,
};

/** Means by zone and year; flagged ones with an asterisk, missing ones as a dash. */
export function yearTable(zones: readonly ZoneCalibration[]): string {
  const years = [...new Set(zones.flatMap((zone) => priceYearsOf(zone)))].sort((a, b) => a - b);
  const rows = zones.map((zone) => {
    const { carbonYears = {}, baseYear } = zone;
    const means = years.map((year) => {
      const figure = year === baseYear.year ? baseYear.priceEurPerMWh : zone.priceYears?.[year];
      return figure === undefined ? '–' : `${figure.value}${figure.assumption ? '\\*' : ''}`;
    });
    const carbon: Record<string, Figure> = { ...carbonYears, [baseYear.year]: baseYear.carbonKgPerMWh };
    return [
      zone.id,
      ...means,
      Object.entries(carbon)
        .map(([year, { value }]) => `${year}: ${value}`)
        .join(', '),
    ];
  });
  return table(['zone', ...years.map(String), 'carbon, kg/MWh'], rows);
}

/** What plants yield and earn in the representative year. */
export function plantTable(zones: readonly ZoneCalibration[]): string {
  const rows = zones.flatMap((zone) => {
    const prices = representativeYear(zone, TABLE_YEAR).priceEurPerMWh;
    const { month } = localClock('UTC', TABLE_YEAR);
    return technologiesOf(zone).map((technology) => {
      const profile = generationProfile(zone, technology, TABLE_YEAR, zone.representativeSeed)!;
      const inMonths = (from: number, to: number): number =>
        mean(profile.filter((_, hour) => month[hour]! >= from && month[hour]! <= to));
      const earned = mean(profile.map((mw, hour) => mw * prices[hour]!)) / mean(profile) / mean(prices);
      const target = zone.id === 'DE-LU' ? ` (2024: ${EARNED_2024[technology].toFixed(2)})` : '';
      return [
        zone.id,
        technology,
        `${zone.generation!.capacityFactor[technology]!.value} / ${mean(profile).toFixed(3)}`,
        (inMonths(5, 7) / mean([inMonths(0, 1), inMonths(11, 11)])).toFixed(1),
        `${earned.toFixed(2)}${target}`,
      ];
    });
  });
  return table(
    ['zone', 'plant', 'capacity factor, stated / generated', 'summer / winter', 'earns, × mean price'],
    rows,
  );
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
