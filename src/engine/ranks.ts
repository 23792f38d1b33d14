/**
 * The order in which things at one instant happen. Events are totally ordered by (atMs, rank, seq).
 *
 * A job that ends at the instant another arrives has freed its GPUs before the policy looks; the policy
 * looks once, after everything else of the instant; a sample sees the instant's outcome.
 */
export const RANK = {
  /** Completions, failures, repairs. */
  completion: 0,
  /** Price, weather, cap and curtailment changes; the hourly tick. */
  market: 1,
  arrival: 2,
  /** One coalesced policy pass per instant. */
  pass: 3,
  sample: 4,
} as const;

export type Rank = (typeof RANK)[keyof typeof RANK];
