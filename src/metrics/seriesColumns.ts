import { W_PER_MW } from '../base/units.js';
import type { Column } from './columns.js';
import { curveOf, type LoadCurve } from './runResult.js';

/** What a site adds to the load curve, one value an interval (sim/siteMeter makes it). */
export interface SiteIntervals {
  readonly facilityW: Float64Array;
  readonly priceEurPerMWh: Float64Array;
  readonly carbonKgPerMWh: Float64Array;
  readonly wetBulbC: Float64Array;
  readonly costEur: Float64Array;
  /** Where there is a battery: watts at the grid connection with it, and what is stored at the end. */
  readonly gridW?: Float64Array | undefined;
  readonly storedMWh?: Float64Array | undefined;
}

/**
 * The 15 minutes of a run as one table, the sites below each other with their name in the column `site`:
 * `site, start_ms, time_utc, busy_gpus, queued_jobs, it_mw, facility_mw, price_eur_per_mwh,
 * carbon_kg_per_mwh, wet_bulb_c, cost_eur`.
 *
 * One file for all sites, because one is read more easily than five; what the sites share (GPUs, queue, IT
 * power) stands in it once for each; sites of one broker have their own. Without sites (a replay) the table ends with `it_mw` and has no `site`.
 *
 * GPUs, jobs and MW are means over the interval: of the whole interval also where a run ends inside the last
 * one. `cost_eur` holds what of the bill follows from the interval's energy, without capacity charges and other yearly lines.
 *
 * Where a site has a battery the table ends with `grid_mw` (facility + charging − discharging) and `stored_mwh` (at the
 * end of the interval), null for sites without.
 *
 * @param startEpochMs - ms since 1970 of time 0
 */
export function seriesColumns(
  curves: readonly LoadCurve[],
  startEpochMs: number,
  sites: readonly (readonly [id: string, intervals: SiteIntervals])[],
): Column[] {
  const { binMs } = curves[0]!;
  const bins = curves[0]!.itWms.length;
  const copies = Math.max(1, sites.length);
  const repeated = (value: (bin: number, curve: LoadCurve) => number): Float64Array => {
    const values = new Float64Array(bins * copies);
    for (let copy = 0; copy < copies; copy++) {
      const curve = curveOf(curves, copy);
      for (let bin = 0; bin < bins; bin++) values[copy * bins + bin] = value(bin, curve);
    }
    return values;
  };
  const bySite = (name: string, pick: (intervals: SiteIntervals) => Float64Array, perUnit = 1): Column => {
    const values = new Float64Array(bins * copies);
    for (const [site, [, intervals]] of sites.entries()) {
      const own = pick(intervals);
      for (let bin = 0; bin < bins; bin++) values[site * bins + bin] = own[bin]! / perUnit;
    }
    return { name, kind: 'double', values };
  };
  const ofBatteries = (
    name: string,
    pick: (intervals: SiteIntervals) => Float64Array | undefined,
    perUnit = 1,
  ): Column[] => {
    if (sites.every(([, intervals]) => pick(intervals) === undefined)) return [];
    const values = new Float64Array(bins * copies).fill(NaN);
    for (const [site, [, intervals]] of sites.entries()) {
      const own = pick(intervals);
      if (own !== undefined) for (let bin = 0; bin < bins; bin++) values[site * bins + bin] = own[bin]! / perUnit;
    }
    return [{ name, kind: 'optionalDouble', values }];
  };

  const shared: Column[] = [
    { name: 'start_ms', kind: 'double', values: repeated((bin) => bin * binMs) },
    { name: 'time_utc', kind: 'utcTime', epochMs: repeated((bin) => startEpochMs + bin * binMs) },
    { name: 'busy_gpus', kind: 'double', values: repeated((bin, curve) => curve.busyGpuMs[bin]! / binMs) },
    { name: 'queued_jobs', kind: 'double', values: repeated((bin, curve) => curve.queuedJobMs[bin]! / binMs) },
    { name: 'it_mw', kind: 'double', values: repeated((bin, curve) => curve.itWms[bin]! / binMs / W_PER_MW) },
  ];
  if (sites.length === 0) return shared;
  const codes = Int32Array.from({ length: bins * copies }, (_, row) => Math.floor(row / bins));
  return [
    { name: 'site', kind: 'label', codes, labels: sites.map(([id]) => id) },
    ...shared,
    bySite('facility_mw', ({ facilityW }) => facilityW, W_PER_MW),
    bySite('price_eur_per_mwh', ({ priceEurPerMWh }) => priceEurPerMWh),
    bySite('carbon_kg_per_mwh', ({ carbonKgPerMWh }) => carbonKgPerMWh),
    bySite('wet_bulb_c', ({ wetBulbC }) => wetBulbC),
    bySite('cost_eur', ({ costEur }) => costEur),
    ...ofBatteries('grid_mw', ({ gridW }) => gridW, W_PER_MW),
    ...ofBatteries('stored_mwh', ({ storedMWh }) => storedMWh),
  ];
}
