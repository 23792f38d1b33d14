import type { Hardware } from '../scenario/hardwareSchema.js';
import type { NodePowerSpec } from '../scenario/runSpec.js';

export interface NodePowerOptions {
  /** Power limit set on every GPU, W; none when absent. */
  readonly gpuCapW?: number | undefined;
}

/**
 * Watts of a node, before facility overhead: idle, added by each busy GPU of each job class, and network.
 *
 * @param classes - by job class index; `gpuPowerFraction` is the share of TDP that a GPU of the class draws
 * averaged over its run (0.95 in training, whatever the MFU)
 * @returns whole watts: a site's total is then a sum of integers and never drifts
 *
 * A busy GPU draws min(fraction × TDP, cap), never less than an idle one. The rest of the node rises
 * linearly in busy GPUs from `nonGpuIdleFraction` to `nonGpuBusyFraction` of its rating.
 *
 * Worked, H100 (TDP 700 W, idle 70 W, 8 a node, other parts rated 4,600 W), class at 0.95:
 * idle 8 × 70 + 0.35 × 4,600 = 2,170 W; each busy GPU adds 665 − 70 + 0.30 × 4,600 / 8 = 767.5 → 768 W;
 * all eight busy 2,170 + 8 × 768 = 8,314 W (measured in training: 7.75–8.48 kW).
 *
 * Wrong inside a run: draw swings with compute, communication and checkpoint phases within seconds, here it
 * is the class's mean, so peaks shorter than a job are missing. Wrong by several percent between parts of
 * one type, and where fans follow the weather. A cap here changes watts only; the speed it costs is not
 * this function's.
 */
export function nodePower(
  hardware: Hardware,
  classes: readonly { readonly gpuPowerFraction: number }[],
  options: NodePowerOptions = {},
): NodePowerSpec {
  const gpus = hardware.gpusPerNode.value;
  const gpuIdleW = hardware.gpuIdleW.value;
  const gpuMaxW = cappedGpuW(hardware, options);
  const nonGpuW = hardware.nonGpuRatedW.value;
  const idleFraction = hardware.nonGpuIdleFraction.value;
  const riseFraction = hardware.nonGpuBusyFraction.value - idleFraction;

  const activeW = (gpuPowerFraction: number): number => {
    const gpuBusyW = Math.max(gpuIdleW, Math.min(gpuPowerFraction * hardware.tdpW.value, gpuMaxW));
    return Math.round(gpuBusyW - gpuIdleW + (riseFraction * nonGpuW) / gpus);
  };
  return {
    idleW: Math.round(gpus * gpuIdleW + idleFraction * nonGpuW),
    activeWByClass: classes.map((jobClass) => activeW(jobClass.gpuPowerFraction)),
    networkWPerGpu: Math.round(hardware.networkWPerGpu.value),
  };
}

/**
 * A node with its share of network and storage at rating, W: what a site is designed for, and more than
 * it ever draws (8×H100: 10,200 + 8 × 114 = 11,112 W). Sum over nodes is a facility's `designItW`.
 */
export function ratedNodeW(hardware: Hardware, options: NodePowerOptions = {}): number {
  const perGpuW = cappedGpuW(hardware, options) + Math.round(hardware.networkWPerGpu.value);
  return Math.round(hardware.gpusPerNode.value * perGpuW + hardware.nonGpuRatedW.value);
}

const cappedGpuW = (hardware: Hardware, options: NodePowerOptions): number =>
  Math.min(hardware.tdpW.value, options.gpuCapW ?? Infinity);
