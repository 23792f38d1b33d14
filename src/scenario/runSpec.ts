/**
 * One run, fully resolved: what `plan` makes of a scenario and `simulate` takes.
 *
 * Plain JSON data in base units, without references, functions or big arrays. Its canonical text, the
 * hashes of its inputs and the build make the run key.
 */

import type { CapitalSpec } from './capitalSpec.js';
import type { ClassTraits } from './classTraits.js';
import type { CarbonSpec, ChillerSpec, DeratingSpec, HeatReuseSpec, IndicatorSpec, WaterSpec } from './facilitySpec.js';
import type { BatterySpec, GridSpec } from './gridSpec.js';
import type { InServiceStep } from './inService.js';
import type { ServiceSpec } from './serviceSpec.js';
import type { TariffSpec } from './tariffSpec.js';
import type { CheckpointSpec, InitialisationSpec, ReliabilitySpec } from './reliabilitySpec.js';

/** Watts of a node, each whole (DESIGN §7): node = idleW + busy GPUs × active(class) + its network share. */
export interface NodePowerSpec {
  /** Node with no GPU busy, W. */
  readonly idleW: number;
  /** Added by each busy GPU (GPU above idle plus its share of fans, CPUs and memory), W, by job class index. */
  readonly activeWByClass: readonly number[];
  /** Network, storage and management, drawn whether busy or not, W per GPU. */
  readonly networkWPerGpu: number;
  /**
   * The same as `activeWByClass` in other phases of a job, whole watts per busy GPU: while a checkpoint holds it up,
   * while it initialises or restarts, and while it hangs in a collective until a fault is found. Used where a run has
   * such phases.
   */
  readonly phases?: PhaseWatts | undefined;
}

/** Power limits that the GPUs of running jobs can be set to, and what they make of jobs. */
export interface PowerControlSpec {
  /** Share of TDP, descending from 1. */
  readonly capFractions: readonly number[];
  /** By partition of the run. */
  readonly partitions: readonly CapTable[];
}

/** Of one partition; the first index is that of the cap, the second the job class. */
export interface CapTable {
  /** Watts a busy GPU adds to its node: in training, and in communication that nothing hides; whole. */
  readonly activeWByClass: readonly (readonly number[])[];
  readonly communicatingWByClass: readonly (readonly number[])[];
  /** Speed relative to no cap but the class's and the partition's own, 0…1. */
  readonly speedByClass: readonly (readonly number[])[];
  /** Watts that each GPU of a suspended job adds to its node. */
  readonly suspendedW: number;
}

export interface PhaseWatts {
  readonly stallW: number;
  readonly initialiseW: number;
  readonly hangW: number;
}

/** A partition: one GPU type, pods → racks → nodes → GPUs; the last rack and pod may be partly filled. */
export interface PartitionSpec {
  readonly name: string;
  /** Catalogue id, e.g. `gb300-nvl72`. */
  readonly hardware: string;
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** 1…32. */
  readonly nodesPerRack: number;
  readonly racksPerPod: number;
  readonly power: NodePowerSpec;
  /** Index of its site where one broker serves several ({@link RunSpec.brokered}); else 0 or absent. */
  readonly site?: number | undefined;
  /** How many of its nodes are in service from when on, ascending; absent: all from the start of the run. */
  readonly inService?: readonly InServiceStep[] | undefined;
}

/** Facility overhead model (power/facility.ts); fractions 0…1. */
export interface FacilitySpec {
  readonly liquidFraction: number;
  readonly liquidCoolingFraction: number;
  readonly upsEfficiency: number;
  readonly distributionEfficiency: number;
  /** Constant load as a fraction of the design IT power. */
  readonly fixedFraction: number;
  /** Design IT power, W: what the fixed load is a fraction of. */
  readonly designItW: number;
  /** How much of it is in service from when on, ascending; absent: all from the start. */
  readonly builtItW?: readonly { readonly atMs: number; readonly itW: number }[] | undefined;
  /** Absent: the water loop never needs one. */
  readonly chiller?: ChillerSpec | undefined;
  /** Absent: water use is not known. */
  readonly water?: WaterSpec | undefined;
  /** Absent: no heat is reused. */
  readonly heatReuse?: HeatReuseSpec | undefined;
  /** Absent: the cooling carries the design IT power in any weather. */
  readonly derating?: DeratingSpec | undefined;
}

/** What ENERGY.md-like references say a site costs, printed beside the simulated bill. */
export interface ReferenceBillSpec {
  readonly totalEurMPerYear: number;
  readonly ktCo2PerYear: number;
  readonly itW: number;
  readonly loadFactor: number;
  readonly pue: number;
  readonly energyEurPerMWh: number;
  /** Annual mean carbon intensity behind `ktCo2PerYear`, kg/MWh. */
  readonly carbonKgPerMWh: number;
  readonly energyBaseYear: number;
  /** Capacity charge counted on itW × pue. */
  readonly source: string;
}

/** A site as far as the schedule does not depend on it: where the load curve is paid for. */
export interface SiteSpec {
  readonly id: string;
  readonly title: string;
  readonly zone: string;
  readonly facility: FacilitySpec;
  readonly tariff: TariffSpec;
  readonly reference: ReferenceBillSpec | undefined;
  /** Names of the series in {@link RunInputs}; sites of one zone share them. */
  readonly series: {
    readonly price: string;
    readonly carbon: string;
    readonly wetBulb: string;
    /** °C; where indicators are asked for and the weather is the zone's. */
    readonly dryBulb?: string | undefined;
    /** MW; of a facility that reuses heat. */
    readonly heatDemand?: string | undefined;
  };
  /** How carbon is counted by contract and as a shadow cost; absent: location-based alone. */
  readonly carbon?: CarbonSpec | undefined;
  /** Absent: the indicators of Regulation (EU) 2024/1364 are not asked for. */
  readonly indicators?: IndicatorSpec | undefined;
  /** Absent: a connection without limits or orders. */
  readonly grid?: GridSpec | undefined;
  readonly battery?: BatterySpec | undefined;
  /** Absent: what the site costs to own is not asked for, or not known ({@link capitalGaps}). */
  readonly capital?: CapitalSpec | undefined;
  /** Figures that a cost was asked for and that nobody gives, in words; absent: none is missing. */
  readonly capitalGaps?: readonly string[] | undefined;
}

/** One part of a policy with its validated parameters. */
export interface PolicyPartSpec {
  readonly name: string;
  readonly params: unknown;
  /** sha256 of the bundled code of a user's own policy; `undefined`: a registered one. */
  readonly module?: string | undefined;
}

/** `order+backfill/preempt@placement:partition^siting~power`; what is not written is absent. */
export interface PolicySpec {
  /** Canonical text, e.g. `fcfs+easy@pack`. */
  readonly text: string;
  readonly order: PolicyPartSpec;
  readonly backfill: PolicyPartSpec;
  readonly placement: PolicyPartSpec;
  /** Which running jobs give way; absent: none. */
  readonly preempt?: PolicyPartSpec | undefined;
  /** Which partition of a site a job goes to; absent: the one it was submitted to. */
  readonly partition?: PolicyPartSpec | undefined;
  /** Which site a job goes to; absent: sites are runs of their own. */
  readonly siting?: PolicyPartSpec | undefined;
  /** What keeps power, energy cost or carbon down, one or several together; absent: nothing. */
  readonly power?: readonly PolicyPartSpec[] | undefined;
}

/** Caps on what one user, account or quality of service may have at a time. Absent: no cap. */
export interface LimitSpec {
  /** Running jobs (Slurm's MaxJobs). */
  readonly maxJobs?: number | undefined;
  /** GPUs of running jobs (GrpTRES). */
  readonly maxGpus?: number | undefined;
}

/** A quality of service (Slurm's QoS): limits of its own for the classes that name it. */
export interface QosSpec extends LimitSpec {
  readonly name: string;
  /** Added to the priority of its jobs. */
  readonly priority: number;
  /** Longest estimate accepted, ms (MaxWall). */
  readonly maxWallMs?: number | undefined;
  readonly perUser?: LimitSpec | undefined;
}

/** Limits of the site, counted over all its partitions. */
export interface LimitsSpec {
  /** Longest estimate accepted, ms; jobs asking for more are rejected at submission. */
  readonly maxWallMs?: number | undefined;
  readonly perUser?: LimitSpec | undefined;
  readonly perAccount?: LimitSpec | undefined;
  readonly qos: readonly QosSpec[];
}

/** Nodes that leave a partition for a time: for maintenance, or for the jobs of an advance reservation. */
export interface WindowSpec {
  readonly name: string;
  readonly kind: 'maintenance' | 'reservation';
  /** Index of the partition the nodes belong to. */
  readonly partition: number;
  readonly nodes: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** From so long before `fromMs` on, its nodes take no new job. */
  readonly drainMs: number;
}

/** Where the jobs come from: a generator's parameters (workload/), or a trace among the inputs. */
export type WorkloadSpec =
  | {
      readonly kind: 'generated';
      readonly name: string;
      readonly generator: unknown;
      readonly classNames: readonly string[];
    }
  | {
      readonly kind: 'trace';
      readonly name: string;
      readonly input: string;
      readonly classNames: readonly string[];
      /** Replications but the first have each submission moved by up to so much, either way; absent: none. */
      readonly shakeMs?: number | undefined;
    };

export interface RunSpec {
  readonly schemaVersion: 1;
  readonly partitions: readonly PartitionSpec[];
  readonly workload: WorkloadSpec;
  readonly policy: PolicySpec;
  /** Calendar year whose 1 January 00:00 UTC is time 0. */
  readonly calendarYear: number;
  /** `undefined` drains: arrivals stop by themselves and the run ends with the last job (`replay`). */
  readonly horizonMs: number | undefined;
  readonly warmupMs: number;
  readonly seed: string;
  /** 0-based; forks the streams of the workload. */
  readonly replication: number;
  /** By class of the workload, and of services behind them; absent: all plain. */
  readonly traits?: readonly ClassTraits[] | undefined;
  /** Background loads; absent: none. Their classes stand behind those of the workload. */
  readonly services?: readonly ServiceSpec[] | undefined;
  /** What happens to a job that outlives its estimate; absent: `kill`. */
  readonly overrun?: 'kill' | 'extend' | undefined;
  /** A job runs at least so long before it may be pre-empted, ms; absent: 0. */
  readonly guaranteedRunMs?: number | undefined;
  readonly limits?: LimitsSpec | undefined;
  readonly windows?: readonly WindowSpec[] | undefined;
  /** Time to move a job's data to another site, ms per TB; absent: 0. */
  readonly transferMsPerTB?: number | undefined;
  /** What fails; absent: nothing does. */
  readonly reliability?: ReliabilitySpec | undefined;
  /** Absent: checkpoints cost nothing, and their interval counts only at a pre-emption. */
  readonly checkpoints?: CheckpointSpec | undefined;
  /** Of restarts, and of first starts of jobs with a model. A class's own `restartMs` wins; absent: that alone. */
  readonly initialisation?: InitialisationSpec | undefined;
  /** Where the policy caps GPUs or keeps a site under a power. */
  readonly powerControl?: PowerControlSpec | undefined;
  /** One broker sends the jobs to the sites: each has its own partitions, load curve and bill. */
  readonly brokered?: boolean | undefined;
  /**
   * Sites that share this schedule: same partitions, workload, policy and seed, and a policy that does not
   * read the market. The load curve is simulated once and paid for at each.
   *
   * Where the schedule depends on sites, behind those that it knows (as many as partitions name) there may be as many
   * again, and so on, in the same order and equal but for their capital: they are paid for on the same load curves.
   */
  readonly sites: readonly SiteSpec[];
}
