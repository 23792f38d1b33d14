import { coveredByGuarantees } from '../economics/carbon.js';
import type { EnergyBill } from '../economics/energyBill.js';
import { hoursOfYear } from '../energy/calendar.js';
import { MS_PER_HOUR } from '../base/units.js';
import { siteCarbon, type CountedWork, type SiteCarbon } from '../metrics/siteCarbon.js';
import { siteIndicators, type SiteIndicators } from '../metrics/siteIndicators.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { SiteSeries } from './siteMeter.js';

/** The carbon account and the indicators of a site, each where the site asks for it. Changes nothing of the bill. */
export function siteReports(
  site: SiteSpec,
  series: SiteSeries,
  inputs: Pick<RunInputs, 'series'>,
  settled: {
    readonly horizonMs: number;
    readonly calendarYear: number;
    readonly facilityMWh: number;
    /** With what a battery charged more than it gave back. */
    readonly gridMWh: number;
    readonly locationKg: number;
    readonly bill: EnergyBill;
    readonly work: CountedWork;
  },
): { readonly carbon?: SiteCarbon; readonly indicators?: SiteIndicators } {
  const { horizonMs, calendarYear, facilityMWh, gridMWh, locationKg, bill, work } = settled;
  const known = renewableMWh(bill);
  const ppaMWh = known ?? 0;
  const carbon = site.carbon && siteCarbon(site.carbon, { facilityMWh, gridMWh, locationKg, ppaMWh }, work);
  // Indicators are of the facility, without a battery's losses.
  const renewables = site.carbon
    ? { ppaMWh, guaranteesMWh: coveredByGuarantees(site.carbon, facilityMWh, ppaMWh) }
    : known === undefined
      ? undefined
      : { ppaMWh, guaranteesMWh: 0 };
  const indicators =
    site.indicators &&
    siteIndicators({
      ...series,
      spec: site.indicators,
      facility: site.facility,
      dryBulb: site.series.dryBulb === undefined ? undefined : inputs.series[site.series.dryBulb],
      heat: series.heat,
      horizonMs,
      calendarYearMs: hoursOfYear(calendarYear) * MS_PER_HOUR,
      locationKg,
      renewables,
    });
  return { ...(carbon === undefined ? {} : { carbon }), ...(indicators === undefined ? {} : { indicators }) };
}

/** Consumption covered by plants under contract, all of them renewables; absent: the site names no contract. */
function renewableMWh({ contracts }: EnergyBill): number | undefined {
  if (contracts === undefined || contracts.length === 0) return undefined;
  return contracts.filter(({ kind }) => kind === 'pay-as-produced').reduce((sum, { usedMWh }) => sum + usedMWh, 0);
}
