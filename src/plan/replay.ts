import { SimError, type Issue } from '../base/errors.js';
import { parsePolicy } from '../policy/parse.js';
import { partsOf, readsMarket } from '../policy/registry.js';
import { sha256 } from '../scenario/canonical.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import type { PolicySpec, RunSpec } from '../scenario/runSpec.js';
import { receivedText } from '../scenario/received.js';
import type { RunInputs } from '../workload/runInputs.js';
import { parseSwf, type SwfTrace } from '../workload/swf.js';
import { PolicyFiles, type LoadPolicy } from './ownPolicies.js';
import { runKey } from './runKey.js';
import { tooLargeJobs } from './trace.js';

export interface ReplayRequest {
  /** Name for messages. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly gpus: number;
  readonly gpusPerNode: number;
  readonly timeUnit: 's' | 'ms';
  readonly lenient?: boolean;
  /** `order+backfill@placement`. */
  readonly policy: string;
  readonly buildVersion: string;
  /** Bundles policy files that `policy` names; paths are relative to where the command was called. */
  readonly loadPolicy?: LoadPolicy | undefined;
}

export interface ReplayPlan {
  readonly spec: RunSpec;
  readonly inputs: RunInputs;
  readonly key: string;
  readonly trace: SwfTrace;
}

/** Name of a replay's trace among its inputs. */
export const REPLAY_INPUT = 'trace';
const MAX_GPUS_PER_NODE = 32;
const MAX_GPUS = 10_000_000;
/** Racks and pods of a machine of which only nodes are known: they matter to `pack` alone. */
const PLAIN_RACK = { nodesPerRack: 32, racksPerPod: 32 };

/**
 * One run of a trace on a plain machine: no site, no watts, no horizon, no warm-up. It ends with its last job.
 *
 * @throws SimError `usage` with all faults of the machine and the policy, `trace.format` for the trace
 */
export function planReplay(request: ReplayRequest): ReplayPlan {
  const { file, bytes, gpus, gpusPerNode, timeUnit, lenient = false } = request;
  const files = new PolicyFiles(request.loadPolicy);
  files.loadAll(request.policy, (path) => path);
  const parsed = parsePolicy(request.policy, files);
  const issues: Issue[] = machineIssues(gpus, gpusPerNode);
  if (!parsed.ok) {
    issues.push(
      ...parsed.issues.map(({ message, hint }) => {
        return { path: '--policy', message, ...(hint === undefined ? {} : { hint }) };
      }),
    );
  }
  if (parsed.ok) issues.push(...elsewhereIssues(parsed.policy, files));
  if (!parsed.ok || issues.length > 0) {
    throw new SimError('usage', issues.map(({ path, message }) => `${path}: ${message}`).join('; '), issues);
  }
  const trace = parseSwf(bytes, { file, timeUnit, lenient, shared: true });
  const [tooLarge] = tooLargeJobs(trace, gpus);
  if (tooLarge !== undefined) {
    const issue = { path: '', message: tooLarge, hint: 'Give the machine more GPUs with --gpus.', file };
    throw new SimError('trace.format', `${file}: ${tooLarge}`, [issue]);
  }
  const spec: RunSpec = {
    schemaVersion: 1,
    partitions: [
      {
        name: 'machine',
        hardware: 'plain',
        nodes: gpus / gpusPerNode,
        gpusPerNode,
        ...PLAIN_RACK,
        power: { idleW: 0, activeWByClass: trace.table.classNames.map(() => 0), networkWPerGpu: 0 },
      },
    ],
    workload: { kind: 'trace', name: file, input: REPLAY_INPUT, classNames: trace.table.classNames },
    policy: parsed.policy,
    calendarYear: SCENARIO_DEFAULTS.calendarYear.value,
    horizonMs: undefined,
    warmupMs: 0,
    seed: String(SCENARIO_DEFAULTS.seed.value),
    replication: 0,
    sites: [],
  };
  const inputs: RunInputs = {
    series: {},
    traces: { [REPLAY_INPUT]: trace.table },
    contentSha256: { [REPLAY_INPUT]: replayHash(timeUnit, lenient, bytes) },
    policies: files.codes,
  };
  return { spec, inputs, key: runKey(spec, inputs, request.buildVersion), trace };
}

/** One machine without a site leaves nothing to choose between and has no prices. */
function elsewhereIssues(policy: PolicySpec, files: PolicyFiles): Issue[] {
  const because = { partition: 'one machine', siting: 'one machine', power: 'no hardware to cap' } as const;
  const parts = (['partition', 'siting', 'power'] as const).filter((axis) => policy[axis] !== undefined);
  const issues = parts.map((axis) => ({
    path: '--policy',
    message: `expected no ${axis} policy, for a replay has ${because[axis]}; got ${partsOf(policy)
      .filter((of) => of.axis === axis)
      .map(({ part }) => part.name)
      .join('+')}`,
  }));
  if (issues.length > 0 || !readsMarket(policy, files.modules)) return issues;
  return [
    { path: '--policy', message: `expected a policy that reads no prices, for a replay has none; got ${policy.text}` },
  ];
}

/** Hash of all that the columns of a replay's trace follow from. */
export function replayHash(timeUnit: 's' | 'ms', lenient: boolean, bytes: Uint8Array): string {
  return sha256(`swf ${timeUnit} ${lenient}\n`, bytes);
}

function machineIssues(gpus: number, gpusPerNode: number): Issue[] {
  const issues: Issue[] = [];
  const whole = (value: number, max: number): boolean => Number.isInteger(value) && value >= 1 && value <= max;
  const complain = (path: string, expected: string, value: number): void => {
    issues.push({ path, message: `expected ${expected}, got ${receivedText(value)}` });
  };
  if (!whole(gpus, MAX_GPUS)) complain('--gpus', `a whole number from 1 to ${MAX_GPUS}`, gpus);
  if (!whole(gpusPerNode, MAX_GPUS_PER_NODE)) {
    complain('--gpus-per-node', `a whole number from 1 to ${MAX_GPUS_PER_NODE}`, gpusPerNode);
  }
  if (issues.length === 0 && gpus % gpusPerNode !== 0) {
    complain('--gpus', `whole nodes of ${gpusPerNode} GPUs (--gpus-per-node)`, gpus);
  }
  return issues;
}
