/** What a job's GPU time inside the horizon went to, GPU·ms held, by job id; and how often it failed. */
export interface JobPhases {
  readonly usefulGpuMs: Float64Array;
  readonly stallGpuMs: Float64Array;
  readonly lostGpuMs: Float64Array;
  readonly restartGpuMs: Float64Array;
  /** GPUs to be held × time in the queue again after failures. */
  readonly repairWaitGpuMs: Float64Array;
  readonly failures: Int32Array;
}

/** What the jobs of a class trained inside the horizon: work that was lost again is not in it. */
export interface TrainingSummary {
  readonly model: string;
  readonly tokens: number;
  /** Mean over the whole horizon. */
  readonly tokensPerS: number;
  /** Model FLOPs of these tokens, in units of 86,400·10^18. */
  readonly exaFlopDays: number;
  /** Model FLOPs utilisation of its useful GPU time, 0…1; NaN with none. */
  readonly mfuFraction: number;
  readonly usefulGpuHours: number;
  /** How its jobs ran, by the partition they were in at last and the GPUs they asked for, both ascending. */
  readonly sizes: readonly TrainingSize[];
}

/** How jobs of one size ran a model in one partition. */
export interface TrainingSize {
  readonly partition: string;
  readonly gpus: number;
  /** E.g. `TP8 PP16 DP64`. */
  readonly parallelism: string;
  /** At full speed in as few pods as hold it, of the peak of all its GPUs, 0…1. */
  readonly mfuFraction: number;
  readonly jobs: number;
  readonly usefulGpuHours: number;
}

/** What one cause did inside the horizon. */
export interface FailureSummary {
  /** Of the reliability document, or `straggler`, or `pre-emption`. */
  readonly cause: string;
  /** Times it struck, whether or not a job was there. */
  readonly count: number;
  /** Jobs it interrupted, each time counted. */
  readonly interruptions: number;
  /** Work done since the last checkpoint, and time from the failures to being productive again; GPU-hours held. */
  readonly lostGpuHours: number;
  readonly restartGpuHours: number;
  /** Of the nodes that it took out of service, until they were back. */
  readonly downNodeHours: number;
}

/**
 * What the GPU time of the horizon went to, GPU-hours. The first eight sum to the total exactly (in GPU·ms); of what
 * jobs held (whole nodes), `useful + stall + lost + restart`.
 */
export interface GoodputSummary {
  /** Productive, and not lost later inside the horizon. */
  readonly usefulGpuHours: number;
  /** Standing still for a checkpoint. */
  readonly stallGpuHours: number;
  /** Worked, but not saved when it was interrupted. */
  readonly lostGpuHours: number;
  /** Held but not yet productive (again), first starts too: detection, swap, initialisation, reload. */
  readonly restartGpuHours: number;
  /** In service, held by nobody. */
  readonly idleGpuHours: number;
  /** Nodes kept as spares. */
  readonly spareGpuHours: number;
  /** Nodes out of service for repair. */
  readonly downGpuHours: number;
  /** Nodes that nobody holds, out of service in a maintenance window or kept for a reservation that is to open. */
  readonly withdrawnGpuHours: number;
  readonly totalGpuHours: number;
  /** GPUs to be held × time in the queue again after a failure: beside the total. */
  readonly repairWaitGpuHours: number;
  /** Useful / (held + waiting for repair): effective training time ratio of all jobs, weighted by their GPUs. */
  readonly ettrFraction: number;
  /** Useful / total. */
  readonly goodputFraction: number;
  /** Checkpoint storage: mean share of its write bandwidth in use, 0…1, by site. */
  readonly storageLoadFraction: readonly number[];
  /** By cause. */
  readonly failures: readonly FailureSummary[];
}

/**
 * What the jobs of a site trained inside the horizon, and what a unit of it took. Model FLOPs add up over different
 * models, tokens do not. Energy and money are those of the whole site: where some class has no model, its share too.
 */
export interface SiteTraining {
  /** Model FLOPs of what was trained and not lost again, in units of 86,400·10^18. */
  readonly exaFlopDays: number;
  /** totalEur and facilityMWh over them. */
  readonly eurPerExaFlopDay: number;
  readonly energyMWhPerExaFlopDay: number;
  /** Where all classes with a model train the same one. */
  readonly tokens?: number | undefined;
  readonly eurPerTrillionTokens?: number | undefined;
}
