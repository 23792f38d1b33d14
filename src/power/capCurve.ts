import type { Hardware } from '../scenario/hardwareSchema.js';
import { cappedGpuW, type ClassPower, type NodePowerOptions } from './nodePower.js';

/**
 * Configured power cap as a share of TDP, and speed relative to no cap: tokens a second of a Llama-3-8B pre-training on
 * four H100 SXM at 200 to 700 W (9,699; 17,982; 24,853; 27,705; 29,250; 30,271).
 *
 * Source: Mayr et al., arXiv 2603.16164, 2026, table 4 (`mayr-2026`).
 */
const MEASURED: readonly (readonly [capFraction: number, speed: number])[] = [
  [200 / 700, 9699 / 30271],
  [300 / 700, 17982 / 30271],
  [400 / 700, 24853 / 30271],
  [500 / 700, 27705 / 30271],
  [600 / 700, 29250 / 30271],
  [1, 1],
];

/** Hardware that the curve was measured on; for all other it is carried over by share of TDP. */
export const MEASURED_HARDWARE = 'h100-sxm';
/** Below it the curve is a straight line to 0 at the idle draw: an assumption. */
export const LEAST_MEASURED_CAP = MEASURED[0]![0];

/**
 * Speed of training under a power cap relative to none, 0…1.
 *
 * @param capFraction - configured cap as a share of TDP; above 1 counts as 1
 * @param idleFraction - idle draw as a share of TDP, 0…1: a GPU capped there does nothing
 *
 * Linear between the measured points and from the first of them down to 0 at the idle draw. Never falls as the cap rises.
 *
 * Worked, H100 (idle 0.1): 0.7 → 0.821 + (0.7 − 0.571) / 0.143 × 0.094 = 0.906; 0.2 → 0.320 × 0.1 / 0.186 = 0.173.
 *
 * Wrong for work bound by memory or by the network, which loses less; for parts that work at other points of their
 * voltage curve (measured: A40 0.84 at 0.67, V100 0.82 at 0.6, noisy); and below the first point, which nobody measured.
 */
export function speedAtCap(capFraction: number, idleFraction: number): number {
  if (capFraction <= idleFraction) return 0;
  const above = MEASURED.findIndex(([cap]) => cap >= capFraction);
  if (above === -1) return 1;
  const [highCap, highSpeed] = MEASURED[above]!;
  const below = MEASURED[above - 1];
  const [lowCap, lowSpeed] = below !== undefined && below[0] > idleFraction ? below : [idleFraction, 0];
  return lowSpeed + ((capFraction - lowCap) / (highCap - lowCap)) * (highSpeed - lowSpeed);
}

/**
 * Speed of the jobs of a class in a partition under the lower of its cap and the partition's, relative to no cap, 0…1;
 * 1 where the class draws no more than the cap anyhow.
 *
 * The cap is compared with the class's draw to see whether it acts, and then read off the curve as a share of TDP, as
 * it was measured, not as a share of the class's draw. Wrong at the edge therefore: a class of 0.4 of TDP is not slowed
 * at 0.40 and runs at 0.52 of its speed at 0.39, where true jobs would lose little.
 */
export function cappedSpeed(hardware: Hardware, of: ClassPower, options: NodePowerOptions = {}): number {
  const tdpW = hardware.tdpW.value;
  const capW = cappedGpuW(hardware, options, of.powerCapFraction);
  return of.gpuPowerFraction * tdpW <= capW ? 1 : speedAtCap(capW / tdpW, hardware.gpuIdleW.value / tdpW);
}
