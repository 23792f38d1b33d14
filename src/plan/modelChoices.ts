import { MODEL_DEFAULTS } from '../scenario/defaults.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { formatPath } from '../scenario/sourcePath.js';
import type { Precision } from '../training/execution.js';
import type { FlaggedFigure } from './assumptions.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import type { ModelOfClass } from './training.js';
import type { ClassModel } from './trainingModels.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** Sequences of a global batch: as given, or as many as make the default's tokens, at least one. */
export function globalBatchOf({ use, model }: ClassModel): number {
  return use.globalBatch?.value ?? Math.max(1, Math.round(MODEL_DEFAULTS.globalBatchTokens.value / model.sequence));
}

/** Number format the class's model trains in. */
export const precisionOf = ({ use }: ClassModel): Precision => use.precision ?? MODEL_DEFAULTS.precision.value;

/** How the model of every class is run, each choice with where it comes from. */
export function modelConfig(doc: SourceDoc, models: ModelOfClass): ConfigEntry[] {
  return models.flatMap((of) => {
    if (of === undefined) return [];
    const entry = (key: string, used: string | number, fallback: { readonly reason: string }): ConfigEntry =>
      effectiveEntry(doc, 'workload', [...of.path, 'model', key], used, fallback);
    return [
      entry('precision', precisionOf(of), MODEL_DEFAULTS.precision),
      entry('sequence', of.model.sequence, { reason: "the model's own" }),
      entry('globalBatch', globalBatchOf(of), MODEL_DEFAULTS.globalBatchTokens),
    ];
  });
}

/** The choices that some class leaves to the defaults. */
export function flaggedChoices({ name, models = [] }: ResolvedWorkload): FlaggedFigure[] {
  return models.flatMap((of) => {
    if (of === undefined) return [];
    const flagged = (key: string, value: number | undefined, text: string): FlaggedFigure => ({
      document: `workload ${name}`,
      path: formatPath([...of.path, 'model', key]),
      value,
      source: undefined,
      flag: 'assumption',
      note: text,
    });
    const { precision, globalBatchTokens } = MODEL_DEFAULTS;
    return [
      ...(of.use.precision === undefined
        ? [flagged('precision', undefined, `default ${precision.value}: ${precision.reason}`)]
        : []),
      ...(of.use.globalBatch === undefined
        ? [flagged('globalBatch', globalBatchOf(of), `default: ${globalBatchTokens.reason}`)]
        : []),
    ];
  });
}
