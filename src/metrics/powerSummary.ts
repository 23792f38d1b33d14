import { MS_PER_HOUR } from '../base/units.js';

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
  /** Useful (of runs without phases: used) GPU-hours at full speed: less what caps and suspensions took. */
  readonly effectiveGpuHours: number;
}

/** What a run counted of it. */
export interface PowerTotals {
  readonly cappedGpuMs: number;
  readonly suspendedGpuMs: number;
  readonly suspensions: number;
  readonly heldJobs: number;
  readonly heldMs: number;
}

/**
 * @param used - GPU-hours held by jobs
 * @param useful - of them productive, where jobs have phases; suspended time is not in it
 */
export function powerSummary(totals: PowerTotals, used: number, useful: number | undefined): PowerSummary {
  const cappedGpuHours = totals.cappedGpuMs / MS_PER_HOUR;
  const suspendedGpuHours = totals.suspendedGpuMs / MS_PER_HOUR;
  return {
    cappedGpuHours,
    suspendedGpuHours,
    suspensions: totals.suspensions,
    heldJobs: totals.heldJobs,
    heldMeanMs: totals.heldMs / totals.heldJobs,
    effectiveGpuHours: (useful ?? used - suspendedGpuHours) - cappedGpuHours,
  };
}
