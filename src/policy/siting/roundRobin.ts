import type { SitingDef } from '../contracts.js';

/** The next allowed site after the one the last job went to, in the scenario's order, from the first on. */
export const roundRobin: SitingDef = {
  axis: 'siting',
  name: 'round-robin',
  summary: 'the sites in turn',
  create: () => {
    let last = -1;
    return {
      choose(_job, _home, candidates) {
        let next = candidates[0]!;
        for (let i = 0; i < candidates.length; i++) {
          if (candidates[i]! > last) {
            next = candidates[i]!;
            break;
          }
        }
        last = next;
        return next;
      },
    };
  },
};
