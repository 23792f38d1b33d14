import { SimError } from '../base/errors.js';
import { MS_PER_S } from '../base/units.js';
import { tokensPerS, type TrainingSpec } from '../scenario/trainingSpec.js';
import type { ResolvedClass } from './resolved.js';

/** What each class trains, by class index; `undefined`: nothing. */
export type ClassTraining = readonly (TrainingSpec | undefined)[];

/** Milliseconds that a token takes so many GPUs of a partition, in as few pods as hold them. */
export type MsPerToken = (partition: number, gpus: number) => number;

/** How long the tokens of a class take; `undefined` where its run times are given as such. */
export function tokenTime(
  entry: Pick<ResolvedClass, 'inTokens'>,
  index: number,
  training: ClassTraining | undefined,
): MsPerToken | undefined {
  if (entry.inTokens !== true) return undefined;
  return (partition, gpus) => msPerToken(training, index, partition, gpus);
}

/** @throws SimError `internal.invariant` where the class cannot go there: planning refuses such jobs */
export function msPerToken(
  training: ClassTraining | undefined,
  index: number,
  partition: number,
  gpus: number,
): number {
  const rows = training?.[index]?.rows[partition];
  if (!rows) {
    throw new SimError('internal.invariant', `class ${index} has no throughput in partition ${partition}`);
  }
  return MS_PER_S / tokensPerS(rows, gpus);
}
