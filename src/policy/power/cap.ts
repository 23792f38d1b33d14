import type { PowerDef } from '../contracts.js';
import { LEAST_CAP, LEAST_LIMIT, WHY_LEAST_LIMIT } from './means.js';

interface CapParameters {
  /** Share of TDP from 0.2 to 1, or watts of the facility. */
  readonly to: number;
  /** Empty: all classes. */
  readonly class: string;
}

const isShare = ({ to }: CapParameters): boolean => to <= 1;

/**
 * A power limit that always holds: a share of TDP on every GPU of all jobs or of one class, or so many watts of the
 * facility, kept by capping all jobs alike as far as it takes (nvidia-smi's power limit, applied site-wide).
 *
 * Jobs are as fast as the measured curve says (power/capCurve.ts). A cap in MW holds at every instant, not only in the
 * mean of 15 minutes; jobs that would break it at the lowest cap wait.
 */
export const cap: PowerDef<CapParameters> = {
  axis: 'power',
  name: 'cap',
  summary: 'a power limit on every GPU (share of TDP, of all jobs or one class) or on the site (MW)',
  cite: 'Patki et al., Exploring hardware overprovisioning in power-constrained HPC, ICS 2013; Mayr et al., arXiv 2603.16164, 2026',
  caps: true,
  readsMarket: (params) => !isShare(params as unknown as CapParameters),
  parameters: [
    {
      name: 'to',
      kind: 'share or power',
      default: 0.8,
      written: true,
      min: LEAST_LIMIT,
      whyMin: WHY_LEAST_LIMIT,
      summary:
        'share of TDP of at least 0.2, or power of the facility such as 180 MW; 0.8 (an assumption: about 5 % of the speed)',
    },
    {
      name: 'class',
      kind: 'class',
      default: '',
      summary: 'class of jobs that a share is set for; all where it is not said',
    },
  ],
  capFractions: (params) => (isShare(params) ? [params.to] : []),
  holdsUnder: (params) => (isShare(params) ? undefined : { to: params.to, leastCapFraction: LEAST_CAP }),
  create(params, { limits, classNames }) {
    const { to, class: only } = params;
    if (!isShare(params))
      return {
        targetW: (site) => Math.min(to, limits.allowedW(site)),
        means: { leastCapFraction: LEAST_CAP, delays: true, suspends: false, preempts: false },
      };
    const capped = only === '' ? -1 : classNames.indexOf(only);
    return { capFraction: (_site, jobClass) => (capped < 0 || capped === jobClass ? to : 1) };
  },
};
