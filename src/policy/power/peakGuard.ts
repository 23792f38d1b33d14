import type { PowerDef, PowerLimits } from '../contracts.js';
import { BEST_CAP, SOUND_LEAST_CAP, WHY_SOUND_LEAST_CAP } from './means.js';

interface PeakGuardParameters {
  /** Share of the most the site can draw up to 1, or watts of the facility. */
  readonly to: number;
  readonly leastCap: number;
}

/**
 * Holds the mean of every quarter hour under a target: all running jobs are capped as far as it takes, to `leastCap` at
 * most, and jobs wait whose start would break it even there.
 *
 * The target is kept at every instant and not only in the mean: after a quiet beginning of a quarter hour more could be
 * drawn until its end (what was not used, over the minutes left), but only by running jobs a little faster for minutes;
 * docs/power-policies.md says how little that is. It also keeps what the connection and orders allow, and rises by no
 * more than the connection's ramp limit from one quarter hour to the next, as far as starts and caps decide it. Nothing
 * holds up a fall: jobs end when they end.
 *
 * Caps come first because the first watts are cheap: see {@link BEST_CAP}. No job is suspended, so a target below what
 * running jobs draw at `leastCap`, because an order or a limit came, is missed until some end.
 */
export const peakGuard: PowerDef<PeakGuardParameters> = {
  axis: 'power',
  name: 'peak-guard',
  summary:
    'holds the 15-minute mean under a target by capping all jobs alike and, where that is not enough, delaying starts',
  cite: 'after Patel et al., Characterizing power management opportunities for LLMs in the cloud, ASPLOS 2024, and Mayr et al., arXiv 2603.16164, 2026',
  caps: true,
  readsMarket: true,
  parameters: [
    {
      name: 'to',
      kind: 'share or power',
      default: 0.9,
      written: true,
      summary:
        'power of the facility such as 180 MW, or share of the most it can draw with all GPUs busy; 0.9 (an assumption)',
    },
    {
      name: 'leastCap',
      kind: 'number',
      default: BEST_CAP,
      min: SOUND_LEAST_CAP,
      whyMin: WHY_SOUND_LEAST_CAP,
      max: 1,
      summary:
        'strongest cap, as a share of TDP; 0.57, where a watt trains most: below it fewer jobs at that cap do more',
    },
  ],
  capFractions: ({ leastCap }) => [leastCap],
  holdsUnder: ({ to, leastCap }) => ({ to, leastCapFraction: leastCap }),
  create({ to, leastCap }, { limits }) {
    return {
      targetW: (site) => {
        const wantedW = to <= 1 ? to * limits.mostW(site) : to;
        return Math.min(wantedW, limits.allowedW(site), rampedW(limits, site));
      },
      means: { leastCapFraction: leastCap, delays: true, suspends: false, preempts: false },
    };
  },
};

/** The most that this quarter hour may be, after the last; Infinity where there is no ramp limit or no last. */
function rampedW(limits: PowerLimits, site: number): number {
  const rampW = limits.rampW(site);
  const lastW = limits.lastQuarterW(site);
  return rampW === Number.POSITIVE_INFINITY || Number.isNaN(lastW) ? Number.POSITIVE_INFINITY : lastW + rampW;
}
