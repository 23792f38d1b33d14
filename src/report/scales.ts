/** A unit as printed and how many base units it holds. */
export interface Scale {
  readonly unit: string;
  readonly size: number;
}

/** Largest first: the first is what machine-readable tables use, whatever the size of the numbers. */
export const ENERGY_MWH: readonly Scale[] = [
  { unit: 'GWh', size: 1000 },
  { unit: 'MWh', size: 1 },
  { unit: 'kWh', size: 1e-3 },
];
export const POWER_MW: readonly Scale[] = [
  { unit: 'MW', size: 1 },
  { unit: 'kW', size: 1e-3 },
  { unit: 'W', size: 1e-6 },
];
export const MONEY_EUR: readonly Scale[] = [
  { unit: 'EUR million', size: 1e6 },
  { unit: 'EUR thousand', size: 1000 },
  { unit: 'EUR', size: 1 },
];
export const CARBON_KT: readonly Scale[] = [
  { unit: 'kt CO2', size: 1 },
  { unit: 't CO2', size: 1e-3 },
  { unit: 'kg CO2', size: 1e-6 },
];
export const GPU_HOURS: readonly Scale[] = [
  { unit: 'million', size: 1e6 },
  { unit: 'thousand', size: 1000 },
  { unit: '', size: 1 },
];
/** Of model FLOPs. */
export const FLOP_DAYS: readonly Scale[] = [
  { unit: 'exaFLOP-days', size: 1 },
  { unit: 'petaFLOP-days', size: 1e-3 },
];
export const TOKENS: readonly Scale[] = [
  { unit: 'trillion', size: 1e12 },
  { unit: 'billion', size: 1e9 },
  { unit: 'million', size: 1e6 },
];
export const TOKENS_PER_S: readonly Scale[] = [
  { unit: 'million', size: 1e6 },
  { unit: 'thousand', size: 1000 },
  { unit: '', size: 1 },
];
export const WAIT_MS: readonly Scale[] = [
  { unit: 'h', size: 3_600_000 },
  { unit: 'min', size: 60_000 },
  { unit: 's', size: 1000 },
];

/** The largest unit in which the values reach 1; the smallest one when none do. */
export function pickScale(scales: readonly Scale[], values: readonly number[]): Scale {
  const largest = Math.max(...values.filter(Number.isFinite).map(Math.abs));
  return scales.find(({ size }) => largest >= size) ?? scales.at(-1)!;
}
