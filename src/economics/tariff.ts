import type { Site } from '../scenario/siteSchema.js';
import { TERM_NAMES, type ChargeSpec, type TariffSpec } from '../scenario/tariffSpec.js';

/** The short form of a tariff: four flat figures. */
export interface FlatTariff {
  /** On the highest 15-minute mean of the year, EUR/kW·a. */
  readonly capacityEurPerKwYear?: number | undefined;
  readonly networkEurPerMWh?: number | undefined;
  readonly leviesEurPerMWh?: number | undefined;
  /** Added to (or taken from) every hour's day-ahead price, EUR/MWh; absent: 0. */
  readonly dayAheadAdderEurPerMWh?: number | undefined;
}

/** Flat figures as terms, those that are there, under the names of `TERM_NAMES`. */
export function flatCharges({ networkEurPerMWh, leviesEurPerMWh, capacityEurPerKwYear }: FlatTariff): ChargeSpec[] {
  const charges: ChargeSpec[] = [];
  if (networkEurPerMWh !== undefined) {
    charges.push({ kind: 'energy', name: TERM_NAMES.network, group: 'network', eurPerMWh: networkEurPerMWh });
  }
  if (leviesEurPerMWh !== undefined) {
    charges.push({ kind: 'energy', name: TERM_NAMES.levies, group: 'levies', eurPerMWh: leviesEurPerMWh });
  }
  if (capacityEurPerKwYear !== undefined) {
    charges.push({ kind: 'capacity', name: TERM_NAMES.capacity, eurPerKwYear: capacityEurPerKwYear });
  }
  return charges;
}

/** A tariff of flat figures alone. */
export const flatTariff = (flat: FlatTariff, timeZone = 'UTC'): TariffSpec => ({
  timeZone,
  dayAheadAdderEurPerMWh: flat.dayAheadAdderEurPerMWh ?? 0,
  supply: [],
  charges: flatCharges(flat),
  rules: [],
});

/** A site's tariff as a run needs it. */
export function tariffSpec(tariff: Site['tariff'], timeZone: string): TariffSpec {
  const { capacityEurPerKwYear, networkEurPerMWh, leviesEurPerMWh, dayAheadAdderEurPerMWh } = tariff;
  return flatTariff(
    {
      capacityEurPerKwYear: capacityEurPerKwYear.value,
      networkEurPerMWh: networkEurPerMWh.value,
      leviesEurPerMWh: leviesEurPerMWh.value,
      dayAheadAdderEurPerMWh: dayAheadAdderEurPerMWh.value,
    },
    timeZone,
  );
}
