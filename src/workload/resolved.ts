/**
 * A workload document in whole numbers: plain JSON that goes into the run key, so no `undefined`, no
 * functions, no provenance. Made by resolve.ts, checked by check.ts, drawn from by generate.ts.
 */
export type ResolvedGenerator = ResolvedMix | ResolvedJobList;

export interface ResolvedMix {
  readonly kind: 'mix';
  /** GPU time submitted per GPU time of the site; null where classes give rates. */
  readonly load: number | null;
  /** Share of the jobs of thinnable classes that are kept, (0, 1]. */
  readonly thinning: number;
  readonly oversize: Oversize;
  /** `exact`: within ±1 % of the load on every seed, warm-up and horizon each. `expected`: as the processes draw. */
  readonly budget: 'exact' | 'expected';
  readonly classes: readonly ResolvedClass[];
}

export interface ResolvedJobList {
  readonly kind: 'jobs';
  readonly oversize: Oversize;
  readonly classes: readonly { readonly name: string; readonly gpuPowerFraction: number }[];
  /** In the order of the document. */
  readonly jobs: readonly ResolvedJob[];
}

export type Oversize = 'rescale' | 'refuse';

export interface ResolvedClass {
  readonly name: string;
  /** Relative share of GPU time before thinning; null where `jobsPerHour` is given. */
  readonly gpuTimeShare: number | null;
  readonly jobsPerHour: number | null;
  readonly thinnable: boolean;
  readonly sizes: readonly { readonly gpus: number; readonly weight: number }[];
  /** Planned run time, ms. */
  readonly duration: ResolvedDistribution;
  readonly arrivals:
    | {
        readonly process: 'poisson';
        readonly hourOfDay: readonly number[];
        readonly weekday: readonly number[];
        readonly burstSigma: number;
      }
    | { readonly process: 'stratified' };
  readonly estimate: { readonly factor: ResolvedDistribution; readonly limitMs: number | null };
  readonly users: { readonly count: number; readonly exponent: number };
  readonly failedFraction: number;
  readonly cancelledFraction: number;
  readonly gpuPowerFraction: number;
  readonly partition: string | null;
}

/** A positive quantity; `max` null is unbounded. */
export type ResolvedDistribution =
  | {
      readonly shape: 'lognormal';
      readonly median: number;
      readonly sigma: number;
      readonly min: number;
      readonly max: number | null;
    }
  | { readonly shape: 'exponential'; readonly mean: number }
  | { readonly shape: 'constant'; readonly value: number };

export interface ResolvedJob {
  readonly submitMs: number;
  readonly gpus: number;
  readonly runMs: number;
  readonly estimateMs: number;
  /** Index into the list's classes. */
  readonly class: number;
  readonly user: number;
  /** Index into END_STATES. */
  readonly endState: number;
  readonly partition: string | null;
}
