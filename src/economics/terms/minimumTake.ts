import type { MinimumTakeSpec } from '../../scenario/tariffSpec.js';
import type { Meter } from '../meter.js';
import { yearly, type Charge } from './charge.js';

/**
 * What is paid for energy not taken: the shortfall of the horizon below its share of the yearly minimum × a price.
 *
 * Worked: 10,000 MWh a year at 30 EUR/MWh, 8,760 MWh taken: 1,240 × 30 = 37,200 EUR.
 *
 * Wrong where a shortfall may be made up for in the next year.
 */
export function minimumTake({ name, mwhPerYear, eurPerMWh }: MinimumTakeSpec, meter: Meter): Charge[] {
  const shortMWh = Math.max(0, mwhPerYear * meter.yearFraction - meter.totalMWh);
  return [
    yearly({ name, term: name, group: 'supply', eur: shortMWh * eurPerMWh, quantity: shortMWh, unit: 'MWh short' }),
  ];
}
