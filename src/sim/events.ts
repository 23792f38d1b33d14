/** Kinds of scheduled events; `a` is a job, unless said otherwise. */
export const EVENT = {
  /** A running job ends. */
  completion: 0,
  /** A time a pre-emption policy asked for. */
  timer: 1,
  /** A job's estimate has passed. */
  estimate: 2,
} as const;
