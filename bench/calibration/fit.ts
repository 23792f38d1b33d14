import { hardwareSchema } from '../../src/scenario/hardwareSchema.js';
import type { Library } from '../../src/scenario/sourceDoc.js';
import { CONSTANT_NAMES, STACK_RANGES, type StackDoc } from '../../src/scenario/stackSchema.js';
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

/** What a fit gives: {@link Constants}, and the one fact that rows may decide; as stated where it is not fitted. */
export interface Fitted extends Constants {
  readonly hierarchical: boolean;
}

/**
 * What is expected before a row is seen, and how far off that may be: keeps a stack of few rows from using its
 * constants to hit each of them. A row counts as published to 5 % (runs of one configuration differ by so much).
 */
export const EXPECTED: Constants = { gemmShare: 0.85, scaleUpExposure: 0.5, networkExposure: 0.75 };
export const SPREAD: Constants = { gemmShare: 0.15, scaleUpExposure: 0.5, networkExposure: 0.75 };
export const ROW_ERROR = 0.05;

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
 * expectations above as further squares; a grid and then a coordinate search, the same every time. Constants that the
 * document states (`fitted: false`) stay; a fact it leaves to the rows takes the value with the smaller sum.
 *
 * @param rows - of any stack and set: only those of this stack that are not held out are read
 * @param heldOut - by the id of a row; by default the validation set
 */
export function fit(
  doc: StackDoc,
  rows: readonly Row[],
  parts: ReadonlyMap<string, Accelerator>,
  heldOut: (id: string) => boolean = isValidation,
): Fitted {
  const spec = stackSpec(doc);
  const free = CONSTANT_NAMES.filter((name) => doc[name].fitted);
  const training = rows
    .filter((row) => row.stack === doc.name && !heldOut(row.id))
    .map((row) => {
      const accelerator = parts.get(row.hardware)!;
      return { row, accelerator, seconds: publishedStepS(row, peakOf(row, accelerator)) };
    });
  const cost = (constants: Constants, hierarchical: boolean): number => {
    let sum = 0;
    for (const name of free) {
      const [min, max] = STACK_RANGES[name];
      if (constants[name] < min || constants[name] > max) return Number.POSITIVE_INFINITY;
      sum += ((constants[name] - EXPECTED[name]) / SPREAD[name]) ** 2;
    }
    for (const { row, accelerator, seconds } of training) {
      const predicted = predict(row, { ...spec, ...constants, hierarchical }, accelerator).stepMs / 1000;
      sum += (Math.log(predicted / seconds) / ROW_ERROR) ** 2;
    }
    return sum;
  };
  const options = doc.facts.fitted?.includes('hierarchical') ? [true, false] : [spec.hierarchical];
  const [best] = options
    .map((hierarchical) => {
      const of = (constants: Constants): number => cost(constants, hierarchical);
      const stated = Object.fromEntries(
        CONSTANT_NAMES.filter((name) => !free.includes(name)).map((name) => [name, spec[name]]),
      );
      const constants = descend(bestOfGrid(stated, of), of, free);
      return { fitted: { ...constants, hierarchical }, sum: of(constants) };
    })
    .sort((a, b) => a.sum - b.sum);
  return best!.fitted;
}

function bestOfGrid(stated: Partial<Constants>, cost: (constants: Constants) => number): Constants {
  let best: Constants = { ...EXPECTED, ...stated };
  let least = cost(best);
  for (const gemmShare of [0.6, 0.7, 0.8, 0.9, 1])
    for (const scaleUpExposure of [0.1, 0.5, 1])
      for (const networkExposure of [0.1, 0.5, 1, 1.5, 2]) {
        const constants = { gemmShare, scaleUpExposure, networkExposure, ...stated };
        const value = cost(constants);
        if (value < least) [best, least] = [constants, value];
      }
  return best;
}

/** Steps along one constant at a time, halved when none helps, down to 1e-5; given to three decimals. */
function descend(
  start: Constants,
  cost: (constants: Constants) => number,
  free: readonly (keyof Constants)[],
): Constants {
  let best = start;
  let least = cost(start);
  for (let step = 0.1; step > 1e-5;) {
    let moved = false;
    for (const name of free)
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
