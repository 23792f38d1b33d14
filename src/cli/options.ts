import { InvalidArgumentError, Option, type Command } from 'commander';
import { SimError } from '../base/errors.js';
import type { BuildOutChoice } from '../plan/planTypes.js';
import type { Override } from '../scenario/overrides.js';
import { shellWord } from './shellWord.js';
import { makeTalk, type Talk } from './talk.js';

/** What every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly plain?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
}

/** What changes a scenario. */
export interface ScenarioOptions {
  readonly set: readonly string[];
  readonly seed?: string;
  readonly reps?: string;
  readonly policy?: string;
  readonly priceYear?: string;
  /** Of `bench`: all policies, already apart. */
  readonly policies?: readonly string[];
  /** Of `bench`: what its rounds have come to, over `reps`. */
  readonly replications?: number;
  /** Of `reliability` and `compare`: what sets a variant of the scenario apart. */
  readonly variant?: readonly Override[];
  /** Of `compare`: sites that a variant is planned for; absent: all. */
  readonly onlySites?: readonly string[];
  /** Of `buildout`: which year of it and how its phases come. */
  readonly buildOut?: BuildOutChoice;
}

/** How runs are done and where they go. */
export interface RunOptions {
  readonly threads?: number;
  readonly out?: string;
}

export function addCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print one JSON document').conflicts('plain'))
    .addOption(new Option('--plain', 'print tab-separated tables with full precision'))
    .option('-q, --quiet', 'no progress, no notes')
    .option('-v, --verbose', 'more notes: run keys, times')
    .option('--no-color', 'no colour, as NO_COLOR');
}

export function addScenarioOptions(command: Command): Command {
  return addDrawOptions(command).addOption(
    new Option('--policy <policy>', 'order+backfill@placement, or a list [a, b]').env('GIGASIM_POLICY'),
  );
}

/** Of commands whose answer depends on prices. */
export function addPriceOption(command: Command): Command {
  const meaning = "scale prices to a year's mean (2022, 2023, …), or read them from a CSV file";
  return command.addOption(
    new Option('--price-year <year|file>', meaning).env('GIGASIM_PRICE_YEAR').argParser(notEmpty),
  );
}

function notEmpty(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Expected a year or the name of a file, got nothing.');
}

/** What changes a scenario but its policies. */
export function addDrawOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--set <path=value>', 'override any key of the scenario; repeatable')
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], 'none'),
    )
    .addOption(new Option('--seed <seed>', 'seed of all random streams').env('GIGASIM_SEED'))
    .addOption(new Option('--reps <n>', 'replications').env('GIGASIM_REPS'));
}

export function addRunOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--threads <n>', 'runs done side by side (default: all cores)')
        .env('GIGASIM_THREADS')
        .argParser(wholeNumber),
    )
    .addOption(outOption('write a folder for each run; runs found there are not run again'));
}

export const outOption = (meaning: string): Option =>
  new Option('-o, --out <folder>', meaning).env('GIGASIM_OUT').argParser(folderName);

function folderName(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Expected the name of a folder, got nothing.');
}

/** Of a file to be written, or `-`. */
export function fileName(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Expected the name of a file, got nothing.');
}

/** Options common to commands that do runs, as the parser reads them. */
const RUN_FLAGS = {
  set: '--set <path=value>',
  seed: '--seed <seed>',
  reps: '--reps <n>',
  threads: '--threads <n>',
  out: '-o, --out <folder>',
} as const;

/**
 * Refuses common options that could change nothing in this command, with the reason: an option is never
 * accepted and ignored. Their variables (`GIGASIM_SEED`, …) are not looked at.
 */
export function refuseOptions(command: Command, reasons: Partial<Record<keyof typeof RUN_FLAGS, string>>): Command {
  for (const [name, reason] of Object.entries(reasons)) {
    const refuse = (): never => {
      throw new SimError('usage', `${command.name()} takes no --${name}: ${reason}`);
    };
    command.addOption(new Option(RUN_FLAGS[name as keyof typeof RUN_FLAGS]).argParser(refuse).hideHelp());
  }
  return command;
}

/** A number, whatever its size: what it may be is checked with everything else that is said about a machine. */
export function numeric(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isNaN(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

/**
 * The options among these that the user typed, as a shell reads them back with a blank before each, so that a
 * suggested command does the same: ` --set workload.load=0.7 --seed 3`.
 */
export function typedOptions(
  command: Command,
  names: readonly (keyof typeof RUN_FLAGS | 'policy' | 'priceYear')[],
): string {
  return names
    .filter((name) => command.getOptionValueSource(name) === 'cli')
    .flatMap((name) => {
      const value: unknown = command.getOptionValue(name);
      return (Array.isArray(value) ? value : [value]).map(
        (one) => ` --${name === 'priceYear' ? 'price-year' : name} ${shellWord(String(one))}`,
      );
    })
    .join('');
}

/** A whole number of at least 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Expected a whole number of at least 1.');
}

export function talkOf({ quiet, verbose, color }: CommonOptions): Talk {
  return makeTalk({ quiet: quiet ?? false, verbose: verbose ?? false, color });
}
