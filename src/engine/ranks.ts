/**
 * The order in which things at one instant happen. Events are totally ordered by (atMs, rank, seq).
 *
 * A job that ends at the instant another arrives has freed its GPUs before the policy looks; the policy
 * looks once, after everything else of the instant; a sample sees the instant's outcome.
 */
export const RANK = {
  /** Completions, repairs. */
  completion: 0,
  /** A job whose work is done when something fails has ended. */
  failure: 1,
  /** Price, weather, cap and curtailment changes; the hourly tick. */
  market: 2,
  arrival: 3,
  /** One coalesced policy pass per instant. */
  pass: 4,
  sample: 5,
} as const;

export type Rank = (typeof RANK)[keyof typeof RANK];
