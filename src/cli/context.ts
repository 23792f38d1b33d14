import { shellWord } from './shellWord.js';
import type { CompareContext } from '../report/compareText.js';
import type { LoadedPlan } from './loadPlan.js';

/**
 * What a report says besides its numbers, from the plans behind it.
 *
 * @param typed - options that belong to a command about the same scenarios, with a blank before each
 */
export function compareContext(plans: readonly LoadedPlan[], typed = ''): CompareContext {
  const flagged = new Map(
    plans.flatMap(({ plan }) => plan.assumptions.map((figure) => [`${figure.document} ${figure.path}`, figure.flag])),
  );
  const flags = [...flagged.values()];
  return {
    questions: plans.map(({ plan }) => plan.question),
    baseYears: Object.fromEntries(plans.flatMap(({ plan }) => Object.entries(plan.baseYears))),
    industryPrices: Object.fromEntries(plans.flatMap(({ plan }) => Object.entries(plan.industryPrices ?? {}))),
    flagged: {
      assumptions: flags.filter((flag) => flag === 'assumption').length,
      unverified: flags.filter((flag) => flag === 'unverified').length,
    },
    resampled: plans.some(({ plan }) => plan.config.some(({ key, value }) => key === 'prices' && value === 'resample')),
    assumptionsCommand: `gigasim validate ${plans.map(({ argument }) => shellWord(argument)).join(' ')} --assumptions${typed}`,
  };
}
