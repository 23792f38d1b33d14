import { formatDuration, parseDurationMs } from '../base/units.js';
import { TRAIT_DEFAULTS } from '../scenario/defaults.js';
import type { FlaggedFigure } from './assumptions.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import type { ResolvedReliability } from './reliability.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** What an interruption costs a job; each has a default, and counts only under a policy that interrupts. */
const COSTS = ['checkpoint', 'restart', 'resize'] as const;

/** What `checkpoints` and `reliability` of the scenario say in a class's place where it says nothing. */
const replacedBy = ({ checkpoints, reliability }: ResolvedReliability) => ({
  checkpoint: checkpoints !== undefined,
  restart: reliability !== undefined,
  resize: false,
});

/** The costs of every class as they are run, each with where it comes from. */
export function costConfig(
  { doc, traits, classPaths }: ResolvedWorkload,
  reliability: ResolvedReliability,
): ConfigEntry[] {
  const replaced = replacedBy(reliability);
  return classPaths.flatMap((path, index) =>
    COSTS.filter((cost) => traits[index]![cost] !== undefined || !replaced[cost]).map((cost) => {
      const ms = traits[index]![cost] ?? parseDurationMs(TRAIT_DEFAULTS[cost].value)!;
      return effectiveEntry(doc, 'workload', [...path, cost], formatDuration(ms), TRAIT_DEFAULTS[cost]);
    }),
  );
}

/** The costs that some class leaves to the default. */
export function flaggedCosts({ name, traits }: ResolvedWorkload, reliability: ResolvedReliability): FlaggedFigure[] {
  const replaced = replacedBy(reliability);
  return COSTS.filter((cost) => !replaced[cost] && traits.some((entry) => entry[cost] === undefined)).map((cost) => {
    const { value, reason } = TRAIT_DEFAULTS[cost];
    const note = `default ${value}: ${reason}`;
    return { document: `workload ${name}`, path: cost, value: undefined, source: undefined, flag: 'assumption', note };
  });
}
