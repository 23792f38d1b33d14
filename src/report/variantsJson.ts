import type { Candidate } from './candidates.js';
import { estimate, type Estimate } from '../metrics/statistics.js';
import { costStack } from './costStack.js';
import { powerComparisons } from './powerPolicies.js';
import type { PriceYears } from './priceYears.js';
import type { Tornado } from './tornado.js';

export const estimateJson = ({ mean, halfWidth }: Estimate): Record<string, unknown> => ({
  mean,
  halfWidth95: Number.isFinite(halfWidth) ? halfWidth : null,
});

/** EUR per GPU-hour by term, by candidate. */
export function costStackJson(candidates: readonly Candidate[]): Record<string, unknown> {
  const { per, isAllIn, terms, totals } = costStack(candidates);
  return {
    per,
    allIn: isAllIn,
    candidates: candidates.map(({ label }, index) => ({
      candidate: label,
      total: estimateJson(estimate(totals[index]!)),
      terms: terms.map(({ name, group, values }) => ({ name, group, ...estimateJson(estimate(values[index]!)) })),
    })),
  };
}

export function priceYearsJson({ measure, years, rows, gaps, changes }: PriceYears): Record<string, unknown> {
  return {
    measure: measure.key,
    years,
    candidates: rows.map(({ candidate, cells, first }) => ({
      candidate: candidate.label,
      timesFirst: first,
      years: cells.map((cell) =>
        cell === undefined ? null : { rank: cell.rank === '' ? null : cell.rank, ...estimateJson(cell.cost) },
      ),
    })),
    gaps,
    changes: changes.map(({ from, to, changes: found }) => ({ from, to, ...found })),
  };
}

export function tornadoJson(found: Tornado): Record<string, unknown> {
  return {
    measure: found.measure.key,
    changeFraction: found.changeFraction,
    first: found.first.label,
    second: found.second?.label ?? null,
    cost: estimateJson(found.cost),
    gap: found.gap === undefined ? null : estimateJson(found.gap),
    inputs: found.rows.map(({ key, name, affects, swing, gapSwing, ends }) => ({
      ...{ key, name, affects, swing, gapSwing },
      ends: ends.map(({ changeFraction, cost, gap, changes }) => ({
        changeFraction,
        costChange: estimateJson(cost),
        gap: gap === undefined ? null : estimateJson(gap),
        ranking: changes,
      })),
    })),
    leftOut: found.leftOut,
  };
}

export function powerPoliciesJson(candidates: readonly Candidate[]): Record<string, unknown>[] {
  return powerComparisons(candidates).map(({ baseline, policies }) => ({
    baseline: baseline.label,
    policies: policies.map(({ candidate, power, effects, eurPerLostGpuHour }) => ({
      ...{ candidate: candidate.label, power },
      effects: Object.fromEntries(
        effects.map(({ effect, difference, verdict }) => [effect.key, { ...estimateJson(difference), verdict }]),
      ),
      eurPerLostGpuHour: eurPerLostGpuHour === undefined ? null : estimateJson(eurPerLostGpuHour),
    })),
  }));
}
