import type { SettledBill } from '../economics/bill.js';
import { SimError } from '../base/errors.js';
import { WMS_PER_MWH } from '../base/units.js';
import type { AuditLine } from '../metrics/runResult.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import { drawnByBin } from './drawnByBin.js';
import { addServed, type ServiceDraws } from './servedByBin.js';
import type { SiteSeries } from './siteMeter.js';

/** Watts over times inside the horizon. */
export interface Spans {
  readonly watts: Float64Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
}

/** Watts a job held over an interval inside the horizon. */
export interface JobDraws {
  readonly count: number;
  readonly watts: Float64Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
  /** Watts with no job running, at the start. */
  readonly idleW: number;
  /** What nodes add to them that join later, and (negative) take off them while they sleep; absent: none do. */
  readonly idleChanges?: Spans | undefined;
  readonly horizonMs: number;
  /** What the replicas of services drew beside; absent: there are none. */
  readonly services?: readonly ServiceDraws[] | undefined;
  /** What they come to in each quarter hour, W·ms; filled by the first audit. */
  byBin?: Float64Array;
  /** The same of {@link idleChanges}. */
  idleByBin?: Float64Array;
}

/** Largest relative difference between the two sides of an audit that rounding can explain. */
export const AUDIT_TOLERANCE = 1e-9;

/**
 * Recounts a site's energy and bill from the jobs, and compares with the meter.
 *
 * The meter integrated watts as they changed; here every job adds what it drew to its quarter hours
 * (drawnByBin.ts), which overhead and price multiply, so the two share no accumulation. Energy: jobs + idle (IT) + overhead = facility.
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
  const { binMs, overheadFactor, overheadW, facilityW } = series;
  const bins = series.itW.length;
  const { idleW, horizonMs } = draws;
  const drawnWms = (draws.byBin ??= addServed(drawnByBin(draws, binMs, bins), draws.services, binMs));
  const changedWms = changedByBin(draws, binMs, bins);
  let jobsWms = 0;
  let changedIdleWms = 0;
  let changedFacilityWms = 0;
  let changedEur = 0;
  let jobsFacilityWms = 0;
  let jobsEur = 0;
  let factorMs = 0;
  let idleEurPerW = 0;
  let fixedWms = 0;
  let fixedEur = 0;
  for (let bin = 0; bin < bins; bin++) {
    const eur = metered.binEur[bin]!;
    const mwh = (facilityW[bin]! * binMs) / WMS_PER_MWH;
    // EUR of a quarter hour without energy are nobody's.
    const eurPerMWh = mwh > 0 ? eur / mwh : 0;
    if (mwh <= 0) fixedEur += eur;
    const factor = overheadFactor[bin]!;
    const jobs = drawnWms[bin]!;
    jobsWms += jobs;
    jobsFacilityWms += jobs * factor;
    jobsEur += ((jobs * factor) / WMS_PER_MWH) * eurPerMWh;
    if (changedWms !== undefined) {
      const changed = changedWms[bin]!;
      changedIdleWms += changed;
      changedFacilityWms += changed * factor;
      changedEur += ((changed * factor) / WMS_PER_MWH) * eurPerMWh;
    }
    factorMs += factor * binMs;
    idleEurPerW += ((factor * binMs) / WMS_PER_MWH) * eurPerMWh;
    fixedWms += overheadW[bin]! * binMs;
    fixedEur += ((overheadW[bin]! * binMs) / WMS_PER_MWH) * eurPerMWh;
  }
  const idleWms = idleW * horizonMs + changedIdleWms;
  const idleFacilityWms = idleW * factorMs + changedFacilityWms;
  return {
    energy: balanced(site.id, 'energy (W·ms)', metered.facilityWms, {
      jobs: jobsWms,
      idle: idleWms,
      overhead: jobsFacilityWms - jobsWms + (idleFacilityWms - idleWms) + fixedWms,
    }),
    cost: balanced(site.id, 'cost (EUR)', metered.totalEur, {
      jobs: jobsEur,
      idle: idleW * idleEurPerW + changedEur,
      overhead: fixedEur + metered.yearEur,
    }),
  };
}

/** W·ms of nodes that joined or slept, beside those of the idle nodes at the start. */
function changedByBin(draws: JobDraws, binMs: number, bins: number): Float64Array | undefined {
  const { idleChanges, horizonMs } = draws;
  if (idleChanges === undefined) return undefined;
  const rows = { ...idleChanges, count: idleChanges.watts.length, idleW: 0, horizonMs };
  return (draws.idleByBin ??= drawnByBin(rows, binMs, bins));
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
