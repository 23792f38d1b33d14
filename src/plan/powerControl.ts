import { cappedSpeed } from '../power/capCurve.js';
import { nodePower, trainingW, type ClassPower } from '../power/nodePower.js';
import { phaseWatts } from '../power/phasePower.js';
import type { PowerDef } from '../policy/contracts.js';
import { capsJobs, definitionOf, type PolicyModules } from '../policy/registry.js';
import type { CapTable, PolicySpec, PowerControlSpec } from '../scenario/runSpec.js';
import type { SizedPartition } from './partitions.js';

/**
 * Caps in steps of a hundredth of TDP, down to what is measured. Real limits are set in whole watts; with steps of a
 * twentieth half a step, 2.5 % of the power of all GPUs, would be left unused on average.
 */
const STEPS_PER_UNIT = 100;
const LEAST_STEP = 30;

/** What caps make of the jobs of a run, where its policy sets any. */
export function powerControlSpec(
  policy: PolicySpec,
  partitions: readonly SizedPartition[],
  classes: readonly ClassPower[],
  modules: PolicyModules,
): PowerControlSpec | undefined {
  if (policy.power === undefined || !capsJobs(policy, modules)) return undefined;
  const steps = Array.from({ length: STEPS_PER_UNIT - LEAST_STEP + 1 }, (_, step) => 1 - step / STEPS_PER_UNIT);
  const extra = policy.power.flatMap((part) => {
    const definition: PowerDef = definitionOf('power', part, modules);
    return definition.capFractions?.(part.params) ?? [];
  });
  const capFractions = [...new Set([...steps, ...extra])].sort((a, b) => b - a);
  return {
    capFractions,
    partitions: partitions.map((partition) => capTable(partition, classes, capFractions)),
  };
}

function capTable(
  { hardware, gpuCapW }: SizedPartition,
  classes: readonly ClassPower[],
  capFractions: readonly number[],
): CapTable {
  const options = { gpuCapW };
  const underCap = (fraction: number): ClassPower[] =>
    classes.map((of) => ({ ...of, powerCapFraction: Math.min(fraction, of.powerCapFraction ?? 1) }));
  const alone = classes.map((of) => cappedSpeed(hardware, of, options));
  return {
    activeWByClass: capFractions.map((fraction) => nodePower(hardware, underCap(fraction), options).activeWByClass),
    communicatingWByClass: capFractions.map((fraction) =>
      underCap(fraction).map(({ gpuPowerFraction, powerCapFraction }) =>
        trainingW(hardware, gpuPowerFraction, 1, options, powerCapFraction),
      ),
    ),
    speedByClass: capFractions.map((fraction) =>
      underCap(fraction).map((of, index) =>
        alone[index]! > 0 ? cappedSpeed(hardware, of, options) / alone[index]! : 0,
      ),
    ),
    // It keeps its memory and its processes, as while it initialises.
    suspendedW: phaseWatts(hardware, options).initialiseW,
  };
}
