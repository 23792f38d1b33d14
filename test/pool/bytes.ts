import { createHash } from 'node:crypto';
import type { RunOutcome } from '../../src/pool/pool.js';

/** Everything in some outcomes as text: every number in full, typed arrays by type and the hash of their bytes. */
export function bytesOf(outcomes: readonly RunOutcome[]): string {
  return JSON.stringify(outcomes, (_, value: unknown) => {
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
    if (!ArrayBuffer.isView(value)) return value;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name} ${createHash('sha256').update(bytes).digest('hex')}`;
  });
}
