import type { TariffSpec } from '../scenario/runSpec.js';
import type { Site } from '../scenario/siteSchema.js';

/** A site's tariff figures as the numbers a run needs. */
export function tariffSpec(tariff: Site['tariff']): TariffSpec {
  return {
    capacityEurPerKwYear: tariff.capacityEurPerKwYear.value,
    networkEurPerMWh: tariff.networkEurPerMWh.value,
    leviesEurPerMWh: tariff.leviesEurPerMWh.value,
    dayAheadAdderEurPerMWh: tariff.dayAheadAdderEurPerMWh.value,
  };
}

/** What the meter read over the horizon. */
export interface MeteredEnergy {
  /** Σ facility energy × day-ahead price, EUR; negative when the site was paid to draw. */
  readonly dayAheadEur: number;
  readonly facilityMWh: number;
  /** Highest 15-minute mean of facility power, W. */
  readonly peakFacilityW: number;
  readonly horizonMs: number;
  /** Length of the calendar year the horizon lies in: 365 or 366 days. */
  readonly calendarYearMs: number;
}

/** The bill's lines, EUR over the horizon, without VAT. They add up to `totalEur`. */
export interface EnergyBill {
  readonly dayAheadEur: number;
  readonly networkEur: number;
  readonly leviesEur: number;
  readonly capacityEur: number;
  readonly totalEur: number;
}

/**
 * The electricity bill of a horizon.
 *
 * Day-ahead as metered plus the adder on every MWh; network and levies on every MWh; the capacity charge on
 * the horizon's highest 15 minutes, pro rata for a horizon that is not one year.
 *
 * Worked: 1 MW flat for a year of 8,760 h, day-ahead 50 EUR/MWh (438,000 EUR), network 5, levies 10,
 * capacity 20 EUR/kW·a → 438,000 + 43,800 + 87,600 + 20,000 = 589,400 EUR.
 *
 * Wrong for rebates by hours of use (Germany's §19 StromNEV), time-of-day network prices (France, Spain),
 * contracted instead of metered peaks, and peaks that fall outside a short horizon: a week's peak, pro
 * rata, understates a year's. Carbon certificates are not added: they are inside the day-ahead price.
 */
export function energyBill(tariff: TariffSpec, metered: MeteredEnergy): EnergyBill {
  const yearFraction = metered.horizonMs / metered.calendarYearMs;
  const dayAheadEur = metered.dayAheadEur + tariff.dayAheadAdderEurPerMWh * metered.facilityMWh;
  const networkEur = tariff.networkEurPerMWh * metered.facilityMWh;
  const leviesEur = tariff.leviesEurPerMWh * metered.facilityMWh;
  const capacityEur = tariff.capacityEurPerKwYear * (metered.peakFacilityW / 1000) * yearFraction;
  return {
    dayAheadEur,
    networkEur,
    leviesEur,
    capacityEur,
    totalEur: dayAheadEur + networkEur + leviesEur + capacityEur,
  };
}
