import type { CapacityChargeSpec } from '../../scenario/tariffSpec.js';
import type { Meter } from '../meter.js';
import { yearly, type Charge } from './charge.js';

/**
 * EUR/kW·a on the highest 15-minute mean of the horizon, pro rata for a horizon that is not one year.
 *
 * Worked: 1 MW flat and one quarter hour at 3 MW, 20 EUR/kW·a: 60,000 EUR instead of 20,000.
 *
 * Wrong for a peak that falls outside a short horizon: a week's peak, pro rata, understates a year's.
 */
export function capacityCharge(spec: CapacityChargeSpec, meter: Meter, moreW = 0): Charge[] {
  const { name, eurPerKwYear } = spec;
  const kw = (meter.peakW + moreW) / 1000;
  return [
    yearly({
      ...{ name, term: name, group: 'capacity', eur: eurPerKwYear * kw * meter.yearFraction },
      ...{ quantity: kw, unit: 'kW' },
    }),
  ];
}
