import type { StackDoc } from '../scenario/stackSchema.js';
import type { Precision } from './execution.js';
import type { ModelSpec } from './model.js';

/** What a stack is used for. */
export interface StackUse {
  /** Name in the catalogue. */
  readonly hardware: string;
  readonly precision: Precision;
  readonly model: 'dense' | 'experts';
  readonly gpus: number;
}

/** In what a use goes beyond all rows a stack was fitted on or checked with; `together`: none has all of it at once. */
export type Beyond = 'hardware' | 'precision' | 'model' | 'together' | 'gpus';

/** How far a prediction can be trusted. */
export interface Support {
  /** Empty: rows of the stack cover the use. */
  readonly beyond: readonly Beyond[];
  /**
   * Error of a step time to expect, 0…1: that of nine in ten rows in a like position; of several things beyond the rows the
   * largest, which may be too small; `undefined`: never measured.
   */
  readonly expectedError: number | undefined;
  /** The same for a model that is none of the rows', by fits that left out each model of the stack; at least `expectedError`. */
  readonly newModelError: number | undefined;
  /** `medium` inside the rows of a stack, `low` beyond them or with constants that are assumed or of low confidence. */
  readonly confidence: 'medium' | 'low';
}

/** What an unfitted stack goes beyond: everything. */
const ALL: readonly Beyond[] = ['hardware', 'precision', 'model', 'gpus'];

/**
 * 90th percentile of the error of the step time where a stack is used beyond its rows in one thing, over all published
 * rows and stacks with fused attention; `gpus`: the largest runs of a stack by a fit to all smaller ones.
 *
 * Few predictions stand behind `model` (1) and `together` (7). Source: `npm run docs:throughput`, docs/throughput.md; a test works it out again.
 */
export const ERROR_BEYOND: Readonly<Record<Beyond, number>> = {
  hardware: 0.26,
  precision: 0.2,
  model: 0.31,
  together: 0.43,
  gpus: 0.17,
};

export const modelKind = ({ experts }: Pick<ModelSpec, 'experts'>): StackUse['model'] =>
  experts === undefined ? 'dense' : 'experts';

/** Whether the rows of a stack cover a use, and what error to expect of it. Nothing is known of stacks that were not fitted. */
export function supportOf(stack: StackDoc, use: StackUse): Support {
  const { calibration } = stack;
  if (calibration === undefined) {
    return { beyond: ALL, expectedError: undefined, newModelError: undefined, confidence: 'low' };
  }
  const beyond = beyondRows(calibration.of, use);
  const errors = beyond.map((one) => ERROR_BEYOND[one]);
  const expectedError = Math.max(calibration.p90, ...errors);
  return {
    beyond,
    expectedError,
    newModelError: Math.max(calibration.newModel, expectedError),
    confidence: beyond.length > 0 || stack.gemmShare.confidence === 'low' ? 'low' : 'medium',
  };
}

function beyondRows(rows: NonNullable<StackDoc['calibration']>['of'], use: StackUse): Beyond[] {
  const beyond: Beyond[] = (['hardware', 'precision', 'model'] as const).filter(
    (key) => !rows.some((row) => row[key] === use[key]),
  );
  const same = rows.filter(
    ({ hardware, precision, model }) => hardware === use.hardware && precision === use.precision && model === use.model,
  );
  if (beyond.length === 0 && same.length === 0) beyond.push('together');
  const [least, most] = [Math.min(...rows.map(({ gpus }) => gpus[0])), Math.max(...rows.map(({ gpus }) => gpus[1]))];
  if (use.gpus < least || use.gpus > most) beyond.push('gpus');
  return beyond;
}

/** What is beyond the rows, in words. */
export function beyondText(stack: StackDoc, { beyond }: Pick<Support, 'beyond'>, use: StackUse): string {
  const rows = stack.calibration?.of ?? [];
  if (rows.length === 0) return `nothing published was calibrated for ${use.hardware} at ${use.precision}`;
  const all = (values: readonly string[]): string => [...new Set(values)].join(', ');
  const kind = { dense: 'dense models', experts: 'mixtures of experts' };
  const range = `${Math.min(...rows.map(({ gpus }) => gpus[0]))} to ${Math.max(...rows.map(({ gpus }) => gpus[1]))}`;
  const text: Readonly<Record<Beyond, string>> = {
    hardware: `${use.hardware}, its rows are of ${all(rows.map(({ hardware }) => hardware))}`,
    precision: `${use.precision}, its rows are in ${all(rows.map(({ precision }) => precision))}`,
    model: `${kind[use.model]}, its rows are of ${all(rows.map(({ model }) => kind[model]))}`,
    together: `${kind[use.model]} on ${use.hardware} in ${use.precision}, which no row is all at once`,
    gpus: `${use.gpus} GPUs, its rows have ${range}`,
  };
  return beyond.map((one) => text[one]).join('; ');
}
