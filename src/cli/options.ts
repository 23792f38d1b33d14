import { InvalidArgumentError, Option, type Command } from 'commander';
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
  return command
    .addOption(
      new Option('--set <path=value>', 'override any key of the scenario; repeatable')
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], 'none'),
    )
    .addOption(new Option('--seed <seed>', 'seed of all random streams').env('GIGASIM_SEED'))
    .addOption(new Option('--reps <n>', 'replications').env('GIGASIM_REPS'))
    .addOption(new Option('--policy <policy>', 'order+backfill@placement, or a list [a, b]').env('GIGASIM_POLICY'));
}

export function addRunOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--threads <n>', 'runs done side by side (default: all cores)')
        .env('GIGASIM_THREADS')
        .argParser(wholeNumber),
    )
    .addOption(
      new Option('-o, --out <folder>', 'write a folder for each run; runs found there are not run again').env(
        'GIGASIM_OUT',
      ),
    );
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
