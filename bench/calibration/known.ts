import { CONSTANT_NAMES, fittedOf, STACK_RANGES, type StackDoc } from '../../src/scenario/stackSchema.js';
import type { Accelerator } from '../../src/training/execution.js';
import { memoryOf } from '../../src/training/memory.js';
import type { Stack } from '../../src/training/stack.js';
import { stackSpec } from '../../src/training/stacks.js';
import { type Constants, predict, ROW_ERROR, SPREAD } from './fit.js';
import { isValidation, type Row } from './rows.js';

/** What holds the constants of a stack: its training rows, or what was expected before them. */
export interface Known {
  readonly stack: string;
  readonly trainingRows: number;
  readonly models: number;
  /** Constants, and facts that rows decided. */
  readonly fitted: readonly string[];
  /** By constant: share of the expected variance that the rows take away, 0 (expectation alone) … 1; stated: absent. */
  readonly fromRows: Partial<Constants>;
}

/**
 * Linearised at the fit: with J the derivatives of the logarithm of the step times, the variance left is the diagonal of
 * (JᵀJ / rowError² + 1 / spread²)⁻¹. Where a constant lies on a bound this says how well the rows know it, not that
 * they like it there.
 */
export function knownOf(doc: StackDoc, rows: readonly Row[], parts: ReadonlyMap<string, Accelerator>): Known {
  const training = rows.filter((row) => row.stack === doc.name && !isValidation(row.id));
  const free = CONSTANT_NAMES.filter((name) => doc[name].fitted);
  const spec = stackSpec(doc);
  const logStep = (row: Row, stack: Stack): number => Math.log(predict(row, stack, parts.get(row.hardware)!).stepMs);
  const step = 0.001;
  const slopes = training.map((row) =>
    free.map((name) => (logStep(row, { ...spec, [name]: spec[name] + step }) - logStep(row, spec)) / step),
  );
  // In units of what was expected, so that the variance left is the share left.
  const information = free.map((a, i) =>
    free.map(
      (b, j) =>
        (i === j ? 1 : 0) +
        slopes.reduce((sum, slope) => sum + (slope[i]! * SPREAD[a] * slope[j]! * SPREAD[b]) / ROW_ERROR ** 2, 0),
    ),
  );
  const left = inverseDiagonal(information);
  return {
    stack: doc.name,
    trainingRows: training.length,
    models: new Set(training.map(({ model }) => model.name)).size,
    fitted: fittedOf(doc),
    fromRows: Object.fromEntries(free.map((name, i) => [name, 1 - left[i]!])),
  };
}

/** Diagonal of the inverse of a positive definite matrix, by Gauss and Jordan. */
function inverseDiagonal(matrix: readonly (readonly number[])[]): number[] {
  const size = matrix.length;
  const wide = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let pivot = 0; pivot < size; pivot++) {
    const own = wide[pivot]!.map((value) => value / wide[pivot]![pivot]!);
    wide[pivot] = own;
    for (let i = 0; i < size; i++) {
      if (i === pivot) continue;
      const factor = wide[i]![pivot]!;
      wide[i] = wide[i]!.map((value, j) => value - factor * own[j]!);
    }
  }
  return wide.map((row, i) => row[size + i]!);
}

/** A fitted constant that lies at a bound of its range, or beyond what it means. */
export interface Strained {
  readonly stack: string;
  readonly constant: keyof Constants;
  readonly value: number;
  readonly why: string;
}

const BEYOND_ONE: Readonly<Record<keyof Constants, string>> = {
  gemmShare: 'above the ceiling that large products reach alone: it carries something else',
  scaleUpExposure: 'more than all of it shows: links slower than their rate',
  networkExposure: 'more than all of it shows: links slower than their rate, or traffic that is not modelled',
};

/** A bound the fit did not leave, as far as three decimals and a last step tell. */
const NEAR = 0.002;

/** Every fitted constant at a bound or above 1. */
export function strained(docs: readonly StackDoc[]): readonly Strained[] {
  return docs.flatMap((doc) =>
    CONSTANT_NAMES.filter((name) => doc[name].fitted).flatMap((constant) => {
      const { value } = doc[constant];
      const [least, most] = STACK_RANGES[constant];
      const why = [
        ...(value > 1 ? [BEYOND_ONE[constant]] : []),
        ...(value <= least + NEAR ? [`at its lower bound, ${least}: the rows would have it lower`] : []),
        ...(value >= most - NEAR ? [`at its upper bound, ${most}`] : []),
      ];
      return why.length === 0 ? [] : [{ stack: doc.name, constant, value, why: why.join('; ') }];
    }),
  );
}

/** A published run that the memory model says does not fit. */
export interface Refused {
  readonly row: Row;
  readonly needsGB: number;
  readonly hasGB: number;
}

/** Rows whose memory by our own model is more than their part has, though they ran. */
export function refusedRows(
  rows: readonly Row[],
  stacks: ReadonlyMap<string, Stack>,
  parts: ReadonlyMap<string, Accelerator>,
): readonly Refused[] {
  return rows.flatMap((row) => {
    const accelerator = parts.get(row.hardware)!;
    const { fits, totalGB } = memoryOf(row.model, row.execution, accelerator, stacks.get(row.stack)!);
    return fits ? [] : [{ row, needsGB: totalGB, hasGB: accelerator.hbmGB }];
  });
}
