import { MS_PER_DAY, MS_PER_QUARTER_HOUR } from '../base/units.js';
import { parsePolicy } from '../policy/parse.js';
import { PLAIN_TRAITS, type ClassTraits } from '../scenario/classTraits.js';
import type { PolicySpec, RunSpec } from '../scenario/runSpec.js';
import type { TrainingSpec } from '../scenario/trainingSpec.js';
import { gangFigures, type GangFigures, type LoneGang } from '../training/gangReliability.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { ResolvedJobList } from '../workload/resolved.js';
import type { Plan } from './planTypes.js';
import { runKey } from './runKey.js';

/** So many failures of the gang a replication gives its share of time to about a per cent, by their root. */
const FAILURES = 400;
const SHORTEST_MS = 30 * MS_PER_DAY;
const LONGEST_MS = 365 * MS_PER_DAY;

/** Where a lone gang runs: one partition of a run with failures and checkpoints, without everything else of it. */
export interface GangPlace {
  readonly base: RunSpec;
  readonly partition: number;
  /** GPUs of the nodes that are not kept as spares. */
  readonly mostGpus: number;
}

/** The partition of these runs in which the largest gang fits. */
export function gangPlace(bases: readonly RunSpec[]): GangPlace {
  const places = bases.flatMap((base) =>
    base.partitions.map(({ nodes, gpusPerNode }, partition): GangPlace => {
      return { base, partition, mostGpus: (nodes - base.reliability!.spareNodes[partition]!) * gpusPerNode };
    }),
  );
  return places.reduce((best, place) => (place.mostGpus > best.mostGpus ? place : best));
}

/** What the closed form needs of a gang there. */
export function loneGang({ base, partition }: GangPlace, gpus: number): LoneGang {
  const { nodes, gpusPerNode, nodesPerRack, racksPerPod } = base.partitions[partition]!;
  return {
    ...{ gpus, nodes, gpusPerNode, nodesPerRack, racksPerPod },
    reliability: base.reliability!,
    checkpoints: base.checkpoints!,
    storage: storageOf({ base, partition }),
    initialisation: base.initialisation!,
    stateBytes: gangModel({ base, partition })?.stateBytes,
  };
}

/**
 * Runs of a gang alone on the partition, from time 0 to a horizon of many failures: no site, no prices, no other jobs,
 * no windows. It trains what the scenario's largest jobs with a model train, if any do.
 *
 * @param interval - work between checkpoints, ms
 */
export function planLoneGang(
  place: GangPlace,
  gang: { readonly gpus: number; readonly interval: 'daly' | number },
  { replications, buildVersion, question }: { replications: number; buildVersion: string; question: string },
): Plan {
  const { base, partition: index } = place;
  const { gpus, interval } = gang;
  const { name, hardware, nodes, gpusPerNode, nodesPerRack, racksPerPod } = base.partitions[index]!;
  const horizonMs = horizonOf(gangFigures(loneGang(place, gpus)));
  const policy = plainPolicy();
  const model = gangModel(place);
  const traits: readonly ClassTraits[] = [
    { ...PLAIN_TRAITS, ...(model === undefined ? {} : { training: { ...model, rows: [model.rows[index] ?? null] } }) },
  ];
  const generator: ResolvedJobList = {
    kind: 'jobs',
    oversize: 'refuse',
    classes: [{ name: 'gang', gpuPowerFraction: 1 }],
    jobs: [
      {
        ...{ submitMs: 0, gpus, runMs: 2 * horizonMs, estimateMs: null, class: 0, user: 0, endState: 0 },
        partition: null,
      },
    ],
  };
  const specs = Array.from({ length: replications }, (_, replication): RunSpec => ({
    schemaVersion: 1,
    partitions: [
      {
        ...{ name, hardware, nodes, gpusPerNode, nodesPerRack, racksPerPod },
        power: { idleW: 0, activeWByClass: [0], networkWPerGpu: 0 },
      },
    ],
    workload: { kind: 'generated', name: 'lone-gang', generator, classNames: ['gang'] },
    policy,
    calendarYear: base.calendarYear,
    horizonMs,
    warmupMs: 0,
    seed: base.seed,
    replication,
    traits,
    reliability: { ...base.reliability!, spareNodes: [base.reliability!.spareNodes[index]!] },
    checkpoints: {
      ...base.checkpoints!,
      intervalMs: interval === 'daly' ? undefined : interval,
      // Nobody else writes.
      storageShare: undefined,
      storage: [storageOf(place)],
    },
    initialisation: base.initialisation!,
    sites: [],
  }));
  const inputs: RunInputs = { series: {}, traces: {}, contentSha256: {}, policies: {} };
  return {
    ...{ question, specs, inputs, replications, policies: [policy], deterministic: false, trace: undefined },
    runs: specs.map((spec, replication) => {
      return { policy: 0, group: 0, replication, key: runKey(spec, inputs, buildVersion) };
    }),
    groups: [{ sites: [], gpus: nodes * gpusPerNode }],
    ...{ assumptions: [], baseYears: {}, config: [] },
  };
}

function storageOf({ base, partition }: Pick<GangPlace, 'base' | 'partition'>) {
  const { storage } = base.checkpoints!;
  return storage[storage.length === 1 ? 0 : (base.partitions[partition]!.site ?? 0)]!;
}

/** What the class of the largest jobs with a model trains in the partition. */
function gangModel({ base, partition }: Pick<GangPlace, 'base' | 'partition'>): TrainingSpec | undefined {
  const largest = ({ rows }: TrainingSpec): number => rows[partition]?.at(-1)?.gpus ?? 0;
  const models = (base.traits ?? []).flatMap(({ training }) => {
    return training === undefined || largest(training) === 0 ? [] : [training];
  });
  return models.sort((a, b) => largest(b) - largest(a))[0];
}

/** Whole quarter hours. */
function horizonOf({ mttfMs }: GangFigures): number {
  const wanted = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, FAILURES * mttfMs));
  return Math.ceil(wanted / MS_PER_QUARTER_HOUR) * MS_PER_QUARTER_HOUR;
}

/** Alone, a gang meets no other policy's decisions. */
function plainPolicy(): PolicySpec {
  const parsed = parsePolicy('fcfs+easy@pack');
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  return parsed.policy;
}
