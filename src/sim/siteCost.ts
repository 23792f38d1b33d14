import { MS_PER_HOUR } from '../base/units.js';
import { siteCost, type SiteCost } from '../economics/siteCost.js';
import { hoursOfYear } from '../energy/calendar.js';
import type { SiteIndicators } from '../metrics/siteIndicators.js';
import type { TrainedWork } from '../metrics/siteTraining.js';
import type { SiteSpec } from '../scenario/runSpec.js';

/** What a site costs to own over the horizon, its bill included; nothing where the site is not costed. */
export function settledCost(
  { capital }: SiteSpec,
  hours: {
    readonly gpuHoursUsed: number;
    readonly gpuHoursSold?: number | undefined;
    readonly usefulGpuHours?: number | undefined;
    readonly trained?: TrainedWork | undefined;
    readonly calendarYear: number;
  },
  settled: {
    readonly energyEur: number;
    readonly horizonMs: number;
    readonly indicators: SiteIndicators | undefined;
  },
): SiteCost | undefined {
  if (capital === undefined || hours.gpuHoursSold === undefined) return undefined;
  const { energyEur, horizonMs, indicators } = settled;
  return siteCost(capital, {
    allocatedGpuHours: hours.gpuHoursUsed,
    soldGpuHours: hours.gpuHoursSold,
    usefulGpuHours: hours.usefulGpuHours,
    ...hours.trained,
    energyEur,
    waterM3: indicators?.winM3,
    heatRevenueEur: indicators?.heatRevenueEur,
    years: horizonMs / (hoursOfYear(hours.calendarYear) * MS_PER_HOUR),
  });
}
