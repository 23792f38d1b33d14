import type { RunResult } from '../../src/metrics/runResult.js';
import { planScenario, type Plan } from '../../src/plan/plan.js';
import { simulate } from '../../src/sim/simulate.js';
import { shipped } from '../plan/planning.js';

export interface GoldenRun {
  readonly plan: Plan;
  readonly results: readonly RunResult[];
}

/** A shipped scenario, run on this thread. */
export function runShipped(name: string): GoldenRun {
  const readFile = (path: string): Uint8Array => {
    throw new Error(`${name} reads ${path}`);
  };
  const plan = planScenario(shipped.find('scenario', name)!, { library: shipped, readFile, buildVersion: 'golden' });
  return { plan, results: plan.specs.map((spec) => simulate(spec, plan.inputs, { keepJobs: true })) };
}
