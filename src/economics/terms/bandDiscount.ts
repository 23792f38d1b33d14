import { W_PER_MW } from '../../base/units.js';
import type { BandDiscountSpec } from '../../scenario/tariffSpec.js';
import type { BandReport } from '../energyBill.js';
import type { Meter } from '../meter.js';
import type { Charge } from './charge.js';
import { totalEur, type Line } from './line.js';

/** What the rule takes off: one line, mostly negative, for each line it acts on. */
export function bandLines(rule: BandDiscountSpec, lines: readonly Line[], meter: Meter, moreW = 0): Line[] {
  const payFraction = paidAt(rule, meter, moreW);
  return lines
    .filter(({ terms }) => rule.of.includes(terms[0]!))
    .map((line) => ({
      name: `${rule.name} on ${line.name}`,
      group: line.group,
      terms: [rule.name, ...line.terms],
      weights: line.weights.map((weight) => (payFraction - 1) * weight),
    }));
}

const drawsEnough = (rule: BandDiscountSpec, meter: Meter): boolean =>
  meter.totalMWh / meter.yearFraction > rule.aboveMWhPerYear;

const reached = ({ tiers }: BandDiscountSpec, hours: number) =>
  tiers.filter(({ fromHours }) => hours >= fromHours).at(-1);

/** Fraction of the named charges left to pay. */
function paidAt(rule: BandDiscountSpec, meter: Meter, moreW: number): number {
  return (drawsEnough(rule, meter) ? reached(rule, meter.hoursOfUse(moreW))?.payFraction : undefined) ?? 1;
}

/**
 * Where the site stands under a band-load discount: hours of use = MWh ÷ peak MW, both of the horizon, scaled to the
 * calendar year.
 *
 * Worked: §19(2) StromNEV, 20 % to pay from 7,000 h and 15 % from 7,500 h. 200 MW mean on a peak of 230 MW make 7,617 h
 * a year: 15 %; on a peak of 250.3 MW 6,999.6 h: all of it.
 *
 * Wrong for a horizon that misses the year's peak, or its maintenance: a month's hours of use, scaled, are too many.
 */
export function bandReport(
  rule: BandDiscountSpec,
  meter: Meter,
  lines: readonly Line[],
  charges: readonly Charge[],
): BandReport {
  const hours = meter.hoursOfUse();
  const tier = reached(rule, hours);
  const next = rule.tiers.find(({ fromHours }) => fromHours > hours);
  const saved = lines.filter(({ terms }) => terms[0] === rule.name);
  return {
    name: rule.name,
    enoughEnergy: drawsEnough(rule, meter),
    payFraction: paidAt(rule, meter, 0),
    savedEur: -saved.reduce((sum, line) => sum + totalEur(line, charges), 0),
    ...(tier === undefined ? {} : { spareHours: hours - tier.fromHours }),
    ...(next === undefined
      ? {}
      : {
          next: {
            ...next,
            lackingHours: next.fromHours - hours,
            peakMW: ((meter.peakW / W_PER_MW) * hours) / next.fromHours,
          },
        }),
  };
}
