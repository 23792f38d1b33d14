import { estimateCell, type Units } from './measures.js';
import { powerComparisons, type PowerComparison } from './powerPolicies.js';
import type { Candidate } from './candidates.js';
import { pickScale } from './scales.js';
import { left, right, type Cell, type ReportTable } from './table.js';

/** A row for each effect of each power policy, against the same site and policy without one; nothing where there is none. */
export function powerPoliciesTable(candidates: readonly Candidate[], units: Units): ReportTable | undefined {
  const compared = powerComparisons(candidates);
  if (compared.length === 0) return undefined;
  const several = compared.length > 1;
  return {
    columns: [
      ...(several ? [left('against')] : []),
      left('power policy'),
      left('effect'),
      left('unit'),
      right('difference'),
      right('verdict'),
    ],
    rows: compared.flatMap((one) => rowsOf(one, units).map((row) => (several ? [one.baseline.label, ...row] : row))),
  };
}

function rowsOf({ policies }: PowerComparison, units: Units): Cell[][] {
  return policies.flatMap(({ power, effects, eurPerLostGpuHour }) => [
    ...effects.map(({ effect, difference, verdict }): Cell[] => {
      const { unit, size } = units === 'fixed' ? effect.scales[0]! : pickScale(effect.scales, [difference.mean]);
      return [`~${power}`, effect.title, unit, estimateCell(difference, size, effect.decimals), verdict];
    }),
    [
      `~${power}`,
      'saved per lost GPU-hour',
      'EUR',
      eurPerLostGpuHour && estimateCell(eurPerLostGpuHour, 1, 3),
      eurPerLostGpuHour === undefined ? 'none clearly lost' : '',
    ],
  ]);
}
