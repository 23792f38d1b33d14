import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR, W_PER_MW } from '../base/units.js';
import { coolingDegreeDays } from '../energy/degreeDays.js';
import { itCapacityW } from '../power/derating.js';
import type { ReusedHeat } from '../power/heatReuse.js';
import { waterM3, waterRates, type WaterRates } from '../power/waterUse.js';
import type { IndicatorSpec } from '../scenario/facilitySpec.js';
import type { FacilitySpec } from '../scenario/runSpec.js';
import { lawChecks, type LawCheck } from './energyLaw.js';

/**
 * Indicators of Regulation (EU) 2024/1364, Annexes II and III, over the horizon, by their names there (EN 50600-4-2,
 * -3, -6, -8, -9). What is not known is absent.
 */
export interface SiteIndicators {
  /** PDIT: rated IT power, kW. */
  readonly pditKw: number;
  /** EDC and EIT, MWh. */
  readonly edcMWh: number;
  readonly eitMWh: number;
  /** EDC / EIT. */
  readonly pue: number;
  /** WIN, m³, and WUE = WIN / EIT, m³/MWh; absent: the site says nothing of its water. */
  readonly winM3?: number | undefined;
  readonly wue?: number | undefined;
  /** EREUSE, MWh of heat, and ERF = EREUSE / EDC. */
  readonly ereuseMWh: number;
  readonly erf: number;
  /** ERES-TOT = ERES-PPA + ERES-GOO, MWh, and REF = ERES-TOT / EDC; absent: the contracts are not known. */
  readonly eresTotMWh?: number | undefined;
  readonly eresPpaMWh?: number | undefined;
  readonly eresGooMWh?: number | undefined;
  readonly ref?: number | undefined;
  /** Location-based kg CO2 / kWh of IT. */
  readonly cue: number;
  /** TWH and TIN, °C. */
  readonly twhC: number;
  readonly tinC: number;
  /** CDD, base 21 °C, K·d; absent: the air temperature is not known. */
  readonly cddKd?: number | undefined;
  /** CBtG, kW; absent: not stated. */
  readonly cbtgKw?: number | undefined;
  /** Electricity of the heat pump, inside EDC, and what the network pays; absent: none, or no price is given. */
  readonly heatPumpMWh?: number | undefined;
  readonly heatRevenueEur?: number | undefined;
  /** Of a facility that derates: hours in which the cooling carries less than the design IT power, the least it carries, and quarter hours with more IT than it carries. */
  readonly derating?:
    { readonly hours: number; readonly leastItMW: number; readonly overCapacityQuarterHours: number } | undefined;
  readonly checks: readonly LawCheck[];
}

/** A site's quarter hours, columns of equal length, and its sums. */
export interface IndicatorInputs {
  readonly spec: IndicatorSpec;
  readonly facility: FacilitySpec;
  readonly binMs: number;
  readonly itW: Float64Array;
  readonly facilityW: Float64Array;
  readonly wetBulbC: Float64Array;
  readonly dryBulb: StepSeries | undefined;
  readonly heat: ReusedHeat | undefined;
  readonly horizonMs: number;
  readonly calendarYearMs: number;
  readonly locationKg: number;
  /** Renewables by PPA and by guarantees of origin, MWh; absent: not known. */
  readonly renewables: { readonly ppaMWh: number; readonly guaranteesMWh: number } | undefined;
}

/**
 * Cost: one pass over the quarter hours, with water two exponentials for each hour of weather.
 *
 * Water goes with the heat that is not reused: that of the loop by the `liquid` way, all other heat (air, conversion,
 * pumps, a chiller's own) by the `air` way. Water for humidity, cleaning and people is not counted.
 */
export function siteIndicators(given: IndicatorInputs): SiteIndicators {
  const { spec, facility, binMs, itW, facilityW, heat, horizonMs, calendarYearMs, locationKg, renewables } = given;
  const mwhPerW = binMs / MS_PER_HOUR / W_PER_MW;
  const eitMWh = sum(itW) * mwhPerW;
  const edcMWh = sum(facilityW) * mwhPerW;
  const ereuseMWh = heat === undefined ? 0 : sum(heat.deliveredW) * mwhPerW;
  const heatPumpMWh = heat === undefined ? 0 : sum(heat.electricityW) * mwhPerW;
  const winM3 = facility.water === undefined ? undefined : waterIn(given, mwhPerW);
  const eresTotMWh = renewables && renewables.ppaMWh + renewables.guaranteesMWh;
  const pue = edcMWh / eitMWh;
  const erf = ereuseMWh / edcMWh;
  const ref = eresTotMWh === undefined ? undefined : eresTotMWh / edcMWh;
  const { revenueEurPerMWh, heatPumpCop } = facility.heatReuse ?? {};
  return {
    pditKw: facility.designItW / 1000,
    edcMWh,
    eitMWh,
    pue,
    ...(winM3 === undefined ? {} : { winM3, wue: winM3 / eitMWh }),
    ereuseMWh,
    erf,
    ...(renewables === undefined
      ? {}
      : { eresTotMWh, eresPpaMWh: renewables.ppaMWh, eresGooMWh: renewables.guaranteesMWh, ref }),
    cue: locationKg / (eitMWh * 1000),
    twhC: spec.wasteHeatC,
    tinC: spec.intakeC,
    ...(given.dryBulb === undefined ? {} : { cddKd: coolingDegreeDays(given.dryBulb, horizonMs) }),
    ...(spec.batteryToGridKw === undefined ? {} : { cbtgKw: spec.batteryToGridKw }),
    ...(heatPumpCop === undefined ? {} : { heatPumpMWh }),
    ...(revenueEurPerMWh === undefined ? {} : { heatRevenueEur: ereuseMWh * revenueEurPerMWh }),
    ...(facility.derating === undefined ? {} : { derating: derated(given) }),
    checks: lawChecks({
      country: spec.country,
      inOperationFrom: spec.inOperationFrom,
      calendarYear: spec.calendarYear,
      wholeYear: horizonMs >= calendarYearMs,
      pueWithoutHeatPump: (edcMWh - heatPumpMWh) / eitMWh,
      pue,
      erf,
      ref,
    }),
  };
}

function waterIn({ facility, itW, facilityW, wetBulbC, heat }: IndicatorInputs, mwhPerW: number): number {
  const { liquidFraction, water } = facility;
  let m3 = 0;
  // Weather stays for an hour or more.
  let atC = NaN;
  let rates: WaterRates = { liquidM3PerMWh: 0, airM3PerMWh: 0 };
  for (let bin = 0; bin < itW.length; bin++) {
    if (wetBulbC[bin]! !== atC) {
      atC = wetBulbC[bin]!;
      rates = waterRates(water!, atC);
    }
    const takenW = heat?.takenW[bin] ?? 0;
    const inLoopW = liquidFraction * itW[bin]!;
    // What a heat pump draws leaves with the heat it delivers.
    const restW = facilityW[bin]! - (heat?.electricityW[bin] ?? 0) - inLoopW;
    const fromLoopW = liquidFraction > 0 ? takenW : 0;
    const rejected = {
      liquidMWh: (inLoopW - fromLoopW) * mwhPerW,
      airMWh: (restW - (takenW - fromLoopW)) * mwhPerW,
    };
    m3 += waterM3(rejected, rates);
  }
  return m3;
}

function derated({ facility, itW, wetBulbC, binMs }: IndicatorInputs): NonNullable<SiteIndicators['derating']> {
  const capacityW = itCapacityW(facility, { stepMs: binMs, values: wetBulbC }).values;
  let bins = 0;
  let overCapacityQuarterHours = 0;
  let leastW = facility.designItW;
  for (let bin = 0; bin < itW.length; bin++) {
    const watts = capacityW[bin]!;
    if (watts < facility.designItW) bins++;
    if (itW[bin]! > watts) overCapacityQuarterHours++;
    if (watts < leastW) leastW = watts;
  }
  return { hours: (bins * binMs) / MS_PER_HOUR, leastItMW: leastW / W_PER_MW, overCapacityQuarterHours };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
