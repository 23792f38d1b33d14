import { hardwareSchema } from '../../src/scenario/hardwareSchema.js';
import type { Library } from '../../src/scenario/sourceDoc.js';
import { STACK_RANGES, type StackDoc } from '../../src/scenario/stackSchema.js';
import { acceleratorOf } from '../../src/training/accelerator.js';
import type { Accelerator, StepEstimate } from '../../src/training/execution.js';
import type { Stack } from '../../src/training/stack.js';
import { stackSpec } from '../../src/training/stacks.js';
import { stepTime } from '../../src/training/stepTime.js';
import { publishedStepS } from './measures.js';
import { isValidation, type Row } from './rows.js';

export interface Constants {
  readonly gemmShare: number;
  readonly scaleUpExposure: number;
  readonly networkExposure: number;
}

const NAMES = ['gemmShare', 'scaleUpExposure', 'networkExposure'] as const;

/**
 * What is expected before a row is seen, and how far off that may be: keeps a stack of few rows from using its
 * constants to hit each of them. A row counts as published to 5 % (runs of one configuration differ by so much).
 */
const EXPECTED: Constants = { gemmShare: 0.85, scaleUpExposure: 0.5, networkExposure: 0.75 };
const SPREAD: Constants = { gemmShare: 0.15, scaleUpExposure: 0.5, networkExposure: 0.75 };
const ROW_ERROR = 0.05;

/** Accelerators of the rows by name in the catalogue. */
export function accelerators(rows: readonly Row[], library: Library): ReadonlyMap<string, Accelerator> {
  return new Map(
    [...new Set(rows.map(({ hardware }) => hardware))].map((name) => [
      name,
      acceleratorOf(hardwareSchema.parse(library.find('hardware', name)?.value)),
    ]),
  );
}

/** The model's answer to a row; those that do not say otherwise are taken to lie in one pod without oversubscription. */
export function predict(row: Row, stack: Stack, accelerator: Accelerator): StepEstimate {
  return stepTime(row.model, row.execution, accelerator, stack, row.span ?? { pods: 1, oversubscription: 1 });
}

export const peakOf = (row: Row, accelerator: Accelerator): number => accelerator.peakTflops[row.execution.precision]!;

/**
 * Constants of a stack by least squares of the logarithm of the step time over its training rows, with the
 * expectations above as further squares; a grid and then a coordinate search, the same every time.
 *
 * @param rows - of any stack and set: only those of this stack that are not held out are read
 * @param heldOut - by the id of a row; by default the validation set
 */
export function fit(
  doc: StackDoc,
  rows: readonly Row[],
  parts: ReadonlyMap<string, Accelerator>,
  heldOut: (id: string) => boolean = isValidation,
): Constants {
  const spec = stackSpec(doc);
  const training = rows
    .filter((row) => row.stack === doc.name && !heldOut(row.id))
    .map((row) => {
      const accelerator = parts.get(row.hardware)!;
      return { row, accelerator, seconds: publishedStepS(row, peakOf(row, accelerator)) };
    });
  const cost = (constants: Constants): number => {
    let sum = 0;
    for (const name of NAMES) {
      const [min, max] = STACK_RANGES[name];
      if (constants[name] < min || constants[name] > max) return Number.POSITIVE_INFINITY;
      sum += ((constants[name] - EXPECTED[name]) / SPREAD[name]) ** 2;
    }
    for (const { row, accelerator, seconds } of training) {
      const predicted = predict(row, { ...spec, ...constants }, accelerator).stepMs / 1000;
      sum += (Math.log(predicted / seconds) / ROW_ERROR) ** 2;
    }
    return sum;
  };
  return descend(bestOfGrid(cost), cost);
}

function bestOfGrid(cost: (constants: Constants) => number): Constants {
  let best = EXPECTED;
  let least = cost(best);
  for (const gemmShare of [0.6, 0.7, 0.8, 0.9, 1])
    for (const scaleUpExposure of [0.1, 0.5, 1])
      for (const networkExposure of [0.1, 0.5, 1, 1.5, 2]) {
        const constants = { gemmShare, scaleUpExposure, networkExposure };
        const value = cost(constants);
        if (value < least) [best, least] = [constants, value];
      }
  return best;
}

/** Steps along one constant at a time, halved when none helps, down to 1e-5; given to three decimals. */
function descend(start: Constants, cost: (constants: Constants) => number): Constants {
  let best = start;
  let least = cost(start);
  for (let step = 0.1; step > 1e-5;) {
    let moved = false;
    for (const name of NAMES)
      for (const sign of [1, -1]) {
        const next = { ...best, [name]: best[name] + sign * step };
        const value = cost(next);
        if (value < least) [best, least, moved] = [next, value, true];
      }
    if (!moved) step /= 2;
  }
  const rounded = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    gemmShare: rounded(best.gemmShare),
    scaleUpExposure: rounded(best.scaleUpExposure),
    networkExposure: rounded(best.networkExposure),
  };
}
