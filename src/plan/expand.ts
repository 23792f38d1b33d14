import { parseDurationMs } from '../base/units.js';
import { definitionsOf, interrupts, readsMarket } from '../policy/registry.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import { hasPhases } from '../scenario/hasPhases.js';
import { invalidDocument } from '../scenario/issues.js';
import type { PolicySpec, RunSpec, WorkloadSpec } from '../scenario/runSpec.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import { flaggedFigures } from './assumptions.js';
import { capitalConfig, capitalSpecs, flaggedCapital } from './capital.js';
import { flaggedBuildings, reportSpecs, wantsIndicators } from './buildings.js';
import { effectiveConfig } from './config.js';
import { costConfig, flaggedCosts } from './interruptionCosts.js';
import { flaggedCaps } from './powerCaps.js';
import { Faults } from './faults.js';
import type { ResolvedGrid } from './grid.js';
import { machinesOf, type Machine } from './machines.js';
import { flaggedChoices } from './modelChoices.js';
import { capSpeeds, partitionSpec } from './partitions.js';
import type { PolicyFiles } from './ownPolicies.js';
import type { IndustryPrice, Plan, PlannedRun, PlanOptions } from './planTypes.js';
import {
  checkpointStorage,
  flaggedReliability,
  reliabilityConfig,
  reliabilitySpecs,
  type ResolvedReliability,
} from './reliability.js';
import { powerControlSpec } from './powerControl.js';
import { powerTargetFault } from './powerTargets.js';
import { serviceConfig, serviceHours, serviceSpecs, sparingServices } from './services.js';
import { knownPriceYears, levelText, seriesAtLevels, type PriceChoice } from './priceYear.js';
import { rulesSpec } from './rules.js';
import { runKey } from './runKey.js';
import { siteSeriesNames, usesZoneYear, type OwnSeriesNames, type SeriesInputs, type YearDraw } from './series.js';
import { siteConfig, siteSpec, type ResolvedSite } from './sites.js';
import { flaggedStacks } from './stackSupport.js';
import type { ResolvedWorkload } from './workloadTypes.js';
import { siteTariff } from './tariff.js';

/** A scenario without faults, and everything it refers to. */
export interface ResolvedScenario {
  readonly doc: SourceDoc;
  readonly options: PlanOptions;
  readonly fields: Scenario;
  readonly horizonMs: number;
  readonly calendarYear: number;
  readonly sites: readonly ResolvedSite[];
  /** Names of the series each site brings itself. */
  readonly own: readonly OwnSeriesNames[];
  readonly prices: PriceChoice;
  /** Orders and limits by site. */
  readonly grids: readonly ResolvedGrid[];
  readonly workload: ResolvedWorkload;
  readonly reliability: ResolvedReliability;
  readonly policies: readonly PolicySpec[];
  readonly policyFiles: PolicyFiles;
  readonly inputs: SeriesInputs;
}

/** The runs of a scenario: policy × schedule group × replication. */
export function expand(resolved: ResolvedScenario): Plan {
  const { doc, options, fields, sites, workload, reliability, policies, inputs } = resolved;
  const costs = policies.some((policy) => interrupts(policy, resolved.policyFiles.modules));
  const draws = (policy: PolicySpec): boolean =>
    definitionsOf(policy, resolved.policyFiles.modules).some((definition) => definition.draws === true);
  const deterministic =
    !isResampled(fields) &&
    reliability.reliability === undefined &&
    !drawsJobs(workload.specFor(sites[0]!.partitions)) &&
    !policies.some(draws);
  const replications = deterministic ? 1 : (fields.replications ?? SCENARIO_DEFAULTS.replications.value);
  // A policy that reads the market schedules each site by its own prices; under a broker each has its own partitions.
  const ownPrices = (policy: PolicySpec): boolean =>
    policy.siting === undefined && readsMarket(policy, resolved.policyFiles.modules);
  const share = (options.shareSchedules ?? true) && !policies.some(ownPrices);
  const machines = machinesOf(sites, workload, policies, fields.windows ?? [], share, (site) => ({
    storage: checkpointStorage(reliability, site),
    hours: serviceHours(workload, site.zone.timeZone),
  }));
  const specs: RunSpec[] = [];
  const runs: Omit<PlannedRun, 'key'>[] = [];
  policies.forEach((policy, policyIndex) => {
    machines.forEach((machine, group) => {
      if (machine.brokered !== (policy.siting !== undefined)) return;
      for (let replication = 0; replication < replications; replication++) {
        specs.push(runSpec(resolved, machine, policy, replication));
        runs.push({ policy: policyIndex, replication, group });
      }
    });
  });
  Object.assign(inputs.contentSha256, workload.trace?.contentSha256);
  requirePossibleTargets(resolved, specs, runs);
  return {
    question: fields.question,
    specs,
    runs: runs.map((run, i) => ({ ...run, key: runKey(specs[i]!, inputs, options.buildVersion) })),
    inputs: { ...inputs, traces: workload.trace?.tables ?? {}, policies: resolved.policyFiles.codes },
    policies,
    groups: machines.map(({ members, partitions, brokered }) => ({
      sites: members.map((member) => sites[member]!.site.name),
      gpus: partitions.reduce((sum, { gpus }) => sum + gpus, 0),
      ...(brokered ? { brokered } : {}),
    })),
    replications,
    deterministic,
    assumptions: [
      ...flaggedFigures(sites, workload, { phases: specs.some(hasPhases), prices: resolved.prices }),
      ...flaggedBuildings(sites),
      ...flaggedCaps(sites, workload),
      ...(costs ? flaggedCosts(workload, reliability) : []),
      ...flaggedReliability(reliability, sites),
      ...flaggedChoices(workload),
      ...flaggedStacks(machines, workload),
      ...flaggedCapital(sites, fields.finance),
    ],
    baseYears: Object.fromEntries(
      sites.filter(usesZoneYear).map(({ zone }) => [zone.id, levelText(zone, resolved.prices)]),
    ),
    priceYears: knownPriceYears(sites, resolved.own),
    industryPrices: industryPrices(sites),
    trace: workload.trace?.read,
    config: [
      ...effectiveConfig(doc),
      ...workload.config,
      ...serviceConfig(workload.doc),
      ...(costs ? costConfig(workload, reliability) : []),
      ...sites.flatMap(siteConfig),
      ...capitalConfig(doc, sites, fields.finance),
      ...reliabilityConfig(reliability, doc, sites),
    ],
  };
}

function industryPrices(sites: readonly ResolvedSite[]): Record<string, IndustryPrice> {
  return Object.fromEntries(
    sites.flatMap(({ zone: { id, eurostat } }) => {
      if (eurostat === undefined) return [];
      const { band, bandEurPerMWh, dayAheadEurPerMWh, why } = eurostat;
      const price = { deliveredEurPerMWh: bandEurPerMWh.value, dayAheadEurPerMWh: dayAheadEurPerMWh.value };
      return [[id, { band, ...price, why }]];
    }),
  );
}

/** Throws where a policy is to keep a site under a power that its largest job could never start under. */
function requirePossibleTargets(
  { doc, fields, inputs, workload, policyFiles }: ResolvedScenario,
  specs: readonly RunSpec[],
  runs: readonly Omit<PlannedRun, 'key'>[],
): void {
  const faults = new Faults();
  const given = { ...inputs, traces: workload.trace?.tables ?? {} };
  specs.forEach((spec, run) => {
    const { policy, replication } = runs[run]!;
    if (replication > 0) return;
    const fault = powerTargetFault(spec, given, policyFiles.modules);
    if (fault !== undefined) faults.at(doc, Array.isArray(fields.policy) ? ['policy', policy] : ['policy'], fault);
  });
  if (faults.issues.length > 0) throw invalidDocument(doc.file, faults.issues);
}

const isResampled = ({ prices }: Scenario): boolean => (prices ?? SCENARIO_DEFAULTS.prices.value) === 'resample';

/** A list of jobs goes through the generator, which draws nothing for it; a trace is drawn from where it is shaken. */
const drawsJobs = (workload: WorkloadSpec): boolean =>
  workload.kind === 'generated'
    ? (workload.generator as ResolvedGenerator).kind !== 'jobs'
    : workload.shakeMs !== undefined;

function runSpec(
  resolved: ResolvedScenario,
  { members, brokered, partitions, siteOf }: Machine,
  policy: PolicySpec,
  replication: number,
): RunSpec {
  const { fields, horizonMs, calendarYear, sites, own, prices, grids, workload, inputs } = resolved;
  const seed = String(fields.seed ?? SCENARIO_DEFAULTS.seed.value);
  const draw: YearDraw = isResampled(fields)
    ? { kind: 'resample', seed: `${seed}/${replication}` }
    : { kind: 'representative' };
  const run: Omit<RunSpec, 'partitions'> = {
    schemaVersion: 1,
    workload: workload.specFor(partitions),
    policy,
    calendarYear,
    horizonMs,
    warmupMs: fields.warmup ?? parseDurationMs(SCENARIO_DEFAULTS.warmup.value)!,
    seed,
    replication,
    ...(brokered ? { brokered } : {}),
    ...rulesSpec(fields, workload, {
      partitions: partitions.map((partition, index) => ({
        name: partition.name,
        hardware: partition.hardware.name,
        nodes: partition.nodes,
        inService: partition.inService,
        capSpeeds: capSpeeds(partition, workload.classes),
        ...(brokered ? { site: siteOf[index]! } : {}),
      })),
      sites: members.map((member) => sites[member]!.site.name),
      brokered,
      interrupts: interrupts(policy, resolved.policyFiles.modules),
      checkpoints: resolved.reliability.checkpoints !== undefined,
      initialisation: resolved.reliability.reliability !== undefined,
      training: workload.trainingOn?.(partitions),
    }),
    ...reliabilitySpecs(
      resolved.reliability,
      partitions,
      (brokered ? members : members.slice(0, 1)).map((member) => sites[member]!),
    ),
    sites: members.map((member) => {
      const site = sites[member]!;
      const dryBulb = wantsIndicators(site.site);
      const drawn = siteSeriesNames(site.zone, own[member]!, { inputs, calendarYear, draw, dryBulb });
      const series = seriesAtLevels(drawn, site.zone, own[member]!, { choice: prices, inputs });
      const tariff = siteTariff(site, { inputs, calendarYear, draw });
      return {
        ...siteSpec(site, series, grids[member]!, tariff),
        ...reportSpecs(site, calendarYear),
        ...capitalSpecs(site, fields.finance, calendarYear),
      };
    }),
  };
  const phases = hasPhases(run);
  const { modules } = resolved.policyFiles;
  const powerControl = sparingServices(powerControlSpec(policy, partitions, workload.classes, modules), workload);
  const timeZoneOf = (partition: number): string => sites[members[siteOf[partition]!]!]!.zone.timeZone;
  return {
    ...run,
    ...serviceSpecs(workload, partitions, timeZoneOf, run.traits),
    ...(powerControl === undefined ? {} : { powerControl }),
    partitions: partitions.map((partition, index) => ({
      ...partitionSpec(partition, workload.classes, phases),
      ...(brokered ? { site: siteOf[index]! } : {}),
    })),
  };
}
