import { SimError } from '../base/errors.js';
import type { MergeablePlan } from '../plan/mergePlans.js';
import type { Plan } from '../plan/plan.js';
import { priceYearOverride } from '../plan/priceYear.js';
import type { Override } from '../scenario/overrides.js';

/** A plan under the prices of another year, of the sites that have them. */
export interface PriceYearPlan {
  readonly year: string;
  /** Absent: no site has prices of that year. */
  readonly plan?: MergeablePlan;
  readonly gaps: readonly { readonly site: string; readonly why: string }[];
}

/** What plans the scenario again, with these changes and for these sites alone where they are named. */
export type Replan = (variant: readonly Override[], onlySites?: readonly string[]) => Promise<Plan>;

/**
 * The scenario under the prices of each year. Sites whose zone has no prices of a year are left out of it and named,
 * with the planner's own reason; under a broker, whose jobs would go to the others, the whole year is.
 *
 * @param base - the plan as it is
 * @throws SimError what the planner says of a year that no site of the scenario has
 */
export async function priceYearPlans(base: Plan, years: readonly string[], replan: Replan): Promise<PriceYearPlan[]> {
  const plans: PriceYearPlan[] = [];
  for (const year of years) plans.push(await priceYearPlan(base, year, replan));
  return plans;
}

async function priceYearPlan(base: Plan, year: string, replan: Replan): Promise<PriceYearPlan> {
  const variant: Override[] = [{ text: priceYearOverride(year), from: '--price-years' }];
  const whole = await attempt(() => replan(variant));
  if ('plan' in whole) return { year, plan: whole.plan, gaps: [] };
  const sites = [...new Set(base.groups.flatMap((group) => group.sites))];
  const gaps: { site: string; why: string }[] = [];
  for (const site of sites) {
    const alone = await attempt(() => replan(variant, [site]));
    if ('fault' in alone) gaps.push({ site, why: reasonOf(alone.fault) });
  }
  if (gaps.length === sites.length || gaps.length === 0) throw whole.fault;
  const isBrokered = base.groups.some(({ brokered }) => brokered === true);
  if (isBrokered) return { year, gaps };
  const missing = new Set(gaps.map(({ site }) => site));
  return {
    year,
    plan: await replan(
      variant,
      sites.filter((site) => !missing.has(site)),
    ),
    gaps,
  };
}

async function attempt(plan: () => Promise<Plan>): Promise<{ readonly plan: Plan } | { readonly fault: SimError }> {
  try {
    return { plan: await plan() };
  } catch (thrown) {
    if (thrown instanceof SimError) return { fault: thrown };
    throw thrown;
  }
}

const reasonOf = ({ issues, message }: SimError): string =>
  issues.length === 0 ? message : issues.map((issue) => issue.message).join('; ');
