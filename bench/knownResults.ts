import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RandomStreams } from '../src/base/random.js';
import { buildId, builtInScenariosFolder } from '../src/io/package.js';
import { openLibrary } from '../src/io/library.js';
import { parseYaml } from '../src/io/yaml.js';
import { estimate, pairedDifference, relativeDifference } from '../src/metrics/statistics.js';
import { planScenario } from '../src/plan/plan.js';
import { parsePolicy } from '../src/policy/parse.js';
import { defaultThreads } from '../src/pool/cores.js';
import { threadsPool } from '../src/pool/threads.js';
import type { RunTask } from '../src/pool/pool.js';
import type { RunResult } from '../src/metrics/runResult.js';
import type { PolicySpec, RunSpec } from '../src/scenario/runSpec.js';
import { PLAIN_TRAITS } from '../src/scenario/classTraits.js';
import { shakeTrace } from '../src/workload/shake.js';
import { busyWeeks, nodesForLoad, readPhilly, WEEK_MS, weeklyJctMs } from './philly.js';

/** What the literature says of two policies: the first completes jobs no later on average than the second. */
export interface Claim {
  readonly text: string;
  readonly better: string;
  readonly than: string;
}

/**
 * "SRTF ≤ SJF ≤ FCFS" with the same backfill behind each; LAS and what it is compared with use no estimate.
 */
export const CLAIMS: readonly Claim[] = [
  { text: 'EASY beats FCFS', better: 'fcfs+easy@pack', than: 'fcfs+none@pack' },
  { text: 'SJF ≤ FCFS', better: 'sjf+easy@pack', than: 'fcfs+easy@pack' },
  { text: 'SRTF ≤ SJF', better: 'srtf+easy/srtf@pack', than: 'sjf+easy@pack' },
  { text: 'LAS beats FCFS without estimates', better: 'las+greedy/las@pack', than: 'fcfs+none@pack' },
  {
    text: 'LAS beats FCFS with gaps filled, without estimates',
    better: 'las+greedy/las@pack',
    than: 'fcfs+greedy@pack',
  },
];

/** Assumption: a pre-empted job saves its state when it goes, and takes two minutes to be productive again. */
const RESTART_MS = 120_000;

/** Mean JCT by policy text: one value for each replication, in the same order for all. */
export type JctByPolicy = ReadonlyMap<string, readonly number[]>;

export interface Finding {
  readonly claim: Claim;
  readonly betterHours: number;
  readonly thanHours: number;
  readonly relative: number;
  readonly relativeHalf: number;
  /** What the paired 95 % interval says. */
  readonly found: 'holds' | 'does not hold' | 'no clear difference' | 'one replication';
}

export function judge(claim: Claim, jct: JctByPolicy): Finding {
  const better = jct.get(claim.better)!;
  const than = jct.get(claim.than)!;
  const { verdict } = pairedDifference(better, than);
  const relative = relativeDifference(better, than);
  const hours = (values: readonly number[]): number => estimate(values).mean / 3_600_000;
  return {
    claim,
    betterHours: hours(better),
    thanHours: hours(than),
    relative: relative.mean,
    relativeHalf: relative.halfWidth,
    found: verdict === 'lower' ? 'holds' : verdict === 'higher' ? 'does not hold' : verdict,
  };
}

/** Rows of a Markdown table, one for each claim. */
export function findingsMarkdown(workload: string, jct: JctByPolicy): string {
  const rows = CLAIMS.map((claim) => {
    const { betterHours, thanHours, relative, relativeHalf, found } = judge(claim, jct);
    const percent = (fraction: number): string => (100 * fraction).toFixed(1);
    const cells = [
      workload,
      claim.text,
      `\`${claim.better}\` ${betterHours.toFixed(2)} h`,
      `\`${claim.than}\` ${thanHours.toFixed(2)} h`,
      `${relative > 0 ? '+' : ''}${percent(relative)} ± ${percent(relativeHalf)} %`,
      found,
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return rows.join('');
}

const POLICIES = [...new Set(CLAIMS.flatMap(({ better, than }) => [than, better]))];

function policyOf(text: string): PolicySpec {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.issues.map(({ message }) => message).join('; ')}`);
  return parsed.policy;
}

async function resultsOf(tasks: readonly RunTask[]): Promise<RunResult[]> {
  const outcomes = await threadsPool({ threads: defaultThreads() }).run(tasks, {
    onOutcome: (index, _, wallMs) => {
      const { policy, replication } = tasks[index]!.spec;
      process.stderr.write(`${policy.text} ${String(replication)}: ${(wallMs / 1000).toFixed(1)} s\n`);
    },
  });
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.result;
  });
}

/** Fewer submissions a week than this are not a busy week of Philly. */
const BUSY_JOBS = 500;
const PHILLY_GPUS_PER_NODE = 8;

/** Each submission is moved by up to an hour either way. */
const SHAKE_MS = 3_600_000;
const SHAKEN = 10;

interface Found {
  readonly title: string;
  readonly jct: JctByPolicy;
}

/**
 * The whole trace until its last job has ended, on a cluster sized to a load in the busy weeks; twice over: as it is, the
 * busy weeks being the replications (neighbouring weeks are not quite independent), and shaken.
 */
async function philly(bytes: Uint8Array, load: number): Promise<readonly Found[]> {
  const table = readPhilly(bytes);
  const weeks = busyWeeks(table, BUSY_JOBS);
  const nodes = nodesForLoad(table, weeks, load, PHILLY_GPUS_PER_NODE);
  const draws = new RandomStreams('philly');
  const shaken = Array.from({ length: SHAKEN }, (_, i) => shakeTrace(table, SHAKE_MS, draws.fork(`shake ${i}`)));
  const tables = [table, ...shaken];
  const inputs = { series: {}, traces: Object.fromEntries(tables.entries()), contentSha256: {} };
  const specs = POLICIES.flatMap((text) => tables.map((_, index) => phillySpec(text, nodes, index, table.classNames)));
  const results = await resultsOf(specs.map((spec) => ({ spec, inputs, keepJobs: spec.replication === 0 })));
  const byWeek = new Map<string, readonly number[]>();
  const byShake = new Map<string, readonly number[]>();
  POLICIES.forEach((text, at) => {
    const [plain, ...others] = results.slice(at * tables.length, (at + 1) * tables.length);
    byWeek.set(text, weeklyJctMs(table, plain!.jobs!.endMs, weeks));
    byShake.set(
      text,
      others.map(({ schedule }) => schedule.jct.meanMs),
    );
  });
  const title = `Philly, load ${String(load)} (${String(nodes * PHILLY_GPUS_PER_NODE)} GPUs)`;
  return [
    { title: `${title}, ${String(weeks.to - weeks.from)} weeks`, jct: byWeek },
    { title: `${title}, shaken ${String(SHAKEN)} times`, jct: byShake },
  ];
}

function phillySpec(policy: string, nodes: number, replication: number, classNames: readonly string[]): RunSpec {
  return {
    schemaVersion: 1,
    partitions: [
      {
        ...{
          name: 'main',
          hardware: 'plain',
          nodes,
          gpusPerNode: PHILLY_GPUS_PER_NODE,
          nodesPerRack: 4,
          racksPerPod: 32,
        },
        power: { idleW: 0, activeWByClass: [0], networkWPerGpu: 0 },
      },
    ],
    workload: { kind: 'trace', name: 'philly', input: String(replication), classNames },
    policy: policyOf(policy),
    ...{ calendarYear: 2017, horizonMs: undefined, warmupMs: 0, seed: '1', replication, sites: [] },
    traits: [{ ...PLAIN_TRAITS, restartMs: RESTART_MS }],
  };
}

const FRONTIER = (replications: number): string => `version: 1
kind: scenario
question: Do known results hold on frontier-mix?
sites: [gf-fr-hdf]
workload: frontier-mix
policy: ${JSON.stringify(POLICIES)}
horizon: 42 d
warmup: 30 d
replications: ${String(replications)}
`;

/** Six weeks of frontier-mix on 100,008 GPUs; seeds are the replications. */
async function frontier(replications: number): Promise<Found> {
  const library = openLibrary([builtInScenariosFolder()]);
  const readFile = (path: string): Uint8Array => readFileSync(path);
  const plan = planScenario(parseYaml(FRONTIER(replications), 'frontier'), {
    library,
    readFile,
    buildVersion: buildId(),
  });
  const specs = plan.specs.map((spec): RunSpec => ({
    ...spec,
    sites: [],
    traits: spec.workload.classNames.map((_, index) => ({
      ...(spec.traits?.[index] ?? PLAIN_TRAITS),
      restartMs: RESTART_MS,
    })),
  }));
  const results = await resultsOf(specs.map((spec) => ({ spec, inputs: plan.inputs })));
  const jct = new Map<string, number[]>();
  specs.forEach(({ policy }, i) => {
    const text = POLICIES.find((name) => policyOf(name).text === policy.text)!;
    jct.set(text, [...(jct.get(text) ?? []), results[i]!.schedule.jct.meanMs]);
  });
  return {
    title: `frontier-mix (100 008 GPUs), ${String(replications)} seeds of ${String((42 * 86_400_000) / WEEK_MS)} weeks`,
    jct,
  };
}

/** `npm run validate:policies [-- FILE]`: claims of the literature beside what is found, as a Markdown table. */
async function main(
  file = fileURLToPath(new URL('../../../shared/data/traces/philly_vc_dev.csv.gz', import.meta.url)),
) {
  process.stdout.write('| workload | claim | mean JCT | against | difference | found |\n|---|---|---|---|---|---|\n');
  if (existsSync(file)) {
    const bytes = readFileSync(file);
    for (const load of [0.9, 1.1]) {
      for (const { title, jct } of await philly(bytes, load)) process.stdout.write(findingsMarkdown(title, jct));
    }
  } else
    process.stderr.write(`Philly is skipped: ${file} is not there. Give its path: npm run validate:policies -- FILE\n`);
  const { title, jct } = await frontier(10);
  process.stdout.write(findingsMarkdown(title, jct));
}

if (process.argv[1]?.endsWith('knownResults.js')) await main(process.argv[2]);
