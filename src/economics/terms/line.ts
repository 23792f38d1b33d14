import type { BillGroup } from '../../scenario/tariffSpec.js';
import type { Charge } from './charge.js';

/** A line of the bill as a weighted sum of charges, so that what acts on a line acts on its quarter hours too. */
export interface Line {
  readonly name: string;
  readonly group: BillGroup;
  /** Names by which percents and rules find it: its term's, and that of the term it is a discount on. */
  readonly terms: readonly string[];
  /** By charge. */
  readonly weights: Float64Array;
  readonly quantity?: number | undefined;
  readonly unit?: string | undefined;
}

/** Each charge as a line of its own. */
export function linesOf(charges: readonly Charge[]): Line[] {
  return charges.map(({ name, term, group, quantity, unit }, index) => {
    const weights = new Float64Array(charges.length);
    weights[index] = 1;
    return { name, group, terms: [term], weights, quantity, unit };
  });
}

/** EUR of a line over the horizon: of single bins' energy, and of the year as a whole. */
export function lineEur(
  { weights }: Pick<Line, 'weights'>,
  charges: readonly Charge[],
): { energyEur: number; yearEur: number } {
  let energyEur = 0;
  let yearEur = 0;
  charges.forEach((charge, index) => {
    energyEur += weights[index]! * charge.energyEur;
    yearEur += weights[index]! * charge.yearEur;
  });
  return { energyEur, yearEur };
}

export const totalEur = (line: Pick<Line, 'weights'>, charges: readonly Charge[]): number => {
  const { energyEur, yearEur } = lineEur(line, charges);
  return energyEur + yearEur;
};
