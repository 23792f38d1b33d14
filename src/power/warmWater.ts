import type { ChillerSpec } from '../scenario/facilitySpec.js';

/**
 * Electricity of the chiller behind a warm-water loop, W per W of heat in the loop.
 *
 * Towers or coolers outside cool the water from its return to wet bulb + approach; a chiller in series cools what is
 * left down to the supply. So it idles while wet bulb + approach ≤ supply, and carries all the heat from one rise of
 * the water beyond.
 *
 * @param wetBulbC - finite
 * @returns 0 … 1/COP, never falling with the wet bulb
 *
 * Worked, approach 11 K, rise 10 K, COP 5: W32 (32 °C) at 21 °C wet bulb 0, at 24 °C 0.3 / 5 = 0.06, from 31 °C 0.2;
 * W40 begins at 29 °C, W45 at 34 °C, which no hour of the European zones here reaches.
 *
 * Wrong with dry coolers, which follow the dry bulb (in hot hours 8 to 15 K above the wet bulb: give a larger
 * approach); in that the COP is one number, while it falls in heat and at part load; and in that a chiller that is
 * off still has losses. A W class says what water servers bear: that all parts bear 45 °C must not be assumed.
 */
export function chillerWPerW({ supplyC, approachK, riseK, cop }: ChillerSpec, wetBulbC: number): number {
  const share = (wetBulbC + approachK - supplyC) / riseK;
  return Math.min(1, Math.max(0, share)) / cop;
}
