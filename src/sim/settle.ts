import { MS_PER_HOUR, WMS_PER_MWH, W_PER_MW } from '../base/units.js';
import type { LoadCurve, SiteResult } from '../metrics/runResult.js';
import { siteTraining, type TrainedWork } from '../metrics/siteTraining.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import { audit, type JobDraws } from './audit.js';
import { siteBill } from './siteBill.js';
import { settleGrid } from './siteGrid.js';
import { siteSeries, type BuildingSeries, type SeriesMemos } from './siteMeter.js';
import { SettleMemo } from './settleMemo.js';
import { settledCost } from './siteCost.js';
import { siteReports } from './siteReports.js';

/** What the schedule gave, for unit costs. */
export interface SettledHours {
  readonly gpuHoursUsed: number;
  /** Where the site is costed. */
  readonly gpuHoursSold?: number | undefined;
  /** Where jobs have phases. */
  readonly usefulGpuHours?: number | undefined;
  /** Where some class has a model. */
  readonly trained?: TrainedWork | undefined;
  readonly calendarYear: number;
}

/** What sites on one load curve share: made once a curve, handed to each of its settlements. */
export class SettleMemos implements SeriesMemos {
  readonly buildings = new SettleMemo<BuildingSeries>();
  readonly columns = new SettleMemo<Float64Array>();
  /** All but what capital costs. */
  readonly operated = new SettleMemo<Omit<SiteResult, 'cost'>>();
}

/**
 * What a site draws, pays and emits under a schedule. Throws `audit.failed` when jobs and meter disagree.
 *
 * @param memos - of this curve, inputs, draws and hours; the result is the same without them
 */
export function settle(
  site: SiteSpec,
  curve: LoadCurve,
  inputs: RunInputs,
  draws: JobDraws,
  hours: SettledHours,
  memos = new SettleMemos(),
): SiteResult {
  const operated = memos.operated.part({ ...site, capital: undefined }, () =>
    operate(site, curve, inputs, draws, hours, memos),
  );
  const cost = settledCost(site, hours, {
    energyEur: operated.bill.totalEur,
    horizonMs: draws.horizonMs,
    indicators: operated.indicators,
  });
  return cost === undefined ? operated : { ...operated, cost };
}

function operate(
  site: SiteSpec,
  curve: LoadCurve,
  inputs: RunInputs,
  draws: JobDraws,
  hours: SettledHours,
  memos: SettleMemos,
): Omit<SiteResult, 'cost'> {
  const { horizonMs } = draws;
  const series = siteSeries(site, curve, inputs, memos);
  const { binMs } = series;
  const bins = series.itW.length;
  let itWms = 0;
  let facilityWms = 0;
  let dayAheadEur = 0;
  let carbonKg = 0;
  let priceSum = 0;
  let negativeBins = 0;
  let peakFacilityW = 0;
  let peakItW = 0;
  for (let bin = 0; bin < bins; bin++) {
    const facilityW = series.facilityW[bin]!;
    const priceEurPerMWh = series.priceEurPerMWh[bin]!;
    const mwh = (facilityW * binMs) / WMS_PER_MWH;
    itWms += curve.itWms[bin]!;
    facilityWms += facilityW * binMs;
    dayAheadEur += mwh * priceEurPerMWh;
    carbonKg += mwh * series.carbonKgPerMWh[bin]!;
    priceSum += priceEurPerMWh;
    if (priceEurPerMWh < 0) negativeBins++;
    if (facilityW > peakFacilityW) peakFacilityW = facilityW;
    if (series.itW[bin]! > peakItW) peakItW = series.itW[bin]!;
  }
  const facilityMWh = facilityWms / WMS_PER_MWH;
  const { calendarYear, usefulGpuHours, trained } = hours;
  const time = { horizonMs, calendarYear };
  const billed = siteBill(site, series, series.facilityW, inputs, time);
  const { bill, binEur, yearEur, grid, battery } = settleGrid(site, series, billed, inputs, time);
  if (battery !== undefined) carbonKg += battery.carbonT * 1000;
  const gridMWh = facilityMWh + (battery === undefined ? 0 : battery.chargedMWh - battery.dischargedMWh);
  const audited = audit(site, series, draws, { facilityWms, totalEur: bill.totalEur, binEur, yearEur });
  const reports = siteReports(site, series, inputs, {
    ...{ horizonMs, calendarYear, facilityMWh, gridMWh, locationKg: carbonKg, bill },
    work: { gpuHoursUsed: hours.gpuHoursUsed, usefulGpuHours, tokens: trained?.tokens },
  });
  return {
    id: site.id,
    itMWh: itWms / WMS_PER_MWH,
    facilityMWh,
    meanFacilityMW: facilityWms / horizonMs / W_PER_MW,
    peakFacilityMW: peakFacilityW / W_PER_MW,
    meanItMW: itWms / horizonMs / W_PER_MW,
    peakItMW: peakItW / W_PER_MW,
    pue: facilityWms / itWms,
    loadFactor: facilityWms / (peakFacilityW * horizonMs),
    meanPriceEurPerMWh: priceSum / bins,
    paidPriceEurPerMWh: dayAheadEur / facilityMWh,
    deliveredEurPerMWh: bill.totalEur / facilityMWh,
    bill,
    gpuHoursUsed: hours.gpuHoursUsed,
    eurPerGpuHour: bill.totalEur / hours.gpuHoursUsed,
    ...(usefulGpuHours === undefined ? {} : { usefulGpuHours, eurPerUsefulGpuHour: bill.totalEur / usefulGpuHours }),
    ...(trained === undefined ? {} : { training: siteTraining(trained, bill.totalEur, facilityMWh) }),
    carbonKt: carbonKg / 1e6,
    carbonKgPerMWh: carbonKg / facilityMWh,
    ...reports,
    ...(grid === undefined ? {} : { grid }),
    ...(battery === undefined ? {} : { battery }),
    negativePriceHours: (negativeBins * binMs) / MS_PER_HOUR,
    auditEnergyWms: audited.energy,
    auditCostEur: audited.cost,
  };
}
