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

/** Share of its TDP that a GPU draws under jobs of a trace, which says nothing of power: training. */
export const TRACE_GPU_POWER_FRACTION = 0.95;
export const TRACE_TIME_UNIT = 's';

export type DefaultedKey = keyof typeof SCENARIO_DEFAULTS;
