import type { SitingDef } from '../contracts.js';
import { lowest, MAX_QUEUE } from './lowest.js';
import { meterWattsPerWork } from './siteQueue.js';

/**
 * The site where the job emits least now: carbon intensity of the grid × facility watts of one more IT watt × watts
 * of a busy GPU / its speed there.
 *
 * Sites with a queue of more than `maxQueue` are passed over. Average intensity, location-based, of the present hour:
 * not what the marginal power plant emits, nor the hours the job will run in.
 */
export const greenest: SitingDef<{ readonly maxQueue: number }> = {
  axis: 'siting',
  name: 'greenest',
  summary: 'the site where the job emits least CO2 now',
  readsMarket: true,
  parameters: [MAX_QUEUE],
  create: ({ maxQueue }, { world }) => {
    let job = 0;
    const carbonPerWork = (site: number): number =>
      world.market.carbonKgPerMWh(site) * meterWattsPerWork(world, job, site);
    return {
      choose(asked, home, candidates) {
        job = asked;
        return lowest(world, job, home, candidates, maxQueue, carbonPerWork);
      },
    };
  },
};
