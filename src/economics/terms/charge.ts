import type { BillGroup } from '../../scenario/tariffSpec.js';

/** EUR that depend on the energy of each bin, in one of three forms, so that a flat price needs no column. */
export type ByBin =
  | { readonly kind: 'rate'; readonly eurPerMWh: number }
  | { readonly kind: 'rates'; readonly eurPerMWh: Float64Array }
  | { readonly kind: 'eur'; readonly eur: Float64Array };

/** What one line of a tariff charges over the horizon. */
export interface Charge {
  /** Of the line. */
  readonly name: string;
  /** Of the term it is of, by which percents and rules name it. */
  readonly term: string;
  readonly group: BillGroup;
  /** What follows from the energy of single bins; its EUR by bin are the sum of `byBin`. */
  readonly energyEur: number;
  readonly byBin: readonly ByBin[];
  /** What belongs to the year as a whole: peaks, contracted power, minimum takes. */
  readonly yearEur: number;
  readonly quantity?: number | undefined;
  readonly unit?: string | undefined;
}

/** A line of the year alone. */
export const yearly = (
  line: Pick<Charge, 'name' | 'term' | 'group' | 'quantity' | 'unit'> & { readonly eur: number },
): Charge => {
  const { eur, ...rest } = line;
  return { ...rest, energyEur: 0, byBin: [], yearEur: eur };
};

/** A flat price on an amount. */
export function flat(line: Pick<Charge, 'name' | 'term' | 'group'>, eurPerMWh: number, mwh: number): Charge {
  const energyEur = eurPerMWh * mwh;
  return { ...line, energyEur, byBin: [{ kind: 'rate', eurPerMWh }], yearEur: 0, quantity: mwh, unit: 'MWh' };
}
