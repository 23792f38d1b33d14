import type { Failures } from './failures.js';
import type { NodeService } from './nodeService.js';
import type { Phases } from './phases.js';

/** What a run's jobs with phases came to, beside what stands in their columns; inside the horizon. */
export interface PhaseTotals {
  /** By index of causes: the reliability document's, then stragglers, then pre-emption. */
  readonly lostGpuMs: Float64Array;
  readonly restartGpuMs: Float64Array;
  readonly counts: readonly number[];
  readonly interruptions: readonly number[];
  readonly downNodeMs: readonly number[];
  readonly downGpuMs: number;
  readonly spareGpuMs: number;
  /** By site, then by class. */
  readonly tokens: Float64Array;
  /** By class. */
  readonly mfuGpuMs: Float64Array;
  /** By site. */
  readonly storageLoads: readonly number[];
}

export function phaseTotals(
  phases: Phases | undefined,
  failures: Failures | undefined,
  service: NodeService | undefined,
  endMs: number,
): PhaseTotals | undefined {
  if (phases === undefined) return undefined;
  const { lostGpuMs, restartGpuMs, tokens, mfuGpuMs } = phases;
  return {
    ...{ lostGpuMs, restartGpuMs, tokens, mfuGpuMs },
    counts: [...(failures?.counts ?? [])],
    interruptions: [...(failures?.interruptions ?? [])],
    downNodeMs: [...(failures?.downMs ?? [])],
    downGpuMs: service?.downGpuMs ?? 0,
    spareGpuMs: service?.spareGpuMs ?? 0,
    storageLoads: phases.storageLoads(endMs),
  };
}
