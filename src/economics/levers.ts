import type { CapitalSpec } from '../scenario/capitalSpec.js';
import { siteCost, type SiteCost } from './siteCost.js';
import { withFinance } from './tco.js';

/** What moves the cost of a GPU-hour, and over which values. */
export const LEVERS = {
  grant: [0, 0.17, 0.35],
  utilisation: [0.6, 0.7, 0.85, 0.95],
  wacc: [0.05, 0.08, 0.12],
} as const satisfies Record<string, readonly number[]>;
export type LeverName = keyof typeof LEVERS;

/** The cost of a site with one thing changed. */
export interface Lever {
  readonly name: LeverName;
  /** Fraction: of purchase prices, of the GPU-hours there are, a year. */
  readonly value: number;
  readonly totalEur: number;
  readonly eurPerSoldGpuHour: number;
  /** Of the total, public money. */
  readonly publicEur: number;
}

/**
 * What a site would cost under other grants, capital costs and utilisations, all else as simulated.
 *
 * @param capacityGpuHours - GPUs × hours of the horizon
 * @param years - horizon / calendar year
 *
 * Worked: the 100,000 GB300 of yearlyCostLines, 133 M EUR of energy: 2.52 / 2.17 / 1.81 EUR per sold GPU-hour with
 * grants of 0, 17 and 35 %; 3.57 / 3.06 / 2.52 / 2.25 at 60, 70, 85 and 95 % sold; 2.33 / 2.52 / 2.79 at 5, 8 and 12 %.
 *
 * Wrong in that energy stays as it was when more hours are sold: a busier site draws more. At 5 to 10 % of the cost
 * that is 1 to 3 % of a GPU-hour.
 */
export function levers(
  spec: CapitalSpec,
  cost: SiteCost,
  { capacityGpuHours, years }: { readonly capacityGpuHours: number; readonly years: number },
): readonly Lever[] {
  const of = (name: LeverName, value: number, changed: CapitalSpec, soldGpuHours = cost.soldGpuHours): Lever => {
    const { allocatedGpuHours, energyEur, waterM3, heatRevenueEur } = cost;
    const { totalEur, eurPerSoldGpuHour, publicEur } = siteCost(changed, {
      ...{ allocatedGpuHours, soldGpuHours, energyEur, years, waterM3, heatRevenueEur },
    });
    return { name, value, totalEur, eurPerSoldGpuHour, publicEur };
  };
  return [
    ...LEVERS.grant.map((value) => of('grant', value, withFinance(spec, { grantFraction: value }))),
    ...LEVERS.utilisation.map((value) => of('utilisation', value, spec, value * capacityGpuHours)),
    ...LEVERS.wacc.map((value) => of('wacc', value, withFinance(spec, { wacc: value }))),
  ];
}
