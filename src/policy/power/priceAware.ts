import { deferringPolicy } from './defer.js';
import { DAY_AHEAD } from './forecast.js';

/**
 * Runs deferrable jobs when electricity is cheap: energy charges of a MWh at the meter × facility watts of one more IT
 * watt, over the job's estimated run.
 *
 * The capacity charge and rules by hours of use do not count: jobs moved into cheap hours may make a higher peak.
 */
export const priceAware = deferringPolicy(
  {
    name: 'price-aware',
    summary: 'defers deferrable jobs within their slack to when electricity is cheap',
    cite: "after Wiesner et al., Let's wait awhile, Middleware 2021",
  },
  {
    cost: ({ outlook }, site, atMs) => outlook.priceEurPerMWh(site, atMs) * outlook.overheadFactor(site, atMs),
    announcements: DAY_AHEAD,
  },
);
