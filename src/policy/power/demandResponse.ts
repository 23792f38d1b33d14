import type { PowerDef } from '../contracts.js';
import { LEAST_CAP, SOUND_LEAST_CAP, WHY_SOUND_LEAST_CAP } from './means.js';

interface DemandResponseParameters {
  readonly leastCap: number;
  readonly means: string;
  readonly prepares: string;
}

const MEANS = ['cap', 'suspend', 'pre-empt'] as const;

/**
 * Meets orders of the grid operator, and whatever else the connection allows, in every quarter hour of them: caps all
 * running jobs alike, then suspends jobs (they keep their GPUs, and draw what an initialising job draws), then pre-empts
 * these (they lose their GPUs and what no checkpoint holds). Those of the lowest priority go first and, of these, the
 * last started; only jobs of pre-emptible classes. Outside orders it does nothing.
 *
 * A battery that rides through counts: orders are kept with what it surely gives all along (its reserve). From the
 * notice of an order on, no job starts that would still run in it and be too much for it even at `leastCap`, so that
 * nothing has to be suspended or pre-empted that had just begun.
 *
 * An order that all means together cannot meet is missed by what is left, and the site's result says by how much and when.
 *
 * Cap, suspend, pre-empt is the order of their harm to jobs, not of their harm to throughput: a job capped at 0.3 of TDP
 * still does 0.35 of its work, and a suspended one nothing for hardly fewer watts, while the watts of a pre-empted one
 * would carry another at a weaker cap. Where pre-emption is cheap, `demand-response(0.57)` trains more.
 */
export const demandResponse: PowerDef<DemandResponseParameters> = {
  axis: 'power',
  name: 'demand-response',
  summary: "meets the grid operator's orders by capping, then suspending, then pre-empting jobs",
  cite: 'Colangelo et al. (Emerald AI), Turning AI data centers into grid-interactive assets, arXiv 2507.00909, 2025',
  caps: true,
  readsMarket: true,
  needs: 'limits',
  preempts: ({ means }) => means === 'pre-empt',
  parameters: [
    {
      name: 'leastCap',
      kind: 'number',
      default: LEAST_CAP,
      min: SOUND_LEAST_CAP,
      whyMin: WHY_SOUND_LEAST_CAP,
      max: 1,
      summary:
        'strongest cap before jobs are suspended, as a share of TDP; 0.3, the lowest at which speed was measured',
    },
    {
      name: 'means',
      kind: 'choice',
      choices: MEANS,
      default: 'pre-empt',
      summary: 'how far it may go: cap, suspend or pre-empt; all of them, as an order is binding',
    },
    {
      name: 'prepares',
      kind: 'choice',
      choices: ['yes', 'no'],
      default: 'yes',
      summary: 'holds back starts from the notice of an order on that it could not keep',
    },
  ],
  capFractions: ({ leastCap }) => [leastCap],
  create({ leastCap, means, prepares }, { limits }) {
    return {
      targetW: (site) => limits.allowedW(site),
      ...(prepares === 'yes' ? { preparesForOrders: true } : {}),
      means: {
        leastCapFraction: leastCap,
        delays: true,
        suspends: means !== 'cap',
        preempts: means === 'pre-empt',
      },
    };
  },
};
