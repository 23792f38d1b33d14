import { InvalidArgumentError } from 'commander';
import { SimError } from '../base/errors.js';
import { mustBeRunApart, type MergeablePlan } from '../plan/mergePlans.js';
import {
  isCapital,
  sensitivityInputs,
  sensitivityVariants,
  type SensitivityScope,
  type SensitivityVariant,
} from '../plan/sensitivity.js';
import { collectCandidates, type Candidates, type ScenarioResults } from '../report/candidates.js';
import type { CompareVariants } from '../report/compareText.js';
import { formatDeviation } from '../report/numbers.js';
import { priceYears } from '../report/priceYears.js';
import { rankedMeasure, sensitivityMeasure } from '../report/siteMeasures.js';
import { tornado } from '../report/tornado.js';
import { withoutPolicies } from './brokenPolicies.js';
import type { DonePlan } from './execute.js';
import type { LabelledPlan, LoadedPlan } from './loadPlan.js';
import { priceYearPlans, type PriceYearPlan, type Replan } from './priceYearPlans.js';

export interface VariantOptions {
  readonly priceYears?: readonly string[];
  readonly sensitivity: SensitivityScope | 'none';
  /** 0.2: each input a fifth less and a fifth more. */
  readonly sensitivityChange: number;
}

/** A plan with its variants by what they vary. */
interface VariedPlan {
  readonly loaded: LoadedPlan;
  readonly years: readonly PriceYearPlan[];
  readonly sensitivity: readonly SensitivityVariant[];
}

/** Variants of the plans of a comparison: made before the runs, told of after them. */
export interface PlannedVariants {
  /** The plans with their variants beside them. */
  readonly plans: readonly LoadedPlan[];
  /** How many change the schedule of a plan. */
  readonly simulated: number;
  /** What became of the variants. */
  readonly told: (found: Candidates, done: readonly DonePlan[], leftOut: readonly string[]) => CompareVariants;
}

/** Refuses options that could change nothing, as far as that shows without the scenario. */
export function refuseIdleOptions({ sensitivity }: VariantOptions, typed: (name: string) => boolean): void {
  if (sensitivity !== 'none' || !typed('sensitivityChange')) return;
  const reason = 'expected --sensitivity bill or all with it; with none no input is varied';
  throw new SimError('usage', `--sensitivity-change: ${reason}. Leave one of the two out`);
}

/** Plans what is to be compared besides the scenarios as they are: price years, and each input less and more. */
export async function plannedVariants(
  plans: readonly LoadedPlan[],
  options: VariantOptions,
  replanOf: (loaded: LoadedPlan) => Replan,
): Promise<PlannedVariants> {
  const { priceYears: years = [], sensitivity: scope, sensitivityChange } = options;
  // Where schedules depend on sites, only what these cost to own and run is sure to change the bill alone.
  const bound = [...new Set(plans.flatMap(({ plan }) => mustBeRunApart(plan)))];
  const variedScope = scope === 'bill' && bound.length > 0 ? 'capital' : scope;
  const left = variedScope === 'capital' ? leftOutOf(plans, bound) : [];
  const varied: VariedPlan[] = [];
  for (const loaded of plans) {
    varied.push({
      loaded,
      years: await priceYearPlans(loaded.plan, years, replanOf(loaded)),
      sensitivity: variedScope === 'none' ? [] : sensitivityVariants(loaded.plan, sensitivityChange, variedScope),
    });
  }
  return {
    plans: varied.map((one) => ({ ...one.loaded, variants: labelled(one) })),
    simulated: varied
      .flatMap(({ sensitivity }) => sensitivity)
      .filter(({ input, plan }) => input.affects === 'schedule' || (!isCapital(input) && isBound(plan))).length,
    told: (found, done, leftOut) => {
      const runs = found.candidates.flatMap((candidate) => candidate.runs);
      const { measure } = rankedMeasure(runs);
      const options = { measure: sensitivityMeasure(runs), changeFraction: sensitivityChange, leftOut: left };
      const results = new VariantResults(varied, done, leftOut);
      return {
        ...(years.length === 0 ? {} : { priceYears: priceYears(found, results.byYear(years), measure) }),
        ...(scope === 'none' ? {} : { tornado: tornado(found, results.byInput(), options) }),
      };
    },
  };
}

const isBound = (plan: MergeablePlan): boolean => mustBeRunApart(plan).length > 0;

/** Inputs of the bill that schedules may depend on, under policies that read the market or a broker. */
function leftOutOf(
  plans: readonly LoadedPlan[],
  policies: readonly string[],
): readonly { readonly name: string; readonly why: string }[] {
  const inputs = plans.flatMap(({ plan }) => sensitivityInputs(plan, 'bill')).filter((input) => !isCapital(input));
  if (inputs.length === 0) return [];
  const name = [...new Set(inputs.map((input) => input.name))].join(', ');
  const why = `under ${policies.join(', ')} each change of price, carbon or building would have to be simulated: --sensitivity all`;
  return [{ name, why }];
}

/** In the order in which {@link VariantResults} looks for them. */
function labelled({ years, sensitivity }: VariedPlan): LabelledPlan[] {
  return [
    ...years.flatMap(({ year, plan }) => (plan === undefined ? [] : [{ label: `prices of ${year}`, plan }])),
    ...sensitivity.map(({ input, changeFraction, plan }) => ({
      label: `${input.name} ${formatDeviation(changeFraction, 0)}`,
      plan,
    })),
  ];
}

/** Results of variants, put together over the scenarios of a comparison. */
class VariantResults {
  readonly #varied: readonly VariedPlan[];
  readonly #done: readonly DonePlan[];
  readonly #leftOut: readonly string[];

  constructor(varied: readonly VariedPlan[], done: readonly DonePlan[], leftOut: readonly string[]) {
    this.#varied = varied;
    this.#done = done;
    this.#leftOut = leftOut;
  }

  byYear(years: readonly string[]) {
    return years.map((year, at) => ({
      year,
      found: this.#collect(({ years: own }) => own[at]?.plan),
      gaps: this.#varied.flatMap((one) => one.years[at]!.gaps),
    }));
  }

  byInput() {
    const kinds = new Map<string, SensitivityVariant>();
    for (const one of this.#varied.flatMap(({ sensitivity }) => sensitivity)) {
      const key = `${one.input.key} ${String(one.changeFraction)}`;
      if (!kinds.has(key)) kinds.set(key, one);
    }
    return [...kinds.values()].map(({ input, changeFraction }) => ({
      ...{ key: input.key, name: input.name, affects: input.affects, changeFraction },
      // A scenario that lacks the input stays as it is.
      found: this.#collect(
        ({ sensitivity, loaded }) =>
          sensitivity.find((one) => one.input.key === input.key && one.changeFraction === changeFraction)?.plan ??
          loaded.plan,
      ),
    }));
  }

  /** Candidates of one variant of each plan; a plan without it has none. */
  #collect(planOf: (varied: VariedPlan) => MergeablePlan | undefined): Candidates {
    return collectCandidates(
      this.#varied.flatMap((varied, index): ScenarioResults[] => {
        const plan = planOf(varied);
        const done = this.#done[index]!;
        if (plan === undefined) return [];
        const at = done.variants?.findIndex((variant) => variant.plan === plan) ?? -1;
        const results = at < 0 ? done.results : done.variantResults[at]!;
        return [withoutPolicies({ ...done, specs: plan.specs, results }, this.#leftOut)];
      }),
    );
  }
}

/** `2022,2023,prices.csv`: years or files, each once. */
export function yearList(text: string): readonly string[] {
  const years = text.split(',').map((year) => year.trim());
  if (years.some((year) => year === '')) throw new InvalidArgumentError('Expected years as 2022,2023, got a gap.');
  const twice = years.find((year, index) => years.indexOf(year) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`Expected each year once, got ${twice} twice.`);
  return years;
}

/** `20%` or `0.2`: more than nothing, less than all. */
export function changeShare(text: string): number {
  const percent = /^\s*([0-9.]+)\s*%\s*$/.exec(text);
  const share = percent === null ? Number(text) : Number(percent[1]) / 100;
  if (text.trim() !== '' && share > 0 && share < 1) return share;
  throw new InvalidArgumentError('Expected a share between 0 and 1, such as 20% or 0.2.');
}
