import type { GoodputSummary } from '../../src/metrics/goodputResult.js';
import type { ReliabilityRun } from '../../src/report/reliability.js';

/** Of 1,000 GPU-hours 900 were held: so much useful, the rest of them lost. */
export function goodputOf(usefulGpuHours: number, more: Partial<GoodputSummary> = {}): GoodputSummary {
  return {
    usefulGpuHours,
    stallGpuHours: 0,
    lostGpuHours: 900 - usefulGpuHours,
    restartGpuHours: 0,
    idleGpuHours: 90,
    spareGpuHours: 10,
    downGpuHours: 0,
    withdrawnGpuHours: 0,
    totalGpuHours: 1000,
    repairWaitGpuHours: 0,
    ettrFraction: usefulGpuHours / 900,
    goodputFraction: usefulGpuHours / 1000,
    storageLoadFraction: [0.25],
    failures: [],
    ...more,
  };
}

/** A run for each of these useful GPU-hours. */
export const runsWith = (...useful: readonly number[]): ReliabilityRun[] =>
  useful.map((hours, replication) => ({ replication, fingerprint: `f${replication}`, goodput: goodputOf(hours) }));
