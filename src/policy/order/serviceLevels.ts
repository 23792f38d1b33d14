import type { ParameterDef } from '../parameters.js';

/** How GPU time received is made into a few levels (discretised two-dimensional attained service of Tiresias). */
export interface ServiceLevelParams {
  readonly levels: number;
  /** GPU·ms. */
  readonly threshold: number;
  readonly factor: number;
}

/**
 * Tiresias' simulator has two queues by default and 3250 GPU·s between them. For more levels each threshold is a
 * multiple of the one before; 10 is what Aalo, from which Tiresias takes the discretisation, uses.
 */
export const SERVICE_LEVEL_PARAMETERS: readonly ParameterDef[] = [
  {
    name: 'levels',
    kind: 'whole',
    default: 2,
    min: 1,
    max: 32,
    summary: "levels of GPU time received; 2 as in Tiresias' simulator (2019)",
  },
  {
    name: 'threshold',
    kind: 'duration',
    default: 3_250_000,
    min: 1,
    summary: "GPU time received (time × GPUs) at which a job leaves level 0; 3250 s as in Tiresias' simulator (2019)",
  },
  {
    name: 'factor',
    kind: 'number',
    default: 10,
    min: 1.01,
    summary: 'each further threshold over the one before; 10 as in Aalo (SIGCOMM 2015)',
  },
];

/** GPU·ms at which levels 1, 2, … begin. */
export function levelThresholds({ levels, threshold, factor }: ServiceLevelParams): Float64Array {
  const thresholds = new Float64Array(levels - 1);
  for (let level = 0; level < thresholds.length; level++) thresholds[level] = threshold * factor ** level;
  return thresholds;
}

/** Level of a job that has received so much; a threshold belongs to the level it begins. */
export function levelOf(thresholds: Float64Array, serviceGpuMs: number): number {
  let level = 0;
  while (level < thresholds.length && serviceGpuMs >= thresholds[level]!) level++;
  return level;
}
