import { createHash } from 'node:crypto';
import { invariant } from '../base/errors.js';

/**
 * The one text of a plain value: JSON with sorted keys, without blanks, `undefined` members left out.
 *
 * Equal values give equal texts whatever order their keys were written in; -0 is written as 0.
 *
 * @throws internal.invariant on what JSON would silently change: NaN, infinities, functions, typed arrays
 */
export function canonicalText(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), `canonical text of ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  invariant(typeof value === 'object' && !ArrayBuffer.isView(value), `canonical text of a ${typeof value}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`);
  return `{${members.join(',')}}`;
}

/** sha256 of texts (UTF-8) or bytes put end to end, as 64 hexadecimal digits. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
