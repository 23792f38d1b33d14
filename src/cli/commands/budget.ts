import { InvalidArgumentError, type Command } from 'commander';
import { readBytes } from '../../io/files.js';
import { openLibrary } from '../../io/library.js';
import { buildId, builtInScenariosFolder } from '../../io/package.js';
import { budgetChoices, budgetRows, budgetRuns, type BudgetRequest } from '../../plan/budget.js';
import { budgetJson, budgetPlain, budgetText } from '../../report/budgetText.js';
import { WORKLOAD_DEFAULTS } from '../../scenario/defaults.js';
import { simulate } from '../../sim/simulate.js';
import { addCommonOptions, numeric, refuseOptions, talkOf, wholeNumber, type CommonOptions } from '../options.js';

interface BudgetOptions extends CommonOptions {
  readonly eur: number;
  readonly hardware?: readonly string[];
  readonly site?: readonly string[];
  readonly model?: string;
  readonly jobGpus?: number;
  readonly grant?: number;
  readonly wacc?: number;
  readonly sold: number;
  readonly boughtAfter: number;
}

export function define(command: Command): void {
  const sold = WORKLOAD_DEFAULTS.load.value;
  command
    .requiredOption('--eur <amount>', 'for all that is bought, gross of a grant, e.g. 4e9', positive)
    .option('--hardware <names>', 'of gigasim list hardware, commas between (default: all with a price)', names)
    .option('--site <names>', 'of gigasim list sites, commas between (default: all that give their capital)', names)
    .option('--model <name>', 'of gigasim list models: what the GPUs train')
    .option('--job-gpus <n>', 'GPUs of each training job (default: 16,384, or what there is)', wholeNumber)
    .option('--grant <fraction>', 'of all purchase prices, 0 to 1 (default: 0)', numeric)
    .option('--wacc <fraction>', 'cost of capital a year (default: 0.08)', numeric)
    .option('--sold <fraction>', 'of the GPUs, all the time', share, sold)
    .option('--bought-after <years>', 'hardware is bought so long after its prices, which fall', atLeast0, 0);
  const why = 'a budget is worked out on one year of the library';
  refuseOptions(addCommonOptions(command), { set: why, seed: why, reps: why, threads: why, out: why });
  command.action(budget);
}

function budget(options: BudgetOptions): void {
  const talk = talkOf(options);
  const { eur, hardware, site: sites, model, jobGpus, grant, wacc, sold, boughtAfter } = options;
  const request: BudgetRequest = {
    ...{ eur, hardware, sites, model, jobGpus, wacc },
    grantFraction: grant,
    soldFraction: sold,
    boughtAfterYears: boughtAfter,
  };
  const library = openLibrary([builtInScenariosFolder()]);
  const runs = budgetRuns(budgetChoices(request, library), { library, readFile: readBytes, buildVersion: buildId() });
  const done = runs.map((run) => ({ run, sites: simulate(run.spec, run.inputs).sites }));
  const rows = budgetRows(request, done, library);
  if (options.json) talk.json(budgetJson(request, rows));
  else talk.data(options.plain ? budgetPlain(request, rows) : budgetText(request, rows));
}

const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

function positive(text: string): number {
  const value = numeric(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected an amount in EUR above 0, such as 4e9.');
}

function share(text: string): number {
  const value = numeric(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a fraction above 0 and at most 1.');
}

function atLeast0(text: string): number {
  const value = numeric(text);
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected years, at least 0.');
}
