import { z } from 'zod';
import { parseDurationMs } from '../base/units.js';
import { duration, durationText } from './duration.js';
import type { Figure } from './figure.js';

/** A duration with where it comes from: a {@link Figure} whose value is text in the file and whole ms here. */
export interface DurationFigure extends Omit<Figure, 'value'> {
  readonly ms: number;
}

/** Schema of a {@link DurationFigure}: `10 min`, or `{ value: 10 min, source, … }`. The note begins with the text. */
export function durationFigure() {
  const sourced = z
    .strictObject({
      value: durationText,
      source: z.string().min(1).optional(),
      year: z.number().int().min(1900).max(2100).optional(),
      confidence: z.enum(['high', 'medium', 'low']).optional(),
      assumption: z.boolean().optional(),
      unverified: z.boolean().optional(),
      note: z.string().optional(),
    })
    .transform(({ value, note, ...rest }): DurationFigure => {
      return { ms: parseDurationMs(value)!, ...rest, note: note === undefined ? value : `${value}: ${note}` };
    });
  return z.union([duration.transform((ms): DurationFigure => ({ ms })), sourced]);
}

/** A default that stands in for one, flagged as ours. */
export const assumedDuration = ({ value, reason }: { value: string; reason: string }): DurationFigure => ({
  ms: parseDurationMs(value)!,
  assumption: true,
  note: `default ${value}: ${reason}`,
});
