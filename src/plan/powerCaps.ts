import { LEAST_MEASURED_CAP, MEASURED_HARDWARE, cappedSpeed } from '../power/capCurve.js';
import { cappedGpuW } from '../power/nodePower.js';
import type { FlaggedFigure } from './assumptions.js';
import type { ResolvedSite } from './sites.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** Speeds under power caps that nobody measured, where a cap slows a class: each hardware once. */
export function flaggedCaps(sites: readonly ResolvedSite[], { classes }: ResolvedWorkload): FlaggedFigure[] {
  const found = new Map<string, FlaggedFigure>();
  for (const { hardware, gpuCapW } of sites.flatMap(({ partitions }) => partitions)) {
    for (const of of classes) {
      if (cappedSpeed(hardware, of, { gpuCapW }) === 1) continue;
      const capFraction = cappedGpuW(hardware, { gpuCapW }, of.powerCapFraction) / hardware.tdpW.value;
      const note = whyUnmeasured(hardware.name, capFraction);
      if (note === undefined || found.has(hardware.name)) continue;
      found.set(hardware.name, {
        document: `hardware ${hardware.name}`,
        path: 'speed under a power cap',
        value: undefined,
        source: 'mayr-2026',
        flag: 'assumption',
        note,
      });
    }
  }
  return [...found.values()];
}

function whyUnmeasured(hardware: string, capFraction: number): string | undefined {
  if (hardware !== MEASURED_HARDWARE) return 'measured on H100, carried over by share of TDP';
  return capFraction < LEAST_MEASURED_CAP
    ? 'below 0.286 of TDP nobody measured: a straight line to 0 at the idle draw'
    : undefined;
}
