import type { ScheduleMeasure, SiteMeasure } from './measures.js';
import { measure } from './measures.js';
import { CARBON_KT, ENERGY_MWH, GPU_HOURS, MONEY_EUR, POWER_MW, WAIT_MS } from './scales.js';

/** What a site costs. */
export const EUR_PER_GPU_HOUR: SiteMeasure = measure(
  'eurPerGpuHour',
  'EUR per',
  'GPU-hour',
  4,
  ({ site }) => site.eurPerGpuHour,
);
/** The same over the GPU-hours that were productive and not lost again; of runs with phases. */
export const EUR_PER_USEFUL_GPU_HOUR: SiteMeasure = measure(
  'eurPerUsefulGpuHour',
  'EUR per useful',
  'GPU-hour',
  4,
  ({ site }) => site.eurPerUsefulGpuHour ?? Number.NaN,
);
export const TOTAL_EUR: SiteMeasure = {
  key: 'totalEur',
  title: 'energy cost',
  scales: MONEY_EUR,
  decimals: 2,
  of: ({ site }) => site.bill.totalEur,
};
export const PRICE_MEASURES: readonly SiteMeasure[] = [
  measure('deliveredEurPerMWh', 'delivered', 'EUR/MWh', 2, ({ site }) => site.deliveredEurPerMWh),
  measure('paidPriceEurPerMWh', 'price paid', 'EUR/MWh', 2, ({ site }) => site.paidPriceEurPerMWh),
  measure('meanPriceEurPerMWh', 'mean price', 'EUR/MWh', 2, ({ site }) => site.meanPriceEurPerMWh),
];

/** What a site draws and emits. */
export const POWER_MEASURES: readonly SiteMeasure[] = [
  { key: 'facilityMWh', title: 'energy', scales: ENERGY_MWH, decimals: 1, of: ({ site }) => site.facilityMWh },
  { key: 'meanFacilityMW', title: 'mean', scales: POWER_MW, decimals: 1, of: ({ site }) => site.meanFacilityMW },
  { key: 'peakFacilityMW', title: 'peak', scales: POWER_MW, decimals: 1, of: ({ site }) => site.peakFacilityMW },
  measure('loadFactor', 'load', 'mean/peak', 3, ({ site }) => site.loadFactor),
  measure('pue', 'PUE', '', 3, ({ site }) => site.pue),
  { key: 'carbonKt', title: 'carbon', scales: CARBON_KT, decimals: 2, of: ({ site }) => site.carbonKt },
  measure('carbonKgPerMWh', 'carbon', 'kg/MWh', 1, ({ site }) => site.carbonKgPerMWh),
];

/** What the schedule delivered. */
export const SCHEDULE_MEASURES: readonly ScheduleMeasure[] = [
  {
    key: 'gpuHoursUsed',
    title: 'GPU-hours used',
    scales: GPU_HOURS,
    decimals: 2,
    of: ({ gpuHoursUsed }) => gpuHoursUsed,
  },
  measure('utilisationFraction', 'utilisation', '%', 2, ({ utilisationFraction }) => 100 * utilisationFraction),
  { key: 'waitMeanMs', title: 'mean wait', scales: WAIT_MS, decimals: 2, of: ({ wait }) => wait.meanMs },
  { key: 'waitP95Ms', title: 'p95 wait', scales: WAIT_MS, decimals: 2, of: ({ wait }) => wait.p95Ms },
  measure('queueMean', 'queued', 'mean jobs', 1, ({ queueMean }) => queueMean),
  measure('submitted', 'submitted', 'jobs', 0, ({ submitted }) => submitted),
];
