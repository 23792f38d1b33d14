import type { BuildOutPhase } from './holdings.js';

/** When the phases of a build-out come: at their dates, or all of them together at the first or the last of these. */
export const BUILD_OUT_TIMINGS = ['as-planned', 'all-at-first', 'all-at-last'] as const;
export type BuildOutTiming = (typeof BUILD_OUT_TIMINGS)[number];

/** Phases as they come under a timing; ascending in time, at least one. */
export function timedPhases(phases: readonly BuildOutPhase[], timing: BuildOutTiming): readonly BuildOutPhase[] {
  if (timing === 'as-planned') return phases;
  const { atYears } = phases.at(timing === 'all-at-first' ? 0 : -1)!;
  return [
    phases.reduce(
      (all, { gpus, hardwareEur, itKw }) => ({
        atYears,
        gpus: all.gpus + gpus,
        hardwareEur: all.hardwareEur + hardwareEur,
        itKw: all.itKw + itKw,
      }),
      { atYears, gpus: 0, hardwareEur: 0, itKw: 0 },
    ),
  ];
}
