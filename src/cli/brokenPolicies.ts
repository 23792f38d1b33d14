import type { ScenarioResults } from '../report/candidates.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { DonePlan, FailedRun } from './execute.js';

/** Texts of policies that broke their contract or never ended: they would do so again, so nothing waits for them. */
export function brokenPolicies(failed: readonly FailedRun[]): readonly string[] {
  const broken = failed.filter(({ error: { code } }) => code === 'policy.contract' || code === 'run.deadlock');
  return [...new Set(broken.map(({ policy }) => policy))];
}

/**
 * The runs of a plan without those of some policies, so that the others can still be compared.
 *
 * @param done - `specs`: of a variant of the plan, whose results stand there then
 */
export function withoutPolicies(
  { argument, plan, results, specs = plan.specs }: DonePlan & { readonly specs?: readonly RunSpec[] },
  leftOut: readonly string[],
): ScenarioResults {
  const kept = specs.map((_, run) => run).filter((run) => !leftOut.includes(specs[run]!.policy.text));
  return {
    scenario: argument,
    specs: kept.map((run) => specs[run]!),
    deterministic: plan.deterministic,
    results: kept.map((run) => results[run]),
  };
}
