import { InvalidArgumentError, Option, type Command } from 'commander';
import { SimError } from '../../base/errors.js';
import { ensureWritableFile, writeFileAtomic } from '../../io/files.js';
import type { Plan } from '../../plan/plan.js';
import { parsePolicy } from '../../policy/parse.js';
import { rankPolicies } from '../../report/bench.js';
import { benchJson } from '../../report/benchJson.js';
import { BENCH_MEASURES, benchMeasure } from '../../report/benchMeasures.js';
import { benchCsv, benchMarkdown, benchPlain, benchText, type BenchContext } from '../../report/benchText.js';
import { didYouMean } from '../../scenario/suggest.js';
import { refuseContradictions, replicationOptions, type BenchOptions } from '../benchOptions.js';
import { runBench, type BenchDone } from '../benchRounds.js';
import { compareContext } from '../context.js';
import { finishRuns } from '../finish.js';
import { loadPlans } from '../loadPlan.js';
import {
  addCommonOptions,
  addDrawOptions,
  addPriceOption,
  addRunOptions,
  fileName,
  talkOf,
  typedOptions,
  wholeNumber,
} from '../options.js';
import { shellWord } from '../shellWord.js';

export function define(command: Command): void {
  command.argument('<scenario>', 'a file, a name from gigasim list scenarios, or -');
  addPriceOption(addDrawOptions(command))
    .addOption(
      new Option(
        '--policies <a,b,c>',
        "policies to compare, the first is the baseline (default: the scenario's)",
      ).argParser(splitPolicies),
    )
    .addOption(new Option('--baseline <policy>', 'the policy that the others are compared with'))
    .addOption(
      new Option('--rank-by <measure>', 'what decides the ranking')
        .choices(BENCH_MEASURES.map(({ key }) => key))
        .default('jctMeanMs'),
    )
    .addOption(
      new Option(
        '--precision <percent>',
        'add replications until the half-width of the ranking measure is below this share of its mean',
      ).argParser(percent),
    )
    .addOption(
      new Option('--max-reps <n>', 'most replications that --precision may take').argParser(wholeNumber).default(100),
    )
    .addOption(
      new Option('--markdown <file>', 'write the report as Markdown, - for standard output').argParser(fileName),
    )
    .addOption(
      new Option('--csv <file>', 'write a row for each policy and measure, - for standard output').argParser(fileName),
    );
  addCommonOptions(addRunOptions(command));
  command.action(bench);
}

async function bench(scenario: string, options: BenchOptions, command: Command): Promise<void> {
  const talk = talkOf(options);
  const { markdown, csv, json, plain } = options;
  refuseContradictions(options, (name) => command.getOptionValueSource(name) === 'cli');
  if (markdown !== undefined && markdown !== '-') ensureWritableFile(markdown, '--markdown');
  if (csv !== undefined && csv !== '-') ensureWritableFile(csv, '--csv');
  const rankBy = benchMeasure(options.rankBy)!;
  const done = await runBench({
    load: async (policies, replications) => {
      const changed = {
        ...options,
        ...(policies === undefined ? {} : { policies }),
        ...(replications === undefined ? {} : { replications }),
      };
      const [loaded] = await loadPlans([scenario], changed, command);
      return loaded!;
    },
    baselineOf: (plan) => baselineOf(plan, options),
    rankBy,
    precision: options.precision,
    maxReplications: options.maxReps,
    options,
    talk,
  });
  const { cases, failed, interruptedBy } = done;
  const context = contextOf(done, rankBy, replicationOptions(command));
  const written = { markdown: () => benchMarkdown(cases, context), csv: () => benchCsv(cases) };
  if (markdown === '-') talk.data(written.markdown());
  else if (csv === '-') talk.data(written.csv());
  else if (json) talk.json({ ...benchJson(cases, context), failed, interrupted: interruptedBy !== undefined });
  else talk.data(plain ? benchPlain(cases) : benchText(cases, context));
  for (const kind of ['markdown', 'csv'] as const) {
    const file = options[kind];
    if (file === undefined || file === '-') continue;
    writeFileAtomic(file, written[kind]());
    talk.say(`wrote ${file}`);
  }
  finishRuns({ done: [done.done], failed, interruptedBy }, options, talk, nextCommand(scenario, done, rankBy, command));
}

/** The policy that `--baseline` names, written in any way that means it. */
function baselineOf({ policies }: Plan, { baseline, policies: typed }: BenchOptions): string {
  if (baseline === undefined) return policies[0]!.text;
  const parsed = parsePolicy(baseline);
  const text = parsed.ok ? parsed.policy.text : policies[typed?.indexOf(baseline.trim()) ?? -1]?.text;
  if (policies.some((policy) => policy.text === text)) return text!;
  const known = policies.map((policy) => policy.text);
  const message = `expected --baseline to be one of the policies compared (${known.join(', ')}), got ${baseline}`;
  throw new SimError('usage', message, [
    { path: '', message, hint: didYouMean(baseline, known) ?? 'Add it to --policies.' },
  ]);
}

function contextOf(
  { done, failed, precision }: BenchDone,
  rankBy: BenchContext['rankBy'],
  ignored: readonly string[],
): BenchContext {
  const { resampled } = compareContext([done]);
  const firstOf = new Map<string, string>();
  for (const { policy, error } of failed) if (!firstOf.has(policy)) firstOf.set(policy, error.message);
  return {
    question: done.plan.question,
    rankBy,
    resampled,
    precision,
    ignored,
    failed: [...firstOf].map(([policy, message]) => ({ policy, message })),
  };
}

/** The best policy's own curves. */
function nextCommand(
  scenario: string,
  { cases }: BenchDone,
  rankBy: BenchContext['rankBy'],
  command: Command,
): string | undefined {
  const [found] = cases;
  if (scenario === '-' || found === undefined || found.replications.length === 0) return undefined;
  const best = found.policies[rankPolicies(found, rankBy)[0]!.index]!.text;
  const typed = typedOptions(command, ['set', 'seed', 'priceYear', 'out']);
  return `gigasim run ${shellWord(scenario)} --reps 1 --policy ${shellWord(best)}${typed}   curves of power, price and queue`;
}

/** At commas outside parentheses. */
export function splitPolicies(text: string): string[] {
  const parts = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  if (parts.every((part) => part !== '')) return parts;
  throw new InvalidArgumentError('Expected policies separated by commas, such as fcfs+easy@pack,sjf+easy@pack.');
}

/** `2%` or `0.02` as a fraction. */
export function percent(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(text);
  const value = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a share of the mean such as 2% or 0.02.');
}
