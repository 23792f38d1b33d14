import type { Command } from 'commander';
import { SimError } from '../base/errors.js';
import { bundlePolicy } from '../io/bundlePolicy.js';
import { readBytes } from '../io/files.js';
import { buildId } from '../io/package.js';
import { storedRuns, type StoredManifest } from '../io/storedRuns.js';
import { storedSchedule } from '../plan/storedInputs.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import { loadPlans, type LoadedPlan } from './loadPlan.js';
import { typedOptions, type ScenarioOptions } from './options.js';
import { shellWord } from './shellWord.js';

/** Which run of several, and what changes a scenario. */
export interface RunChoice extends ScenarioOptions {
  /** 1-based, as reports count. */
  readonly replication?: number;
  readonly site?: string;
}

/** A run to be simulated again. */
export interface ChosenRun {
  readonly spec: RunSpec;
  readonly inputs: RunInputs;
  /** Where it was found on disk. */
  readonly recorded: { readonly folder: string; readonly fingerprint: string; readonly version: string } | undefined;
  /** What to call for the same run again: argument and options. */
  readonly words: string;
}

/**
 * The one run that an argument and options name: a run folder, a results folder or a scenario.
 *
 * @throws SimError `usage` that lists the runs there are, when it is not exactly one
 */
export async function chooseRun(argument: string, choice: RunChoice, command: Command): Promise<ChosenRun> {
  const stored = argument === '-' ? undefined : storedRuns(argument);
  return stored === undefined ? fromScenario(argument, choice, command) : fromFolder(argument, stored, choice, command);
}

function fromFolder(argument: string, runs: readonly StoredManifest[], choice: RunChoice, command: Command): ChosenRun {
  for (const option of ['set', 'seed'] as const) {
    if (command.getOptionValueSource(option) !== 'cli') continue;
    const what = `${argument} holds runs that are done, which --${option} cannot change`;
    throw new SimError('usage', `${what}. Leave it out, or explain a scenario`);
  }
  const typed = command.getOptionValueSource('policy') === 'cli' ? choice : { ...choice, policy: undefined };
  const { folder, fingerprint, version, spec, inputs: hashes } = oneOf(argument, runs, typed, ({ folder }) => folder);
  return {
    ...storedSchedule(spec, hashes, readBytes, bundlePolicy),
    recorded: { folder, fingerprint, version },
    words: shellWord(folder),
  };
}

async function fromScenario(argument: string, choice: RunChoice, command: Command): Promise<ChosenRun> {
  const { replication } = choice;
  const options = replication === undefined ? choice : { ...choice, replications: replication };
  const [loaded] = (await loadPlans([argument], options, command)) as [LoadedPlan];
  const { specs, inputs, replications } = loaded.plan;
  if (replication !== undefined && replication > replications) {
    throw new SimError(
      'usage',
      `expected a replication up to ${replications}, got ${replication}: nothing in this scenario is drawn at random`,
    );
  }
  const first = { ...choice, replication: replication ?? 1, policy: undefined };
  const { spec } = oneOf(
    argument,
    specs.map((spec) => ({ spec })),
    first,
    ({ spec }) => optionsFor(spec),
  );
  const typed = typedOptions(command, ['set', 'seed']);
  return { spec, inputs, recorded: undefined, words: `${shellWord(argument)}${typed}${optionsFor(spec)}` };
}

const optionsFor = ({ policy, replication }: RunSpec): string =>
  ` --policy ${shellWord(policy.text)} --replication ${replication + 1}`;

function oneOf<T extends { readonly spec: RunSpec }>(
  argument: string,
  runs: readonly T[],
  { policy, replication, site }: { readonly policy?: string | undefined } & Pick<RunChoice, 'replication' | 'site'>,
  callOf: (run: T) => string,
): T {
  const sitesOf = ({ spec }: T): readonly string[] => spec.sites.map(({ id }) => id);
  const matching = runs.filter(
    (run) =>
      (policy === undefined || run.spec.policy.text === policy.replaceAll(' ', '')) &&
      (replication === undefined || run.spec.replication === replication - 1) &&
      (site === undefined || sitesOf(run).includes(site)),
  );
  if (matching.length === 1) return matching[0]!;
  const listed = (matching.length > 0 ? matching : runs).map((run) => {
    const { spec } = run;
    const where = spec.sites.length === 0 ? '' : `, ${sitesOf(run).join(' ')}`;
    const what = `${spec.policy.text}${where}, replication ${spec.replication + 1}`;
    return { path: callOf(run).trim(), message: what };
  });
  const which =
    matching.length === 0
      ? `none of its ${runs.length} has that policy, replication and site`
      : `${matching.length} of its ${runs.length} match`;
  throw new SimError('usage', `${argument}: expected one run, ${which}`, [
    ...listed.slice(0, MOST_LISTED),
    { path: '', message: 'Name one', hint: 'By its folder, or with --policy, --replication and --site.' },
  ]);
}

const MOST_LISTED = 20;

/** Whether a run that was simulated again is the one on disk, and why it may not be. */
export function differenceOf({ recorded }: ChosenRun, fingerprint: string): string | undefined {
  if (recorded === undefined || recorded.fingerprint === fingerprint) return undefined;
  const build = buildId();
  const why =
    recorded.version === build
      ? 'by this build; another major version of Node draws other jobs'
      : `by build ${recorded.version}, this is ${build}`;
  return (
    `The run on disk has fingerprint ${recorded.fingerprint} (${why}): what follows explains the run as it is made ` +
    `here, with fingerprint ${fingerprint}.`
  );
}
