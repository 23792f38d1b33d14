import { Option, type Command } from 'commander';
import { collectCandidates } from '../../report/candidates.js';
import { compareJson } from '../../report/compareJson.js';
import { comparePlain, compareText } from '../../report/compareText.js';
import { plural } from '../../report/numbers.js';
import { execute } from '../execute.js';
import { loadPlans, type LoadedPlan } from '../loadPlan.js';
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
import { changeShare, plannedVariants, refuseIdleOptions, yearList, type VariantOptions } from '../compareVariants.js';
import { finishRuns, nextOptions } from '../finish.js';
import { shellWord } from '../shellWord.js';
import { compareContext } from '../context.js';
import { brokenPolicies, withoutPolicies } from '../brokenPolicies.js';

export function define(command: Command): void {
  command.argument('<scenario...>', 'files, names from gigasim list scenarios, or -');
  addCommonOptions(addRunOptions(addPriceOption(addScenarioOptions(command))));
  command
    .addOption(
      new Option(
        '--price-years <list>',
        'rank under the prices of each of these years too, as 2022,2023,2024',
      ).argParser(yearList),
    )
    .addOption(
      new Option('--sensitivity <scope>', 'vary what the bill depends on, all inputs (simulates anew), or none')
        .choices(['bill', 'all', 'none'])
        .default('bill'),
    )
    .addOption(
      new Option('--sensitivity-change <share>', 'vary each input by so much, either way')
        .argParser(changeShare)
        .default(0.2, '20%'),
    );
  command.action(compare);
}

async function compare(
  scenarios: string[],
  options: CommonOptions & RunOptions & ScenarioOptions & VariantOptions,
  command: Command,
): Promise<void> {
  const talk = talkOf(options);
  refuseIdleOptions(options, (name) => command.getOptionValueSource(name) === 'cli');
  const plans = await loadPlans(scenarios, options, command);
  const variants = await plannedVariants(plans, options, ({ argument }) => async (variant, onlySites) => {
    const [loaded] = await loadPlans(
      [argument],
      { ...options, variant, ...(onlySites === undefined ? {} : { onlySites }) },
      command,
    );
    return loaded!.plan;
  });
  if (variants.simulated > 0) talk.say(`${plural(variants.simulated, 'change')} of the schedule, each simulated anew`);
  const executed = await execute(variants.plans, options, talk);
  const leftOut = brokenPolicies(executed.failed);
  const found = collectCandidates(executed.done.map((done) => withoutPolicies(done, leftOut)));
  const context = { ...compareContext(plans, typedOptions(command, ['set', 'priceYear'])), leftOut };
  const told = variants.told(found, executed.done, leftOut);
  if (options.json)
    talk.json({
      ...compareJson(found, context, told),
      failed: executed.failed,
      interrupted: executed.interruptedBy !== undefined,
    });
  else if (options.plain) talk.data(comparePlain(found, told));
  else talk.data(compareText(found, context, told));
  const named = plans.find(({ argument }) => argument !== '-');
  const typed = named && nextOptions(command, named.plan, executed.failed);
  const next =
    named === undefined || typed === undefined
      ? undefined
      : [
          `gigasim run ${shellWord(named.argument)} --reps 1${typed}   curves of power, price and queue`,
          ...furtherLooks(plans, options, command),
        ].join('\nnext: ');
  finishRuns(executed, options, talk, next);
}

/** Calls of this command that tell more, where they were not made already. */
function furtherLooks(
  plans: readonly LoadedPlan[],
  { sensitivity, priceYears }: VariantOptions,
  command: Command,
): readonly string[] {
  if (plans.some(({ argument }) => argument === '-')) return [];
  const known = RECENT_YEARS.filter((year) => plans.every(({ plan }) => plan.priceYears?.includes(year) === true));
  const asksYears = priceYears === undefined && known.length > 0;
  if (!asksYears && sensitivity === 'all') return [];
  const scenarios = plans.map(({ argument }) => shellWord(argument)).join(' ');
  const typed = typedOptions(command, ['set', 'seed', 'reps', 'policy', 'priceYear', 'out']);
  const years = asksYears ? ` --price-years ${known.join(',')}` : '';
  const all = sensitivity === 'all' ? '' : ' --sensitivity all';
  const what = [...(asksYears ? ['in other years'] : []), ...(sensitivity === 'all' ? [] : ['for every input'])];
  return [`gigasim compare ${scenarios}${typed}${years}${all}   does the ranking hold ${what.join(', and ')}`];
}

/** What is proposed, where the zones have prices of them. */
const RECENT_YEARS = [2022, 2023, 2024, 2025];
