import { SimError } from '../base/errors.js';
import { partsOf, readsMarket } from '../policy/registry.js';
import { sha256 } from '../scenario/canonical.js';
import type { PolicyPartSpec, PolicySpec, RunSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import { parseSwf } from '../workload/swf.js';
import type { ReadFile } from './files.js';
import { PolicyFiles, type LoadPolicy } from './ownPolicies.js';
import { REPLAY_INPUT, replayHash } from './replay.js';

/** A run whose schedule can be simulated again from its spec alone, and what it reads for that. */
export interface StoredSchedule {
  readonly spec: RunSpec;
  readonly inputs: RunInputs;
}

/**
 * What it takes to simulate the schedule of a stored run again, without its sites' bills. The trace of a replay is
 * read again from its path and must be the one that was read; so are a user's own policies.
 *
 * @param hashes - sha256 of each input, as recorded
 * @throws SimError `usage` for what only the scenario can bring back: prices that the policy reads, a scenario's trace;
 *   `io.read` and `trace.format` for the trace; `io.read` and `policy.invalid` for a policy
 */
export function storedSchedule(
  spec: RunSpec,
  hashes: Readonly<Record<string, string>>,
  readFile: ReadFile,
  loadPolicy: LoadPolicy,
): StoredSchedule {
  const files = readPolicies(spec, loadPolicy);
  const missing = missingFromFolder(spec, files);
  if (missing !== undefined) throw onlyFromScenario(spec, missing);
  const { workload } = spec;
  const inputs = { series: {}, traces: {}, contentSha256: hashes, policies: files.codes };
  const unpaid = { ...spec, sites: [], brokered: undefined };
  if (workload.kind === 'generated') return { spec: unpaid, inputs };
  const { name: file, input } = workload;
  if (file === '<stdin>') {
    const came = 'this one came from standard input';
    throw new SimError('usage', `expected a replay whose trace can be read again; ${came}. Replay it from a file`);
  }
  const bytes = readFile(file);
  for (const timeUnit of ['s', 'ms'] as const) {
    for (const lenient of [false, true]) {
      if (replayHash(timeUnit, lenient, bytes) !== hashes[input]) continue;
      const { table } = parseSwf(bytes, { file, timeUnit, lenient, shared: false });
      return { spec: unpaid, inputs: { ...inputs, traces: { [input]: table } } };
    }
  }
  const expected = hashes[input]?.slice(0, 16) ?? 'nothing';
  throw new SimError(
    'trace.format',
    `${file}: expected the trace that the run was made from (${expected}…), got another (sha256 of the file ` +
      `${sha256(bytes).slice(0, 16)}…). Replay it again, or bring the old file back.`,
  );
}

/**
 * What a run's schedule follows from that its folder does not hold; `undefined`: it holds all, or names it.
 *
 * @param files - the policy files, read again; without them each counts as missing
 */
export function missingFromFolder({ policy, workload }: RunSpec, files?: PolicyFiles): string | undefined {
  const [own] = ownParts(policy);
  if (own !== undefined && files === undefined) return `its policy's file ${own.name}`;
  if (readsMarket(policy, files?.modules)) return 'the prices that its policy reads';
  return workload.kind === 'trace' && workload.input !== REPLAY_INPUT ? `its trace ${workload.name}` : undefined;
}

const ownParts = (policy: PolicySpec): readonly PolicyPartSpec[] =>
  partsOf(policy).flatMap(({ part }) => (part.module === undefined ? [] : [part]));

/** The files that a run's policy names, read again; each must be what it was. */
function readPolicies({ policy, workload }: RunSpec, load: LoadPolicy): PolicyFiles {
  const files = new PolicyFiles(load);
  const isReplay = workload.kind === 'trace' && workload.input === REPLAY_INPUT;
  const other = isReplay ? 'replay the trace again' : 'explain the run from its scenario';
  for (const { name, module } of ownParts(policy)) {
    try {
      files.loadAll(name, (path) => path);
    } catch (thrown) {
      if (!(thrown instanceof SimError) || thrown.code !== 'io.read') throw thrown;
      const where = 'A relative path begins where the command is called';
      throw new SimError('io.read', `${thrown.message} It is the policy of this run. ${where}; or ${other}.`);
    }
    const now = files.moduleOf.get(name)!;
    if (now === module) continue;
    throw new SimError(
      'policy.invalid',
      `${name}: expected the policy that the run was made with (${module!.slice(0, 16)}…), got another ` +
        `(${now.slice(0, 16)}…). Bring the old file back, or ${other}.`,
    );
  }
  return files;
}

function onlyFromScenario({ policy, replication }: RunSpec, what: string): SimError {
  return new SimError(
    'usage',
    `expected a run folder that holds all its schedule follows from; it lacks ${what}. Explain the run from its ` +
      `scenario: gigasim explain SCENARIO --policy '${policy.text}' --replication ${replication + 1}`,
  );
}
