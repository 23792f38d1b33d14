/** Kinds of scheduled events; `a` is a job, unless said otherwise. */
export const EVENT = {
  /** A running job ends. */
  completion: 0,
  /** A time a pre-emption policy asked for. */
  timer: 1,
  /** A job's estimate has passed. */
  estimate: 2,
  /** A job's data has reached the site it was sent to. */
  transferred: 3,
  /** A pass that a policy asked for; `a` is the partition. */
  pass: 4,
  /** `a` is a window: its nodes take no new job from now on; it begins; it ends. */
  windowDrain: 5,
  windowBegin: 6,
  windowEnd: 7,
  /** A job can no longer end inside its reservation. */
  reservationLate: 8,
  /** The next failure of a partition; `a` is the partition. */
  failure: 9,
  /** What struck a job has been found. */
  detected: 10,
  /** A node has been repaired; `a` is its partition, `b` the node. */
  repaired: 11,
  /** A node of partition `a` becomes slow; a slow node `b` of it has been found. */
  stragglerOnset: 12,
  stragglerFound: 13,
  /** A job that the power policy holds is asked about again. */
  powerRelease: 14,
  /** Some service draws otherwise from quarter hour `a` on; a replica that was restarting serves. */
  serviceHour: 16,
  serviceReady: 17,
  /** Nodes of partition `a` join, from node `b` on. */
  joined: 18,
  /** A quarter hour for which jobs wait, in a run that would otherwise be over. */
  quarterHour: 15,
} as const;
