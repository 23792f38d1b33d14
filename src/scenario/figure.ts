import { z } from 'zod';

/**
 * A number with where it comes from.
 *
 * In a file either a bare number (a user's own; the report lists it as "given") or an object with its
 * source. Every shipped figure is an object whose `source` is a key of docs/sources.md (a test checks).
 */
export interface Figure {
  readonly value: number;
  /** Key of an entry of docs/sources.md, or a user's own words. */
  readonly source?: string | undefined;
  /** Year the figure describes or was published. */
  readonly year?: number | undefined;
  readonly confidence?: 'high' | 'medium' | 'low' | undefined;
  /** Our own choice where no source gives the number. */
  readonly assumption?: boolean | undefined;
  /** Given somewhere, but the source was not checked. */
  readonly unverified?: boolean | undefined;
  readonly note?: string | undefined;
}

interface FigureRange {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly positive?: boolean;
}

/** Schema of a {@link Figure} in a range: a finite number or `{ value, source, … }`; never NaN or Infinity. */
export function figure(range: FigureRange = {}) {
  let number = z.number();
  if (range.integer) number = number.int();
  if (range.positive) number = number.positive();
  if (range.min !== undefined) number = number.min(range.min);
  if (range.max !== undefined) number = number.max(range.max);
  const sourced = z.strictObject({
    value: number,
    source: z.string().min(1).optional(),
    year: z.number().int().min(1900).max(2100).optional(),
    confidence: z.enum(['high', 'medium', 'low']).optional(),
    assumption: z.boolean().optional(),
    unverified: z.boolean().optional(),
    note: z.string().optional(),
  });
  return z.union([number.transform((value): Figure => ({ value })), sourced]);
}
