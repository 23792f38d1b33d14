import { resolve } from 'node:path';
import type { Command } from 'commander';
import { SimError } from '../base/errors.js';
import type { CommonOptions, RunOptions, ScenarioOptions } from './options.js';

export interface BenchOptions extends CommonOptions, RunOptions, ScenarioOptions {
  readonly baseline?: string;
  readonly rankBy: string;
  readonly precision?: number;
  readonly maxReps: number;
  readonly markdown?: string;
  readonly csv?: string;
}

/** Refuses options that contradict one another or could change nothing, as far as that shows without the scenario. */
export function refuseContradictions(options: BenchOptions, typed: (name: string) => boolean): void {
  const { markdown, csv, json, plain, precision, policies, set } = options;
  const onStdout = [markdown === '-' && '--markdown -', csv === '-' && '--csv -', json && '--json', plain && '--plain'];
  const claims = onStdout.filter((claim) => typeof claim === 'string');
  if (claims.length > 1) {
    throw new SimError(
      'usage',
      `expected one document for standard output, got ${claims.join(' and ')}. Give a file a name`,
    );
  }
  if (markdown !== undefined && csv !== undefined && resolve(markdown) === resolve(csv)) {
    throw new SimError('usage', `--csv and --markdown: expected two files, got ${csv} for both. Give one another name`);
  }
  if (precision === undefined && typed('maxReps')) {
    throw new SimError(
      'usage',
      '--max-reps: expected --precision with it, which adds replications up to that number; without it --reps says how many there are',
    );
  }
  const policySet = set.find((override) => /^\s*policy\s*(\[|\.|=)/.test(override));
  if (policies !== undefined && policySet !== undefined) {
    throw new SimError(
      'usage',
      `--set ${policySet}: expected no policy beside --policies, which says all of them. Leave one of the two out`,
    );
  }
}

/** Options typed for more replications: they change nothing where nothing is drawn at random. */
export function replicationOptions(command: Command): string[] {
  return (
    [
      ['reps', '--reps'],
      ['precision', '--precision'],
      ['maxReps', '--max-reps'],
    ] as const
  )
    .filter(([name]) => command.getOptionValueSource(name) === 'cli')
    .map(([, option]) => option);
}
