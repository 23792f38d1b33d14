import { Option, type Command } from 'commander';
import type { Plan } from '../../plan/plan.js';
import { assumptionsTable, configTable, planJson, planText } from '../../report/planText.js';
import { tablePlain, tableText, type ReportTable } from '../../report/table.js';
import { jobsOf } from '../../sim/simulate.js';
import { loadPlans } from '../loadPlan.js';
import { sayNotes } from '../notes.js';
import {
  addCommonOptions,
  addPriceOption,
  addScenarioOptions,
  refuseOptions,
  talkOf,
  typedOptions,
  type CommonOptions,
  type ScenarioOptions,
} from '../options.js';
import { shellWord } from '../shellWord.js';
import type { Talk } from '../talk.js';

interface ValidateOptions extends CommonOptions, ScenarioOptions {
  readonly printConfig?: boolean;
  readonly assumptions?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<scenario...>', 'files, names from gigasim list scenarios, or -')
    .addOption(new Option('--print-config', 'each value with where it comes from').conflicts('assumptions'))
    .option('--assumptions', 'every flagged figure behind the results');
  refuseOptions(addCommonOptions(addPriceOption(addScenarioOptions(command))), {
    threads: 'nothing is run. gigasim run and compare take it',
    out: 'nothing is run, so there are no results to write. gigasim run and compare take it',
  });
  command.action(validate);
}

async function validate(scenarios: string[], options: ValidateOptions, command: Command): Promise<void> {
  const talk = talkOf(options);
  const documents: unknown[] = [];
  for (const { argument, plan } of await loadPlans(scenarios, options, command)) {
    if (options.printConfig && !options.json) showTable(configTable(plan), options, talk);
    else if (options.assumptions && !options.json) showTable(assumptionsTable(plan), options, talk);
    else {
      // Drawn for the first run alone: enough to count its jobs and to meet what only the generator can find.
      const jobs = jobsOf(plan.specs[0]!, plan.inputs).table.count;
      if (options.json) documents.push(planJson(argument, plan, jobs));
      else talk.data(`${planText(argument, plan, jobs)}\n`);
    }
    sayNotes([plan], talk);
    showKeys(plan, talk);
  }
  if (options.json) talk.json({ schemaVersion: 1, command: 'validate', scenarios: documents });
  if (scenarios.includes('-')) return;
  const typed = typedOptions(command, ['set', 'seed', 'reps', 'policy', 'priceYear']);
  talk.say(`next: gigasim compare ${scenarios.map(shellWord).join(' ')}${typed}`);
}

function showTable(table: ReportTable, { plain }: CommonOptions, talk: Talk): void {
  talk.data(`${plain ? tablePlain(table) : tableText(table)}\n`);
}

function showKeys(plan: Plan, talk: Talk): void {
  for (const { key, replication } of plan.runs) talk.detail(`run key ${key}, replication ${String(replication + 1)}`);
}
