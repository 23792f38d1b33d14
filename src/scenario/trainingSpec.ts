/** What a class of jobs trains, evaluated by plan/ with the throughput model: plain data, part of a RunSpec. */

/** How a model runs on so many GPUs of one partition, in its best (or given) parallelism, at full power. */
export interface TrainingRow {
  readonly gpus: number;
  /** Tokens a second of the whole job in one pod, or in as few as hold it. */
  readonly tokensPerS: number;
  /** Model FLOPs utilisation of the dense peak of the precision, 0…1. */
  readonly mfu: number;
  /** Speed by the number of pods spanned, relative to `tokensPerS`: entry n − 1 for n pods; the last holds beyond. */
  readonly speedByPods: readonly number[];
  /** Watts each busy GPU adds while it trains, whole, by the number of pods spanned as `speedByPods`. */
  readonly activeWByPods: readonly number[];
  /** E.g. `TP8 PP16 DP64`, for reports. */
  readonly parallelism: string;
}

export interface TrainingSpec {
  /** Name in the catalogue of models. */
  readonly model: string;
  /** Model FLOPs of a token, forward and backward. */
  readonly flopsPerToken: number;
  /** Weights, master weights and optimiser state: what a checkpoint writes. */
  readonly stateBytes: number;
  /** By partition of the run, each by GPUs ascending, at least one; null: no job of the class can go there. */
  readonly rows: readonly (readonly TrainingRow[] | null)[];
}

/**
 * The row for a job of so many GPUs: its own where there is one, else the nearest smaller one (the first for jobs
 * smaller than all). O(log rows).
 */
export function trainingRow(rows: readonly TrainingRow[], gpus: number): TrainingRow {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle]!.gpus <= gpus) low = middle;
    else high = middle - 1;
  }
  return rows[low]!;
}

/** Tokens a second on so many GPUs; between rows in proportion to the GPUs of the row below. */
export function tokensPerS(rows: readonly TrainingRow[], gpus: number): number {
  const row = trainingRow(rows, gpus);
  return row.gpus === gpus ? row.tokensPerS : (row.tokensPerS * gpus) / row.gpus;
}

/** The entry for so many pods. */
export function byPods(values: readonly number[], pods: number): number {
  return values[pods <= values.length ? pods - 1 : values.length - 1]!;
}
