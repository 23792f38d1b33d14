/** What brokers and partition policies may know of sites: the present, not the future. */
export interface Market {
  /** Energy charges of a MWh at the meter now: day-ahead, network and levies, EUR. */
  priceEurPerMWh(site: number): number;
  /** Carbon intensity now, kg/MWh. */
  carbonKgPerMWh(site: number): number;
  /** Facility watts per IT watt now: what cooling and losses add to one more watt. */
  overheadFactor(site: number): number;
  /** IT watts that a busy GPU of a partition adds under a class. */
  activeWPerGpu(partition: number, jobClass: number): number;
  /** Jobs queued and GPU·ms of estimated work queued in a partition. */
  queuedJobs(partition: number): number;
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
