import { z } from 'zod';
import { parseDurationMs } from '../base/units.js';

const EXPECTED = 'expected a duration with a unit, such as 365 d, 12 h or 90 s';

/** A duration as written, which {@link parseDurationMs} can read; a bare number says nothing and is refused. */
export const durationText = z
  .string({ error: EXPECTED })
  .refine((text) => parseDurationMs(text) !== undefined, { error: EXPECTED });

/** The same in whole milliseconds ≥ 0. */
export const duration = durationText.transform((text) => parseDurationMs(text)!);

/** A duration up to a limit, inclusive, in whole milliseconds ≥ 0. */
export function durationUpTo({ value, reason }: { readonly value: string; readonly reason: string }) {
  const maxMs = parseDurationMs(value)!;
  return durationText
    .refine((text) => (parseDurationMs(text) ?? 0) <= maxMs, { error: `expected at most ${value} (${reason})` })
    .transform((text) => parseDurationMs(text)!);
}
