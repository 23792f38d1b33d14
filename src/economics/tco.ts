import type { CapitalSpec, HardwareCapitalSpec } from '../scenario/capitalSpec.js';
import { priceAfter } from './npv.js';
import { annuityEur, capitalRecoveryFactor } from './annuity.js';

export const COST_GROUPS = ['capital', 'operation', 'energy'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

/** Names of the lines, in their order; of battery, water and heat only where there is one or it is known. */
export const COST_LINES = {
  servers: 'servers',
  network: 'network and storage',
  facility: 'facility',
  grid: 'grid connection',
  battery: 'battery',
  maintenanceIt: 'maintenance, IT',
  maintenanceFacility: 'maintenance, facility',
  maintenanceBattery: 'maintenance, battery',
  staff: 'staff',
  insurance: 'insurance, property tax, land',
  water: 'water',
  heat: 'heat sold',
  energy: 'energy',
} as const;

/** One term of what a site costs, EUR. */
export interface CostLine {
  readonly name: string;
  readonly group: CostGroup;
  readonly eur: number;
}

/** What is bought for a site. */
export interface CapexLine {
  readonly name: string;
  /** Gross of the grant. */
  readonly eur: number;
  readonly lifeYears: number;
  readonly residualFraction: number;
}

/**
 * What a site is bought for, by part; the order of {@link COST_LINES}.
 *
 * Worked, 100,000 GB300 at 41,000 + 9,000 EUR, 200 MW of IT at 11 M EUR/MW, 230 MW at 100 EUR/kW:
 * 4,100 + 900 + 2,200 + 23 = 7,223 M EUR.
 */
export function capexLines(spec: CapitalSpec): CapexLine[] {
  const { hardware, designItKw, facilityEurPerKwIt, connectionKw, gridEurPerKw, battery, finance } = spec;
  const { lifeYears, residualFraction } = finance;
  const it = (name: string, eur: number): CapexLine => ({ name, eur, lifeYears: lifeYears.it, residualFraction });
  const spent = (name: string, eur: number, years: number): CapexLine => ({
    ...{ name, eur },
    ...{ lifeYears: years, residualFraction: 0 },
  });
  const decline = finance.hardwarePriceDeclineFraction;
  const sum = (eurPerGpu: (of: CapitalSpec['hardware'][number]) => number): number =>
    hardware.reduce((total, of) => total + of.gpus * priceAfter(eurPerGpu(of), decline, of.boughtAfterYears ?? 0), 0);
  return [
    it(
      COST_LINES.servers,
      sum(({ serverEurPerGpu }) => serverEurPerGpu),
    ),
    it(
      COST_LINES.network,
      sum(({ networkStorageEurPerGpu }) => networkStorageEurPerGpu),
    ),
    spent(COST_LINES.facility, designItKw * facilityEurPerKwIt, lifeYears.facility),
    spent(COST_LINES.grid, connectionKw * gridEurPerKw, lifeYears.grid),
    ...(battery === undefined
      ? []
      : [spent(COST_LINES.battery, battery.energyKWh * battery.eurPerKWh, lifeYears.battery)]),
  ];
}

/** All purchase prices together, gross of the grant. */
export const capexEur = (spec: CapitalSpec): number => capexLines(spec).reduce((sum, { eur }) => sum + eur, 0);

/**
 * What a site costs a year but for energy and water: annuities by part, then operation. EUR.
 *
 * Maintenance and insurance are shares of purchase prices gross of the grant: what is given away is maintained and
 * insured too.
 *
 * Worked, the 7,223 M EUR above at 8 %, lives of 5, 15 and 25 years, no residual, grant or insurance, maintenance of
 * 3 % of IT and facility, 150 people at 100,000 EUR: 1,252.3 (IT) + 257.0 (facility) + 2.2 (grid) + 216 + 15 = 1,742.5 M
 * EUR; with energy of 133 M it is 2.52 EUR over the 744.6 M GPU-hours of 85 %.
 *
 * Wrong for staff, which is a number of people however much runs; for lives, which a generation of faster chips can
 * cut short (frontier training: 2 to 3 years); and for prices of components, which differ by ±30 %.
 */
export function yearlyCostLines(spec: CapitalSpec): CostLine[] {
  const { finance, staffFte, staffEurPerFteYear } = spec;
  const { wacc, grantFraction, maintenanceFraction, insuranceFraction } = finance;
  const bought = capexLines(spec);
  const capital = bought.map(({ name, eur, lifeYears, residualFraction }): CostLine => {
    const annuity = annuityEur(wacc, { capexEur: eur, lifeYears, residualFraction, grantFraction });
    return { name, group: 'capital', eur: annuity };
  });
  const priceOf = (...names: readonly string[]): number =>
    bought.reduce((sum, { name, eur }) => (names.includes(name) ? sum + eur : sum), 0);
  const operation = (name: string, eur: number): CostLine => ({ name, group: 'operation', eur });
  const { servers, network, facility, battery } = COST_LINES;
  return [
    ...capital,
    operation(COST_LINES.maintenanceIt, maintenanceFraction.it * priceOf(servers, network)),
    operation(COST_LINES.maintenanceFacility, maintenanceFraction.facility * priceOf(facility)),
    ...(spec.battery === undefined
      ? []
      : [operation(COST_LINES.maintenanceBattery, maintenanceFraction.battery * priceOf(battery))]),
    operation(COST_LINES.staff, staffFte * staffEurPerFteYear),
    operation(COST_LINES.insurance, insuranceFraction * capexEur(spec)),
  ];
}

/**
 * The same over a horizon from the start of the run: what comes into service later is paid for from then on. Building,
 * connection, battery and staff are there from the start.
 *
 * Worked: 40 % of the GPUs from the start and 60 % after half a year cost in the first year 0.4 + 0.6 × 0.5 = 70 % of the
 * servers of all.
 */
export function horizonCostLines(spec: CapitalSpec, years: number): CostLine[] {
  const all = yearlyCostLines(spec);
  if (!grows(spec)) return all.map((line) => ({ ...line, eur: years * line.eur }));
  // Every line is linear in the hardware: that of nothing, and what each kind adds while it is there.
  const without = yearlyCostLines({ ...spec, hardware: [] });
  const kinds = spec.hardware.map((one) => ({
    years: heldYears(one, years),
    lines: yearlyCostLines({ ...spec, hardware: [one] }),
  }));
  return all.map(({ name, group }, at) => {
    const base = without[at]!.eur;
    const eur = kinds.reduce((sum, kind) => sum + kind.years * (kind.lines[at]!.eur - base), years * base);
    return { name, group, eur };
  });
}

const grows = ({ hardware }: CapitalSpec): boolean =>
  hardware.some(({ inServiceAfterYears = 0 }) => inServiceAfterYears > 0);

/** Years of the horizon in which it is there. */
export const heldYears = ({ inServiceAfterYears = 0 }: HardwareCapitalSpec, years: number): number =>
  Math.max(0, years - inServiceAfterYears);

/** EUR that the grant is worth over a horizon, as {@link grantEurPerYear} while what it pays for is there. */
export function grantEur(spec: CapitalSpec, years: number): number {
  const base = grantEurPerYear({ ...spec, hardware: [] });
  return spec.hardware.reduce(
    (sum, one) => sum + heldYears(one, years) * (grantEurPerYear({ ...spec, hardware: [one] }) - base),
    years * base,
  );
}

/** EUR a year that the grant is worth: the annuity of what it pays, over the lives of what it pays for. */
export function grantEurPerYear(spec: CapitalSpec): number {
  const { wacc, grantFraction } = spec.finance;
  return capexLines(spec).reduce(
    (sum, { eur, lifeYears }) => sum + capitalRecoveryFactor(wacc, lifeYears) * grantFraction * eur,
    0,
  );
}

/** The same site under other terms. */
export const withFinance = (spec: CapitalSpec, change: Partial<CapitalSpec['finance']>): CapitalSpec => ({
  ...spec,
  finance: { ...spec.finance, ...change },
});
