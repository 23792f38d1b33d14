import type { SettledBill } from '../economics/bill.js';
import { SimError } from '../base/errors.js';
import { WMS_PER_MWH } from '../base/units.js';
import { SeriesIntegral } from '../energy/prefix.js';
import type { AuditLine } from '../metrics/runResult.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { SiteSeries } from './siteMeter.js';

/** Watts a job held over an interval inside the horizon. */
export interface JobDraws {
  readonly count: number;
  readonly watts: Float64Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** Watts with no job running. */
  readonly idleW: number;
  readonly horizonMs: number;
}

/** Largest relative difference between the two sides of an audit that rounding can explain. */
export const AUDIT_TOLERANCE = 1e-9;

/**
 * Recounts a site's energy and bill from the jobs, and compares with the meter.
 *
 * The meter integrated watts as they changed; here every job is integrated on its own, over prefix sums
 * of price and overhead, so the two share no accumulation. Energy: jobs + idle (IT) + overhead = facility.
 * Cost: the EUR of each quarter hour are shared in proportion to its energy, so that each job and the idle nodes, with
 * their share of the overhead, pay its average price; + fixed overhead, EUR of quarter hours without energy, and what
 * belongs to the year as a whole (peaks, contracted power, a battery) = bill.
 *
 * Throws `audit.failed` with the numbers beyond {@link AUDIT_TOLERANCE}.
 */
export function audit(
  site: SiteSpec,
  series: SiteSeries,
  draws: JobDraws,
  metered: { readonly facilityWms: number; readonly totalEur: number } & Pick<SettledBill, 'binEur' | 'yearEur'>,
): { energy: AuditLine; cost: AuditLine } {
  const bins = series.itW.length;
  const priced = new Float64Array(bins);
  const fixed = new Float64Array(bins);
  let withoutEnergyEur = 0;
  for (let bin = 0; bin < bins; bin++) {
    const eur = metered.binEur[bin]!;
    const mwh = (series.facilityW[bin]! * series.binMs) / WMS_PER_MWH;
    if (mwh <= 0) withoutEnergyEur += eur;
    const eurPerMWh = mwh > 0 ? eur / mwh : 0;
    priced[bin] = series.overheadFactor[bin]! * eurPerMWh;
    fixed[bin] = series.overheadW[bin]! * eurPerMWh;
  }
  const stepMs = series.binMs;
  const factor = new SeriesIntegral({ stepMs, values: series.overheadFactor });
  const price = new SeriesIntegral({ stepMs, values: priced });
  const { watts, fromMs, toMs, count, idleW, horizonMs } = draws;
  let jobsWms = 0;
  let jobsFacilityWms = 0;
  let jobsEur = 0;
  for (let i = 0; i < count; i++) {
    const from = fromMs[i]!;
    const to = toMs[i]!;
    jobsWms += watts[i]! * (to - from);
    jobsFacilityWms += watts[i]! * factor.between(from, to);
    jobsEur += (watts[i]! * price.between(from, to)) / WMS_PER_MWH;
  }
  const idleWms = idleW * horizonMs;
  const idleFacilityWms = idleW * factor.until(horizonMs);
  const fixedWms = new SeriesIntegral({ stepMs, values: series.overheadW }).until(horizonMs);
  const fixedEur = new SeriesIntegral({ stepMs, values: fixed }).until(horizonMs) / WMS_PER_MWH;
  return {
    energy: balanced(site.id, 'energy (W·ms)', metered.facilityWms, {
      jobs: jobsWms,
      idle: idleWms,
      overhead: jobsFacilityWms - jobsWms + (idleFacilityWms - idleWms) + fixedWms,
    }),
    cost: balanced(site.id, 'cost (EUR)', metered.totalEur, {
      jobs: jobsEur,
      idle: (idleW * price.until(horizonMs)) / WMS_PER_MWH,
      overhead: fixedEur + withoutEnergyEur + metered.yearEur,
    }),
  };
}

function balanced(
  site: string,
  what: string,
  siteTotal: number,
  parts: { readonly jobs: number; readonly idle: number; readonly overhead: number },
): AuditLine {
  const { jobs, idle, overhead } = parts;
  // Costs of either sign may cancel in the total, so the scale is the sum of what was added.
  const scale = Math.max(Math.abs(siteTotal), Math.abs(jobs) + Math.abs(idle) + Math.abs(overhead));
  const relativeError = scale === 0 ? 0 : Math.abs(jobs + idle + overhead - siteTotal) / scale;
  if (!(relativeError <= AUDIT_TOLERANCE)) {
    throw new SimError(
      'audit.failed',
      `site ${site}, ${what}: expected jobs + idle + overhead = site to ${AUDIT_TOLERANCE} relative, got ` +
        `${jobs} + ${idle} + ${overhead} = ${jobs + idle + overhead} against ${siteTotal} (${relativeError}). ` +
        `This is a fault of the simulator; please report it with the scenario and the seed.`,
    );
  }
  return { siteTotal, jobs, idle, overhead, relativeError };
}
