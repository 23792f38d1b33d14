import { SimError } from '../base/errors.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { MergeablePlan } from './mergePlans.js';
import { SENSITIVITY_INPUTS, type SensitivityInput } from './sensitivityInputs.js';
import { addSeries, type SeriesInputs } from './series.js';
import { changeAt, valuesAt } from './specPath.js';

/** A plan with one input changed by a share of itself. */
export interface SensitivityVariant {
  readonly input: SensitivityInput;
  /** −0.2: a fifth less. */
  readonly changeFraction: number;
  readonly plan: MergeablePlan;
}

/** Which inputs are varied: what only the bill depends on, all that a plan has. */
export type SensitivityScope = 'bill' | 'all';

/** `capital`: of those of the bill the ones that no schedule depends on, not even one that reads the market. */
type VariedScope = SensitivityScope | 'capital';

/**
 * Each input of a plan less and more by a share of itself, at all sites and in all runs at once; the others stay.
 *
 * Nothing is scaled in the results: each variant is to be run, which {@link mergePlans} does on the load curve of the
 * plan wherever the schedule cannot depend on what is changed.
 *
 * @param changeFraction - between 0 and 1, both exclusive
 * @returns two for each input that the plan has, from less to more, inputs in the order of their list
 *
 * Cost: a copy of what changes; a changed series is computed and hashed once.
 */
export function sensitivityVariants(
  plan: MergeablePlan,
  changeFraction: number,
  scope: VariedScope,
): readonly SensitivityVariant[] {
  return sensitivityInputs(plan, scope).flatMap((input) =>
    [-changeFraction, changeFraction].map((change): SensitivityVariant => ({
      input,
      changeFraction: change,
      plan: varied(plan, input, change),
    })),
  );
}

/** The inputs of that scope that a plan has. */
export function sensitivityInputs(plan: MergeablePlan, scope: VariedScope): readonly SensitivityInput[] {
  return SENSITIVITY_INPUTS.filter((input) => isOf(scope, input) && isIn(plan, input));
}

const isOf = (scope: VariedScope, input: SensitivityInput): boolean =>
  scope === 'all' || (input.affects === 'bill' && (scope === 'bill' || isCapital(input)));

/** Does it change what a site costs to own and run, and nothing that the market or a policy knows? */
export const isCapital = ({ paths }: SensitivityInput): boolean =>
  paths.every((path) => path.startsWith('sites[].capital.'));

/** Does any run have it, with a value that a share changes? */
function isIn({ specs }: MergeablePlan, { paths, how }: SensitivityInput): boolean {
  const neutral = how === 'rest' ? 1 : 0;
  return specs.some((spec) => paths.some((path) => valuesAt(spec, path).some((value) => value !== neutral)));
}

/** The plan with an input changed by a share of itself. */
export function varied(plan: MergeablePlan, input: SensitivityInput, changeFraction: number): MergeablePlan {
  const inputs: SeriesInputs & RunInputs = {
    ...plan.inputs,
    series: { ...plan.inputs.series },
    contentSha256: { ...plan.inputs.contentSha256 },
  };
  const change = (found: unknown): unknown =>
    input.how === 'series'
      ? scaledSeries(inputs, found as string, 1 + changeFraction)
      : changedNumber(input, found as number, changeFraction);
  const specs = plan.specs.map((spec) =>
    input.paths.reduce((current: RunSpec, path) => changeAt(current, path, change), spec),
  );
  return { specs, inputs };
}

function changedNumber({ how, whole }: SensitivityInput, value: number, changeFraction: number): number {
  const factor = 1 + changeFraction;
  const changed = how === 'rest' ? Math.max(0, 1 - (1 - value) * factor) : value * factor;
  return whole === true && Number.isInteger(value) ? Math.round(changed) : changed;
}

/** Puts a series times a factor among the inputs, negative values too. @returns its name */
function scaledSeries(inputs: SeriesInputs, name: string, factor: number): string {
  const series = inputs.series[name];
  if (series === undefined) throw new SimError('internal.invariant', `input series ${name} is missing`);
  const scaled = `${name}*${String(factor)}`;
  addSeries(inputs, scaled, { stepMs: series.stepMs, values: series.values.map((value) => value * factor) });
  return scaled;
}
