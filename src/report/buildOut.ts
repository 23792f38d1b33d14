import { invariant } from '../base/errors.js';
import { buildOutCost, type BuildOutCost, type OperatedYear } from '../economics/buildOutCost.js';
import { timedPhases, BUILD_OUT_TIMINGS, type BuildOutTiming } from '../economics/buildOutTimings.js';
import { COST_LINES } from '../economics/tco.js';
import type { SiteResult } from '../metrics/runResult.js';
import { estimate, pairedDifference, type Estimate, type PairedDifference } from '../metrics/statistics.js';
import type { PlannedBuildOut } from '../plan/buildOutYears.js';
import type { Plan } from '../plan/plan.js';
import type { KeptResult } from './runText.js';

/** One simulated year of a timing: its plan, with the results of its runs by index; `undefined` where one has none. */
export interface DoneYear {
  readonly timing: BuildOutTiming;
  /** 0 is the first of the window. */
  readonly index: number;
  readonly plan: Pick<Plan, 'specs' | 'runs' | 'groups' | 'policies'>;
  readonly results: readonly (KeptResult | undefined)[];
}

/** A site under a policy, with what each timing of its phases costs. */
export interface BuildOutCase {
  readonly planned: PlannedBuildOut;
  readonly policy: string;
  /** Nothing is drawn at random: one replication says all. */
  readonly exact: boolean;
  /** Those of which every year of every timing is there, by index. */
  readonly replications: readonly number[];
  /** In the order of {@link BUILD_OUT_TIMINGS}. */
  readonly timings: readonly { readonly timing: BuildOutTiming; readonly costs: readonly BuildOutCost[] }[];
}

/** What a year of a site came to, of its result. */
export function operatedYear({ cost, facilityMWh, carbonKt }: SiteResult): OperatedYear {
  invariant(cost !== undefined, 'a site of a build-out is costed');
  const line = (name: string): number => cost.lines.find((of) => of.name === name)?.eur ?? 0;
  const { energyEur, soldGpuHours, usefulGpuHours, exaFlopDays } = cost;
  return {
    staffEurPerYear: line(COST_LINES.staff),
    waterAndHeatEur: line(COST_LINES.water) + line(COST_LINES.heat),
    ...{ energyEur, soldGpuHours, usefulGpuHours, exaFlopDays, facilityMWh, carbonKt },
  };
}

/** Every site under every policy, as far as their runs are done. */
export function buildOutCases(
  {
    buildOuts = [],
    policies,
    replications,
    deterministic,
  }: Pick<Plan, 'buildOuts' | 'policies' | 'replications' | 'deterministic'>,
  years: readonly DoneYear[],
): BuildOutCase[] {
  const all = Array.from({ length: replications }, (_, replication) => replication);
  return policies.flatMap(({ text }, policy) =>
    buildOuts.map((planned): BuildOutCase => {
      const chains = BUILD_OUT_TIMINGS.map((timing) => {
        const spec = { ...planned.spec, phases: timedPhases(planned.spec.phases, timing) };
        const own = years.filter((year) => year.timing === timing);
        return all.map((replication) => {
          const operated = chain(planned, spec.phases[0]!.atYears, own, { policy, replication });
          return operated && buildOutCost(spec, operated);
        });
      });
      const kept = all.filter((replication) => chains.every((costs) => costs[replication] !== undefined));
      return {
        ...{ planned, policy: text, exact: deterministic, replications: kept },
        timings: BUILD_OUT_TIMINGS.map((timing, at) => ({
          timing,
          costs: kept.map((replication) => chains[at]![replication]!),
        })),
      };
    }),
  );
}

/** The years of a site in one replication; `undefined` where a run of them is missing. */
function chain(
  { site, spec }: PlannedBuildOut,
  firstYears: number,
  years: readonly DoneYear[],
  of: { readonly policy: number; readonly replication: number },
): readonly (OperatedYear | undefined)[] | undefined {
  const operated = new Array<OperatedYear | undefined>(spec.windowYears).fill(undefined);
  for (let index = Math.floor(firstYears); index < spec.windowYears; index++) {
    const done = years.find((year) => year.index === index);
    const run = done?.plan.runs.findIndex(
      ({ policy, replication, group }) =>
        policy === of.policy && replication === of.replication && done.plan.groups[group]!.sites.includes(site),
    );
    if (done === undefined || run === undefined || run < 0) return undefined;
    const result = done.results[run]?.sites.find(({ id }) => id === site);
    if (result === undefined) return undefined;
    operated[index] = operatedYear(result);
  }
  return operated;
}

/** Which hours a case is levelised over: useful ones where they are known in all years. */
export const hoursKind = ({ timings }: BuildOutCase): 'useful' | 'sold' =>
  timings.every(({ costs }) => costs.every(({ usefulGpuHours }) => usefulGpuHours !== undefined)) ? 'useful' : 'sold';

/** EUR per GPU-hour of that kind. */
export const levelisedEur = (kind: 'useful' | 'sold') => (cost: BuildOutCost) =>
  kind === 'useful' ? cost.levelisedEurPerUsefulGpuHour! : cost.levelisedEurPerSoldGpuHour;

export const hoursOf = (kind: 'useful' | 'sold') => (cost: BuildOutCost) =>
  kind === 'useful' ? cost.usefulGpuHours! : cost.soldGpuHours;

/** Mean over the replications of a timing, with its interval. */
export const estimateOf = (costs: readonly BuildOutCost[], of: (cost: BuildOutCost) => number): Estimate =>
  estimate(costs.map(of));

/** What a timing has more than the phases as planned, replication by replication. */
export function againstPlan(
  { timings, exact }: BuildOutCase,
  { costs }: BuildOutCase['timings'][number],
  of: (cost: BuildOutCost) => number,
): PairedDifference {
  const paired = pairedDifference(costs.map(of), timings[0]!.costs.map(of));
  const { mean } = paired.difference;
  return exact && mean !== 0 ? { ...paired, verdict: mean < 0 ? 'lower' : 'higher' } : paired;
}
