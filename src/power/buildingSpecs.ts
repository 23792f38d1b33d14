import { W_PER_MW } from '../base/units.js';
import { FACILITY_DEFAULTS } from '../scenario/defaults.js';
import type { Facility } from '../scenario/facilitySchema.js';
import type { ChillerSpec, DeratingSpec, HeatReuseSpec, WaterSpec } from '../scenario/facilitySpec.js';

/** The parts of a building that a site may leave out; those it does are absent, so that its run stays the same. */
export function buildingSpecs(facility: Facility): {
  readonly chiller?: ChillerSpec;
  readonly water?: WaterSpec;
  readonly heatReuse?: HeatReuseSpec;
  readonly derating?: DeratingSpec;
} {
  const { water, heatReuse, derating } = facility;
  return {
    ...(facility.cooling === 'warm-water' ? { chiller: chillerSpec(facility) } : {}),
    ...(water === undefined ? {} : { water: waterSpec(water) }),
    ...(heatReuse === undefined ? {} : { heatReuse: heatReuseSpec(heatReuse, wasteHeatC(facility)) }),
    ...(derating === undefined
      ? {}
      : { derating: { fromWetBulbC: derating.fromWetBulbC.value, perKFraction: derating.perKFraction.value } }),
  };
}

/**
 * TWH, what leaves the IT, °C: as the site says, else the return of a warm-water loop by its supply and rise, else the
 * default of its kind of cooling (water behind a hall's coolers 30, a hybrid's loop 40).
 */
export function wasteHeatC(facility: Facility): number {
  if (facility.wasteHeatC !== undefined) return facility.wasteHeatC.value;
  if (facility.cooling === 'warm-water') return facility.supplyC.value + facility.riseK.value;
  const inWater = facility.cooling !== 'air' && facility.liquidFraction.value > 0;
  return inWater ? FACILITY_DEFAULTS.wasteHeatLiquidC.value : FACILITY_DEFAULTS.wasteHeatAirC.value;
}

type WarmWater = Extract<Facility, { cooling: 'warm-water' }>;

const chillerSpec = ({ supplyC, approachK, riseK, chillerCop }: WarmWater): ChillerSpec => ({
  supplyC: supplyC.value,
  approachK: approachK.value,
  riseK: riseK.value,
  cop: chillerCop.value,
});

const waterSpec = (water: NonNullable<Facility['water']>): WaterSpec => ({
  liquid: water.liquid,
  air: water.air,
  cyclesOfConcentration: (water.cyclesOfConcentration ?? FACILITY_DEFAULTS.cyclesOfConcentration).value,
  adiabaticFromWetBulbC: (water.adiabaticFromWetBulbC ?? FACILITY_DEFAULTS.adiabaticFromWetBulbC).value,
  adiabaticLitresPerKwh: (water.adiabaticLitresPerKwh ?? FACILITY_DEFAULTS.adiabaticLitresPerKwh).value,
});

const heatReuseSpec = (reuse: NonNullable<Facility['heatReuse']>, sourceC: number): HeatReuseSpec => ({
  sourceC,
  supplyC: reuse.supplyC.value,
  capacityW: reuse.capacityMW.value * W_PER_MW,
  efficiency: reuse.efficiency.value,
  ...(reuse.heatPumpCop === undefined ? {} : { heatPumpCop: reuse.heatPumpCop.value }),
  ...(reuse.revenueEurPerMWh === undefined ? {} : { revenueEurPerMWh: reuse.revenueEurPerMWh.value }),
});
