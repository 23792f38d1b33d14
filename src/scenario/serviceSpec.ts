/**
 * A background load as a run needs it: GPUs that serve users from the first instant of the run to its end, in replicas.
 *
 * Plain data, part of a RunSpec. Their class stands behind those of the workload.
 */
export interface ServiceSpec {
  /** Of its class. */
  readonly name: string;
  /** GPUs of one replica. */
  readonly replicaGpus: number;
  readonly places: readonly ServicePlaceSpec[];
}

/** The replicas of a service in one partition. */
export interface ServicePlaceSpec {
  /** Index among the partitions of the run. */
  readonly partition: number;
  readonly replicas: number;
  /** IANA name of the zone of the hours. */
  readonly timeZone: string;
  /**
   * By hour of the local day: what each of its GPUs draws beyond `activeWByClass` of its class, whole W of either sign.
   * Added while the replica serves, not while it restarts; and inside the horizon, the warm-up has the mean.
   */
  readonly deviationWByHour: readonly number[];
}
