import { billTotal } from '../economics/energyBill.js';
import { costTotal } from '../economics/siteCost.js';
import type { AuditLine, SiteResult, SiteShare } from './runResult.js';
import { carbonTotal } from './siteCarbon.js';
import { siteTraining } from './siteTraining.js';

/**
 * The sites of one broker as if they were one: energy, money, carbon, peaks and hours are sums, the rest follows from
 * sums. Each site has its own meter and pays its own peak, so the peak is the sum of the sites' peaks, at least as
 * high as the highest 15 minutes of all together; the mean price is that of the sites' mean prices.
 */
export function siteTotal(sites: readonly SiteResult[]): SiteResult {
  const sum = (of: (site: SiteResult) => number): number => sites.reduce((total, site) => total + of(site), 0);
  const bill = billTotal(sites.map(({ bill: own }) => own));
  const itMWh = sum((site) => site.itMWh);
  const facilityMWh = sum((site) => site.facilityMWh);
  const meanFacilityMW = sum((site) => site.meanFacilityMW);
  const peakFacilityMW = sum((site) => site.peakFacilityMW);
  const gpuHoursUsed = sum((site) => site.gpuHoursUsed);
  const carbonKt = sum((site) => site.carbonKt);
  const costs = sites.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
  const shares = sites.flatMap(({ share }) => (share === undefined ? [] : [share]));
  return {
    id: ALL_SITES,
    itMWh,
    facilityMWh,
    meanFacilityMW,
    peakFacilityMW,
    meanItMW: sum((site) => site.meanItMW),
    peakItMW: sum((site) => site.peakItMW),
    pue: facilityMWh / itMWh,
    loadFactor: meanFacilityMW / peakFacilityMW,
    meanPriceEurPerMWh: sum((site) => site.meanPriceEurPerMWh) / sites.length,
    paidPriceEurPerMWh: sum((site) => site.paidPriceEurPerMWh * site.facilityMWh) / facilityMWh,
    deliveredEurPerMWh: bill.totalEur / facilityMWh,
    bill,
    gpuHoursUsed,
    eurPerGpuHour: bill.totalEur / gpuHoursUsed,
    ...usefulTotal(sites, bill.totalEur),
    ...trainingTotal(sites, bill.totalEur, facilityMWh),
    carbonKt,
    carbonKgPerMWh: (carbonKt * 1e6) / facilityMWh,
    ...carbonAccountTotal(sites, facilityMWh, gpuHoursUsed),
    negativePriceHours: sum((site) => site.negativePriceHours),
    ...(costs.length < sites.length ? {} : { cost: costTotal(costs) }),
    auditEnergyWms: auditTotal(sites.map(({ auditEnergyWms }) => auditEnergyWms)),
    auditCostEur: auditTotal(sites.map(({ auditCostEur }) => auditCostEur)),
    ...(shares.length === 0 ? {} : { share: shareTotal(shares) }),
  };
}

function usefulTotal(
  sites: readonly SiteResult[],
  totalEur: number,
): Pick<SiteResult, 'usefulGpuHours' | 'eurPerUsefulGpuHour'> {
  if (sites.some(({ usefulGpuHours }) => usefulGpuHours === undefined)) return {};
  const usefulGpuHours = sites.reduce((total, site) => total + site.usefulGpuHours!, 0);
  return { usefulGpuHours, eurPerUsefulGpuHour: totalEur / usefulGpuHours };
}

function trainingTotal(
  sites: readonly SiteResult[],
  totalEur: number,
  facilityMWh: number,
): Pick<SiteResult, 'training'> {
  const trained = sites.flatMap(({ training }) => (training === undefined ? [] : [training]));
  if (trained.length < sites.length) return {};
  const exaFlopDays = trained.reduce((sum, site) => sum + site.exaFlopDays, 0);
  const tokens = trained.every((site) => site.tokens !== undefined)
    ? trained.reduce((sum, site) => sum + site.tokens!, 0)
    : undefined;
  return { training: siteTraining({ exaFlopDays, tokens }, totalEur, facilityMWh) };
}

/** Where every site has an account. */
function carbonAccountTotal(
  sites: readonly SiteResult[],
  facilityMWh: number,
  gpuHoursUsed: number,
): Pick<SiteResult, 'carbon'> {
  const accounts = sites.flatMap(({ carbon }) => (carbon === undefined ? [] : [carbon]));
  if (accounts.length < sites.length) return {};
  const total = (of: (site: SiteResult) => number | undefined): number | undefined => {
    const values = sites.map(of);
    return values.every((value) => value !== undefined) ? values.reduce((sum, value) => sum + value, 0) : undefined;
  };
  const usefulGpuHours = total((site) => site.usefulGpuHours);
  const tokens = total((site) => site.training?.tokens);
  return { carbon: carbonTotal(accounts, facilityMWh, { gpuHoursUsed, usefulGpuHours, tokens }) };
}

/** Name of the total of several sites. */
export const ALL_SITES = 'all sites';

function shareTotal(shares: readonly SiteShare[]): SiteShare {
  const sum = (of: (share: SiteShare) => number): number => shares.reduce((total, share) => total + of(share), 0);
  const gpus = sum((share) => share.gpus);
  const waits = sum((share) => share.waits);
  const waitedMs = sum((share) => (share.waits === 0 ? 0 : share.waits * share.waitMeanMs));
  return {
    gpus,
    submitted: sum((share) => share.submitted),
    fromElsewhere: sum((share) => share.fromElsewhere),
    utilisationFraction: sum((share) => share.utilisationFraction * share.gpus) / gpus,
    waits,
    waitMeanMs: waitedMs / waits,
  };
}

function auditTotal(lines: readonly AuditLine[]): AuditLine {
  const sum = (of: (line: AuditLine) => number): number => lines.reduce((total, line) => total + of(line), 0);
  return {
    siteTotal: sum((line) => line.siteTotal),
    jobs: sum((line) => line.jobs),
    idle: sum((line) => line.idle),
    overhead: sum((line) => line.overhead),
    relativeError: Math.max(...lines.map((line) => line.relativeError)),
  };
}
