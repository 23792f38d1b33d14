import { buildId } from '../io/package.js';
import { mergePlans } from '../plan/mergePlans.js';
import type { KeptResult } from '../report/runText.js';
import type { LoadedPlan } from './loadPlan.js';
import type { PlannedTask } from './results.js';

/** Runs to be done for a plan and its variants, and what comes of them for each. */
export interface PlannedRuns {
  readonly tasks: readonly PlannedTask[];
  /** Results of the tasks by index → of the plan, then of each variant, by their own runs. */
  readonly handBack: (results: readonly (KeptResult | undefined)[]) => readonly (readonly (KeptResult | undefined)[])[];
}

/** The runs of a plan; with variants those of all of them in as few as give the same (plan/mergePlans.ts). */
export function plannedRuns({ plan, label, variants = [] }: LoadedPlan): PlannedRuns {
  if (variants.length === 0) {
    const { specs, runs, inputs } = plan;
    return {
      tasks: specs.map((spec, run): PlannedTask => ({ key: runs[run]!.key, spec, inputs, label })),
      handBack: (results) => [results],
    };
  }
  const { runs, inputs, handBack } = mergePlans([plan, ...variants.map((variant) => variant.plan)], buildId());
  return {
    tasks: runs.map(({ key, spec, uses }): PlannedTask => {
      const first = uses[0]!;
      const own = plan.runs[first.run]!;
      if (first.plan > 0) return { key, spec, inputs, label: variants[first.plan - 1]!.label, isVariant: true };
      if (own.key === key) return { key, spec, inputs, label };
      return { key, spec, inputs, label, own: { key: own.key, spec: plan.specs[first.run]! } };
    }),
    handBack,
  };
}
