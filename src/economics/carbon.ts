import type { CarbonSpec } from '../scenario/facilitySpec.js';

/** What a site emitted over the horizon, by each way of counting. */
export interface CarbonAccount {
  /** By the grid's intensity in each quarter hour, t. */
  readonly locationT: number;
  readonly locationKgPerMWh: number;
  /** By what was contracted, t. */
  readonly marketT: number;
  readonly marketKgPerMWh: number;
  /**
   * Of the draw from the grid: covered by PPAs of renewables in the same quarter hour, by guarantees of origin, and by
   * neither.
   */
  readonly ppaMWh: number;
  readonly guaranteesMWh: number;
  readonly residualMWh: number;
  readonly residualKgPerMWh: number;
  /** False: no residual mix is given, so the zone's own intensity stands in for it. */
  readonly residualGiven: boolean;
  /** `locationT` × the given price: no cash, since allowances are inside the day-ahead price. */
  readonly shadowEur: number;
}

/** A site's electricity over the horizon. */
export interface CountedEnergy {
  /** What intensities are told by. */
  readonly facilityMWh: number;
  /** Drawn from the grid: with what a battery charged more than it gave back. */
  readonly gridMWh: number;
  /** Σ MWh drawn from the grid × the zone's intensity of the quarter hour, kg. */
  readonly locationKg: number;
  /** Consumption that PPAs of renewables covered, quarter hour by quarter hour, MWh. */
  readonly ppaMWh: number;
}

/**
 * Location-based, market-based (GHG Protocol, scope 2) and shadow carbon.
 *
 * Market-based: PPAs of renewables with their guarantees of origin, and guarantees bought beside them for at most the
 * rest of the consumption, count `contractKgPerMWh`; what is left counts the residual mix, or without one the zone's
 * own intensity, weighted by the load. Both ways count what is drawn from the grid, so the losses of a battery too.
 *
 * Worked: 1,000 MWh at 300 kg/MWh, PPA 400 MWh, guarantees for 0.5 of the consumption, residual mix 500 kg/MWh:
 * location 300 t; market (1,000 − 400 − 500) × 500 kg = 50 t; at 75 EUR/t the shadow cost is EUR 22,500.
 *
 * Wrong in that the zone's intensity is lower than its residual mix wherever guarantees are sold (Norway, Iceland by
 * far): without a residual mix market-based carbon is too low. Guarantees are counted by the year, whatever the hour;
 * a PPA that is not of renewables counts at the residual mix.
 */
export function carbonAccount(
  spec: CarbonSpec,
  { facilityMWh, gridMWh, locationKg, ...counted }: CountedEnergy,
): CarbonAccount {
  // What a battery takes of a PPA beyond the consumption is stored, not used.
  const ppaMWh = Math.min(counted.ppaMWh, gridMWh);
  const locationKgPerMWh = locationKg / facilityMWh;
  const guaranteesMWh = coveredByGuarantees(spec, gridMWh, ppaMWh);
  const residualMWh = gridMWh - ppaMWh - guaranteesMWh;
  const residualKgPerMWh = spec.residualKgPerMWh ?? locationKg / gridMWh;
  const marketKg = (ppaMWh + guaranteesMWh) * spec.contractKgPerMWh + residualMWh * residualKgPerMWh;
  return {
    locationT: locationKg / KG_PER_T,
    locationKgPerMWh,
    marketT: marketKg / KG_PER_T,
    marketKgPerMWh: marketKg / facilityMWh,
    ppaMWh,
    guaranteesMWh,
    residualMWh,
    residualKgPerMWh,
    residualGiven: spec.residualKgPerMWh !== undefined,
    shadowEur: (locationKg / KG_PER_T) * spec.shadowEurPerT,
  };
}

/** Guarantees of origin that count beside PPAs, MWh of a consumption. */
export const coveredByGuarantees = ({ guaranteesFraction }: CarbonSpec, mwh: number, ppaMWh: number): number =>
  Math.min(guaranteesFraction * mwh, mwh - ppaMWh);

const KG_PER_T = 1000;
