import type { RunResult, SiteResult } from '../src/metrics/runResult.js';
import { pairedDifference, relativeDifference, type Estimate } from '../src/metrics/statistics.js';
import type { Plan } from '../src/plan/plan.js';
import type { RunSpec } from '../src/scenario/runSpec.js';
import { simulate } from '../src/sim/simulate.js';
import type { RunInputs } from '../src/workload/runInputs.js';

/** Below it no speed was measured. */
const LEAST_HUNDREDTHS = 30;

/** What a run under a power policy is told apart by. */
export interface PowerRun {
  readonly schedule: RunResult['schedule'];
  readonly site: SiteResult;
}

/** Plans a scenario with one site under a policy; told replications by its options. */
export type Planner = (policy: string) => Plan;

/** The runs of a policy, one a replication. */
export function runsOf(plan: Plan): PowerRun[] {
  return plan.specs.map((spec) => runOf(spec, plan.inputs));
}

function runOf(spec: RunSpec, inputs: RunInputs): PowerRun {
  const { schedule, sites } = simulate(spec, inputs);
  return { schedule, site: sites[0]! };
}

export const peakMW = ({ site }: PowerRun): number => site.peakFacilityMW;
/** GPU-hours at full speed. */
export const effectiveGpuHours = ({ schedule }: PowerRun): number => schedule.power!.effectiveGpuHours;

/** A static limit of every GPU and its run. */
export interface StaticCap {
  /** Hundredths of TDP. */
  readonly hundredths: number;
  readonly run: PowerRun;
}

/**
 * The weakest static cap, in hundredths of TDP, whose peak is at or below that of another policy, replication by
 * replication: the fairest static rival, as each replication gets its own. By bisection, from around the cap of the
 * replication before; a cap's peak rises with the cap.
 */
export function staticCapsFor(plan: Planner, peaksMW: readonly number[]): StaticCap[] {
  const plans = new Map<number, Plan>();
  const planOf = (hundredths: number): Plan => {
    const known = plans.get(hundredths) ?? plan(`fcfs+easy@pack~cap(${String(hundredths / 100)})`);
    plans.set(hundredths, known);
    return known;
  };
  let before: number | undefined;
  return peaksMW.map((peak, replication) => {
    const runs = new Map<number, PowerRun>();
    const isBelow = (hundredths: number): boolean => {
      const { specs, inputs } = planOf(hundredths);
      const run = runs.get(hundredths) ?? runOf(specs[replication]!, inputs);
      runs.set(hundredths, run);
      return peakMW(run) <= peak;
    };
    let low = LEAST_HUNDREDTHS;
    let high = 101;
    if (before !== undefined && isBelow(before)) low = before;
    else if (before !== undefined) high = before;
    if (before !== undefined && low === before && !isBelow(before + 1)) high = before + 1;
    else if (before !== undefined && high === before && isBelow(before - 1)) low = before - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (isBelow(middle)) low = middle;
      else high = middle;
    }
    if (!isBelow(low)) throw new Error(`even a cap of ${String(low / 100)} has a higher peak than ${String(peak)} MW`);
    before = low;
    return { hundredths: low, run: runs.get(low)! };
  });
}

/** A guard against the static caps of the same peak. */
export interface PeakComparison {
  readonly guard: readonly PowerRun[];
  readonly fixed: readonly PowerRun[];
  readonly hundredths: readonly number[];
  /** Effective GPU-hours, guard − fixed, as a share of the fixed ones'. */
  readonly gained: Estimate;
  readonly verdict: string;
}

export function comparePeaks(plan: Planner, guard: string): PeakComparison {
  const guarded = runsOf(plan(`fcfs+easy@pack~${guard}`));
  const caps = staticCapsFor(plan, guarded.map(peakMW));
  const fixed = caps.map(({ run }) => run);
  const [more, less] = [guarded.map(effectiveGpuHours), fixed.map(effectiveGpuHours)];
  return {
    ...{ guard: guarded, fixed },
    hundredths: caps.map(({ hundredths }) => hundredths),
    gained: relativeDifference(more, less),
    verdict: pairedDifference(more, less).verdict,
  };
}
