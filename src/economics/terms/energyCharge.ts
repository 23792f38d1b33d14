import type { EnergyChargeSpec } from '../../scenario/tariffSpec.js';
import { NO_CLASS } from '../../scenario/timeClasses.js';
import type { Meter } from '../meter.js';
import { classOfBins } from '../timeOfUse.js';
import { flat, type Charge } from './charge.js';

/**
 * EUR on every MWh: a variable network charge, a levy, a tax. One line, or one for each time class.
 *
 * With a reduced rate the first `aboveMWhPerYear` × share of the year pay the full rate, the rest the reduced one, and
 * every MWh of the horizon bears the mean of the two, as in a bill settled at the end of the year.
 *
 * Worked: 1 MW for 8,760 h at 5 EUR/MWh: 43,800 EUR. At 15 EUR/MWh up to 1,000 MWh and 0.5 above: 15,000 + 3,880 =
 * 18,880 EUR, 2.155 EUR on each MWh.
 *
 * Wrong where classes know public holidays, and where a bill is settled by the month.
 */
export function energyCharge(spec: EnergyChargeSpec, meter: Meter): Charge[] {
  const { name, group, classes, reduced } = spec;
  if (classes !== undefined) return byClass(spec, classes, meter);
  const mwh = meter.totalMWh;
  const line = { name, term: name, group };
  if (reduced === undefined) return [flat(line, spec.eurPerMWh!, mwh)];
  const full = Math.min(mwh, reduced.aboveMWhPerYear * meter.yearFraction);
  const eur = spec.eurPerMWh! * full + reduced.eurPerMWh * (mwh - full);
  return [flat(line, mwh > 0 ? eur / mwh : 0, mwh)];
}

function byClass(spec: EnergyChargeSpec, classes: NonNullable<EnergyChargeSpec['classes']>, meter: Meter): Charge[] {
  const { name, group, eurPerMWh: elsewhere } = spec;
  const classOf = classOfBins(classes, meter.local);
  // Last: the hours of no class.
  const prices = [...classes.map((one) => one.eurPerMWh), elsewhere ?? NaN];
  const rates = prices.map(() => new Float64Array(meter.bins));
  const mwh = prices.map(() => 0);
  for (let bin = 0; bin < meter.bins; bin++) {
    const index = classOf[bin] === NO_CLASS ? classes.length : classOf[bin]!;
    rates[index]![bin] = prices[index]!;
    mwh[index]! += meter.mwh[bin]!;
  }
  const labels = [...classes.map((one) => one.name), 'other hours'];
  return labels.slice(0, elsewhere === undefined ? -1 : undefined).map((label, index) => ({
    ...{ name: `${name}: ${label}`, term: name, group },
    ...{ energyEur: prices[index]! * mwh[index]!, byBin: [{ kind: 'rates', eurPerMWh: rates[index]! }], yearEur: 0 },
    ...{ quantity: mwh[index]!, unit: 'MWh' },
  }));
}
