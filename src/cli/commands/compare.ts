import type { Command } from 'commander';
import { collectCandidates } from '../../report/candidates.js';
import { compareJson } from '../../report/compareJson.js';
import { comparePlain, compareText } from '../../report/compareText.js';
import { execute } from '../execute.js';
import { loadPlans } from '../loadPlan.js';
import {
  addCommonOptions,
  addPriceOption,
  addRunOptions,
  addScenarioOptions,
  talkOf,
  typedOptions,
  type CommonOptions,
  type RunOptions,
  type ScenarioOptions,
} from '../options.js';
import { finishRuns, nextOptions } from '../finish.js';
import { shellWord } from '../shellWord.js';
import { compareContext } from '../context.js';
import { brokenPolicies, withoutPolicies } from '../brokenPolicies.js';

export function define(command: Command): void {
  command.argument('<scenario...>', 'files, names from gigasim list scenarios, or -');
  addCommonOptions(addRunOptions(addPriceOption(addScenarioOptions(command))));
  command.action(compare);
}

async function compare(
  scenarios: string[],
  options: CommonOptions & RunOptions & ScenarioOptions,
  command: Command,
): Promise<void> {
  const talk = talkOf(options);
  const plans = await loadPlans(scenarios, options, command);
  const executed = await execute(plans, options, talk);
  const leftOut = brokenPolicies(executed.failed);
  const found = collectCandidates(executed.done.map((done) => withoutPolicies(done, leftOut)));
  const context = { ...compareContext(plans, typedOptions(command, ['set', 'priceYear'])), leftOut };
  if (options.json)
    talk.json({
      ...compareJson(found, context),
      failed: executed.failed,
      interrupted: executed.interruptedBy !== undefined,
    });
  else if (options.plain) talk.data(comparePlain(found));
  else talk.data(compareText(found, context));
  const named = plans.find(({ argument }) => argument !== '-');
  const typed = named && nextOptions(command, named.plan, executed.failed);
  const next =
    named === undefined || typed === undefined
      ? undefined
      : `gigasim run ${shellWord(named.argument)} --reps 1${typed}   curves of power, price and queue`;
  finishRuns(executed, options, talk, next);
}
