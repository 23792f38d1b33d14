import { MS_PER_HOUR, parseDurationMs } from '../base/units.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import { TRAIT_DEFAULTS } from '../scenario/defaults.js';
import { nodesAt } from '../scenario/inService.js';
import type { Limits, Window } from '../scenario/rulesSchema.js';
import type { LimitsSpec, PartitionSpec, RunSpec, WindowSpec } from '../scenario/runSpec.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { TraitKeys } from '../scenario/traitsSchema.js';
import type { ClassTraining } from '../workload/tokenTime.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** Rules of the machine and of the classes of jobs, as a RunSpec has them; what nobody speaks of is absent. */
export type RulesSpec = Pick<
  RunSpec,
  'traits' | 'overrun' | 'guaranteedRunMs' | 'limits' | 'windows' | 'transferMsPerTB'
>;

/** What of a partition they are written for. */
export interface RulesPartition extends Pick<PartitionSpec, 'name' | 'hardware' | 'nodes' | 'site' | 'inService'> {
  /** Speed of each class under the power caps, relative to none; absent: nothing is capped. */
  readonly capSpeeds?: readonly number[] | undefined;
}

/** What of a run its rules are written for. */
export interface RulesContext {
  readonly partitions: readonly RulesPartition[];
  /** Ids by the index that partitions give; of sites that share a schedule any one. */
  readonly sites: readonly string[];
  /** One broker sends the jobs to the sites. */
  readonly brokered?: boolean;
  /** The policy takes GPUs from running jobs, so what that costs them matters. */
  readonly interrupts: boolean;
  /** The scenario says when jobs save what they did: a class that says nothing of it has no interval of its own. */
  readonly checkpoints?: boolean;
  /** And how long a job takes to start: a class that says nothing of it has no time of its own. */
  readonly initialisation?: boolean;
  /** What each class trains; absent: no class has a model. */
  readonly training?: ClassTraining | undefined;
}

/** The rules of one run. Names were checked by ruleFaults.ts. */
export function rulesSpec(
  fields: Pick<Scenario, 'limits' | 'windows' | 'overrun' | 'preemption' | 'transfer'>,
  workload: Pick<ResolvedWorkload, 'traits' | 'sizesOfJobs'>,
  context: RulesContext,
): RulesSpec {
  const { overrun, preemption, transfer } = fields;
  const limits = fields.limits && limitsSpec(fields.limits);
  const windows = windowSpecs(fields.windows ?? [], context);
  const { traits: keys, sizesOfJobs } = workload;
  const matters =
    context.interrupts ||
    sizesOfJobs ||
    context.training !== undefined ||
    keys.some(saysTrait) ||
    context.partitions.some(slows);
  return {
    ...(matters ? { traits: keys.map((entry, index) => classTraits(entry, index, limits, context)) } : {}),
    ...(overrun === undefined ? {} : { overrun }),
    ...(preemption === undefined ? {} : { guaranteedRunMs: preemption.guaranteed }),
    ...(limits === undefined ? {} : { limits }),
    ...(windows.length === 0 ? {} : { windows }),
    ...(transfer === undefined ? {} : { transferMsPerTB: Math.round(transfer.hoursPerTB.value * MS_PER_HOUR) }),
  };
}

/** The windows of a run's partitions; one without a partition is one for each. */
export function windowSpecs(
  windows: readonly Window[],
  { partitions, sites }: Pick<RulesContext, 'partitions' | 'sites'>,
): WindowSpec[] {
  return windows.flatMap((window) => {
    const { name, kind, site, partition, nodes, from, drain } = window;
    const toMs = window.to ?? from + window.for!;
    return partitions.flatMap((there, index): WindowSpec[] => {
      const elsewhere = site !== undefined && site !== sites[there.site ?? 0];
      if (elsewhere || (partition !== undefined && partition !== there.name)) return [];
      return [
        { name, kind, partition: index, nodes: nodes ?? nodesAt(there, from), fromMs: from, toMs, drainMs: drain },
      ];
    });
  });
}

function limitsSpec({ maxWall, perUser, perAccount, qos = [] }: Limits): LimitsSpec {
  return {
    ...(maxWall === undefined ? {} : { maxWallMs: maxWall }),
    ...(perUser === undefined ? {} : { perUser }),
    ...(perAccount === undefined ? {} : { perAccount }),
    qos: qos.map(({ maxWall: maxWallMs, ...rest }) => (maxWallMs === undefined ? rest : { ...rest, maxWallMs })),
  };
}

/** Keys of a class that do not make its traits: a column of its jobs, and watts and speeds of partitions. */
const NOT_TRAITS: readonly string[] = ['deadline', 'powerCap'] satisfies (keyof TraitKeys)[];

/** Whether a class says something that makes its traits. */
const saysTrait = (keys: TraitKeys): boolean =>
  Object.entries(keys).some(([key, value]) => !NOT_TRAITS.includes(key) && value !== undefined);

/** A power cap costs some class speed there. */
const slows = ({ capSpeeds }: RulesPartition): boolean => capSpeeds?.some((speed) => speed < 1) ?? false;

const CHECKPOINT_MS = parseDurationMs(TRAIT_DEFAULTS.checkpoint.value)!;
const RESTART_MS = parseDurationMs(TRAIT_DEFAULTS.restart.value)!;
const DEFER_MS = parseDurationMs(TRAIT_DEFAULTS.deferFor.value)!;
const RESIZE_MS = parseDurationMs(TRAIT_DEFAULTS.resize.value)!;

function classTraits(
  keys: TraitKeys,
  index: number,
  limits: LimitsSpec | undefined,
  context: RulesContext,
): ClassTraits {
  const { speeds, qos, sites, elastic } = keys;
  const training = context.training?.[index];
  return {
    priority: keys.priority ?? TRAIT_DEFAULTS.priority.value,
    preemptible: keys.preemptible ?? TRAIT_DEFAULTS.preemptible.value,
    checkpointMs: keys.checkpoint ?? (context.checkpoints === true ? 0 : CHECKPOINT_MS),
    restartMs: keys.restart ?? (context.initialisation === true ? 0 : RESTART_MS),
    resizeMs: keys.resize ?? RESIZE_MS,
    speedupExponent: elastic?.exponent.value ?? TRAIT_DEFAULTS.speedupExponent.value,
    speedByPartition: speedsOf(speeds ?? {}, index, context.partitions),
    qos: qos === undefined ? undefined : limits?.qos.findIndex(({ name }) => name === qos),
    sites: context.brokered === true ? sites?.map((id) => context.sites.indexOf(id)) : undefined,
    dataTB: keys.dataTB?.value ?? 0,
    ...(keys.deferrable === true ? { deferMs: keys.deferFor ?? DEFER_MS } : {}),
    ...(training === undefined ? {} : { training }),
  };
}

/** By name of the partition, else by its hardware, else 1, under its power cap; `undefined` where that is 1 everywhere. */
function speedsOf(
  speeds: NonNullable<TraitKeys['speeds']>,
  index: number,
  partitions: readonly RulesPartition[],
): readonly number[] | undefined {
  const given = new Map(Object.entries(speeds));
  const found = partitions.map(({ name, hardware, capSpeeds }) => {
    const speed = (given.get(name) ?? given.get(hardware))?.value ?? 1;
    return speed * (capSpeeds?.[index] ?? 1);
  });
  return found.every((speed) => speed === 1) ? undefined : found;
}
