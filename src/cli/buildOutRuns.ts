import { buildOutYears } from '../plan/buildOutYears.js';
import type { BuildOutChoice, Plan } from '../plan/planTypes.js';
import type { Override } from '../scenario/overrides.js';
import { buildOutCases, type BuildOutCase } from '../report/buildOut.js';
import { TIMING_NAMES } from '../report/buildOutText.js';
import { plural } from '../report/numbers.js';
import { execute, type Executed } from './execute.js';
import type { LoadedPlan } from './loadPlan.js';
import type { RunOptions } from './options.js';
import type { Talk } from './talk.js';

export interface BuildOutRequest {
  /** The plan of the scenario with these changes, of a year of sites that grow. */
  readonly load: (variant: readonly Override[], buildOut: BuildOutChoice) => Promise<LoadedPlan>;
  /** Of the window. */
  readonly years: number;
  readonly options: RunOptions;
  readonly talk: Talk;
  /** Does the runs; replaced in tests. */
  readonly executed?: typeof execute;
}

export interface BuildOutDone extends Executed {
  /** Of the first year, as the scenario says. */
  readonly plan: Plan;
  readonly cases: readonly BuildOutCase[];
}

/**
 * Simulates every year of the window under every timing of the phases, all in one pool. Years that two timings have in
 * common, from the last date on, are simulated once.
 */
export async function runBuildOut(request: BuildOutRequest): Promise<BuildOutDone> {
  const { load, years: windowYears, options, talk, executed: run = execute } = request;
  const { argument, plan } = await load([], { timing: 'as-planned', windowYears });
  const choices = buildOutYears(plan.buildOuts!);
  const years = [];
  for (const { overrides, ...choice } of choices) {
    const planned = await load(overrides, { timing: choice.timing });
    years.push({ ...choice, plan: planned.plan, label: `${choice.calendarYear} ${TIMING_NAMES[choice.timing]}` });
  }
  talk.say(`${plural(years.length, 'year')} of ${plural(plan.buildOuts!.length, 'site')} under three timings`);
  const [first, ...variants] = years as [(typeof years)[number], ...typeof years];
  const ended = await run([{ argument, plan: first.plan, label: first.label, variants }], options, talk);
  const [done] = ended.done;
  const results = [done!.results, ...done!.variantResults];
  const cases = buildOutCases(
    plan,
    years.map(({ timing, index, plan: of }, at) => ({ timing, index, plan: of, results: results[at]! })),
  );
  return { ...ended, plan, cases };
}
