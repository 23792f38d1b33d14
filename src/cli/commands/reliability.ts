import { Option, type Command } from 'commander';
import { ensureWritableFile, writeFileAtomic } from '../../io/files.js';
import { buildId } from '../../io/package.js';
import { SimError } from '../../base/errors.js';
import { bestOf, RELIABILITY_MEASURES } from '../../report/reliability.js';
import { reliabilityJson } from '../../report/reliabilityJson.js';
import {
  reliabilityCsv,
  reliabilityPlain,
  reliabilityText,
  type ReliabilityContext,
} from '../../report/reliabilityText.js';
import { settingOverrides } from '../../plan/reliabilitySweep.js';
import { finishRuns } from '../finish.js';
import { loadPlans } from '../loadPlan.js';
import {
  addCommonOptions,
  addRunOptions,
  addScenarioOptions,
  fileName,
  talkOf,
  typedOptions,
  wholeNumber,
} from '../options.js';
import { countList, intervalList, rateList, sizeList, type ReliabilityOptions } from '../reliabilityOptions.js';
import { firstOfEach, runReliability, type ReliabilityDone } from '../reliabilityRuns.js';
import { shellWord } from '../shellWord.js';

export function define(command: Command): void {
  command
    .argument('<scenario>', 'a file, a name from gigasim list scenarios, or -; with reliability')
    .addOption(
      new Option(
        '--intervals <list>',
        "work between checkpoints, as daly,5min,1h (default: Daly's and five around it)",
      ).argParser(intervalList),
    )
    .addOption(
      new Option(
        '--spares <list>',
        "spare nodes of each partition, as 0,16,64 (default: none, a quarter of the scenario's, and four times it)",
      ).argParser(countList),
    )
    .addOption(
      new Option(
        '--rates <list>',
        "factors of the rate of failures, as 0.5,1,2 (default: half and twice the scenario's)",
      ).argParser(rateList),
    )
    .addOption(
      new Option(
        '--gpus <list>',
        'sizes of a gang alone on the machine, as 1024,16384 (default: powers of four up to the machine)',
      ).argParser(sizeList),
    )
    .option('--grid', 'every interval with every number of spares at every rate, not one at a time')
    .addOption(
      new Option('--only <part>', "the scenario's own jobs, or lone gangs, which are quick").choices(['site', 'gang']),
    )
    .addOption(
      new Option('--rank-by <measure>', 'what is best')
        .choices(RELIABILITY_MEASURES.map(({ key }) => key))
        .default('ettr'),
    )
    .addOption(new Option('--max-runs <n>', 'refuse to do more').argParser(wholeNumber).default(2000))
    .addOption(new Option('--csv <file>', 'write a row for each setting, - for standard output').argParser(fileName));
  addCommonOptions(addRunOptions(addScenarioOptions(command)));
  command.action(reliability);
}

async function reliability(scenario: string, options: ReliabilityOptions, command: Command): Promise<void> {
  const talk = talkOf(options);
  const { csv, json, plain } = options;
  refuseContradictions(options);
  if (csv !== undefined && csv !== '-') ensureWritableFile(csv, '--csv');
  const done = await runReliability({
    load: async (variant) => (await loadPlans([scenario], { ...options, variant }, command))[0]!,
    options,
    talk,
    buildVersion: buildId(),
  });
  const { sites, gangs, failed, interruptedBy } = done;
  const context = contextOf(done, options);
  if (csv === '-') talk.data(reliabilityCsv(sites, gangs));
  else if (json)
    talk.json({ ...reliabilityJson(sites, gangs, context), failed, interrupted: interruptedBy !== undefined });
  else talk.data(plain ? reliabilityPlain(sites, gangs) : reliabilityText(sites, gangs, context));
  if (csv !== undefined && csv !== '-') {
    writeFileAtomic(csv, reliabilityCsv(sites, gangs));
    talk.say(`wrote ${csv}`);
  }
  finishRuns({ ...done, failed: firstOfEach(failed) }, options, talk, nextCommand(scenario, done, context, command));
}

function refuseContradictions({ csv, json, plain, only, gpus, spares, rates, grid }: ReliabilityOptions): void {
  const refuse = (message: string): never => {
    throw new SimError('usage', message);
  };
  const onStdout = [csv === '-' && '--csv -', json && '--json', plain && '--plain'].filter(Boolean);
  if (onStdout.length > 1)
    refuse(`expected one document for standard output, got ${onStdout.join(' and ')}. Give a file a name`);
  if (only === 'site' && gpus !== undefined)
    refuse('--gpus: expected no --only site with it, which leaves lone gangs out');
  if (only !== 'gang') return;
  const idle = [spares && '--spares', rates && '--rates', grid && '--grid'].filter(Boolean);
  if (idle.length > 0)
    refuse(
      `${idle.join(' and ')}: expected no --only gang with it: lone gangs are swept by interval and size. ` +
        'To change their spares or rate: --set reliability.rateFactor=2',
    );
}

function contextOf({ plan }: ReliabilityDone, { rankBy, grid }: ReliabilityOptions): ReliabilityContext {
  const { reliability: of, traits, workload } = plan.specs[0]!;
  const beyond = [of!.lemons && 'lemon nodes', of!.burnIn && 'burn-in', of!.stragglers && 'slow nodes'];
  return {
    question: plan.question,
    document: of!.name,
    by: RELIABILITY_MEASURES.find(({ key }) => key === rankBy)!,
    full: grid === true,
    ownIntervals: (traits ?? []).flatMap(({ checkpointMs, stateless }, index) =>
      checkpointMs > 0 && stateless !== true ? [workload.classNames[index]!] : [],
    ),
    beyondClosedForm: beyond.filter((name) => typeof name === 'string'),
  };
}

/** The best setting's own goodput by cause. */
function nextCommand(
  scenario: string,
  { sites, own, plan }: ReliabilityDone,
  { by }: ReliabilityContext,
  command: Command,
): string | undefined {
  if (scenario === '-') return undefined;
  const typed = typedOptions(command, ['set', 'seed', 'policy', 'out']);
  const [found] = sites;
  if (found === undefined || found.cells.length === 0)
    return `gigasim run ${shellWord(scenario)} --reps 1${typed}   what the failures of the scenario's own jobs cost, by cause`;
  const { setting } = bestOf(
    found.cells.filter(({ setting: { rateFactor } }) => rateFactor === own.rateFactor),
    by,
  );
  const bases = plan.groups.map((_, group) => plan.specs[plan.runs.findIndex((run) => run.group === group)]!);
  const best = settingOverrides(setting, own, bases).map(({ text }) => ` --set ${shellWord(text)}`);
  return `gigasim run ${shellWord(scenario)} --reps 1${typed}${best.join('')}   what failures cost with the best setting, by cause`;
}
