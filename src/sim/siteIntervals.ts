import type { LoadCurve } from '../metrics/runResult.js';
import type { SiteIntervals } from '../metrics/seriesColumns.js';
import type { RunSpec, SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import { siteBill } from './siteBill.js';
import { siteBattery } from './siteGrid.js';
import { siteSeries } from './siteMeter.js';

/** A site's 15 minutes with what they cost, and what its battery makes of them, for a table; settles the bill anew. */
export function siteIntervals(
  site: SiteSpec,
  curve: LoadCurve,
  inputs: RunInputs,
  { horizonMs = curve.binMs * curve.itWms.length, calendarYear }: Pick<RunSpec, 'horizonMs' | 'calendarYear'>,
): SiteIntervals {
  const series = siteSeries(site, curve, inputs);
  const time = { horizonMs, calendarYear };
  const billed = siteBill(site, series, series.facilityW, inputs, time);
  const intervals = { ...series, costEur: billed.binEur };
  const { battery } = site;
  if (battery === undefined) return intervals;
  const { gridW, storedMWh } = siteBattery({ ...site, battery }, series, billed, inputs, time).dispatch;
  return { ...intervals, gridW, storedMWh };
}
