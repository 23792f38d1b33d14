import { join } from 'node:path';
import type { Command } from 'commander';
import { missingFromFolder } from '../../plan/storedInputs.js';
import { shownReplication } from '../../report/numbers.js';
import { runFullSpeed, runLevers, runText, siteTable, type FinishedRun } from '../../report/runText.js';
import { tablePlain } from '../../report/table.js';
import { wrap } from '../../report/wrap.js';
import { execute } from '../execute.js';
import { finishRuns, nextOptions } from '../finish.js';
import { loadPlans } from '../loadPlan.js';
import {
  addCommonOptions,
  addPriceOption,
  addRunOptions,
  addScenarioOptions,
  talkOf,
  type CommonOptions,
  type RunOptions,
  type ScenarioOptions,
} from '../options.js';
import { shellWord } from '../shellWord.js';

export function define(command: Command): void {
  command.argument('<scenario>', 'a file, a name from gigasim list scenarios, or -');
  addCommonOptions(addRunOptions(addPriceOption(addScenarioOptions(command))));
  command.action(run);
}

async function run(
  scenario: string,
  options: CommonOptions & RunOptions & ScenarioOptions,
  command: Command,
): Promise<void> {
  const talk = talkOf(options);
  const plans = await loadPlans([scenario], options, command);
  const executed = await execute(plans, options, talk);
  const { plan, results } = executed.done[0]!;
  const runs = plan.specs.flatMap((spec, index): FinishedRun[] => {
    const result = results[index];
    return result === undefined ? [] : [{ spec, inputs: plan.inputs, result, key: plan.runs[index]!.key }];
  });
  if (options.json) {
    const document = {
      schemaVersion: 2,
      command: 'run',
      scenario,
      question: plan.question,
      runs: runs.map(runJson),
      failed: executed.failed,
      interrupted: executed.interruptedBy !== undefined,
    };
    talk.json(document);
  } else if (options.plain) {
    if (runs.length > 0) talk.data(`${tablePlain(siteTable(runs, 'fixed'))}\n`);
  } else talk.data([wrap(plan.question), ...runs.map(runText)].join('\n\n\n') + '\n');
  const typed = nextOptions(command, plan, executed.failed);
  const only = runs.length === 1 && missingFromFolder(runs[0]!.spec) === undefined ? runs[0] : undefined;
  const next =
    options.out !== undefined && only !== undefined
      ? `gigasim explain ${shellWord(join(options.out, 'runs', only.key.slice(0, 16)))}   why a job waited`
      : typed === undefined
        ? undefined
        : `gigasim compare ${shellWord(scenario)}${typed}   ranked, with intervals`;
  finishRuns(executed, options, talk, scenario === '-' ? undefined : next);
}

function runJson(run: FinishedRun): Record<string, unknown> {
  const { spec, result, key } = run;
  const { fingerprint, schedule, sites } = result;
  const { policy, seed, replication } = spec;
  const levers = runLevers(run);
  return {
    ...{ key, policy: policy.text, seed, replication: shownReplication(replication), fingerprint, schedule, sites },
    ...(Object.keys(levers).length === 0 ? {} : { levers }),
    ...(schedule.power === undefined ? {} : { fullSpeed: runFullSpeed(run) }),
  };
}
