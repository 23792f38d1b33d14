import { z } from 'zod';
import { MS_PER_QUARTER_HOUR, parseDurationMs } from '../base/units.js';
import { GRID_DEFAULTS } from './defaults.js';
import { duration } from './duration.js';
import { figure } from './figure.js';
import { seriesSource } from './seriesSource.js';

/** Whole ms of a time since the start such as `100 d 12 h`, a sum of durations; `undefined` where it is none. */
export function timeSinceStartMs(text: string): number | undefined {
  const parts = text.match(/\d+(?:\.\d+)?\s*[a-z]+/g) ?? [];
  if (parts.length === 0 || text.replace(/\d+(?:\.\d+)?\s*[a-z]+/g, '').trim() !== '') return undefined;
  let sumMs = 0;
  for (const part of parts) {
    const ms = parseDurationMs(part);
    if (ms === undefined) return undefined;
    sumMs += ms;
  }
  return sumMs;
}

const isQuarterHours = (ms: number | undefined): boolean => ms !== undefined && ms % MS_PER_QUARTER_HOUR === 0;

const AT = 'expected a time since the start in whole quarter hours, such as 100 d 12 h';
const FOR = 'expected whole quarter hours, at least one, such as 3 h';

/** One entry of `orders`. */
export const gridOrderSchema = z
  .strictObject({
    name: z.string().min(1),
    at: z
      .string({ error: AT })
      .refine((text) => isQuarterHours(timeSinceStartMs(text)), { error: AT })
      .transform((text) => timeSinceStartMs(text)!),
    for: z
      .string({ error: FOR })
      .refine((text) => isQuarterHours(parseDurationMs(text)) && parseDurationMs(text)! > 0, { error: FOR })
      .transform((text) => parseDurationMs(text)!),
    /** How long before it begins it is known. */
    notice: duration.default(parseDurationMs(GRID_DEFAULTS.notice.value)!),
    limitMW: figure({ min: 0 }).optional(),
    /** Share of the mean draw of the hour before it begins. */
    reduceBy: figure({ positive: true, max: 1 }).optional(),
  })
  // `when`: said beside any other fault of the order, not after it.
  .refine((order) => limitsGiven(order).length === 1, {
    when: ({ value }) => typeof value === 'object' && value !== null,
    error: ({ input }) => {
      const given = limitsGiven(input as object);
      return `expected exactly one of limitMW and reduceBy; got ${given.length === 0 ? 'none' : 'both'}`;
    },
  });

const limitsGiven = (order: object): string[] => ['limitMW', 'reduceBy'].filter((key) => key in order);

/** A site's `grid`: its connection and what the grid operator asks of it; docs/grid.md. */
export const gridSchema = z.strictObject({
  connectionMW: figure({ positive: true }).optional(),
  ramp: z.strictObject({ mwPerQuarterHour: figure({ positive: true }) }).optional(),
  /** Written out, or the path of a CSV file `start,duration,order,notice,name`. */
  orders: z.union([z.string().min(1), z.array(gridOrderSchema).min(1).max(10_000)]).optional(),
  /** A limit in MW that changes with time: a CSV file `time,limitMW`, or written out. */
  limits: seriesSource('gridLimit').optional(),
  /** IANA name of the zone the files' times are in. */
  timeZone: z.string().min(1).default(GRID_DEFAULTS.timeZone.value),
});

export type Grid = z.infer<typeof gridSchema>;
export type GridOrder = z.infer<typeof gridOrderSchema>;
