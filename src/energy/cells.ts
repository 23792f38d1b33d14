import { DAY_TYPES, SEASONS } from '../scenario/zoneSchema.js';
import type { CarbonCalibration, PriceCalibration } from '../scenario/zoneSchema.js';
import type { LocalClock } from './calendar.js';

/** 4 seasons × 2 day types × 24 local hours. */
export const CELLS = 192;

/** 0 = December–February … 3 = September–November. */
export const seasonOf = (month: number): number => Math.floor(((month + 1) % 12) / 3);

/** Cell of each hour: (season × 2 + weekend) × 24 + local hour. Public holidays count as the weekday they fall on. */
export function cellOfHours(clock: LocalClock): Uint8Array {
  const cell = new Uint8Array(clock.hours);
  for (let hour = 0; hour < clock.hours; hour++) {
    const weekend = clock.weekday[hour]! >= 5 ? 1 : 0;
    cell[hour] = (seasonOf(clock.month[hour]!) * 2 + weekend) * 24 + clock.hourOfDay[hour]!;
  }
  return cell;
}

/** A zone's cell means in cell order. */
export function cellTable(cellMean: PriceCalibration['cellMean']): Float64Array {
  return Float64Array.from(SEASONS.flatMap((season) => DAY_TYPES.flatMap((dayType) => cellMean[season][dayType])));
}

/** The same from harmonics of the day. */
export function harmonicTable(profile: CarbonCalibration['profile']): Float64Array {
  const table = new Float64Array(CELLS);
  SEASONS.forEach((season, s) => {
    DAY_TYPES.forEach((dayType, d) => {
      const shape = profile[season][dayType];
      for (let hour = 0; hour < 24; hour++) {
        table[(s * 2 + d) * 24 + hour] = shape.mean + dayHarmonicsAt(shape, hour);
      }
    });
  });
  return table;
}

/** Two harmonics of the day without their mean. */
export function dayHarmonicsAt(shape: { c1: number; s1: number; c2: number; s2: number }, hour: number): number {
  const angle = (2 * Math.PI * hour) / 24;
  return (
    shape.c1 * Math.cos(angle) +
    shape.s1 * Math.sin(angle) +
    shape.c2 * Math.cos(2 * angle) +
    shape.s2 * Math.sin(2 * angle)
  );
}

/** Mean of `values` in each group; NaN for a group without hours. */
export function groupMeans(values: Float64Array, groupOf: Uint8Array, groups: number): Float64Array {
  const sum = new Float64Array(groups);
  const count = new Float64Array(groups);
  for (let hour = 0; hour < values.length; hour++) {
    sum[groupOf[hour]!]! += values[hour]!;
    count[groupOf[hour]!]!++;
  }
  return sum.map((total, group) => total / count[group]!);
}
