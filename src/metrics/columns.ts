/**
 * A named column of a table to be written out, as plain arrays: what is in it is decided here, how it is
 * encoded in io/. Columns of one table are of equal length.
 */
export type Column =
  | { readonly name: string; readonly kind: 'int32'; readonly values: Int32Array }
  /** Every value finite. */
  | { readonly name: string; readonly kind: 'double'; readonly values: Float64Array }
  /** NaN is written as null: there is no value. */
  | { readonly name: string; readonly kind: 'optionalDouble'; readonly values: Float64Array }
  /** Text by row as an index into few labels. */
  | {
      readonly name: string;
      readonly kind: 'label';
      readonly codes: Uint8Array | Int32Array;
      readonly labels: readonly string[];
    }
  /** Instants in ms since 1970, written as ISO 8601 text in UTC. */
  | { readonly name: string; readonly kind: 'utcTime'; readonly epochMs: Float64Array };

/** Rows of a column. */
export function lengthOf(column: Column): number {
  if (column.kind === 'label') return column.codes.length;
  return column.kind === 'utcTime' ? column.epochMs.length : column.values.length;
}
