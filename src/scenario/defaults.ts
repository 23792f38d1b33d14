import type { Figure } from './figure.js';

/**
 * Every default of a scenario, with its reason: the only place they stand.
 * Written as a user would write them, so that `--print-config` can print them.
 */
export const SCENARIO_DEFAULTS = {
  warmup: {
    value: '30 d',
    reason: 'fills the machine and its queue before metering starts; the longest jobs run for weeks',
  },
  seed: { value: 1, reason: 'any fixed number: equal scenarios give equal results' },
  replications: {
    value: 5,
    reason: 'the fewest with a 95 % interval worth printing: Student t falls from 12.7 at 2 to 2.8 at 5',
  },
  calendarYear: { value: 2027, reason: 'a coming year of 365 days; it sets weekdays and clock changes' },
  prices: {
    value: 'representative',
    reason: 'one price year for all replications, so their interval shows the workload alone',
  },
} as const;

/** The longest a scenario may take, with the reason: beyond it the machine's memory is the question. */
export const SCENARIO_LIMITS = {
  horizon: { value: '3653 d', reason: 'ten years: every quarter hour of them is held in memory' },
  warmup: { value: '366 d', reason: 'a year: it only fills the machine, and its jobs are held in memory' },
} as const;

/** Of a workload document; `oversize` depends on its kind. */
export const WORKLOAD_DEFAULTS = {
  load: { value: 0.85, reason: 'utilisation of large training clusters' },
  thinning: {
    value: 0.1,
    reason: 'keeps the tiny jobs of a site-year to some 200,000; they hold 0.5 % of the GPU time',
  },
  budget: { value: 'exact', reason: 'so that replications differ in their jobs, not in how much work they bring' },
  oversizeDrawn: { value: 'rescale', reason: 'a mix is one of several that fit; the report counts the jobs changed' },
  oversizeListed: { value: 'refuse', reason: 'whoever writes a job down means that job' },
  gpuPowerFraction: { value: 0.95, reason: 'nothing says what the jobs do: training, in share of TDP' },
} as const;

/** Of `workload: { trace: … }`. */
export const TRACE_DEFAULTS = {
  timeUnit: { value: 's', reason: 'as the Standard Workload Format has it' },
  lenient: { value: false, reason: 'a malformed line is more often the wrong file than one bad line' },
  gpuPowerFraction: WORKLOAD_DEFAULTS.gpuPowerFraction,
} as const;

export const SITE_DEFAULTS = {
  dayAheadAdderEurPerMWh: { value: 0, reason: 'the day-ahead price as it is' },
  seriesTimeZone: { value: 'UTC', reason: 'as times are counted here' },
} as const;

export type DefaultedKey = keyof typeof SCENARIO_DEFAULTS;

/** A default that stands in for a figure, flagged as ours. */
export const assumed = ({ value, reason }: { readonly value: number; readonly reason: string }): Figure => ({
  value,
  assumption: true,
  note: `default: ${reason}`,
});

export const trainingPowerFraction = assumed(WORKLOAD_DEFAULTS.gpuPowerFraction);
