import { SimError } from '../base/errors.js';
import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_DAY } from '../base/units.js';
import { marginalPrice } from '../economics/marginalPrice.js';
import type { Market } from '../policy/market.js';
import { itCapacityW } from '../power/derating.js';
import { facilityHours } from '../power/facility.js';
import type { BatterySpec, GridSpec } from '../scenario/gridSpec.js';
import type { PartitionSpec, SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';

/** What a site pays, emits and needs for cooling at a time: the series a policy may read the present of. */
export interface SiteSignals {
  /** Energy charges of a MWh: day-ahead with the adder, network, levies, EUR. */
  readonly priceEurPerMWh: StepSeries;
  readonly carbonKgPerMWh: StepSeries;
  /** Facility watts = overheadW + overheadFactor × IT watts. */
  readonly overheadW: StepSeries;
  readonly overheadFactor: StepSeries;
  readonly grid?: GridSpec | undefined;
  readonly battery?: BatterySpec | undefined;
  /** The limit of `grid.limitSeries`, MW. */
  readonly limitMW?: StepSeries | undefined;
  /** The most IT watts that the cooling can serve; absent: any. */
  readonly itCapacityW?: StepSeries | undefined;
}

/** A site's signals from the inputs of a run. Cost: one pass over each series. */
export function siteSignals(site: SiteSpec, inputs: RunInputs, calendarYear: number): SiteSignals {
  const at = (name: string): StepSeries => {
    const series = inputs.series[name];
    if (!series) throw new SimError('internal.invariant', `site ${site.id}: input series ${name} is missing`);
    return series;
  };
  const wetBulb = at(site.series.wetBulb);
  const facility = facilityHours(site.facility, wetBulb);
  return {
    priceEurPerMWh: marginalPrice(site.tariff, at(site.series.price), calendarYear),
    carbonKgPerMWh: at(site.series.carbon),
    overheadW: { stepMs: facility.stepMs, values: facility.aW },
    overheadFactor: { stepMs: facility.stepMs, values: facility.b },
    grid: site.grid,
    battery: site.battery,
    itCapacityW: site.facility.derating === undefined ? undefined : itCapacityW(site.facility, wetBulb),
    limitMW: site.grid?.limitSeries === undefined ? undefined : at(site.grid.limitSeries),
  };
}

const WEEK_MS = 7 * MS_PER_DAY;

/**
 * A series at a time. Before time 0, in the warm-up, where it has no values, its first week stands in for every week
 * before it (same weekday, same hour); of a series shorter than a week, its whole days; of one shorter than a day,
 * all of it.
 */
export function valueAt({ stepMs, values }: StepSeries, atMs: number): number {
  if (atMs >= 0) return values[Math.floor(atMs / stepMs)]!;
  const lengthMs = stepMs * values.length;
  const wholeDaysMs = Math.floor(Math.min(WEEK_MS, lengthMs) / MS_PER_DAY) * MS_PER_DAY;
  const periodMs = wholeDaysMs > 0 ? wholeDaysMs : lengthMs;
  return values[Math.floor((((atMs % periodMs) + periodMs) % periodMs) / stepMs)]!;
}

/**
 * The present of sites and partitions, for policies: prices from the signals, queues as the simulation reports them.
 *
 * A queued job counts with its estimated run time × the GPUs it would hold, both as they were when it joined the
 * queue; these are whole numbers, so that a queue that has emptied is exactly 0.
 */
export class MarketView implements Market {
  private readonly clock: { readonly nowMs: number };
  private readonly partitions: readonly PartitionSpec[];
  private readonly signals: readonly SiteSignals[] | undefined;
  private readonly jobs: Float64Array;
  private readonly gpuMs: Float64Array;
  /** What each queued job counts with. */
  private readonly counted: Float64Array;

  /** @param signals - by site; absent: nobody asks for prices, and they are NaN */
  constructor(
    clock: { readonly nowMs: number },
    partitions: readonly PartitionSpec[],
    jobs: number,
    signals: readonly SiteSignals[] | undefined,
  ) {
    this.clock = clock;
    this.partitions = partitions;
    this.signals = signals;
    this.jobs = new Float64Array(partitions.length);
    this.gpuMs = new Float64Array(partitions.length);
    this.counted = new Float64Array(jobs);
  }

  priceEurPerMWh(site: number): number {
    return this.now(this.signals?.[site]?.priceEurPerMWh);
  }

  carbonKgPerMWh(site: number): number {
    return this.now(this.signals?.[site]?.carbonKgPerMWh);
  }

  overheadFactor(site: number): number {
    return this.now(this.signals?.[site]?.overheadFactor);
  }

  activeWPerGpu(partition: number, jobClass: number): number {
    return this.partitions[partition]!.power.activeWByClass[jobClass]!;
  }

  queuedJobs(partition: number): number {
    return this.jobs[partition]!;
  }

  queuedGpuMs(partition: number): number {
    return this.gpuMs[partition]!;
  }

  /** A job waits for a partition, its data still on the way or not. */
  onQueued(job: number, partition: number, gpuMs: number): void {
    this.jobs[partition]!++;
    this.gpuMs[partition]! += gpuMs;
    this.counted[job] = gpuMs;
  }

  /** It waits no more. */
  onUnqueued(job: number, partition: number): void {
    this.jobs[partition]!--;
    this.gpuMs[partition]! -= this.counted[job]!;
  }

  private now(series: StepSeries | undefined): number {
    return series === undefined ? Number.NaN : valueAt(series, this.clock.nowMs);
  }
}
