import { InvalidArgumentError, Option, type Command } from 'commander';
import { buildOutJson } from '../../report/buildOutJson.js';
import { buildOutPlain, buildOutText } from '../../report/buildOutText.js';
import { runBuildOut } from '../buildOutRuns.js';
import { finishRuns } from '../finish.js';
import { loadPlans } from '../loadPlan.js';
import {
  addCommonOptions,
  addPriceOption,
  addRunOptions,
  addScenarioOptions,
  talkOf,
  typedOptions,
  wholeNumber,
  type CommonOptions,
  type RunOptions,
  type ScenarioOptions,
} from '../options.js';
import { shellWord } from '../shellWord.js';

interface BuildOutOptions extends CommonOptions, RunOptions, ScenarioOptions {
  readonly years: number;
}

const MOST_YEARS = 30;

export function define(command: Command): void {
  command
    .argument('<scenario>', 'a file, a name from gigasim list scenarios, or -; with sites that grow by dates')
    .addOption(
      new Option('--years <n>', "calendar years from the scenario's calendarYear on").argParser(windowYears).default(6),
    );
  addCommonOptions(addRunOptions(addPriceOption(addScenarioOptions(command))));
  command.action(buildout);
}

async function buildout(scenario: string, options: BuildOutOptions, command: Command): Promise<void> {
  const talk = talkOf(options);
  const { json, plain, years } = options;
  const done = await runBuildOut({
    load: async (variant, buildOut) => (await loadPlans([scenario], { ...options, variant, buildOut }, command))[0]!,
    ...{ years, options, talk },
  });
  const { cases, plan, failed, interruptedBy } = done;
  const { question, baseYears } = plan;
  const context = { question, baseYears };
  if (json) talk.json({ ...buildOutJson(cases, context), failed, interrupted: interruptedBy !== undefined });
  else talk.data(plain ? buildOutPlain(cases) : buildOutText(cases, context));
  finishRuns(done, options, talk, nextCommand(scenario, plan.specs[0]!.calendarYear, command));
}

/** One year of it by itself. */
function nextCommand(scenario: string, calendarYear: number, command: Command): string | undefined {
  if (scenario === '-') return undefined;
  const typed = typedOptions(command, ['set', 'policy', 'priceYear']);
  return `gigasim run ${shellWord(scenario)} --reps 1${typed} --set calendarYear=${calendarYear}   one year of it, with its curves`;
}

function windowYears(text: string): number {
  const years = wholeNumber(text);
  if (years <= MOST_YEARS) return years;
  throw new InvalidArgumentError(`Expected at most ${MOST_YEARS} years.`);
}
