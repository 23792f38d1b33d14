import { energyBill } from '../economics/tariff.js';
import { MS_PER_DAY, MS_PER_HOUR, W_PER_MW } from '../base/units.js';
import { meanOf } from '../metrics/statistics.js';
import type { ReferenceBillSpec, SiteSpec } from '../scenario/runSpec.js';
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
  /** Load-weighted over plain mean of the day-ahead price; above 1 when load falls on dear hours. */
  readonly paidToMeanPrice: number;
}

/** A site's bill beside the one worked out without simulating. */
export interface ReferenceComparison {
  readonly label: string;
  readonly reference: ReferenceBillSpec;
  readonly simulated: SimulatedYear;
  /** Our bill with load factor, PUE and base year put equal to the reference's, EUR a year. */
  readonly equalisedEur: number;
  /** equalised / reference − 1. */
  readonly deviationFraction: number;
}

/**
 * Our bill at the reference's load factor, PUE and price year; what is left to differ is ours: the design IT
 * power from the hardware catalogue, the tariff, and how the load falls on dear and cheap hours.
 *
 *     energy = design IT MW × reference load factor × reference PUE × 8,760 h
 *     bill   = energy × (paid / mean price × reference energy price + adder + network + levies)
 *            + capacity charge × design IT kW × reference PUE
 *
 * Worked (gf-de-jul with 200 MW, paid = mean): 200 × 0.80 × 1.15 × 8,760 = 1,611,840 MWh;
 * × (89.3 + 6.9 + 34.9) = 211.31 million; + 53.06 × 230,000 = 12.20 million → 223.5 million EUR.
 *
 * @returns EUR over a year of 8,760 h
 */
export function equalisedBillEur(
  site: Pick<SiteSpec, 'facility' | 'tariff'>,
  reference: ReferenceBillSpec,
  paidToMeanPrice: number,
): number {
  const designFacilityW = site.facility.designItW * reference.pue;
  const hours = REFERENCE_YEAR_MS / MS_PER_HOUR;
  const facilityMWh = (designFacilityW / W_PER_MW) * reference.loadFactor * hours;
  return energyBill(site.tariff, {
    dayAheadEur: facilityMWh * reference.energyEurPerMWh * paidToMeanPrice,
    facilityMWh,
    peakFacilityW: designFacilityW,
    horizonMs: REFERENCE_YEAR_MS,
    calendarYearMs: REFERENCE_YEAR_MS,
  }).totalEur;
}

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
    paidToMeanPrice: mean(({ site }) => site.paidPriceEurPerMWh / site.meanPriceEurPerMWh),
  };
  const equalisedEur = equalisedBillEur(spec, reference, simulated.paidToMeanPrice);
  const deviationFraction = equalisedEur / (reference.totalEurMPerYear * 1e6) - 1;
  return { label, reference, simulated, equalisedEur, deviationFraction };
}
