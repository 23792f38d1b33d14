import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { errorRecord, SimError, type Issue } from '../base/errors.js';
import { bundlePolicy } from '../io/bundlePolicy.js';
import { readBytes, readText } from '../io/files.js';
import { openLibrary } from '../io/library.js';
import { builtInScenariosFolder, buildId } from '../io/package.js';
import { parseYaml } from '../io/yaml.js';
import type { MergeablePlan } from '../plan/mergePlans.js';
import { planScenario, type Plan } from '../plan/plan.js';
import { priceYearOverride } from '../plan/priceYear.js';
import type { Override } from '../scenario/overrides.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import { didYouMean } from '../scenario/suggest.js';
import type { ScenarioOptions } from './options.js';
import { readStdin } from './stdin.js';

/** A scenario as the user called it, ready to run. */
export interface LoadedPlan {
  /** The argument: a path, a name of the library or `-`. */
  readonly argument: string;
  /** What sets it apart from other plans of the same scenario, for messages. */
  readonly label?: string;
  readonly plan: Plan;
  /** Run beside it, on its own load curves where they change nothing but what sites pay. */
  readonly variants?: readonly LabelledPlan[];
}

/** A variant of a plan, with what sets it apart, for messages. */
export interface LabelledPlan {
  readonly label: string;
  readonly plan: MergeablePlan;
}

/**
 * Plans of all scenarios named; the faults of all of them come in one report.
 *
 * Precedence of a value: option, then environment, then scenario, then default.
 */
export async function loadPlans(
  scenarios: readonly string[],
  options: ScenarioOptions,
  command: Command,
): Promise<LoadedPlan[]> {
  refuseTwice(scenarios);
  const loaded: LoadedPlan[] = [];
  const failures: SimError[] = [];
  for (const argument of scenarios) {
    try {
      loaded.push({ argument, plan: await loadPlan(argument, options, command) });
    } catch (thrown) {
      if (!(thrown instanceof SimError)) throw thrown;
      failures.push(thrown);
    }
  }
  if (failures.length === 0) return loaded;
  if (failures.length === 1) throw failures[0]!;
  const issues: Issue[] = failures.flatMap((failure) =>
    failure.issues.length > 0 ? failure.issues : [{ path: '', message: failure.message }],
  );
  throw new SimError(failures[0]!.code, failures.map(({ message }) => message).join('; '), issues);
}

/** Twice the same gives rows that nobody can tell apart, and standard input is empty the second time. */
function refuseTwice(scenarios: readonly string[]): void {
  const twice = scenarios.find((scenario, index) => scenarios.indexOf(scenario) < index);
  if (twice === undefined) return;
  throw new SimError('usage', `expected each scenario once, got ${twice} twice. Copy it to a file of another name`);
}

async function loadPlan(argument: string, options: ScenarioOptions, command: Command): Promise<Plan> {
  const { doc, library } = await findScenario(argument);
  const given = (key: 'seed' | 'reps' | 'policy' | 'priceYear'): string | undefined =>
    command.getOptionValueSource(key) === 'cli' ? options[key] : undefined;
  const [seed, replications, policy] = [given('seed'), options.replications ?? given('reps'), given('policy')];
  const priceYear = given('priceYear');
  return planScenario(doc, {
    library,
    readFile: readBytes,
    loadPolicy: bundlePolicy,
    buildVersion: buildId(),
    environment: environmentOverrides(command),
    set: options.set,
    ...(seed === undefined ? {} : { seed }),
    ...(replications === undefined ? {} : { replications }),
    ...(policy === undefined ? {} : { policy }),
    ...(priceYear === undefined ? {} : { priceYear }),
    ...(options.policies === undefined ? {} : { policies: options.policies }),
    ...(options.variant === undefined ? {} : { variant: options.variant }),
    ...(options.onlySites === undefined ? {} : { onlySites: options.onlySites }),
    ...(options.buildOut === undefined ? {} : { buildOut: options.buildOut }),
  });
}

/** Scenario keys that the environment may set, by the option that goes before it. */
const ENVIRONMENT = {
  seed: { variable: 'GIGASIM_SEED', text: (value: string) => `seed=${value}` },
  reps: { variable: 'GIGASIM_REPS', text: (value: string) => `replications=${value}` },
  policy: { variable: 'GIGASIM_POLICY', text: (value: string) => `policy=${value}` },
  priceYear: { variable: 'GIGASIM_PRICE_YEAR', text: priceYearOverride },
} as const;

function environmentOverrides(command: Command): Override[] {
  return Object.entries(ENVIRONMENT)
    .filter(([option]) => command.getOptionValueSource(option) === 'env')
    .map(([option, { variable, text }]) => ({ text: text(String(command.getOptionValue(option))), from: variable }));
}

async function findScenario(argument: string): Promise<{ doc: SourceDoc; library: Library }> {
  const builtIn = builtInScenariosFolder();
  if (argument === '-') {
    const text = new TextDecoder('utf-8').decode(await readStdin());
    return { doc: parseYaml(text, '<stdin>'), library: openLibrary([builtIn]) };
  }
  const shipped = openLibrary([builtIn]);
  const named = /[/\\.]/.test(argument) ? undefined : shipped.find('scenario', argument);
  if (named !== undefined) return { doc: named, library: shipped };
  const text = readScenario(argument, shipped.names('scenario'));
  // A scenario's own folder may hold sites/, zones/, … that go before the shipped ones.
  const own = dirname(resolve(argument));
  const library = own === builtIn ? shipped : openLibrary([builtIn, own]);
  return { doc: parseYaml(text, argument), library };
}

function readScenario(argument: string, names: readonly string[]): string {
  try {
    return readText(argument);
  } catch (thrown) {
    const { message } = errorRecord(thrown);
    const hint = didYouMean(argument, names) ?? 'gigasim list scenarios shows the shipped ones.';
    if (!(thrown instanceof SimError)) throw thrown;
    throw new SimError(thrown.code, message, [{ path: '', message, hint }]);
  }
}
