/**
 * What fails, how often, what it takes to go on, and what checkpoints cost: plain data in base units, part of a
 * RunSpec. Made by plan/ from a document of `scenarios/reliability/` and the scenario's `checkpoints`.
 */

/** Why something fails. */
export interface FailureCause {
  /** As the source names it, e.g. `HBM3 memory`. */
  readonly name: string;
  /** Share of all failures by count; the shares of a {@link ReliabilitySpec} sum to 1. */
  readonly share: number;
  /**
   * What goes down with it: only the job that runs on the node (a software bug), the node, its rack or its pod. A job
   * with a GPU in what goes down is interrupted.
   */
  readonly scope: 'job' | 'node' | 'rack' | 'pod';
  /** Index into `repairs`: how long each node that went down is out; `undefined` for the scope `job`. */
  readonly repair?: number | undefined;
}

/** Time from the detection of a fault until the node is back: lognormal. */
export interface RepairTime {
  readonly name: string;
  readonly medianMs: number;
  /** Of the logarithm; 0: always the median. */
  readonly sigma: number;
}

/** Nodes that slow down the gangs they are part of. */
export interface StragglerSpec {
  /** Expected onsets of a GPU's node per GPU and day. */
  readonly onsetsPerGpuDay: number;
  /** Speed of a gang with such a node, relative to its own, (0, 1). */
  readonly speed: number;
  /** From the onset until it is found, and the node evicted as if it had failed (nothing unsaved is lost), ms. */
  readonly detectionMs: number;
  /** Index into `repairs`. */
  readonly repair: number;
}

export interface ReliabilitySpec {
  /** For reports. */
  readonly name: string;
  /** Expected failures per GPU and day, all causes, at a rate factor of 1 and past the burn-in. */
  readonly failuresPerGpuDay: number;
  /** Multiplies the rate. The failures at a factor are among those at any larger one, seed for seed. */
  readonly rateFactor: number;
  readonly causes: readonly FailureCause[];
  readonly repairs: readonly RepairTime[];
  /** Lemon nodes: a share of all nodes that fails so many times as often as the others; the mean rate stays. */
  readonly lemons?: { readonly fraction: number; readonly rateFactor: number } | undefined;
  /**
   * Infant mortality: nodes begin at the start of the horizon with a Weibull hazard, rate × max(1, (t / until)^(shape − 1)), shape < 1,
   * which has come down to the rate at `untilMs`.
   */
  readonly burnIn?: { readonly shape: number; readonly untilMs: number } | undefined;
  readonly stragglers?: StragglerSpec | undefined;
  /** From a failure until the machine knows, ms: the job's GPUs are held and idle meanwhile. */
  readonly detectionMs: number;
  /** To put a spare in the place of a node that went down, ms. */
  readonly swapMs: number;
  /** Spare nodes kept out of service for hot swaps, by partition of the run. */
  readonly spareNodes: readonly number[];
}

/** Bandwidth of a site's checkpoint storage, shared by all jobs that write at once. */
export interface StorageSpec {
  readonly writeBytesPerMs: number;
  readonly readBytesPerMs: number;
}

export interface CheckpointSpec {
  /**
   * `blocking`: the job stands still until the checkpoint is written. `background`: until it is copied to host memory;
   * it counts once written.
   */
  readonly mode: 'blocking' | 'background';
  /** Productive time between checkpoints, ms; `undefined`: Daly's optimum for each job. A class's own `checkpointMs` wins. */
  readonly intervalMs?: number | undefined;
  /**
   * Where Daly decides: share of a site's write bandwidth that all jobs together may fill. A job gets its part by its
   * GPUs, and puts its checkpoints further apart where they would need more; absent: no bound.
   */
  readonly storageShare?: number | undefined;
  /** By site of the run; one for all where they share a schedule. */
  readonly storage: readonly StorageSpec[];
  /** Most that one node can write or read. */
  readonly nodeBytesPerMs: number;
  /** From a GPU's memory to its host's. */
  readonly copyBytesPerMsPerGpu: number;
  /** State to be saved of a job without a model. */
  readonly stateBytesPerGpu: number;
}

/** From getting GPUs to the first step: `baseMs` on one GPU and `perDoublingMs` more at each doubling, up to `mostMs`. */
export interface InitialisationSpec {
  readonly baseMs: number;
  readonly perDoublingMs: number;
  readonly mostMs: number;
}
