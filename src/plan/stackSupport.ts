import { beyondText, modelKind, supportOf } from '../training/support.js';
import type { FlaggedFigure } from './assumptions.js';
import { precisionOf } from './modelChoices.js';
import type { SizedPartition } from './partitions.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** Where what a class trains goes beyond the published rows of the software it runs with, by hardware; the smallest and largest size of each. */
export function flaggedStacks(
  machines: readonly { readonly partitions: readonly SizedPartition[] }[],
  { models, stacksOn, trainingOn }: ResolvedWorkload,
): readonly FlaggedFigure[] {
  if (models === undefined || stacksOn === undefined || trainingOn === undefined) return [];
  const found = new Map<string, FlaggedFigure>();
  for (const { partitions } of machines) {
    const training = trainingOn(partitions);
    partitions.forEach(({ hardware }, partition) => {
      const stacks = stacksOn(hardware.name);
      let stack = 0;
      models.forEach((of, index) => {
        if (of === undefined) return;
        const { document } = stacks[stack++]!;
        const rows = training[index]?.rows[partition] ?? [];
        for (const { gpus } of new Set(rows.length === 0 ? [] : [rows[0]!, rows.at(-1)!])) {
          const use = { hardware: hardware.name, precision: precisionOf(of), model: modelKind(of.model), gpus };
          const support = supportOf(document, use);
          if (support.beyond.length === 0) continue;
          const note = `${of.model.name} goes beyond the rows it was fitted to: ${beyondText(document, support, use)}`;
          found.set(note, {
            document: `stack ${document.name}`,
            path: 'calibration',
            value: support.expectedError,
            source: document.gemmShare.source,
            flag: 'assumption',
            note:
              support.expectedError === undefined ? note : `${note}; the value is the error of a step time to expect`,
          });
        }
      });
    });
  }
  return [...found.values()];
}
