import { SimError } from '../base/errors.js';
import type { StepSeries } from '../base/stepSeries.js';
import type { Facility } from '../scenario/facilitySchema.js';
import type { FacilitySpec } from '../scenario/runSpec.js';
import { AIR_COOLED_CONVERSION, airCooledPue } from './airCooledPue.js';
import { buildingSpecs } from './buildingSpecs.js';
import { chillerWPerW } from './warmWater.js';

/** Facility watts = aW[i] + b[i] × IT watts, in step i of `stepMs`. */
export interface FacilityHours {
  readonly stepMs: number;
  readonly aW: Float64Array;
  readonly b: Float64Array;
}

/** A site's facility figures as the numbers a run needs; `designItW` is the sum of `ratedNodeW` over nodes. */
export function facilitySpec(facility: Facility, designItW: number): FacilitySpec {
  const isAir = facility.cooling === 'air';
  return {
    liquidFraction: isAir ? 0 : facility.liquidFraction.value,
    liquidCoolingFraction: isAir ? 0 : facility.liquidCoolingFraction.value,
    upsEfficiency: facility.upsEfficiency.value,
    distributionEfficiency: facility.distributionEfficiency.value,
    fixedFraction: facility.fixedFraction.value,
    designItW,
    ...buildingSpecs(facility),
  };
}

/**
 * What a facility draws on top of its IT, by outdoor wet bulb.
 *
 * Per watt of IT: 1 / (UPS × distribution) for conversion; `liquidCoolingFraction`, and with a chiller its
 * electricity (warmWater.ts), for each watt that leaves in water; for the rest what an air-cooled hall of that wet bulb spends beyond conversion
 * (airCooledPue.ts). Plus `fixedFraction` of the design IT power, always. So PUE rises with the wet bulb
 * and falls with load.
 *
 * A facility that is built out has the fixed load of what is in service: it grows with the rated IT power of the nodes.
 *
 * @param wetBulb - °C, any step; must be finite
 * @returns arrays as long as `wetBulb`; aW whole watts ≥ 0, b ≥ 1. Cost: one pass.
 *
 * Worked, liquid fraction 0.85, 0.025 W/W, 0.98 × 0.9944, fixed 0.01, full design load, 24 °C:
 * 1.0262 + 0.85 × 0.025 + 0.15 × (1.316 − 1.0262) + 0.01 = 1.101.
 *
 * The same with W32 water (approach 11 K, rise 10 K, COP 5): a third of a rise too warm, + 0.85 × 0.06 = 1.152.
 *
 * Wrong in that pumps are a constant fraction, and without a chiller where the loop needs one (supply of 32 °C
 * or colder above about 20 °C wet bulb: some summer hours in Spain; `cooling: warm-water` has it); at low load, where UPS efficiency falls
 * and pumps do not follow (true PUE is higher); inside a day, since a building stores heat; and for heat
 * reuse, which PUE does not count. Conversion inside the node is part of the node's watts.
 */
export function facilityHours(facility: FacilitySpec, wetBulb: StepSeries): FacilityHours {
  const steps = wetBulb.values.length;
  const conversion = 1 / (facility.upsEfficiency * facility.distributionEfficiency);
  const liquid = facility.liquidFraction * facility.liquidCoolingFraction;
  const airFraction = 1 - facility.liquidFraction;
  const { chiller } = facility;
  const aW = new Float64Array(steps).fill(Math.round(facility.fixedFraction * facility.designItW));
  if (facility.builtItW !== undefined)
    for (let i = 0; i < steps; i++) aW[i] = Math.round(facility.fixedFraction * builtItW(facility, i * wetBulb.stepMs));
  const b = new Float64Array(steps);
  for (let i = 0; i < steps; i++) {
    const wetBulbC = wetBulb.values[i]!;
    if (!Number.isFinite(wetBulbC)) {
      throw new SimError('series.format', `wet bulb, step ${i}: expected a finite number of °C, got ${wetBulbC}`);
    }
    b[i] = conversion + liquid + airFraction * (airCooledPue(wetBulbC) - AIR_COOLED_CONVERSION);
    if (chiller !== undefined) b[i]! += facility.liquidFraction * chillerWPerW(chiller, wetBulbC);
  }
  return { stepMs: wetBulb.stepMs, aW, b };
}

/** Design IT power of what is in service at a time, W. */
export function builtItW({ designItW, builtItW: steps }: FacilitySpec, atMs: number): number {
  if (steps === undefined) return designItW;
  let there = 0;
  for (const step of steps) if (step.atMs <= atMs) there = step.itW;
  return there;
}
