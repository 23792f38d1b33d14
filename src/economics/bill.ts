import { W_PER_MW } from '../base/units.js';
import {
  BILL_GROUPS,
  type BillGroup,
  type ChargeSpec,
  type PercentSpec,
  type TariffSpec,
} from '../scenario/tariffSpec.js';
import { billOf, type BillLine, type EnergyBill } from './energyBill.js';
import { Meter, type MeteredDraw } from './meter.js';
import { bandLines, bandReport } from './terms/bandDiscount.js';
import { capacityCharge } from './terms/capacityCharge.js';
import type { Charge } from './terms/charge.js';
import { contractedPower } from './terms/contractedPower.js';
import { energyCharge } from './terms/energyCharge.js';
import { lineEur, linesOf, totalEur, type Line } from './terms/line.js';
import { minimumTake } from './terms/minimumTake.js';
import { percentLine } from './terms/percent.js';
import { supply } from './terms/supply.js';

/** A bill, and how its EUR fall on the quarter hours. */
export interface SettledBill {
  readonly bill: EnergyBill;
  /** EUR of each bin that follow from its energy, all lines together. */
  readonly binEur: Float64Array;
  /** EUR of the year as a whole. Σ binEur + yearEur = bill.totalEur, up to rounding. */
  readonly yearEur: number;
}

/** By how much the highest quarter hour is raised to tell what its height costs. */
const MORE_W = W_PER_MW;

type MeteredCharge = Exclude<ChargeSpec, PercentSpec>;

interface ChargeTerm<T> {
  /** @param moreW - added to the highest quarter hour; its energy stays */
  charges(spec: T, meter: Meter, moreW: number): Charge[];
  /** Whether the height of the peak matters to it. */
  readonly readsPeak: boolean;
}

/** What each kind of charge does; percents follow from the lines of the others. */
const CHARGE_TERMS: { readonly [K in MeteredCharge['kind']]: ChargeTerm<Extract<MeteredCharge, { kind: K }>> } = {
  energy: { charges: energyCharge, readsPeak: false },
  capacity: { charges: capacityCharge, readsPeak: true },
  contracted: { charges: contractedPower, readsPeak: true },
  'minimum-take': { charges: minimumTake, readsPeak: false },
};

const termOf = ({ kind }: MeteredCharge): ChargeTerm<MeteredCharge> => CHARGE_TERMS[kind];

/**
 * The electricity bill of a horizon: each term makes its charges, rules make discounts of them, percents follow in the
 * order in which they are written.
 *
 * Worked: 1 MW flat for a year of 8,760 h, day-ahead 50 EUR/MWh (438,000 EUR), network 5, levies 10, capacity 20
 * EUR/kW·a → 438,000 + 43,800 + 87,600 + 20,000 = 589,400 EUR.
 *
 * A pure function of its arguments. Cost: some passes over the quarter hours, and one more for each term with a column of
 * its own: under 1 ms a year for a flat tariff, 5 ms for six periods, six classes and two plants.
 *
 * Wrong for what docs/tariffs.md lists term by term. Carbon certificates are not added: they are inside the day-ahead
 * price.
 */
export function settleBill(tariff: TariffSpec, metered: MeteredDraw): SettledBill {
  const meter = new Meter(metered, tariff.timeZone);
  const { charges: supplied, contracts } = supply(tariff.supply, tariff.dayAheadAdderEurPerMWh, meter);
  const metering = tariff.charges.filter((spec) => spec.kind !== 'percent');
  const charged = metering.map((spec) => termOf(spec).charges(spec, meter, 0));
  const higher = metering.map((spec, index) =>
    termOf(spec).readsPeak ? termOf(spec).charges(spec, meter, MORE_W) : charged[index]!,
  );
  const charges = [...supplied, ...charged.flat()];
  const lines = linesUnder(tariff, charges, meter, 0);
  const bill = billOf(BILL_GROUPS.flatMap((group) => printed(lines, group, charges)));
  const higherCharges = [...supplied, ...higher.flat()];
  const weights = sumOfWeights(lines, charges.length);
  const higherWeights = sumOfWeights(linesUnder(tariff, higherCharges, meter, MORE_W), charges.length);
  return {
    bill: {
      ...bill,
      ...(contracts.length === 0 ? {} : { contracts }),
      peak: {
        peakMW: meter.peakW / W_PER_MW,
        hoursOfUse: meter.hoursOfUse(),
        eurPerMoreMW: totalEur({ weights: higherWeights }, higherCharges) - totalEur({ weights }, charges),
      },
      ...(tariff.rules.length === 0
        ? {}
        : { bands: tariff.rules.map((rule) => bandReport(rule, meter, lines, charges)) }),
    },
    binEur: eurByBin(charges, weights, meter.mwh),
    yearEur: lineEur({ weights }, charges).yearEur,
  };
}

/** All lines: the charges, discounts on them, then percents, each of which sees all those and the percents before it. */
function linesUnder(
  { rules, charges: specs }: TariffSpec,
  charges: readonly Charge[],
  meter: Meter,
  moreW: number,
): Line[] {
  const lines = linesOf(charges);
  const discounts = rules.flatMap((rule) => bandLines(rule, lines, meter, moreW));
  lines.push(...discounts);
  for (const spec of specs) if (spec.kind === 'percent') lines.push(percentLine(spec, lines, charges));
  return lines;
}

function printed(lines: readonly Line[], wanted: BillGroup, charges: readonly Charge[]): BillLine[] {
  return lines
    .filter(({ group }) => group === wanted)
    .map((line) => {
      const { name, group, quantity, unit } = line;
      const eur = totalEur(line, charges);
      return quantity === undefined ? { name, group, eur } : { name, group, eur, quantity, unit };
    });
}

function sumOfWeights(lines: readonly Line[], charges: number): Float64Array {
  const sums = new Float64Array(charges);
  for (const { weights } of lines) for (let index = 0; index < charges; index++) sums[index]! += weights[index]!;
  return sums;
}

/** EUR of each bin's energy: Σ weight × charge. */
function eurByBin(charges: readonly Charge[], weights: Float64Array, mwh: Float64Array): Float64Array {
  let flatEurPerMWh = 0;
  const eur = new Float64Array(mwh.length);
  charges.forEach(({ byBin }, index) => {
    const weight = weights[index]!;
    for (const part of byBin) {
      if (part.kind === 'rate') flatEurPerMWh += weight * part.eurPerMWh;
      else if (part.kind === 'rates') addProduct(eur, weight, part.eurPerMWh, mwh);
      else for (let bin = 0; bin < eur.length; bin++) eur[bin]! += weight * part.eur[bin]!;
    }
  });
  for (let bin = 0; bin < eur.length; bin++) eur[bin]! += flatEurPerMWh * mwh[bin]!;
  return eur;
}

function addProduct(sum: Float64Array, weight: number, rates: Float64Array, mwh: Float64Array): void {
  for (let bin = 0; bin < sum.length; bin++) sum[bin]! += weight * rates[bin]! * mwh[bin]!;
}
