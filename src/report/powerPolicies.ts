import {
  estimate,
  meanOf,
  pairedDifference,
  tQuantile975,
  type Estimate,
  type Verdict,
} from '../metrics/statistics.js';
import type { Candidate, CandidateRun } from './candidates.js';
import { MISSING } from './numbers.js';
import { exactValue } from './ranking.js';
import { CARBON_KT, GPU_HOURS, MONEY_EUR, POWER_MW, WAIT_MS, type Scale } from './scales.js';

/** A difference between a power policy and the baseline, told so that what one hopes for or fears is positive. */
export interface PowerEffect {
  readonly key: string;
  readonly title: string;
  readonly scales: readonly Scale[];
  readonly decimals: number;
  /** −1: baseline − policy (saved, lost); 1: policy − baseline (added). */
  readonly sign: 1 | -1;
  readonly of: (run: CandidateRun) => number;
  /** Shown where every run can tell. */
  readonly has: (run: CandidateRun) => boolean;
}

const always = (): boolean => true;
const isUsefulKnown = ({ site }: CandidateRun): boolean => site.usefulGpuHours !== undefined;

/**
 * GPU-hours of a site less what caps and suspensions took, in proportion to its part of the run: a capped job holds its
 * GPUs for longer and does no more for it.
 */
function atFullSpeed(hours: number, ofRun: number, { power }: CandidateRun['schedule']): number {
  return power === undefined || ofRun === 0 ? hours : (hours * power.effectiveGpuHours) / ofRun;
}

const SAVED: PowerEffect = {
  ...{ key: 'savedEur', title: 'saved on the bill', scales: MONEY_EUR, decimals: 3, sign: -1, has: always },
  of: ({ site }) => site.bill.totalEur,
};
const LOST_USEFUL: PowerEffect = {
  ...{ key: 'lostUsefulGpuHours', title: 'useful GPU-hours lost', scales: GPU_HOURS, decimals: 3, sign: -1 },
  of: ({ schedule, site }) =>
    atFullSpeed(site.usefulGpuHours ?? Number.NaN, schedule.goodput?.usefulGpuHours ?? Number.NaN, schedule),
  has: isUsefulKnown,
};
const LOST_USED: PowerEffect = {
  ...{ key: 'lostGpuHours', title: 'GPU-hours at full speed lost', scales: GPU_HOURS, decimals: 3, sign: -1 },
  of: ({ schedule, site }) => atFullSpeed(site.gpuHoursUsed, schedule.gpuHoursUsed, schedule),
  has: (run) => !isUsefulKnown(run),
};

/** In the order of the table. */
export const POWER_EFFECTS: readonly PowerEffect[] = [
  SAVED,
  {
    ...{ key: 'savedCarbonKt', title: 'carbon saved', scales: CARBON_KT, decimals: 3, sign: -1, has: always },
    of: ({ site }) => site.carbonKt,
  },
  {
    ...{ key: 'loweredPeakMW', title: 'peak lowered', scales: POWER_MW, decimals: 2, sign: -1, has: always },
    of: ({ site }) => site.peakFacilityMW,
  },
  LOST_USEFUL,
  LOST_USED,
  {
    ...{ key: 'addedJctP95Ms', title: 'p95 completion time added', scales: WAIT_MS, decimals: 2, sign: 1, has: always },
    of: ({ schedule }) => schedule.jct.p95Ms,
  },
  {
    ...{ key: 'missedDeadlines', title: 'more deadlines missed', scales: [{ unit: 'jobs', size: 1 }], decimals: 1 },
    sign: 1,
    of: ({ schedule }) => schedule.deadlines?.missed ?? Number.NaN,
    has: ({ schedule }) => schedule.deadlines !== undefined,
  },
];

/** `n/a`: the difference is not known in some replication. */
export type EffectVerdict = 'more' | 'less' | 'no clear difference' | 'one replication' | 'exact' | typeof MISSING;

/** One effect of a policy, paired by replication. */
export interface MeasuredEffect {
  readonly effect: PowerEffect;
  readonly difference: Estimate;
  readonly verdict: EffectVerdict;
}

export interface PoweredPolicy {
  readonly candidate: Candidate;
  /** The part behind `~`. */
  readonly power: string;
  readonly effects: readonly MeasuredEffect[];
  /**
   * Saved on the bill over GPU-hours lost (useful ones where known): what a lost hour earns, to be held against what it
   * is worth. `undefined` where none is clearly lost. The interval is that of a ratio of means (linearised).
   */
  readonly eurPerLostGpuHour: Estimate | undefined;
}

/** Candidates that differ in their power part alone. */
export interface PowerComparison {
  /** The one with no power part, or with `none`; else the first. */
  readonly baseline: Candidate;
  readonly policies: readonly PoweredPolicy[];
}

/** What power policies change, by site and the rest of the policy; empty where none are to be compared. */
export function powerComparisons(candidates: readonly Candidate[]): readonly PowerComparison[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = JSON.stringify([candidate.scenario, candidate.spec.id, splitPolicy(candidate.policy).rest]);
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  return [...groups.values()]
    .filter((members) => members.length > 1 && members[0]!.runs.length > 0)
    .map((members) => {
      const baseline = members.find(({ policy }) => NO_POWER.has(splitPolicy(policy).power)) ?? members[0]!;
      const others = members.filter((member) => member !== baseline);
      return { baseline, policies: others.map((candidate) => comparedTo(baseline, candidate)) };
    });
}

/** Texts of power parts that do nothing. */
const NO_POWER: ReadonlySet<string> = new Set(['', 'none']);

/** `fcfs+easy@pack~cap(0.8)` → `fcfs+easy@pack` and `cap(0.8)`. No other part is written with a `~`. */
export function splitPolicy(text: string): { readonly rest: string; readonly power: string } {
  const at = text.indexOf('~');
  return at < 0 ? { rest: text, power: '' } : { rest: text.slice(0, at), power: text.slice(at + 1) };
}

function comparedTo(baseline: Candidate, candidate: Candidate): PoweredPolicy {
  const runs = [...baseline.runs, ...candidate.runs];
  const lost = runs.every(isUsefulKnown) ? LOST_USEFUL : LOST_USED;
  return {
    candidate,
    power: splitPolicy(candidate.policy).power,
    effects: POWER_EFFECTS.filter(({ has }) => runs.every(has)).map((effect) => measured(effect, baseline, candidate)),
    eurPerLostGpuHour: ratioOf(
      differences(SAVED, baseline, candidate),
      differences(lost, baseline, candidate),
      baseline.exact && candidate.exact,
    ),
  };
}

const differences = ({ of, sign }: PowerEffect, baseline: Candidate, candidate: Candidate): number[] =>
  candidate.runs.map((run, at) => sign * (of(run) - of(baseline.runs[at]!)));

function measured(effect: PowerEffect, baseline: Candidate, candidate: Candidate): MeasuredEffect {
  const values = differences(effect, baseline, candidate);
  if (!values.every(Number.isFinite)) return { effect, difference: estimate(values), verdict: MISSING };
  if (baseline.exact && candidate.exact) return { effect, difference: estimate(values), verdict: 'exact' };
  const zero = values.map(() => 0);
  const { difference, verdict } = pairedDifference(values, zero);
  return { effect, difference, verdict: VERDICTS[verdict] };
}

const VERDICTS: Readonly<Record<Verdict, EffectVerdict>> = {
  higher: 'more',
  lower: 'less',
  'no clear difference': 'no clear difference',
  'one replication': 'one replication',
};

/** Mean over mean, where the lower one is clearly above 0. */
function ratioOf(saved: readonly number[], lost: readonly number[], exact: boolean): Estimate | undefined {
  const n = lost.length;
  const isLost = exact
    ? exactValue(lost[0]!) > 0
    : pairedDifference(
        lost,
        lost.map(() => 0),
      ).verdict === 'higher';
  if (!isLost || !saved.every(Number.isFinite)) return undefined;
  const mean = meanOf(saved) / meanOf(lost);
  if (n < 2) return { n, mean, sd: NaN, halfWidth: NaN };
  const residuals = saved.map((value, at) => (value - mean * lost[at]!) / meanOf(lost));
  const sd = Math.sqrt(residuals.reduce((sum, residual) => sum + residual ** 2, 0) / (n - 1));
  return { n, mean, sd, halfWidth: (tQuantile975(n - 1) * sd) / Math.sqrt(n) };
}
