import type { CompareContext } from '../report/compareText.js';
import type { LoadedPlan } from './loadPlan.js';

/** What a report says besides its numbers, from the plans behind it. */
export function compareContext(plans: readonly LoadedPlan[]): CompareContext {
  const flagged = new Map(
    plans.flatMap(({ plan }) => plan.assumptions.map((figure) => [`${figure.document} ${figure.path}`, figure.flag])),
  );
  const flags = [...flagged.values()];
  return {
    questions: plans.map(({ plan }) => plan.question),
    baseYears: Object.fromEntries(plans.flatMap(({ plan }) => Object.entries(plan.baseYears))),
    flagged: {
      assumptions: flags.filter((flag) => flag === 'assumption').length,
      unverified: flags.filter((flag) => flag === 'unverified').length,
    },
    assumptionsCommand: `gigasim validate ${plans[0]!.argument} --assumptions`,
  };
}
