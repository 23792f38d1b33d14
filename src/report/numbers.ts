import { pickScale, WAIT_MS } from './scales.js';

/** How numbers look in every table and sentence: a blank between thousands, a point before decimals. */

/** Printed where a quantity does not exist (nothing ran, nothing was drawn): never NaN, never a made-up 0. */
export const MISSING = 'n/a';

/** `-1234567.891` with 1 decimal → `-1 234 567.9`; {@link MISSING} for what is not finite. */
export function formatNumber(value: number, decimals = 0): string {
  if (!Number.isFinite(value)) return MISSING;
  const text = value.toFixed(decimals);
  // A tiny negative value must not become "-0.0".
  const unsigned = text.startsWith('-') ? text.slice(1) : text;
  const sign = text.startsWith('-') && /[1-9]/.test(unsigned) ? '-' : '';
  const [whole = '', fraction] = unsigned.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** A share as a percentage: 0.8437 → `84.4 %`. */
export function formatPercent(fraction: number, decimals = 1): string {
  return Number.isFinite(fraction) ? `${formatNumber(100 * fraction, decimals)} %` : MISSING;
}

/** With its sign, for deviations: 0.012 → `+1.2 %`. */
export function formatDeviation(fraction: number, decimals = 1): string {
  const text = formatPercent(fraction, decimals);
  return fraction > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** `1 job`, `3 jobs`, `12 345 jobs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** One duration in the unit that suits it: `3.2 h`, `45.0 s`. */
export function formatWait(ms: number): string {
  const { unit, size } = pickScale(WAIT_MS, [ms]);
  return Number.isFinite(ms) ? `${formatNumber(ms / size, 1)} ${unit}` : MISSING;
}

/** What a user calls a replication: they count from 1 in tables, options and JSON, from 0 inside. */
export const shownReplication = (replication: number): number => replication + 1;
