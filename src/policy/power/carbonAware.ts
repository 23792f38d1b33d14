import { deferringPolicy } from './defer.js';
import { UNANNOUNCED } from './forecast.js';

/**
 * Runs deferrable jobs when electricity is clean: average carbon intensity (location-based) × facility watts of one more
 * IT watt, over the job's estimated run.
 *
 * Nobody announces carbon intensity: a forecast is one from midnight CET on, today's hours included.
 */
export const carbonAware = deferringPolicy(
  {
    name: 'carbon-aware',
    summary: 'defers deferrable jobs within their slack to when electricity is clean',
    cite: "Wiesner et al., Let's wait awhile, Middleware 2021; Radovanović et al., IEEE Trans. Power Syst. 38, 2023",
  },
  {
    cost: ({ outlook }, site, atMs) => outlook.carbonKgPerMWh(site, atMs) * outlook.overheadFactor(site, atMs),
    announcements: UNANNOUNCED,
  },
);
