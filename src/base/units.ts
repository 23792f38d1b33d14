/** Units in which everything below the edges counts: milliseconds, watts, joules, EUR. */

export const MS_PER_S = 1000;
export const MS_PER_MINUTE = 60_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 86_400_000;
/** Metering interval of European electricity markets: 15 minutes. */
export const MS_PER_QUARTER_HOUR = 900_000;

export const W_PER_MW = 1e6;
/** 1 MWh in watt-milliseconds, the unit in which the meter counts. */
export const WMS_PER_MWH = 3.6e12;

const DURATION_UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: MS_PER_S,
  min: MS_PER_MINUTE,
  h: MS_PER_HOUR,
  d: MS_PER_DAY,
  w: 7 * MS_PER_DAY,
};

/**
 * Reads a duration such as `30 d`, `2h`, `15 min` or `90 s` into whole milliseconds.
 *
 * @returns milliseconds ≥ 0, or `undefined` when the text is not a duration (a bare number has no unit
 * and is refused, because nobody can know whether it meant hours or days).
 */
export function parseDurationMs(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d|w)\s*$/.exec(text);
  if (!match) return undefined;
  const ms = Number(match[1]) * DURATION_UNIT_MS[match[2]!]!;
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}

/** A duration in the largest unit that shows it without a fraction: 2592000000 → `30 d`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'min', 's'] as const) {
    const size = DURATION_UNIT_MS[unit]!;
    if (ms >= size && ms % size === 0) return `${String(ms / size)} ${unit}`;
  }
  return `${String(ms)} ms`;
}
