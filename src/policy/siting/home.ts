import type { SitingDef } from '../contracts.js';

/** The site of the partition the job was submitted to; where its class is not allowed there, the first it is. */
export const home: SitingDef = {
  axis: 'siting',
  name: 'home',
  summary: 'the site the job was submitted to',
  create: () => ({
    choose: (_job, own, candidates) => (candidates.includes(own) ? own : candidates[0]!),
  }),
};
