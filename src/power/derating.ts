import type { StepSeries } from '../base/stepSeries.js';
import type { FacilitySpec } from '../scenario/runSpec.js';
import { builtItW } from './facility.js';

/**
 * The most IT power the cooling carries in each step of the weather, W.
 *
 * The design IT power up to `fromWetBulbC`, and `perKFraction` of it less with each kelvin beyond, not below 0.
 * Without `derating` the design IT power in every step.
 *
 * Worked, 200 MW, from 26 °C, 0.05 a kelvin: 26 °C 200 MW, 28 °C 180 MW, 46 °C and more 0.
 *
 * Wrong in that heat waves last: a building that is warm already derates sooner. Both figures are assumptions unless
 * the site gives its own; nothing is published for sites of this kind.
 *
 * Cost: one pass. Nothing obeys it by itself: see `overCapacity` of the indicators for how often the load was above.
 */
export function itCapacityW(facility: FacilitySpec, wetBulb: StepSeries): StepSeries {
  const { derating } = facility;
  const { stepMs, values } = wetBulb;
  const builtW = (step: number): number => builtItW(facility, step * stepMs);
  if (derating === undefined) return { stepMs, values: values.map((_, step) => builtW(step)) };
  const { fromWetBulbC, perKFraction } = derating;
  return {
    stepMs,
    values: values.map(
      (wetBulbC, step) => builtW(step) * Math.max(0, 1 - perKFraction * Math.max(0, wetBulbC - fromWetBulbC)),
    ),
  };
}
