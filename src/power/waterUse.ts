import type { HeatRejection, WaterSpec } from '../scenario/facilitySpec.js';

/** Heat of evaporation of water at 20 to 25 °C, kWh per litre. */
const KWH_PER_LITRE = 2.45 / 3.6;
/** Of water, kJ per kg, and of air, kJ per kg and K. */
const LATENT_KJ_PER_KG = 2450;
const AIR_KJ_PER_KG_K = 1.006;
/** By how much the air warms on its way through a tower: our assumption. */
const TOWER_AIR_RISE_K = 10;
const AIR_PRESSURE_HPA = 1013.25;

/**
 * Litres of water that leave with a kWh of heat (m³ with a MWh), by the way it goes outside.
 *
 * - `dry`: none.
 * - `adiabatic`: `adiabaticLitresPerKwh` from `adiabaticFromWetBulbC` on, none below.
 * - `tower`: what evaporates of the heat's latent share, and the blow-down: × c / (c − 1) at c cycles of concentration.
 *
 * @param wetBulbC - finite
 *
 * Worked, tower at 4 cycles: at 0 °C 0.49 of the heat is latent, 0.95 L/kWh; at 20 °C 0.75 and 1.47 L/kWh.
 */
export function litresPerKwh(rejection: HeatRejection, water: WaterSpec, wetBulbC: number): number {
  switch (rejection) {
    case 'dry':
      return 0;
    case 'adiabatic':
      return wetBulbC >= water.adiabaticFromWetBulbC ? water.adiabaticLitresPerKwh : 0;
    case 'tower': {
      const { cyclesOfConcentration: cycles } = water;
      return (towerLatentShare(wetBulbC) / KWH_PER_LITRE) * (cycles / (cycles - 1));
    }
  }
}

/**
 * Share of a cooling tower's heat that leaves as vapour, 0…1, rising with the wet bulb: the air takes up heat along
 * the saturation curve from its wet bulb to 10 K above.
 *
 * Wrong where air comes in dry: more evaporates then (a few per cent of the heat at 60 % humidity), and in that the
 * rise of the air is one number for all loads. Drift, 0.001 % of the water, is left out.
 */
export function towerLatentShare(wetBulbC: number): number {
  const vapour = LATENT_KJ_PER_KG * (saturationKgPerKg(wetBulbC + TOWER_AIR_RISE_K) - saturationKgPerKg(wetBulbC));
  return vapour / (vapour + AIR_KJ_PER_KG_K * TOWER_AIR_RISE_K);
}

/** Water that saturated air holds, kg per kg of dry air at sea level; Magnus formula over water, good from −40 to 50 °C. */
function saturationKgPerKg(celsius: number): number {
  const pressureHPa = 6.112 * Math.exp((17.62 * celsius) / (243.12 + celsius));
  return (0.622 * pressureHPa) / (AIR_PRESSURE_HPA - pressureHPa);
}

/** Heat of one interval by where it goes outside, MWh. */
export interface RejectedHeat {
  readonly liquidMWh: number;
  readonly airMWh: number;
}

/** Water for a MWh of heat, m³, at one wet bulb, by where the heat goes. */
export interface WaterRates {
  readonly liquidM3PerMWh: number;
  readonly airM3PerMWh: number;
}

/** Two exponentials for each way that is a tower: taken once for each weather, not for each interval. */
export function waterRates(water: WaterSpec, wetBulbC: number): WaterRates {
  return {
    liquidM3PerMWh: litresPerKwh(water.liquid, water, wetBulbC),
    airM3PerMWh: litresPerKwh(water.air, water, wetBulbC),
  };
}

/** Water for one interval's heat, m³. */
export function waterM3({ liquidMWh, airMWh }: RejectedHeat, { liquidM3PerMWh, airM3PerMWh }: WaterRates): number {
  return liquidMWh * liquidM3PerMWh + airMWh * airM3PerMWh;
}
