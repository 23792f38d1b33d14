/**
 * One run, fully resolved: what `plan` makes of a scenario and `simulate` takes.
 *
 * Plain JSON data in base units, without references, functions or big arrays. Its canonical text, the
 * hashes of its inputs and the build make the run key.
 */

/** Watts of a node, each whole (DESIGN §7): node = idleW + busy GPUs × active(class) + its network share. */
export interface NodePowerSpec {
  /** Node with no GPU busy, W. */
  readonly idleW: number;
  /** Added by each busy GPU (GPU above idle plus its share of fans, CPUs and memory), W, by job class index. */
  readonly activeWByClass: readonly number[];
  /** Network, storage and management, drawn whether busy or not, W per GPU. */
  readonly networkWPerGpu: number;
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
}

/** The four numbers of a tariff. Prices without VAT; money paid is positive. */
export interface TariffSpec {
  /** On the year's highest 15-minute mean, EUR/kW·a; a shorter horizon pays its share of the year. */
  readonly capacityEurPerKwYear: number;
  readonly networkEurPerMWh: number;
  readonly leviesEurPerMWh: number;
  /** Added to (or taken from) every hour's day-ahead price, EUR/MWh; 0 for a plain day-ahead contract. */
  readonly dayAheadAdderEurPerMWh: number;
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
  readonly series: { readonly price: string; readonly carbon: string; readonly wetBulb: string };
}

/** One part of a policy with its validated parameters. */
export interface PolicyPartSpec {
  readonly name: string;
  readonly params: unknown;
}

/** `order+backfill@placement`. */
export interface PolicySpec {
  /** Canonical text, e.g. `fcfs+easy@pack`. */
  readonly text: string;
  readonly order: PolicyPartSpec;
  readonly backfill: PolicyPartSpec;
  readonly placement: PolicyPartSpec;
}

/** Where the jobs come from: a generator's parameters (workload/), or a trace among the inputs. */
export type WorkloadSpec =
  | {
      readonly kind: 'generated';
      readonly name: string;
      readonly generator: unknown;
      readonly classNames: readonly string[];
    }
  | { readonly kind: 'trace'; readonly name: string; readonly input: string; readonly classNames: readonly string[] };

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
  /**
   * Sites that share this schedule: same partitions, workload, policy and seed, and a policy that does not
   * read the market. The load curve is simulated once and paid for at each.
   */
  readonly sites: readonly SiteSpec[];
}
