import { carbonAccount, type CarbonAccount, type CountedEnergy } from '../economics/carbon.js';
import type { CarbonSpec } from '../scenario/facilitySpec.js';

/** A site's carbon account, and what a unit of work emitted, location-based. */
export interface SiteCarbon extends CarbonAccount {
  readonly gPerGpuHour: number;
  /** Of jobs with phases. */
  readonly gPerUsefulGpuHour?: number | undefined;
  /** Where all classes with a model train the same one. The whole site's carbon, jobs without a model included. */
  readonly gPerToken?: number | undefined;
}

export interface CountedWork {
  readonly gpuHoursUsed: number;
  readonly usefulGpuHours?: number | undefined;
  readonly tokens?: number | undefined;
}

/** Worked: 300 t over 1,000,000 GPU-hours are 300 g each; over 2·10^12 tokens 0.15 mg each. */
export function siteCarbon(spec: CarbonSpec, energy: CountedEnergy, work: CountedWork): SiteCarbon {
  return perWork(carbonAccount(spec, energy), work);
}

/** Several sites as if they were one. */
export function carbonTotal(sites: readonly SiteCarbon[], facilityMWh: number, work: CountedWork): SiteCarbon {
  const sum = (of: (site: SiteCarbon) => number): number => sites.reduce((total, site) => total + of(site), 0);
  const locationT = sum((site) => site.locationT);
  const marketT = sum((site) => site.marketT);
  const residualMWh = sum((site) => site.residualMWh);
  const account: CarbonAccount = {
    locationT,
    locationKgPerMWh: (locationT * 1000) / facilityMWh,
    marketT,
    marketKgPerMWh: (marketT * 1000) / facilityMWh,
    ppaMWh: sum((site) => site.ppaMWh),
    guaranteesMWh: sum((site) => site.guaranteesMWh),
    residualMWh,
    residualKgPerMWh: sum((site) => site.residualMWh * site.residualKgPerMWh) / residualMWh,
    residualGiven: sites.every((site) => site.residualGiven),
    shadowEur: sum((site) => site.shadowEur),
  };
  return perWork(account, work);
}

function perWork(account: CarbonAccount, { gpuHoursUsed, usefulGpuHours, tokens }: CountedWork): SiteCarbon {
  const grams = account.locationT * 1e6;
  return {
    ...account,
    gPerGpuHour: grams / gpuHoursUsed,
    ...(usefulGpuHours === undefined ? {} : { gPerUsefulGpuHour: grams / usefulGpuHours }),
    ...(tokens === undefined ? {} : { gPerToken: grams / tokens }),
  };
}
