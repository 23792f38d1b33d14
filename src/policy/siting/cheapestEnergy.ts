import type { SitingDef } from '../contracts.js';
import { lowest, MAX_QUEUE } from './lowest.js';
import { meterWattsPerWork } from './siteQueue.js';

/**
 * The site whose electricity is cheapest for the job now: energy charges of a MWh (day-ahead with the adder, network,
 * levies) × facility watts of one more IT watt × watts of a busy GPU / its speed there.
 *
 * Sites with a queue of more than `maxQueue` are passed over. Wrong for jobs of days: it knows the present hour alone,
 * not the rest of the day-ahead auction's, and a job pays the hours it runs in. The capacity charge does not count.
 */
export const cheapestEnergy: SitingDef<{ readonly maxQueue: number }> = {
  axis: 'siting',
  name: 'cheapest-energy',
  summary: "the site where the job's electricity costs least now",
  readsMarket: true,
  parameters: [MAX_QUEUE],
  create: ({ maxQueue }, { world }) => {
    let job = 0;
    const costPerWork = (site: number): number =>
      world.market.priceEurPerMWh(site) * meterWattsPerWork(world, job, site);
    return {
      choose(asked, home, candidates) {
        job = asked;
        return lowest(world, job, home, candidates, maxQueue, costPerWork);
      },
    };
  },
};
