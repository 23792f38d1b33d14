import { W_PER_MW } from '../base/units.js';
import type { ChargeTerm, SupplyTerm, Tariff } from '../scenario/tariffSchema.js';
import {
  TERM_NAMES,
  type ChargeSpec,
  type ContractedPeriodSpec,
  type SupplySpec,
  type TariffSpec,
} from '../scenario/tariffSpec.js';

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

/** Name among the inputs of the profile of a plant. */
export type ProfileName = (term: Extract<SupplyTerm, { kind: 'pay-as-produced' }>) => string;

/** A site's tariff as a run needs it: flat figures first, then its charges. */
export function tariffSpec(tariff: Tariff, timeZone: string, profileName: ProfileName): TariffSpec {
  return {
    timeZone: tariff.timeZone ?? timeZone,
    dayAheadAdderEurPerMWh: tariff.dayAheadAdderEurPerMWh.value,
    supply: (tariff.supply ?? []).map((term) => supplySpec(term, profileName)),
    charges: [
      ...flatCharges({
        capacityEurPerKwYear: tariff.capacityEurPerKwYear?.value,
        networkEurPerMWh: tariff.networkEurPerMWh?.value,
        leviesEurPerMWh: tariff.leviesEurPerMWh?.value,
      }),
      ...(tariff.charges ?? []).map(chargeSpec),
    ],
    rules: (tariff.rules ?? []).map(({ kind, name, of, aboveGWh, tiers }) => ({
      ...{ kind, name, of, aboveMWhPerYear: aboveGWh.value * MWH_PER_GWH },
      tiers: tiers
        .map(({ fromHours, payFraction }) => ({ fromHours: fromHours.value, payFraction: payFraction.value }))
        .sort((a, b) => a.fromHours - b.fromHours),
    })),
  };
}

const MWH_PER_GWH = 1000;

function supplySpec(term: SupplyTerm, profileName: ProfileName): SupplySpec {
  const { name } = term;
  const priceEurPerMWh = term.priceEurPerMWh.value;
  if (term.kind === 'fixed') return { kind: term.kind, name, share: term.share.value, priceEurPerMWh };
  const { surplus } = term;
  if (term.kind === 'baseload') {
    return { kind: term.kind, name, powerW: term.powerMW.value * W_PER_MW, priceEurPerMWh, surplus };
  }
  const { kind, technology, capacityMW } = term;
  const plant = { kind, name, series: profileName(term), capacityW: capacityMW.value * W_PER_MW };
  return { ...plant, ...(technology === undefined ? {} : { technology }), priceEurPerMWh, surplus };
}

function chargeSpec(term: ChargeTerm): ChargeSpec {
  const { name } = term;
  switch (term.kind) {
    case 'energy': {
      const { kind, group, eurPerMWh, classes, reduced } = term;
      return {
        ...{ kind, name, group, ...(eurPerMWh === undefined ? {} : { eurPerMWh: eurPerMWh.value }) },
        ...(classes && { classes: classes.map((one) => ({ ...one, eurPerMWh: one.eurPerMWh.value })) }),
        ...(reduced && {
          reduced: { aboveMWhPerYear: reduced.aboveMWh.value, eurPerMWh: reduced.eurPerMWh.value },
        }),
      };
    }
    case 'capacity':
      return { kind: term.kind, name, eurPerKwYear: term.eurPerKwYear.value };
    case 'contracted':
      return { kind: term.kind, name, periods: term.periods.map(periodSpec) };
    case 'percent':
      return { kind: term.kind, name, fraction: term.percent.value / PERCENT, of: term.of };
    case 'minimum-take':
      return { kind: term.kind, name, mwhPerYear: term.mwhPerYear.value, eurPerMWh: term.eurPerMWh.value };
  }
}

const PERCENT = 100;

type PeriodTerm = Extract<ChargeTerm, { kind: 'contracted' }>['periods'][number];

function periodSpec({ contractedMW, eurPerKwYear, excessEurPerKw, ...rest }: PeriodTerm): ContractedPeriodSpec {
  return {
    ...rest,
    ...{ contractedW: contractedMW.value * W_PER_MW, eurPerKwYear: eurPerKwYear.value },
    ...(excessEurPerKw === undefined ? {} : { excessEurPerKw: excessEurPerKw.value }),
  };
}
