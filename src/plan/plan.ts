import type { Issue } from '../base/errors.js';
import { MS_PER_QUARTER_HOUR, parseDurationMs } from '../base/units.js';
import { readsMarket } from '../policy/registry.js';
import { canonicalText } from '../scenario/canonical.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import { invalidDocument } from '../scenario/issues.js';
import { applyOverrides, type Override } from '../scenario/overrides.js';
import { parseScenario } from '../scenario/parse.js';
import type { PolicySpec, RunSpec } from '../scenario/runSpec.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { SwfTrace } from '../workload/swf.js';
import { flaggedFigures, type FlaggedFigure } from './assumptions.js';
import { effectiveConfig, type ConfigEntry } from './config.js';
import { Faults } from './faults.js';
import type { ReadFile } from './files.js';
import { partitionSpec } from './partitions.js';
import { resolvePolicies } from './policies.js';
import { runKey } from './runKey.js';
import {
  addOwnSeries,
  baseYearText,
  horizonBeyondYear,
  siteSeriesNames,
  usesZoneYear,
  type Quantity,
  type SeriesInputs,
  type YearDraw,
} from './series.js';
import { resolveSites, siteSpec, type ResolvedSite } from './sites.js';
import { resolveWorkload, type ResolvedWorkload } from './workload.js';

export interface PlanOptions {
  readonly library: Library;
  readonly readFile: ReadFile;
  /** Part of the run keys. */
  readonly buildVersion: string;
  /** `path=value`, in order. */
  readonly set?: readonly string[];
  /** The options `--seed`, `--reps`, `--policy`: they win over `set` and the scenario. YAML values. */
  readonly seed?: string;
  readonly replications?: string;
  readonly policy?: string;
  /** Simulate equal sites once (default). `false`: a run of its own for every site. */
  readonly shareSchedules?: boolean;
}

/** Where a run stands in the plan. */
export interface PlannedRun {
  /** Index into {@link Plan.policies}. */
  readonly policy: number;
  readonly replication: number;
  /** Index into {@link Plan.groups}. */
  readonly group: number;
  readonly key: string;
}

/** Sites whose machines are equal, so that one schedule serves them all. */
export interface ScheduleGroup {
  /** Ids, in the scenario's order. */
  readonly sites: readonly string[];
  readonly gpus: number;
}

/** Everything to be run, and what a report needs to say about it. */
export interface Plan {
  readonly question: string;
  /** By policy, then group, then replication. */
  readonly specs: readonly RunSpec[];
  /** Of the same length. */
  readonly runs: readonly PlannedRun[];
  readonly inputs: RunInputs;
  readonly policies: readonly PolicySpec[];
  readonly groups: readonly ScheduleGroup[];
  readonly replications: number;
  /** Flagged figures the results rest on. */
  readonly assumptions: readonly FlaggedFigure[];
  /** By zone: years behind its levels and shapes. */
  readonly baseYears: Readonly<Record<string, string>>;
  /** Reading counts where the workload is a trace. */
  readonly trace: SwfTrace | undefined;
  readonly config: readonly ConfigEntry[];
}

/**
 * Resolves a scenario's references, checks everything that can be checked before a run, and expands it to
 * runs: policy × schedule group × replication.
 *
 * @throws SimError `scenario.invalid` with every fault of the scenario and of the documents and files it
 * refers to: structure and cross-references alike, in document order
 *
 * Cost: 35 ms a zone and draw, the reading of traces and CSV files, a few ms for the rest.
 */
export function planScenario(given: SourceDoc, options: PlanOptions): Plan {
  const overridden = applyOverrides(given, overridesOf(options), isReference);
  const { doc } = overridden;
  const { fields, issues } = parseScenario(doc);
  const faults = new Faults();
  faults.add(...overridden.issues, ...issues);

  const horizonMs = soundHorizon(doc, fields.horizon, faults);
  const calendarYear = fields.calendarYear ?? SCENARIO_DEFAULTS.calendarYear.value;
  const sites = resolveSites(options.library, doc, fields.sites, faults);
  const { library, readFile } = options;
  const workload =
    fields.workload === undefined ? undefined : resolveWorkload(doc, { library, readFile, faults, horizonMs });
  const policies = resolvePolicies(doc, fields.policy, faults);
  const inputs: SeriesInputs = { series: {}, contentSha256: {} };
  const own = sites.map((site) =>
    horizonMs === undefined ? {} : addOwnSeries(site, { inputs, readFile, faults, calendarYear, horizonMs }),
  );
  if (horizonMs !== undefined && sites.some(usesZoneYear)) {
    const beyond = horizonBeyondYear(calendarYear, horizonMs);
    if (beyond !== undefined) faults.at(doc, ['horizon'], beyond);
  }
  if (workload !== undefined) faults.add(...misfits(workload, sites));

  if (faults.issues.length > 0 || workload === undefined || horizonMs === undefined) {
    throw invalidDocument(doc.file, faults.issues);
  }
  return expand({
    doc,
    options,
    fields: fields as Scenario,
    horizonMs,
    calendarYear,
    sites,
    own,
    workload,
    policies,
    inputs,
  });
}

function overridesOf({ set = [], seed, replications, policy }: PlanOptions): Override[] {
  const overrides = set.map((text): Override => ({ text, from: '--set' }));
  if (seed !== undefined) overrides.push({ text: `seed=${seed}`, from: '--seed' });
  if (replications !== undefined) overrides.push({ text: `replications=${replications}`, from: '--reps' });
  if (policy !== undefined) overrides.push({ text: `policy=${policy}`, from: '--policy' });
  return overrides;
}

/** Where the text is the name of a document. */
const isReference = (path: readonly (string | number)[]): boolean =>
  (path.length === 1 && path[0] === 'workload') || (path.length === 2 && path[0] === 'sites');

function soundHorizon(doc: SourceDoc, horizonMs: number | undefined, faults: Faults): number | undefined {
  if (horizonMs === undefined) return undefined;
  if (horizonMs > 0 && horizonMs % MS_PER_QUARTER_HOUR === 0) return horizonMs;
  faults.at(doc, ['horizon'], 'expected whole quarter hours, at least one, since energy is metered by them');
  return undefined;
}

/** What of the workload does not fit a site; each fault once, for the first site it concerns. */
function misfits(workload: ResolvedWorkload, sites: readonly ResolvedSite[]): Issue[] {
  const found = new Map<string, Issue>();
  for (const { site, partitions } of sites) {
    for (const issue of workload.misfits(partitions)) {
      const key = `${issue.path} ${String(issue.line)}`;
      if (!found.has(key)) found.set(key, { ...issue, message: `${issue.message} (site ${site.name})` });
    }
  }
  return [...found.values()];
}

interface Resolved {
  readonly doc: SourceDoc;
  readonly options: PlanOptions;
  readonly fields: Scenario;
  readonly horizonMs: number;
  readonly calendarYear: number;
  readonly sites: readonly ResolvedSite[];
  /** Names of the series each site brings itself. */
  readonly own: readonly Partial<Record<Quantity, string>>[];
  readonly workload: ResolvedWorkload;
  readonly policies: readonly PolicySpec[];
  readonly inputs: SeriesInputs;
}

function expand(resolved: Resolved): Plan {
  const { doc, options, fields, sites, workload, policies, inputs } = resolved;
  const replications = fields.replications ?? SCENARIO_DEFAULTS.replications.value;
  const traces: Record<string, SwfTrace['table']> = {};
  if (workload.spec.kind === 'trace' && workload.trace !== undefined) {
    traces[workload.spec.input] = workload.trace.read.table;
    inputs.contentSha256[workload.spec.input] = workload.trace.contentSha256;
  }
  // A policy that reads the market schedules each site by its own prices.
  const share = (options.shareSchedules ?? true) && !policies.some(readsMarket);
  const groups = scheduleGroups(sites, workload, share);
  const specs: RunSpec[] = [];
  const runs: Omit<PlannedRun, 'key'>[] = [];
  policies.forEach((policy, policyIndex) => {
    groups.forEach((members, group) => {
      for (let replication = 0; replication < replications; replication++) {
        specs.push(runSpec(resolved, members, policy, replication));
        runs.push({ policy: policyIndex, replication, group });
      }
    });
  });
  return {
    question: fields.question,
    specs,
    runs: runs.map((run, i) => ({ ...run, key: runKey(specs[i]!, inputs, options.buildVersion) })),
    inputs: { ...inputs, traces },
    policies,
    groups: groups.map((members) => ({
      sites: members.map((member) => sites[member]!.site.name),
      gpus: sites[members[0]!]!.partitions.reduce((sum, { gpus }) => sum + gpus, 0),
    })),
    replications,
    assumptions: flaggedFigures(sites, workload),
    baseYears: Object.fromEntries(sites.filter(usesZoneYear).map(({ zone }) => [zone.id, baseYearText(zone)])),
    trace: workload.trace?.read,
    config: effectiveConfig(doc),
  };
}

/** Indices of sites with equal partitions, in the order of their first. */
function scheduleGroups(sites: readonly ResolvedSite[], workload: ResolvedWorkload, share: boolean): number[][] {
  const groups = new Map<string, number[]>();
  sites.forEach(({ partitions }, index) => {
    const machine = canonicalText(partitions.map((partition) => partitionSpec(partition, workload.classes)));
    const key = share ? machine : String(index);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [index]);
    else members.push(index);
  });
  return [...groups.values()];
}

function runSpec(resolved: Resolved, members: readonly number[], policy: PolicySpec, replication: number): RunSpec {
  const { fields, horizonMs, calendarYear, sites, own, workload, inputs } = resolved;
  const seed = String(fields.seed ?? SCENARIO_DEFAULTS.seed.value);
  const resample = (fields.prices ?? SCENARIO_DEFAULTS.prices.value) === 'resample';
  const draw: YearDraw = resample ? { kind: 'resample', seed: `${seed}/${replication}` } : { kind: 'representative' };
  const first = sites[members[0]!]!;
  return {
    schemaVersion: 1,
    partitions: first.partitions.map((partition) => partitionSpec(partition, workload.classes)),
    workload: workload.spec,
    policy,
    calendarYear,
    horizonMs,
    warmupMs: fields.warmup ?? parseDurationMs(SCENARIO_DEFAULTS.warmup.value)!,
    seed,
    replication,
    sites: members.map((member) => {
      const site = sites[member]!;
      return siteSpec(site, siteSeriesNames(site.zone, own[member]!, { inputs, calendarYear, draw }));
    }),
  };
}
