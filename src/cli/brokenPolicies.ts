import type { ScenarioResults } from '../report/candidates.js';
import type { DonePlan, FailedRun } from './execute.js';

/** Texts of policies that broke their contract or never ended: they would do so again, so nothing waits for them. */
export function brokenPolicies(failed: readonly FailedRun[]): readonly string[] {
  const broken = failed.filter(({ error: { code } }) => code === 'policy.contract' || code === 'run.deadlock');
  return [...new Set(broken.map(({ policy }) => policy))];
}

/** The runs of a plan without those of some policies, so that the others can still be compared. */
export function withoutPolicies({ argument, plan, results }: DonePlan, leftOut: readonly string[]): ScenarioResults {
  const kept = plan.specs.map((_, run) => run).filter((run) => !leftOut.includes(plan.specs[run]!.policy.text));
  return {
    scenario: argument,
    specs: kept.map((run) => plan.specs[run]!),
    deterministic: plan.deterministic,
    results: kept.map((run) => results[run]),
  };
}
