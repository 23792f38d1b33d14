import { MS_PER_DAY, MS_PER_HOUR, W_PER_MW } from '../base/units.js';
import type { SiteResult } from '../metrics/runResult.js';
import { meanOf } from '../metrics/statistics.js';
import type { ReferenceBillSpec, SiteSpec } from '../scenario/runSpec.js';
import { TERM_NAMES } from '../scenario/tariffSpec.js';
import type { Candidate } from './candidates.js';

/** The year in which references are worked out. */
const REFERENCE_YEAR_MS = 365 * MS_PER_DAY;

/** A deviation from the reference beyond this needs an explanation. */
export const REFERENCE_TOLERANCE_FRACTION = 0.15;

/** What of a simulation goes into the comparison, means over replications. */
export interface SimulatedYear {
  readonly totalEur: number;
  readonly carbonKt: number;
  /** Mean IT power over the design's, as the reference means it; mean over peak is higher. */
  readonly loadFactor: number;
  readonly pue: number;
  /** Plain mean of the day-ahead price. */
  readonly energyEurPerMWh: number;
}

/** A site's bill beside the one worked out without simulating. */
export interface ReferenceComparison {
  readonly label: string;
  readonly reference: ReferenceBillSpec;
  readonly simulated: SimulatedYear;
  /** Our simulated bill with load factor, PUE and price year put equal to the reference's, EUR a year. */
  readonly equalisedEur: number;
  /** equalised / reference − 1. */
  readonly deviationFraction: number;
}

/**
 * The simulated bill, line by line, put equal to the reference's load factor, PUE and price year:
 *
 *     more energy = (design IT MW × reference load factor × reference PUE × 8,760 h) / simulated MWh
 *     day-ahead × more energy × reference energy price / our mean price
 *     supply contracts, the day-ahead adder, network, levies × more energy
 *     capacity × (design IT MW × reference PUE) / simulated peak MW
 *
 * Over a year "more energy" is (reference / our load factor) × (reference / our PUE). The design IT power is
 * the site's own, from the hardware catalogue, not the reference's 200 MW: an error in the watts of the
 * machine is one of the things the comparison is to show. What is left to differ is that, the tariff, how the
 * load falls on dear and cheap hours, and every mistake in the lines of the bill.
 *
 * Worked (gf-de-jul with 200 MW): simulated at load factor 0.75, PUE 1.05, 82 EUR/MWh paid of a mean of 80, on a
 * peak of 200 MW: 1,379,700 MWh, 113.14 + 9.52 + 48.15 + 10.61 = 181.42 million EUR. Put equal to 0.80, 1.15 and
 * 89.3: 1,611,840 MWh × (82 / 80 × 89.3 + 6.9 + 34.9) + 53.06 × 230,000 kW = 227.11 million EUR.
 *
 * A capacity charge stays what the horizon's peak paid: nothing is corrected for a horizon a day off a year.
 *
 * @returns EUR over a year of 8,760 h; not finite when the mean price is 0 or nothing was drawn
 */
export function equalisedBillEur(
  { facility, tariff }: Pick<SiteSpec, 'facility' | 'tariff'>,
  reference: ReferenceBillSpec,
  { bill, facilityMWh, peakFacilityMW, meanPriceEurPerMWh }: BilledYear,
): number {
  const designFacilityMW = (facility.designItW / W_PER_MW) * reference.pue;
  const referenceMWh = designFacilityMW * reference.loadFactor * (REFERENCE_YEAR_MS / MS_PER_HOUR);
  const moreEnergy = referenceMWh / facilityMWh;
  // What is not bought at day-ahead (contracts, and the adder) does not follow its price.
  const dayAhead = bill.lines.find(({ name }) => name === TERM_NAMES.dayAhead);
  const followsEur = dayAhead === undefined ? 0 : dayAhead.eur - tariff.dayAheadAdderEurPerMWh * dayAhead.quantity!;
  const dearer = reference.energyEurPerMWh / meanPriceEurPerMWh;
  const supplyEur = (followsEur * dearer + (bill.supplyEur - followsEur)) * moreEnergy;
  const capacityEur = bill.capacityEur * (designFacilityMW / peakFacilityMW);
  return supplyEur + (bill.networkEur + bill.leviesEur) * moreEnergy + capacityEur;
}

/** What of a site's result its bill is scaled from. */
export type BilledYear = Pick<SiteResult, 'bill' | 'facilityMWh' | 'peakFacilityMW' | 'meanPriceEurPerMWh'>;

/**
 * The candidate beside its site's reference.
 *
 * @returns `undefined` without a reference, or when the horizon is not about a year, which a bill with an
 * annual peak in it cannot be scaled to
 */
export function compareWithReference({ label, spec, runs, horizonMs }: Candidate): ReferenceComparison | undefined {
  const { reference } = spec;
  if (reference === undefined || Math.abs(horizonMs - REFERENCE_YEAR_MS) > MS_PER_DAY) return undefined;
  const mean = (of: (run: Candidate['runs'][number]) => number): number => meanOf(runs.map(of));
  const simulated: SimulatedYear = {
    totalEur: mean(({ site }) => site.bill.totalEur),
    carbonKt: mean(({ site }) => site.carbonKt),
    loadFactor: mean(({ site }) => (site.meanItMW * W_PER_MW) / spec.facility.designItW),
    pue: mean(({ site }) => site.pue),
    energyEurPerMWh: mean(({ site }) => site.meanPriceEurPerMWh),
  };
  const equalisedEur = mean(({ site }) => equalisedBillEur(spec, reference, site));
  const deviationFraction = equalisedEur / (reference.totalEurMPerYear * 1e6) - 1;
  return { label, reference, simulated, equalisedEur, deviationFraction };
}
