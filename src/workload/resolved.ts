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
  /** Users → accounts; absent: each user is one. */
  readonly accounts?: ResolvedAccounts;
}

/** Dealt in turn: account = user modulo `count`. By sizes: the first `sizes[0]` users are account 0, and so on, round again beyond their sum. */
export type ResolvedAccounts =
  | { readonly count: number }
  | {
      readonly sizes: readonly number[];
      /** Of the machine, by account, relative to each other; absent: equal. */
      readonly shares?: readonly number[];
    };

/** What a class says of its jobs that becomes a column of theirs; absent where nothing is said. */
export interface ResolvedJobRules {
  /** Time from submission to the deadline in planned run times, ≥ 1. */
  readonly deadlineSlack?: number;
  /** Sizes as factors of the GPUs asked for: min ≤ 1 ≤ max. */
  readonly elastic?: { readonly min: number; readonly max: number };
}

export interface ResolvedJobList {
  readonly kind: 'jobs';
  readonly oversize: Oversize;
  readonly classes: readonly (ResolvedJobRules & { readonly name: string; readonly gpuPowerFraction: number })[];
  /** In the order of the document. */
  readonly jobs: readonly ResolvedJob[];
}

export type Oversize = 'rescale' | 'refuse';

export interface ResolvedClass extends ResolvedJobRules {
  readonly name: string;
  /** Relative share of GPU time before thinning; null where `jobsPerHour` is given. */
  readonly gpuTimeShare: number | null;
  readonly jobsPerHour: number | null;
  readonly thinnable: boolean;
  readonly sizes: readonly { readonly gpus: number; readonly weight: number }[];
  /** Planned run time, ms; with `inTokens` what is to be trained on, tokens. */
  readonly duration: ResolvedDistribution;
  /** Run times follow from tokens: the class has a model. */
  readonly inTokens?: true;
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
  /** Null: it follows from `tokens`. */
  readonly runMs: number | null;
  /** Null: the run time. */
  readonly estimateMs: number | null;
  /** What it is trained on, tokens; in place of a run time. */
  readonly tokens?: number;
  /** Index into the list's classes. */
  readonly class: number;
  readonly user: number;
  /** Index into END_STATES. */
  readonly endState: number;
  readonly partition: string | null;
  /** Places in the list of the jobs that must have completed before; absent: none. */
  readonly after?: readonly number[];
  /** Added to its class's. */
  readonly priority?: number;
  /** From the start of the horizon. */
  readonly deadlineMs?: number;
  readonly minGpus?: number;
  readonly maxGpus?: number;
  /** Number of its account, by first appearance in the list; absent in all jobs or in none. */
  readonly account?: number;
  /** Name of a window of the run. */
  readonly reservation?: string;
}
