/** What a building does with heat, as plain data of a run (power/): cooling, water, reuse, heat waves. */

/** A chiller that helps the water loop when the air outside cannot cool it far enough (power/warmWater.ts). */
export interface ChillerSpec {
  /** Water to the servers, °C: 32 for ASHRAE W32, 40 for W40, 45 for W45. */
  readonly supplyC: number;
  /** By how much the water that towers or coolers give is warmer than the wet bulb, K. */
  readonly approachK: number;
  /** From supply to return at the servers, K. */
  readonly riseK: number;
  /** Heat taken over electricity, W/W. */
  readonly cop: number;
}

export const REJECTIONS = ['dry', 'adiabatic', 'tower'] as const;
/** How heat goes outside: over dry coolers, over coolers with wetted pads in warm hours, or through cooling towers. */
export type HeatRejection = (typeof REJECTIONS)[number];

/** Water for cooling (power/waterUse.ts). */
export interface WaterSpec {
  /** Of the heat in the water loop; unused without one. */
  readonly liquid: HeatRejection;
  /** Of all other heat. */
  readonly air: HeatRejection;
  /** Of towers: times the water goes round until it is let out, > 1. */
  readonly cyclesOfConcentration: number;
  /** Wet bulb from which pads are wetted, °C. */
  readonly adiabaticFromWetBulbC: number;
  /** Then, litres for a kWh of heat (= m³/MWh). */
  readonly adiabaticLitresPerKwh: number;
}

/** Heat given to a heat network (power/heatReuse.ts); the demand is the series `heatDemand`, MW. */
export interface HeatReuseSpec {
  /** What the cooling gives and the network wants, °C. */
  readonly sourceC: number;
  readonly supplyC: number;
  /** Most heat that can be handed over, W. */
  readonly capacityW: number;
  /** Heat that gets through the exchanger over heat in the loop, 0…1. */
  readonly efficiency: number;
  /** Heat delivered over electricity of the heat pump; absent: none is needed. */
  readonly heatPumpCop?: number | undefined;
  /** What the network pays; absent: nothing is known. */
  readonly revenueEurPerMWh?: number | undefined;
}

/** How much IT the cooling can carry in heat (power/derating.ts). */
export interface DeratingSpec {
  readonly fromWetBulbC: number;
  /** Share of the design IT power lost with each kelvin beyond. */
  readonly perKFraction: number;
}

/** What indicators need beyond the load (metrics/siteIndicators.ts). */
export interface IndicatorSpec {
  /** Two letters, e.g. `DE`. */
  readonly country: string;
  /** Calendar date on which the data centre begins operation, `2027-01-01`. */
  readonly inOperationFrom: string;
  /** Year that the run stands for: the requirements of its end hold. */
  readonly calendarYear: number;
  /** TIN: set point of the air that servers take in, °C. */
  readonly intakeC: number;
  /** TWH: what leaves the IT, °C; of the loop where there is one. */
  readonly wasteHeatC: number;
  /** CBtG: battery power offered to the grid, kW; absent: not stated. */
  readonly batteryToGridKw?: number | undefined;
}

/** What is bought and how it is counted (economics/carbon.ts). */
export interface CarbonSpec {
  /** Share of the consumption for which guarantees of origin are cancelled, 0…1; at most what no PPA covers counts. */
  readonly guaranteesFraction: number;
  /** Of contracted renewables and of guarantees of origin, kg/MWh. */
  readonly contractKgPerMWh: number;
  /** Of all other electricity, kg/MWh; absent: the zone's own intensity, weighted by the load. */
  readonly residualKgPerMWh?: number | undefined;
  /** EUR per t CO2. */
  readonly shadowEurPerT: number;
}
