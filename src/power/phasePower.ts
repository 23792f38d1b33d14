import type { Hardware } from '../scenario/hardwareSchema.js';
import type { PhaseWatts } from '../scenario/runSpec.js';
import { busyGpuW, cappedGpuW, type NodePowerOptions } from './nodePower.js';

/**
 * Watts that each GPU a job holds adds to its node while the job is not productive: held up by a checkpoint,
 * initialising or restarting, or hanging in a collective until a fault is found.
 *
 * @returns whole watts above the idle node, as `NodePowerSpec.activeWByClass`; at least what the rest of the node adds
 *
 * The GPU draws the hardware's fraction of its TDP, within its idle draw and the cap; the rest of the node is as busy as
 * in training.
 *
 * Worked, H100 (TDP 700 W, idle 70 W, other parts +172.5 W a busy GPU): stall 210 − 70 + 172.5 = 312.5 → 313 W,
 * hang 175 → 278 W, initialise 140 → 243 W; training adds 768 W. All eight held up: 4,674 W of 8,314 W.
 *
 * The same for all classes: wrong for one that draws less than this while it computes. The fractions are assumptions; no
 * measurement by phase was found.
 */
export function phaseWatts(hardware: Hardware, options: NodePowerOptions = {}): PhaseWatts {
  const mostW = cappedGpuW(hardware, options);
  const phaseW = (fraction: number): number => Math.round(busyGpuW(hardware, fraction, mostW));
  return {
    stallW: phaseW(hardware.stallPowerFraction.value),
    initialiseW: phaseW(hardware.initialisePowerFraction.value),
    hangW: phaseW(hardware.hangPowerFraction.value),
  };
}
