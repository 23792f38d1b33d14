import { MS_PER_HOUR, WMS_PER_MWH } from '../base/units.js';

/** What a power policy did to the jobs of the horizon. */
export interface PowerSummary {
  /** GPU-hours that caps took of productive time: Σ held × time × (1 − speed under the cap). */
  readonly cappedGpuHours: number;
  /** Held by suspended jobs. */
  readonly suspendedGpuHours: number;
  /** Times a job was suspended, and jobs kept out of the queue for a time; from the start of the run on. */
  readonly suspensions: number;
  readonly heldJobs: number;
  /** Mean over these, ms; NaN with none. */
  readonly heldMeanMs: number;
  /** Useful (of runs without phases: used) GPU-hours at full speed: less what caps, suspensions and waking nodes took. */
  readonly effectiveGpuHours: number;
  /** Where idle nodes sleep. */
  readonly sleep?: SleepSummary | undefined;
}

/** What came of letting idle nodes sleep, inside the horizon. */
export interface SleepSummary {
  readonly asleepNodeHours: number;
  /** IT energy that sleeping nodes did not draw. */
  readonly savedMWh: number;
  /** Nodes that woke, counted each time; what they drew from then until they were ready, as IT energy. */
  readonly wakes: number;
  readonly wakeMWh: number;
  /** Held by jobs whose nodes were not ready: part of the restart time where jobs have phases. */
  readonly wakingGpuHours: number;
}

/** What a run counted of it. */
export interface PowerTotals {
  readonly cappedGpuMs: number;
  readonly suspendedGpuMs: number;
  readonly suspensions: number;
  readonly heldJobs: number;
  readonly heldMs: number;
  readonly sleep?: SleepTotals | undefined;
}

export interface SleepTotals {
  readonly asleepNodeMs: number;
  readonly savedWms: number;
  readonly wakes: number;
  readonly wakeWms: number;
  readonly wakingGpuMs: number;
}

/**
 * @param used - GPU-hours held by jobs
 * @param useful - of them productive, where jobs have phases; suspended time is not in it
 */
export function powerSummary(totals: PowerTotals, used: number, useful: number | undefined): PowerSummary {
  const cappedGpuHours = totals.cappedGpuMs / MS_PER_HOUR;
  const suspendedGpuHours = totals.suspendedGpuMs / MS_PER_HOUR;
  const sleep = totals.sleep && sleepSummary(totals.sleep);
  const productive = useful ?? used - suspendedGpuHours - (sleep?.wakingGpuHours ?? 0);
  return {
    cappedGpuHours,
    suspendedGpuHours,
    suspensions: totals.suspensions,
    heldJobs: totals.heldJobs,
    heldMeanMs: totals.heldMs / totals.heldJobs,
    effectiveGpuHours: productive - cappedGpuHours,
    ...(sleep === undefined ? {} : { sleep }),
  };
}

const sleepSummary = ({ asleepNodeMs, savedWms, wakes, wakeWms, wakingGpuMs }: SleepTotals): SleepSummary => ({
  asleepNodeHours: asleepNodeMs / MS_PER_HOUR,
  savedMWh: savedWms / WMS_PER_MWH,
  wakes,
  wakeMWh: wakeWms / WMS_PER_MWH,
  wakingGpuHours: wakingGpuMs / MS_PER_HOUR,
});
