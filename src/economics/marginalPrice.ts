import type { StepSeries } from '../base/stepSeries.js';
import { localBins } from '../energy/localBins.js';
import { TERM_NAMES, type EnergyChargeSpec, type TariffSpec } from '../scenario/tariffSpec.js';
import { NO_CLASS } from '../scenario/timeClasses.js';
import { classOfBins } from './timeOfUse.js';

/** EUR of one more MWh by interval, under one term. */
interface Part {
  readonly term: string;
  readonly group: string;
  readonly eurPerMWh: Float64Array;
}

/**
 * What one more MWh costs at a time: day-ahead with its adder, or the price of fixed shares for their share; network
 * and levies by time class; percents on them wherever they are written, and on earlier percents. Policies that read the market are shown this.
 *
 * Wrong, because it knows no draw: a block or a plant whose surplus is lost makes a MWh free while it lasts, a reduced
 * rate makes it cheaper beyond its amount, a discount by hours of use lowers it, a higher peak costs beside it. The bill
 * has them all.
 *
 * @param price - day-ahead, EUR/MWh, from 1 January 00:00 UTC of `calendarYear` on
 */
export function marginalPrice(tariff: TariffSpec, price: StepSeries, calendarYear: number): StepSeries {
  const { stepMs, values } = price;
  const parts: Part[] = [supplied(tariff, values)];
  for (const charge of tariff.charges) {
    if (charge.kind !== 'energy') continue;
    const { name, group } = charge;
    parts.push({ term: name, group, eurPerMWh: ratesOf(charge, tariff.timeZone, calendarYear, price) });
  }
  for (const charge of tariff.charges) {
    if (charge.kind === 'percent') {
      const base = parts.filter(({ term, group }) => charge.of.includes(term) || charge.of.includes(group));
      const eurPerMWh = sumOf(base, values.length).map((eur) => charge.fraction * eur);
      parts.push({ term: charge.name, group: 'levies', eurPerMWh });
    }
  }
  return { stepMs, values: sumOf(parts, values.length) };
}

function supplied({ supply, dayAheadAdderEurPerMWh }: TariffSpec, price: Float64Array): Part {
  const fixed = supply.filter((spec) => spec.kind === 'fixed');
  const open = 1 - fixed.reduce((sum, { share }) => sum + share, 0);
  const atFixed = fixed.reduce((sum, { share, priceEurPerMWh }) => sum + share * priceEurPerMWh, 0);
  const eurPerMWh = price.map((dayAhead) => open * (dayAhead + dayAheadAdderEurPerMWh) + atFixed);
  return { term: TERM_NAMES.dayAhead, group: 'supply', eurPerMWh };
}

function ratesOf(
  { eurPerMWh, classes }: EnergyChargeSpec,
  timeZone: string,
  calendarYear: number,
  { stepMs, values }: StepSeries,
): Float64Array {
  if (classes === undefined) return new Float64Array(values.length).fill(eurPerMWh!);
  const classOf = classOfBins(classes, localBins(timeZone, calendarYear, stepMs, values.length));
  return Float64Array.from(classOf, (index) => (index === NO_CLASS ? eurPerMWh! : classes[index]!.eurPerMWh));
}

function sumOf(parts: readonly Part[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const { eurPerMWh } of parts) for (let i = 0; i < length; i++) sum[i]! += eurPerMWh[i]!;
  return sum;
}
