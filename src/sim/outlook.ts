import type { Outlook, PowerLimits } from '../policy/contracts.js';
import type { SiteSignals } from './marketView.js';
import { valueWithin } from './powerLimits.js';

/** What is to come at the sites, where the policy reads the market. */
export function outlookOf(signals: readonly SiteSignals[] | undefined): Outlook {
  if (signals === undefined) return NO_OUTLOOK;
  const ends = signals.map(({ priceEurPerMWh: { stepMs, values } }) => stepMs * values.length);
  return {
    priceEurPerMWh: (site, atMs) => valueWithin(signals[site]!.priceEurPerMWh, atMs),
    carbonKgPerMWh: (site, atMs) => valueWithin(signals[site]!.carbonKgPerMWh, atMs),
    overheadFactor: (site, atMs) => valueWithin(signals[site]!.overheadFactor, atMs),
    untilMs: Math.min(...ends),
  };
}

const absent = (): number => Number.NaN;
const NO_OUTLOOK: Outlook = {
  priceEurPerMWh: absent,
  carbonKgPerMWh: absent,
  overheadFactor: absent,
  untilMs: Number.NaN,
};

const unlimited = (): number => Number.POSITIVE_INFINITY;

/** Where nobody asks. */
export const NO_LIMITS: PowerLimits = {
  allowedW: unlimited,
  mostW: unlimited,
  orderedW: unlimited,
  orderEndMs: absent,
  coolableW: unlimited,
  rampW: unlimited,
  lastQuarterW: absent,
};
