/**
 * What brokers and partition policies may know of sites: the present, not the future.
 *
 * Prices, carbon and overhead are there where a part of the policy declares to read the market, NaN elsewhere; before
 * time 0 the first week stands in. Queues and watts are there for these and for policies with a partition or siting
 * part. All are O(1).
 */
export interface Market {
  /** Energy charges of a MWh at the meter now: day-ahead with the adder, network and levies, EUR; may be negative. */
  priceEurPerMWh(site: number): number;
  /** Carbon intensity now, kg/MWh. */
  carbonKgPerMWh(site: number): number;
  /** Facility watts per IT watt now: what cooling and losses add to one more watt. */
  overheadFactor(site: number): number;
  /** IT watts that a busy GPU of a partition adds under a class. */
  activeWPerGpu(partition: number, jobClass: number): number;
  /** Jobs waiting for a partition, those whose data is still on the way or that a limit holds back included. */
  queuedJobs(partition: number): number;
  /** Their estimated run times × the GPUs they would hold, as when they joined the queue. */
  queuedGpuMs(partition: number): number;
}

const absent = (): number => Number.NaN;

/** Where nobody asks. */
export const NO_MARKET: Market = {
  priceEurPerMWh: absent,
  carbonKgPerMWh: absent,
  overheadFactor: absent,
  activeWPerGpu: absent,
  queuedJobs: absent,
  queuedGpuMs: absent,
};
