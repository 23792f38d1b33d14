import type { PercentSpec } from '../../scenario/tariffSpec.js';
import type { Charge } from './charge.js';
import { totalEur, type Line } from './line.js';

/**
 * A tax in percent of those of the lines that are of the named terms or groups, discounts on them included; nothing where
 * they add up to less than 0 over the horizon.
 *
 * Worked: 5.11 % on 438,000 EUR of supply and 20,000 EUR of capacity: 23,403.80 EUR.
 *
 * @param lines - all charges wherever they are written, discounts, and percents written before it
 *
 * Wrong where the law sets a least amount per MWh.
 */
export function percentLine(
  { name, fraction, of }: PercentSpec,
  lines: readonly Line[],
  charges: readonly Charge[],
): Line {
  const base = new Float64Array(charges.length);
  for (const { group, terms, weights } of lines) {
    if (!of.includes(group) && !terms.some((term) => of.includes(term))) continue;
    for (let index = 0; index < base.length; index++) base[index]! += weights[index]!;
  }
  const baseEur = totalEur({ weights: base }, charges);
  const rate = baseEur > 0 ? fraction : 0;
  return {
    ...{ name, group: 'levies', terms: [name], weights: base.map((weight) => rate * weight) },
    ...{ quantity: baseEur, unit: 'EUR' },
  };
}
