import { settleBill, type SettledBill } from '../economics/bill.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { SiteSeries } from './siteMeter.js';

/** The bill of a site whose connection draws `drawW`: its facility, or what a battery makes of that. */
export function siteBill(
  { tariff }: Pick<SiteSpec, 'tariff'>,
  { binMs, priceEurPerMWh }: Pick<SiteSeries, 'binMs' | 'priceEurPerMWh'>,
  drawW: Float64Array,
  { series }: Pick<RunInputs, 'series'>,
  time: { readonly horizonMs: number; readonly calendarYear: number },
): SettledBill {
  return settleBill(tariff, { binMs, drawW, dayAheadEurPerMWh: priceEurPerMWh, series, ...time });
}
