import type { Accelerator } from '../../src/training/execution.js';
import type { Stack } from '../../src/training/stack.js';
import { stackSpec } from '../../src/training/stacks.js';
import type { StackDoc } from '../../src/scenario/stackSchema.js';
import { fit, peakOf, predict } from './fit.js';
import { measuredAt, publishedStepS } from './measures.js';
import { isValidation, type Row } from './rows.js';

export interface Checked {
  readonly row: Row;
  /** In the row's own unit. */
  readonly predicted: number;
  /** Of the step time, relative to the published one. */
  readonly error: number;
  readonly validation: boolean;
}

export interface Summary {
  readonly rows: number;
  /** Absolute errors of the step time: median, 90th percentile (nearest rank), largest. */
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** Every row against the model with the stacks given. */
export function check(
  rows: readonly Row[],
  stacks: ReadonlyMap<string, Stack>,
  parts: ReadonlyMap<string, Accelerator>,
): readonly Checked[] {
  return rows.map((row) => {
    const accelerator = parts.get(row.hardware)!;
    const peak = peakOf(row, accelerator);
    const seconds = predict(row, stacks.get(row.stack)!, accelerator).stepMs / 1000;
    return {
      row,
      predicted: measuredAt(row, seconds, peak),
      error: seconds / publishedStepS(row, peak) - 1,
      validation: isValidation(row.id),
    };
  });
}

export function summarise(checked: readonly Checked[]): Summary {
  const errors = checked.map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
  const rank = (share: number): number => errors[Math.max(0, Math.ceil(share * errors.length) - 1)] ?? Number.NaN;
  const middle = errors.length / 2;
  const median = errors.length % 2 === 0 ? (errors[middle - 1]! + errors[middle]!) / 2 : errors[Math.floor(middle)]!;
  return { rows: errors.length, median, p90: rank(0.9), max: rank(1) };
}

/** Rows of one model on one stack. */
function byModel(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.stack} ${row.model.name}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

/**
 * Every row as predicted by constants fitted to the rows of all *other models* of its stack, whatever the set: what to
 * expect of a model that was not published. Where a stack has rows of one model alone, expectations predict it.
 */
export function leaveModelOut(
  rows: readonly Row[],
  docs: readonly StackDoc[],
  parts: ReadonlyMap<string, Accelerator>,
): readonly (Checked & { readonly fitted: boolean })[] {
  return byModel(rows).flatMap((own) => {
    const { stack: name, model } = own[0]!;
    const doc = docs.find((one) => one.name === name)!;
    const ids = new Set(own.map(({ id }) => id));
    const stack = { ...stackSpec(doc), ...fit(doc, rows, parts, (id) => ids.has(id)) };
    const fitted = rows.some((row) => row.stack === name && row.model.name !== model.name);
    return check(own, new Map([[name, stack]]), parts).map((one) => ({ ...one, fitted }));
  });
}

/** Every row as predicted by constants fitted to all other rows of its stack, whatever the set. */
export function leaveOneOut(
  rows: readonly Row[],
  docs: readonly StackDoc[],
  parts: ReadonlyMap<string, Accelerator>,
): readonly Checked[] {
  return rows.flatMap((row) => {
    const doc = docs.find(({ name }) => name === row.stack)!;
    const stack = { ...stackSpec(doc), ...fit(doc, rows, parts, (id) => id === row.id) };
    return check([row], new Map([[row.stack, stack]]), parts);
  });
}
