import { drawnByBin } from './drawnByBin.js';

/** Stretches in which replicas of a service in one place served, inside the horizon. */
export interface ServiceDraws {
  /** By bin: W that each of their GPUs drew beyond the watts of its class, of either sign. */
  readonly deviationW: Float64Array;
  readonly gpus: Float64Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
}

/**
 * Adds what services drew beyond the watts of their class to what jobs drew in each bin, W·ms: GPUs × ms of the bin in
 * which they served × the deviation of its hour. Exact in whole watts, as hours change between bins.
 */
export function addServed(
  drawnWms: Float64Array,
  services: readonly ServiceDraws[] | undefined,
  binMs: number,
): Float64Array {
  for (const { deviationW, gpus, fromMs, toMs } of services ?? []) {
    const draws = { watts: gpus, fromMs, toMs, count: gpus.length, idleW: 0, horizonMs: binMs * drawnWms.length };
    const servedGpuMs = drawnByBin(draws, binMs, drawnWms.length);
    for (let bin = 0; bin < drawnWms.length; bin++) drawnWms[bin]! += servedGpuMs[bin]! * deviationW[bin]!;
  }
  return drawnWms;
}
