import { MS_PER_HOUR, W_PER_MW } from '../base/units.js';
import type { BatterySpec } from '../scenario/gridSpec.js';
import type { BatteryDispatch } from './batteryDispatch.js';
import type { EnergyBill } from './energyBill.js';

/** What a battery did and what came of it, over the horizon. EUR as on a bill: negative where it saves. */
export interface BatteryResult {
  /** At the grid side. */
  readonly chargedMWh: number;
  readonly dischargedMWh: number;
  /** Charged − discharged − what is stored more at the end than at the start. */
  readonly lossesMWh: number;
  /** Full equivalents: charged / energy from empty to full. */
  readonly cycles: number;
  readonly startMWh: number;
  readonly endMWh: number;
  /** Highest 15-minute mean at the grid connection. */
  readonly peakMW: number;
  /** What peak shaving tried to hold; absent: it is none of its uses. */
  readonly peakTargetMW?: number | undefined;
  /** Bill with the battery − bill without: peakEur + arbitrageEur + lossesEur. */
  readonly eur: number;
  /** Of the capacity lines. */
  readonly peakEur: number;
  /** What the losses cost at the mean price paid for what was charged; nothing where nothing was. */
  readonly lossesEur: number;
  /** The rest: energy bought at one price in place of another, and what discounts and shares make of it. */
  readonly arbitrageEur: number;
  /** Emissions with the battery − without, by the grid's intensity of each quarter hour, t. */
  readonly carbonT: number;
}

/** What a battery's dispatch makes of a bill. */
export function batteryResult(
  { energyMWh, roundTripEfficiency }: BatterySpec,
  { gridW, chargeMWh, dischargeMWh, storedMWh, startMWh, peakTargetW }: BatteryDispatch,
  site: {
    readonly eurPerMWh: Float64Array;
    readonly carbonKgPerMWh: Float64Array;
    readonly without: EnergyBill;
    readonly with: EnergyBill;
  },
): BatteryResult {
  let chargedMWh = 0;
  let chargedEur = 0;
  let dischargedMWh = 0;
  let carbonKg = 0;
  let peakW = 0;
  for (let bin = 0; bin < gridW.length; bin++) {
    const charge = chargeMWh[bin]!;
    const discharge = dischargeMWh[bin]!;
    chargedMWh += charge;
    chargedEur += charge * site.eurPerMWh[bin]!;
    dischargedMWh += discharge;
    carbonKg += (charge - discharge) * site.carbonKgPerMWh[bin]!;
    if (gridW[bin]! > peakW) peakW = gridW[bin]!;
  }
  const lossesMWh = dischargedMWh * (1 / roundTripEfficiency - 1);
  const eur = site.with.totalEur - site.without.totalEur;
  const peakEur = site.with.capacityEur - site.without.capacityEur;
  const lossesEur = chargedMWh === 0 ? 0 : (lossesMWh * chargedEur) / chargedMWh;
  return {
    ...{ chargedMWh, dischargedMWh, lossesMWh, startMWh },
    cycles: chargedMWh / energyMWh,
    endMWh: storedMWh.length === 0 ? startMWh : storedMWh[storedMWh.length - 1]!,
    peakMW: peakW / W_PER_MW,
    ...(peakTargetW === undefined ? {} : { peakTargetMW: peakTargetW / W_PER_MW }),
    ...{ eur, peakEur, lossesEur, arbitrageEur: eur - peakEur - lossesEur },
    carbonT: carbonKg / 1000,
  };
}

/** By how much a draw is raised to tell what one more MWh costs: little, so that it seldom passes a contract's border. */
export const MORE_W = 1000;

/**
 * What one more MWh of each quarter hour costs, from the EUR of each at a draw and at {@link MORE_W} more.
 *
 * What hangs on the energy of the whole year (a minimum take, a reduced class) counts as the tariff shares it out.
 */
export function marginalEurPerMWh(binEur: Float64Array, moreBinEur: Float64Array, binMs: number): Float64Array {
  const moreMWh = (MORE_W / W_PER_MW) * (binMs / MS_PER_HOUR);
  return binEur.map((eur, bin) => (moreBinEur[bin]! - eur) / moreMWh);
}
