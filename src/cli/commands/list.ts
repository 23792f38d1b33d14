import { Argument, type Command } from 'commander';
import { openLibrary } from '../../io/library.js';
import { builtInScenariosFolder } from '../../io/package.js';
import { catalogueTable, LISTED_KINDS } from '../../report/catalogueText.js';
import { tablePlain, tableText, type ReportTable } from '../../report/table.js';
import { addCommonOptions, refuseOptions, talkOf, type CommonOptions } from '../options.js';

const NEXT: Readonly<Record<string, string>> = {
  scenarios: 'gigasim compare tiny-two-sites',
  policies: 'gigasim bench tiny-policies --policies fcfs+easy@pack,sjf+easy@pack',
  zones: "gigasim compare tiny-two-sites --set 'sites[0].zone=ES'",
  models: 'gigasim throughput llama-3.1-405b --gpus 16384 --hardware h100-sxm',
  hardware: 'gigasim throughput llama-3.1-405b --gpus 16384 --hardware h100-sxm',
  sites: "gigasim compare eu-five --set 'sites=[gf-fr-hdf, gf-fi-kaj]'",
};

export function define(command: Command): void {
  command.addArgument(new Argument('<kind>', 'what to list').choices(LISTED_KINDS));
  const why = 'it shows what is shipped and runs nothing';
  refuseOptions(addCommonOptions(command), { set: why, seed: why, reps: why, threads: why, out: why });
  command.action(list);
}

function list(what: string, options: CommonOptions): void {
  const talk = talkOf(options);
  const table = catalogueTable(what, openLibrary([builtInScenariosFolder()]));
  if (options.json) talk.json({ schemaVersion: 1, [what]: entries(table) });
  else talk.data(`${options.plain ? tablePlain(table) : tableText(table)}\n`);
  talk.say(`next: ${NEXT[what] ?? 'gigasim list scenarios'}`);
}

/** Rows as objects by heading. */
const entries = ({ columns, rows }: ReportTable): Record<string, unknown>[] =>
  rows.map((row) => Object.fromEntries(columns.map(({ title }, column) => [title, row[column]])));
