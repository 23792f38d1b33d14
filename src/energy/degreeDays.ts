import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_DAY } from '../base/units.js';

/** Base of cooling degree days in the reporting of data centres (Regulation (EU) 2024/1364), °C. */
export const COOLING_BASE_C = 21;

/**
 * Cooling degree days: Σ over whole UTC days of the mean air temperature beyond the base, K·d.
 *
 * @param dryBulb - °C; steps that divide a day
 * @param untilMs - days that end later do not count
 *
 * Worked, base 21 °C: days of 20, 22 and 25 °C on average are 0 + 1 + 4 = 5. Eurostat's own index leaves out days
 * below 24 °C on average, so it is lower.
 */
export function coolingDegreeDays(dryBulb: StepSeries, untilMs: number, baseC = COOLING_BASE_C): number {
  const perDay = MS_PER_DAY / dryBulb.stepMs;
  const days = Math.floor(Math.min(untilMs / MS_PER_DAY, dryBulb.values.length / perDay));
  let degreeDays = 0;
  for (let day = 0; day < days; day++) {
    let sum = 0;
    for (let step = day * perDay; step < (day + 1) * perDay; step++) sum += dryBulb.values[step]!;
    degreeDays += Math.max(0, sum / perDay - baseC);
  }
  return degreeDays;
}
