import type { PhaseCounts } from '../metrics/goodput.js';
import type { Failures } from './failures.js';
import type { NodeService } from './nodeService.js';
import type { Phases } from './phases.js';

/** What the simulation counted of jobs with phases: by index of causes the reliability document's, then stragglers, then pre-emption. */
export type PhaseTotals = Omit<PhaseCounts, 'causes' | 'traits'> & { readonly bookedMs: number };

export function phaseTotals(
  phases: Phases | undefined,
  failures: Failures | undefined,
  service: NodeService | undefined,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): PhaseTotals | undefined {
  if (phases === undefined) return undefined;
  const { lostGpuMs, restartGpuMs, tokens, mfuGpuMs } = phases;
  return {
    ...{ lostGpuMs, restartGpuMs, tokens, mfuGpuMs },
    bookedMs: Math.max(0, endMs) - Math.max(0, startMs),
    counts: [...(failures?.counts ?? [])],
    interruptions: [...(failures?.interruptions ?? [])],
    downNodeMs: [...(failures?.downMs ?? [])],
    downGpuMs: service?.downGpuMs ?? 0,
    spareGpuMs: service?.spareGpuMs ?? 0,
    storageLoads: phases.storageLoads(endMs),
  };
}
