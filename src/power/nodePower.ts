import type { Hardware } from '../scenario/hardwareSchema.js';
import type { NodePowerSpec } from '../scenario/runSpec.js';

export interface NodePowerOptions {
  /** Power limit set on every GPU, W; none when absent. */
  readonly gpuCapW?: number | undefined;
}

/** What the draw of a class of jobs follows from. */
export interface ClassPower {
  /** Share of TDP that a GPU of the class draws averaged over its run: 0.95 in training, whatever the MFU. */
  readonly gpuPowerFraction: number;
  /** Power limit set on the GPUs of its jobs, as a share of TDP; none when absent. */
  readonly powerCapFraction?: number | undefined;
}

/**
 * Watts of a node, before facility overhead: idle, added by each busy GPU of each job class, and network.
 *
 * @param classes - by job class index
 * @returns whole watts: a site's total is then a sum of integers and never drifts
 *
 * A busy GPU draws min(fraction × TDP, cap), never less than an idle one. The rest of the node rises
 * linearly in busy GPUs from `nonGpuIdleFraction` to `nonGpuBusyFraction` of its rating.
 *
 * Worked, H100 (TDP 700 W, idle 70 W, 8 a node, other parts rated 4,600 W), class at 0.95:
 * idle 8 × 70 + 0.35 × 4,600 = 2,170 W; each busy GPU adds 665 − 70 + 0.30 × 4,600 / 8 = 767.5 → 768 W;
 * all eight busy 2,170 + 8 × 768 = 8,314 W (measured in training: 7.75–8.48 kW).
 *
 * Wrong inside a run: draw swings with compute and communication within seconds, here it is the class's mean
 * (of a job with a model its own, {@link trainingW}; other phases are power/phasePower.ts), so peaks shorter than a
 * phase are missing. Wrong by several percent between parts of one type, and where fans follow the weather. What a
 * cap costs in speed is power/capCurve.ts.
 */
export function nodePower(
  hardware: Hardware,
  classes: readonly ClassPower[],
  options: NodePowerOptions = {},
): NodePowerSpec {
  const gpus = hardware.gpusPerNode.value;
  return {
    idleW: Math.round(gpus * hardware.gpuIdleW.value + hardware.nonGpuIdleFraction.value * hardware.nonGpuRatedW.value),
    activeWByClass: classes.map(({ gpuPowerFraction, powerCapFraction }) =>
      Math.round(busyGpuW(hardware, gpuPowerFraction, cappedGpuW(hardware, options, powerCapFraction))),
    ),
    networkWPerGpu: Math.round(hardware.networkWPerGpu.value),
  };
}

/**
 * Watts each busy GPU adds to its node while it trains: the mean of a step,
 * (1 − exposed) × computing + exposed × communicating.
 *
 * @param gpuPowerFraction - of TDP while it computes, 0…1 (0.95; not tied to MFU)
 * @param exposedFraction - share of the step in communication that nothing hides, 0…1
 * @param powerCapFraction - of the class, as in {@link ClassPower}
 * @returns whole watts, as `activeWByClass` of {@link nodePower}, and equal to it where nothing is exposed
 *
 * Communicating it draws `exposedPowerFraction` × TDP, at most what it draws computing and at least what it draws
 * idle; the rest of the node is as busy as ever.
 *
 * Worked, 8×H100 at 0.95: 768 W with nothing exposed, the node 8,314 W; at 0.2: 0.8 × 665 + 0.2 × 315 − 70 + 172.5 =
 * 697.5 → 698 W, the node 7,754 W. Measured nodes draw 7.75–8.48 kW.
 *
 * Wrong for a pipeline bubble, which counts as computing unless the caller adds it to the exposed share; and within a
 * step, whose swings it averages out.
 */
export function trainingW(
  hardware: Hardware,
  gpuPowerFraction: number,
  exposedFraction: number,
  options: NodePowerOptions = {},
  powerCapFraction?: number,
): number {
  const mostW = cappedGpuW(hardware, options, powerCapFraction);
  const computingW = busyGpuW(hardware, gpuPowerFraction, mostW);
  const communicating = Math.min(gpuPowerFraction, hardware.exposedPowerFraction.value);
  const communicatingW = busyGpuW(hardware, communicating, mostW);
  return Math.round((1 - exposedFraction) * computingW + exposedFraction * communicatingW);
}

/** What a busy GPU adds to its node while it draws such a share of its TDP, at most `mostW`. Not rounded. */
export function busyGpuW(hardware: Hardware, gpuPowerFraction: number, mostW: number): number {
  const gpuIdleW = hardware.gpuIdleW.value;
  const riseFraction = hardware.nonGpuBusyFraction.value - hardware.nonGpuIdleFraction.value;
  const gpuW = Math.max(gpuIdleW, Math.min(gpuPowerFraction * hardware.tdpW.value, mostW));
  return gpuW - gpuIdleW + (riseFraction * hardware.nonGpuRatedW.value) / hardware.gpusPerNode.value;
}

/**
 * A node with its share of network and storage at rating, W: what a site is designed for, and more than
 * it ever draws (8×H100: 10,200 + 8 × 114 = 11,112 W). Sum over nodes is a facility's `designItW`.
 */
export function ratedNodeW(hardware: Hardware, options: NodePowerOptions = {}): number {
  const perGpuW = cappedGpuW(hardware, options) + Math.round(hardware.networkWPerGpu.value);
  return Math.round(hardware.gpusPerNode.value * perGpuW + hardware.nonGpuRatedW.value);
}

/** The most a GPU may draw, W: its TDP, the limit of its partition or that of the class. */
export const cappedGpuW = (hardware: Hardware, options: NodePowerOptions, powerCapFraction = 1): number =>
  Math.min(powerCapFraction * hardware.tdpW.value, options.gpuCapW ?? Infinity);
