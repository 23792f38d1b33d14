import { MS_PER_DAY, MS_PER_S } from '../base/units.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import type { SiteTraining } from './goodputResult.js';

/** Model FLOPs of one exaFLOP-day. */
export const FLOPS_PER_EXAFLOP_DAY = 1e18 * (MS_PER_DAY / MS_PER_S);
const TOKENS_PER_TRILLION = 1e12;

/** What the jobs of one site trained; tokens where all of them train one model. */
export type TrainedWork = Pick<SiteTraining, 'exaFlopDays' | 'tokens'>;

/**
 * What the jobs at each site trained inside the horizon; `undefined` where no class has a model. O(sites × classes).
 *
 * @param tokens - by site, then by class
 */
export function trainedBySite(
  tokens: Float64Array | undefined,
  traits: readonly ClassTraits[] | undefined,
): readonly TrainedWork[] | undefined {
  if (tokens === undefined || !traits?.some(({ training }) => training !== undefined)) return undefined;
  const models = new Set(traits.flatMap(({ training }) => (training === undefined ? [] : [training.model])));
  return Array.from({ length: tokens.length / traits.length }, (_, site) => {
    const own = tokens.subarray(site * traits.length, (site + 1) * traits.length);
    const exaFlopDays = own.reduce(
      (sum, count, index) => sum + (count * (traits[index]!.training?.flopsPerToken ?? 0)) / FLOPS_PER_EXAFLOP_DAY,
      0,
    );
    return { exaFlopDays, ...(models.size === 1 ? { tokens: own.reduce((sum, count) => sum + count, 0) } : {}) };
  });
}

/** The whole bill and energy of a site over what was trained there. */
export function siteTraining(
  { exaFlopDays, tokens }: TrainedWork,
  totalEur: number,
  facilityMWh: number,
): SiteTraining {
  return {
    exaFlopDays,
    eurPerExaFlopDay: totalEur / exaFlopDays,
    energyMWhPerExaFlopDay: facilityMWh / exaFlopDays,
    ...(tokens === undefined ? {} : { tokens, eurPerTrillionTokens: totalEur / (tokens / TOKENS_PER_TRILLION) }),
  };
}
