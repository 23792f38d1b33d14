import type { RandomStreams } from '../base/random.js';
import type { ClassTotals } from './classSampler.js';
import type { PartitionSize } from './fitting.js';
import type { JobColumns, JobExtras, JobTable } from './jobTable.js';
import type { ResolvedGenerator } from './resolved.js';
import type { ClassTraining } from './tokenTime.js';

export interface GenerateContext {
  /** Of the site; a class without a partition spreads over them in proportion to their GPUs. */
  readonly partitions: readonly PartitionSize[];
  /** Arrivals stop here; > 0. */
  readonly horizonMs: number;
  /** Arrivals begin at −warmupMs; ≥ 0. */
  readonly warmupMs: number;
  /** Time 0 is 1 January of this year, 00:00 UTC: it decides which days are weekdays. */
  readonly calendarYear: number;
  /** Already of the run's seed and replication. */
  readonly streams: RandomStreams;
  /** Windows of the run, which listed jobs name as their reservation; absent: none. */
  readonly reservations?: readonly { readonly name: string; readonly partition: number }[] | undefined;
  /** By class: the throughput that run times given in tokens follow from; absent: none are. */
  readonly training?: ClassTraining | undefined;
}

export interface GeneratedJobs {
  readonly table: JobTable;
  /** GPU time to be submitted per GPU time of the site. */
  readonly offeredLoadTarget: number;
  /** Σ GPUs × run time of the jobs submitted in the horizon, per GPU time of the site. */
  readonly offeredLoadRealised: number;
  /** The same of the warm-up; 0 without one. No result holds it: it shows that the warm-up meets its load too. */
  readonly warmupLoadRealised: number;
  /** Jobs cut to their partition's size and lengthened, in the warm-up and the horizon. */
  readonly rescaledJobs: number;
  /** In the order of the classes, over the horizon only. */
  readonly classes: readonly ClassTotals[];
}

/** Filled columns as a table with the generator's class names. */
export function tableOf(columns: JobColumns, generator: ResolvedGenerator, extra: JobExtras | undefined): JobTable {
  const classNames = generator.classes.map((entry) => entry.name);
  return extra === undefined ? { ...columns, classNames } : { ...columns, classNames, extra };
}
