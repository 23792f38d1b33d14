import { SimError } from '../base/errors.js';
import type { StepSeries } from '../base/stepSeries.js';
import type { LoadCurve } from '../metrics/runResult.js';
import { facilityHours } from '../power/facility.js';
import { reusedHeat, type ReusedHeat } from '../power/heatReuse.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import { SettleMemo } from './settleMemo.js';

/** What a building makes of a load curve in its weather, by 15 minutes. Columns of equal length. */
export interface BuildingSeries {
  readonly binMs: number;
  readonly itW: Float64Array;
  readonly facilityW: Float64Array;
  readonly wetBulbC: Float64Array;
  /** Facility watts = overheadW + overheadFactor × IT watts; the heat pump of a heat network is in `overheadW`. */
  readonly overheadW: Float64Array;
  readonly overheadFactor: Float64Array;
  /** Of a facility that reuses heat. */
  readonly heat?: ReusedHeat | undefined;
}

/** A site's 15 minutes: what it drew, and at which price and carbon intensity. */
export interface SiteSeries extends BuildingSeries {
  readonly priceEurPerMWh: Float64Array;
  readonly carbonKgPerMWh: Float64Array;
}

/** What the series of several sites share. */
export interface SeriesMemos {
  readonly buildings: SettleMemo<BuildingSeries>;
  /** By name of the input. */
  readonly columns: SettleMemo<Float64Array>;
}

/**
 * Puts a load curve at a site: weather makes facility watts of IT watts, beside the market's price and carbon.
 *
 * Exact, because price, carbon and weather change only at the borders of 15 minutes.
 *
 * @param memos - of this curve and these inputs: its columns are shared by all sites with an equal building and weather,
 * and by those with equal prices or carbon
 */
export function siteSeries(
  site: SiteSpec,
  curve: LoadCurve,
  inputs: RunInputs,
  { buildings, columns }: SeriesMemos = { buildings: new SettleMemo(), columns: new SettleMemo() },
): SiteSeries {
  const { binMs, itWms } = curve;
  const bins = itWms.length;
  const at = (name: string): StepSeries => inputSeries(site, inputs, name);
  const { facility, series } = site;
  const { wetBulb, heatDemand } = series;
  const column = (name: string, what: string): Float64Array =>
    columns.part(name, () => onBins(at(name), binMs, bins, `${site.id}: ${what}`));
  const priceEurPerMWh = column(series.price, 'price');
  const carbonKgPerMWh = column(series.carbon, 'carbon');
  const building = buildings.part({ facility, wetBulb, heatDemand }, () => buildingSeries(site, curve, inputs));
  return { ...building, priceEurPerMWh, carbonKgPerMWh };
}

function inputSeries(site: SiteSpec, inputs: RunInputs, name: string): StepSeries {
  const series = inputs.series[name];
  if (!series) throw new SimError('internal.invariant', `site ${site.id}: input series ${name} is missing`);
  return series;
}

function buildingSeries(site: SiteSpec, { binMs, itWms }: LoadCurve, inputs: RunInputs): BuildingSeries {
  const bins = itWms.length;
  const at = (name: string): StepSeries => inputSeries(site, inputs, name);
  const wetBulb = at(site.series.wetBulb);
  const facility = facilityHours(site.facility, wetBulb);
  const overheadW = onBins({ stepMs: facility.stepMs, values: facility.aW }, binMs, bins, `${site.id}: weather`);
  const overheadFactor = onBins({ stepMs: facility.stepMs, values: facility.b }, binMs, bins, `${site.id}: weather`);
  const itW = new Float64Array(bins);
  const facilityW = new Float64Array(bins);
  for (let bin = 0; bin < bins; bin++) {
    const watts = itWms[bin]! / binMs;
    itW[bin] = watts;
    facilityW[bin] = overheadW[bin]! + overheadFactor[bin]! * watts;
  }
  const heat = heatOf(site, itW, (name) => onBins(at(name), binMs, bins, `${site.id}: heat demand`));
  if (heat !== undefined) {
    addTo(overheadW, heat.electricityW);
    addTo(facilityW, heat.electricityW);
  }
  return {
    binMs,
    itW,
    facilityW,
    wetBulbC: onBins(wetBulb, binMs, bins, `${site.id}: wet bulb`),
    overheadW,
    overheadFactor,
    ...(heat === undefined ? {} : { heat }),
  };
}

function heatOf(
  { facility, series }: SiteSpec,
  itW: Float64Array,
  columnOf: (name: string) => Float64Array,
): ReusedHeat | undefined {
  return series.heatDemand === undefined ? undefined : reusedHeat(facility, itW, columnOf(series.heatDemand));
}

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i]! += values[i]!;
}

/** A step series read at the start of each bin; steps are whole bins. */
function onBins(series: StepSeries, binMs: number, bins: number, what: string): Float64Array {
  const perStep = series.stepMs / binMs;
  if (!Number.isInteger(perStep) || series.values.length * perStep < bins) {
    throw new SimError(
      'internal.invariant',
      `${what}: expected steps of whole ${binMs} ms for ${bins} intervals, got ${series.values.length} steps of ${series.stepMs} ms`,
    );
  }
  const values = new Float64Array(bins);
  for (let step = 0, bin = 0; bin < bins; step++) {
    const value = series.values[step]!;
    for (const end = Math.min(bins, bin + perStep); bin < end; bin++) values[bin] = value;
  }
  return values;
}
