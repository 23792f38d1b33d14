import { z } from 'zod';
import { MS_PER_QUARTER_HOUR, parseDurationMs } from '../base/units.js';

/** A quarter hour's beginning, counted from the start of the horizon. */
const QUARTER_HOUR = 'expected a time since the start in whole quarter hours, such as 0 h, 90 min or 2 d';
const quarterHour = z
  .string({ error: QUARTER_HOUR })
  .refine((text) => (parseDurationMs(text) ?? 1) % MS_PER_QUARTER_HOUR === 0, { error: QUARTER_HOUR });

/** The hourly quantities of a place. */
export const QUANTITIES = ['price', 'carbon', 'wetBulb'] as const;
export type Quantity = (typeof QUANTITIES)[number];
/** And others that a site may bring a series of. */
export type SeriesQuantity = Quantity | 'heatDemand' | 'gridLimit' | 'generation';

/** Units and the range outside which a value can only be a mistake (wrong unit, wrong column). */
export const QUANTITY_LIMITS: Readonly<Record<SeriesQuantity, { unit: string; min: number; max: number }>> = {
  price: { unit: 'EUR/MWh', min: -10_000, max: 100_000 },
  carbon: { unit: 'g/kWh', min: 0, max: 3_000 },
  wetBulb: { unit: '°C', min: -70, max: 50 },
  heatDemand: { unit: 'MW', min: 0, max: 10_000 },
  gridLimit: { unit: 'MW', min: 0, max: 100_000 },
  generation: { unit: 'MW per MW installed', min: 0, max: 1 },
};

/**
 * Where a series comes from: the path of a CSV file `time,value`, or written out, for scenarios small enough
 * to check on paper. Of `steps`, each holds until the next begins; the last holds to the end. What is written out
 * obeys the limits of a file.
 */
export function seriesSource(quantity: SeriesQuantity) {
  const { unit, min, max } = QUANTITY_LIMITS[quantity];
  const error = `expected ${min} to ${max} ${unit}`;
  const value = z.number().min(min, { error }).max(max, { error });
  return z.union([
    z.string().min(1),
    z.strictObject({ constant: value }),
    z.strictObject({
      steps: z
        .array(z.strictObject({ from: quarterHour, value }))
        .min(1)
        .superRefine((steps, context) => {
          steps.forEach(({ from }, index) => {
            const fromMs = parseDurationMs(from);
            const earlierMs = index === 0 ? undefined : parseDurationMs(steps[index - 1]!.from);
            const path = [index, 'from'];
            if (index === 0 && fromMs !== 0) context.addIssue({ code: 'custom', path, message: 'expected 0 h' });
            if (earlierMs !== undefined && fromMs !== undefined && fromMs <= earlierMs) {
              context.addIssue({ code: 'custom', path, message: `expected a time after ${steps[index - 1]!.from}` });
            }
          });
        }),
    }),
  ]);
}

export type SeriesSource = z.infer<ReturnType<typeof seriesSource>>;
