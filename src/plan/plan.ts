import type { Issue } from '../base/errors.js';
import { MS_PER_QUARTER_HOUR, formatDuration } from '../base/units.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import { invalidDocument } from '../scenario/issues.js';
import { applyOverrides, type Override } from '../scenario/overrides.js';
import { parseScenario } from '../scenario/parse.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { addHeatDemand } from './buildings.js';
import { checkInService } from './buildOut.js';
import { hasBegun, plannedBuildOuts } from './buildOutYears.js';
import { expand } from './expand.js';
import { Faults } from './faults.js';
import type { Plan, PlanOptions } from './planTypes.js';
import { resolveGrid } from './grid.js';
import { PolicyFiles } from './ownPolicies.js';
import { MAX_PARTITIONS, type SizedPartition } from './partitions.js';
import { checkPolicyClasses, resolvePolicies } from './policies.js';
import { resolveReliability, withSpares } from './reliability.js';
import { priceYearOverride, resolvePriceChoice } from './priceYear.js';
import { checkRules } from './ruleFaults.js';
import { classNamesOf, soundServices, withServiceClasses, withServicePlaces } from './services.js';
import { addOwnSeries, horizonBeyondYear, usesZoneYear, type SeriesInputs } from './series.js';
import { siteMisfits } from './siteMisfits.js';
import { resolveSites, type SiteParts } from './sites.js';
import { resolveWorkload } from './workload.js';
import type { WorkloadParts } from './workloadTypes.js';
import { checkTariff } from './tariff.js';

export type { Plan, PlannedRun, PlanOptions, ScheduleGroup } from './planTypes.js';

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
  faults.add(overridden.issues);
  faults.add(issues);

  const horizonMs = soundHorizon(doc, fields.horizon, faults);
  const calendarYear = fields.calendarYear ?? SCENARIO_DEFAULTS.calendarYear.value;
  const { library, readFile, buildOut } = options;
  const resolved = resolveSites(library, doc, fields.sites, faults, {
    calendarYear,
    timing: buildOut?.timing ?? 'as-planned',
  });
  const reliability = resolveReliability({ doc, fields, library: options.library, sites: resolved, faults });
  const workload =
    fields.workload === undefined ? undefined : resolveWorkload(doc, { library, readFile, faults, horizonMs });
  const services = workload === undefined ? [] : soundServices(workload.doc);
  const sites = withServicePlaces(withSpares(resolved, reliability), services, {
    doc: workload?.doc ?? doc,
    faults,
    classNames: workload?.whole === undefined ? [] : classNamesOf(workload.whole),
  });
  const policyFiles = new PolicyFiles(options.loadPolicy);
  const policies = resolvePolicies(doc, fields.policy, faults, policyFiles);
  const inputs: SeriesInputs = { series: {}, contentSha256: {} };
  const reading = { inputs, readFile, faults, calendarYear, horizonMs };
  // The scenario's rules are checked with all sites: they may name one that is not planned now.
  const planned = sites.filter(
    (site) =>
      (options.onlySites?.includes(site.name) ?? true) && (buildOut === undefined || hasBegun(site, calendarYear)),
  );
  const buildOuts =
    buildOut?.windowYears === undefined
      ? undefined
      : plannedBuildOuts(sites, { doc, calendarYear, years: buildOut.windowYears }, fields, faults);
  const own = planned.map((site) => ({ ...addOwnSeries(site, reading), ...addHeatDemand(site, reading) }));
  for (const site of sites) checkTariff(site, reading);
  const knownZones = library.names('zone');
  const prices = resolvePriceChoice({ ...reading, doc, fields, sites: planned, knownZones });
  const grids = planned.map((site) => resolveGrid(site, reading));
  if (horizonMs !== undefined && sites.some(usesZoneYear)) {
    const beyond = horizonBeyondYear(calendarYear, horizonMs);
    if (beyond !== undefined) faults.at(doc, ['horizon'], beyond);
  }
  if (workload !== undefined) faults.add(misfits(workload, checkedMachines(sites, policies)));
  checkInService(buildOut === undefined ? sites : planned, horizonMs, faults);
  checkRules({ doc, library, sites, workload, horizonMs, faults });
  noteTooManyPartitions(doc, sites, policies, faults);
  if (workload?.whole !== undefined) {
    faults.add(siteMisfits(workload.whole, sites, policies));
    checkPolicyClasses(doc, fields.policy, policies, classNamesOf(workload.whole), faults);
  }

  if (faults.issues.length > 0 || workload?.whole === undefined || horizonMs === undefined) {
    throw invalidDocument(doc.file, faults.issues);
  }
  const plan = expand({
    doc,
    options,
    fields: buildOut === undefined ? (fields as Scenario) : withSeedOfYear(fields as Scenario, calendarYear),
    horizonMs,
    calendarYear,
    sites: planned.map(({ whole }) => whole).filter((site) => site !== undefined),
    own,
    prices,
    grids,
    workload: withServiceClasses(workload.whole, services),
    reliability,
    policies,
    policyFiles,
    inputs,
  });
  return buildOuts === undefined ? plan : { ...plan, buildOuts };
}

/** Years of a build-out draw apart, and the same for every timing of its phases. */
const withSeedOfYear = (fields: Scenario, calendarYear: number): Scenario => ({
  ...fields,
  seed: `${String(fields.seed ?? SCENARIO_DEFAULTS.seed.value)}/${calendarYear}`,
});

function overridesOf(options: PlanOptions): Override[] {
  const { environment = [], set = [], seed, replications, policy, policies, priceYear, variant = [] } = options;
  const overrides = [...environment, ...set.map((text): Override => ({ text, from: '--set' }))];
  if (seed !== undefined) overrides.push({ text: `seed=${seed}`, from: '--seed' });
  if (replications !== undefined) overrides.push({ text: `replications=${replications}`, from: '--reps' });
  if (policy !== undefined) overrides.push({ text: `policy=${policy}`, from: '--policy' });
  if (policies !== undefined) overrides.push({ text: `policy=${JSON.stringify(policies)}`, from: '--policies' });
  if (priceYear !== undefined) overrides.push({ text: priceYearOverride(priceYear), from: '--price-year' });
  return [...overrides, ...variant];
}

/** Where the text is the name of a document. */
const isReference = (path: readonly (string | number)[]): boolean =>
  (path.length === 1 && (path[0] === 'workload' || path[0] === 'reliability')) ||
  (path.length === 2 && path[0] === 'sites');

function soundHorizon(doc: SourceDoc, horizonMs: number | undefined, faults: Faults): number | undefined {
  if (horizonMs === undefined) return undefined;
  if (horizonMs > 0 && horizonMs % MS_PER_QUARTER_HOUR === 0) return horizonMs;
  const got = formatDuration(horizonMs);
  faults.at(doc, ['horizon'], `expected whole quarter hours (energy is metered by them), at least one; got ${got}`);
  return undefined;
}

/** A machine that jobs must fit, as far as it is known. */
interface CheckedMachine {
  /** For messages. */
  readonly where: string;
  readonly partitions: readonly SizedPartition[];
}

/** Each site where a policy has it alone; all of them together where every policy is a broker over them. */
function checkedMachines(sites: readonly SiteParts[], policies: readonly PolicySpec[]): readonly CheckedMachine[] {
  const known = sites.flatMap(({ name, partitions }) => {
    if (partitions === undefined) return [];
    const less = partitions.some(({ spareNodes = 0 }) => spareNodes > 0) ? ', less its spares' : '';
    return [{ name: `${name}${less}`, partitions }];
  });
  if (policies.length === 0 || policies.some(({ siting }) => siting === undefined)) {
    return known.map(({ name, partitions }) => ({ where: `site ${name}`, partitions }));
  }
  // With one site unknown a name that no other has may be there.
  if (known.length < sites.length) return [];
  return [{ where: 'all sites', partitions: known.flatMap(({ partitions }) => partitions) }];
}

function noteTooManyPartitions(
  doc: SourceDoc,
  sites: readonly SiteParts[],
  policies: readonly PolicySpec[],
  faults: Faults,
): void {
  if (!policies.some(({ siting }) => siting !== undefined)) return;
  const count = sites.reduce((sum, { partitions }) => sum + (partitions?.length ?? 0), 0);
  if (count <= MAX_PARTITIONS) return;
  const expected = `expected at most ${MAX_PARTITIONS} partitions under one broker`;
  faults.at(doc, ['sites'], `${expected} (a policy with ^siting), got ${count}`);
}

/** What of the workload does not fit a machine; each fault once, for the first machine it concerns. */
function misfits(workload: WorkloadParts, machines: readonly CheckedMachine[]): Issue[] {
  const found = new Map<string, Issue>();
  for (const { where, partitions } of machines) {
    for (const issue of workload.misfits(partitions)) {
      const key = `${issue.path} ${String(issue.line)}`;
      if (!found.has(key)) found.set(key, { ...issue, message: `${issue.message} (${where})` });
    }
  }
  return [...found.values()];
}
