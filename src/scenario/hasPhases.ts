import type { RunSpec } from './runSpec.js';

/** Do jobs of the run initialise, write checkpoints, fail or train a model, so that they have times of no progress? */
export const hasPhases = ({
  reliability,
  checkpoints,
  traits,
}: Pick<RunSpec, 'reliability' | 'checkpoints' | 'traits'>): boolean =>
  reliability !== undefined ||
  checkpoints !== undefined ||
  (traits?.some(({ training }) => training !== undefined) ?? false);
