import { SimError, type Issue } from '../base/errors.js';
import type { MergeablePlan } from '../plan/mergePlans.js';
import type { Plan } from '../plan/plan.js';
import { priceYearOverride } from '../plan/priceYear.js';
import { plural } from '../report/numbers.js';
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
 * @throws SimError what the planner says of the years that no site of the scenario has, all at once
 */
export async function priceYearPlans(base: Plan, years: readonly string[], replan: Replan): Promise<PriceYearPlan[]> {
  const plans: PriceYearPlan[] = [];
  const faults: SimError[] = [];
  for (const year of years) {
    const planned = await attempt(() => priceYearPlan(base, year, replan));
    if ('plan' in planned) plans.push(planned.plan);
    else faults.push(planned.fault);
  }
  if (faults.length > 0) throw refused(faults);
  return plans;
}

/** The option as the override that it becomes calls it. */
const OPTION = '--price-years';

/** What planners say of the override, said of the option: nobody typed the override. */
function refused(faults: readonly SimError[]): SimError {
  const issues = faults.flatMap((fault) => fault.issues.map(asOption));
  const [fault] = faults as [SimError];
  const first = issues[0];
  if (first === undefined || (faults.length === 1 && issues.every((issue, at) => issue === fault.issues[at])))
    return fault;
  const [byText, one] = [new Map(issues.map((issue) => [JSON.stringify(issue), issue])), `${OPTION}: ${first.message}`];
  const message = byText.size === 1 && first.file === undefined ? one : `${OPTION}: ${plural(byText.size, 'fault')}`;
  return new SimError('usage', message, [...byText.values()]);
}

function asOption(issue: Issue): Issue {
  if (issue.file !== OPTION) return issue;
  const hint = issue.hint?.replace(/--price-year (?=\S+\.csv)/, `${OPTION} `);
  return { path: OPTION, message: issue.message, ...(hint === undefined ? {} : { hint }) };
}

async function priceYearPlan(base: Plan, year: string, replan: Replan): Promise<PriceYearPlan> {
  const variant: Override[] = [{ text: priceYearOverride(year), from: OPTION }];
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

async function attempt<T>(plan: () => Promise<T>): Promise<{ readonly plan: T } | { readonly fault: SimError }> {
  try {
    return { plan: await plan() };
  } catch (thrown) {
    if (thrown instanceof SimError) return { fault: thrown };
    throw thrown;
  }
}

const reasonOf = ({ issues, message }: SimError): string =>
  issues.length === 0 ? message : issues.map((issue) => issue.message).join('; ');
