import { estimate, pairedDifference, relativeDifference, type Estimate, type Verdict } from '../metrics/statistics.js';
import type { RunResult } from '../metrics/runResult.js';
import type { PolicySpec, RunSpec } from '../scenario/runSpec.js';
import { BENCH_MEASURES, type BenchMeasure, type BenchRun } from './benchMeasures.js';
import { exactValue, rankColumns, type Place } from './ranking.js';

/** A policy as it is to be shown. */
export interface PolicyFacts {
  /** Canonical text. */
  readonly text: string;
  /** Knows how long a job will run. */
  readonly clairvoyant: boolean;
  /** May let a job wait for ever. */
  readonly starves: boolean;
}

/** The runs to be compared; a missing result was interrupted or has failed. */
export interface BenchInput {
  readonly policies: readonly PolicyFacts[];
  readonly specs: readonly RunSpec[];
  /** Of the same length: policy and schedule group of each. */
  readonly runs: readonly { readonly policy: number; readonly group: number; readonly replication: number }[];
  readonly groups: readonly BenchGroup[];
  readonly results: readonly (Pick<RunResult, 'fingerprint' | 'schedule' | 'sites'> | undefined)[];
  readonly deterministic: boolean;
  /** Texts of policies of which a run failed: they are left out. */
  readonly failed: readonly string[];
}

/** Sites whose machines are equal, or that share a broker. */
export interface BenchGroup {
  readonly sites: readonly string[];
  readonly gpus: number;
  /** Text of the policy that the others are compared with here. */
  readonly baseline: string;
}

export interface BenchPolicy extends PolicyFacts {
  /** The text with `*` where clairvoyant and `~` where it starves. */
  readonly label: string;
  readonly runs: readonly BenchRun[];
}

/** Policies on one machine: sites of equal machines share a schedule, others are compared on their own. */
export interface BenchCase {
  readonly sites: readonly string[];
  readonly gpus: number;
  readonly policies: readonly BenchPolicy[];
  /** What the others are compared with; absent where it failed: nothing stands in for it, and nothing is compared. */
  readonly baseline: BenchPolicy | undefined;
  readonly baselineAsked: string;
  /** Replications that all policies have: only these are compared. */
  readonly replications: readonly number[];
  readonly dropped: readonly number[];
  /** One run says all: there is no spread. */
  readonly exact: boolean;
}

/** Baseline of each kind of machine: as asked, or the first of the list where that one does not run on such. */
export interface Baselines {
  readonly alone: string;
  readonly brokered: string;
}

/** @param policies - all that were asked for, failed or not: nothing stands in for one that failed */
export function baselinesOf(policies: readonly PolicySpec[], asked: string): Baselines {
  const among = (brokered: boolean): string => {
    const here = policies.filter(({ siting }) => (siting !== undefined) === brokered).map(({ text }) => text);
    return here.includes(asked) ? asked : (here[0] ?? asked);
  };
  return { alone: among(false), brokered: among(true) };
}

/** Sorts results by machine and policy; no case where no policy is left. */
export function collectBench(input: BenchInput): readonly BenchCase[] {
  const { groups, policies, failed, deterministic } = input;
  return groups.flatMap(({ sites, gpus, baseline }, group): BenchCase[] => {
    const planned = new Set<number>();
    // Policies with and without a siting part have machines of their own.
    const here = new Set(input.runs.filter((run) => run.group === group).map(({ policy }) => policy));
    const runsOf = policies.map(() => new Map<number, BenchRun>());
    input.runs.forEach((run, index) => {
      if (run.group !== group) return;
      planned.add(run.replication);
      const result = input.results[index];
      if (result !== undefined)
        runsOf[run.policy]!.set(run.replication, benchRun(run.replication, result, input.specs[index]!));
    });
    const compared = [...here].sort((a, b) => a - b).filter((index) => !failed.includes(policies[index]!.text));
    const inOrder = [...planned].sort((a, b) => a - b);
    const replications = inOrder.filter((replication) => compared.every((index) => runsOf[index]!.has(replication)));
    const members = compared.map((index): BenchPolicy => {
      const facts = policies[index]!;
      const marks = `${facts.clairvoyant ? '*' : ''}${facts.starves ? '~' : ''}`;
      return {
        ...facts,
        label: marks === '' ? facts.text : `${facts.text} ${marks}`,
        runs: replications.map((replication) => runsOf[index]!.get(replication)!),
      };
    });
    if (members.length === 0) return [];
    return [
      {
        ...{ sites, gpus, policies: members, baselineAsked: baseline, replications },
        baseline: members.find(({ text }) => text === baseline),
        dropped: inOrder.filter((replication) => !replications.includes(replication)),
        exact: deterministic,
      },
    ];
  });
}

function benchRun(
  replication: number,
  { fingerprint, schedule, sites }: Pick<RunResult, 'fingerprint' | 'schedule' | 'sites'>,
  spec: RunSpec,
): BenchRun {
  const paidGpuHours = schedule.gpuHoursUsed * (spec.brokered === true ? 1 : sites.length);
  return { replication, fingerprint, schedule, sites, paidGpuHours };
}

/** `lower` and `higher` where neither is better; `equal` where every replication has the same value. */
export type BenchVerdict = 'better' | 'worse' | 'equal' | Verdict;

/** A policy beside the baseline in one measure. */
export interface BenchDifference {
  readonly measure: BenchMeasure;
  readonly value: Estimate;
  readonly baseline: Estimate;
  /** Of policy − baseline, paired by replication. */
  readonly difference: Estimate;
  /** As a fraction of the baseline; NaN where that is 0. */
  readonly relative: Estimate;
  /** `undefined` where a value is missing. */
  readonly verdict: BenchVerdict | undefined;
}

/** A policy beside a baseline of the same case. */
export function benchDifference(
  found: BenchCase,
  policy: BenchPolicy,
  baseline: BenchPolicy,
  measure: BenchMeasure,
): BenchDifference {
  const rounded = (run: BenchRun): number => (found.exact ? exactValue(measure.of(run)) : measure.of(run));
  const values = policy.runs.map(rounded);
  const base = baseline.runs.map(rounded);
  const { difference, verdict } = pairedDifference(values, base);
  return {
    measure,
    value: estimate(policy.runs.map(measure.of)),
    baseline: estimate(baseline.runs.map(measure.of)),
    difference,
    relative: relativeDifference(values, base),
    verdict: Number.isFinite(difference.mean) ? judged(measure, values, base, found.exact, verdict) : undefined,
  };
}

function judged(
  { better }: BenchMeasure,
  values: readonly number[],
  baseline: readonly number[],
  exact: boolean,
  verdict: Verdict,
): BenchVerdict {
  if (values.every((value, i) => value === baseline[i]) && (exact || values.length > 1)) return 'equal';
  const side = exact ? (values[0]! < baseline[0]! ? 'lower' : 'higher') : verdict;
  if ((side !== 'lower' && side !== 'higher') || better === undefined) return side;
  return side === better ? 'better' : 'worse';
}

/** Policies of a case from the best by a measure; see `rankColumns` on ties. */
export function rankPolicies({ policies, exact }: BenchCase, by: BenchMeasure): readonly Place[] {
  const sign = by.better === 'higher' ? -1 : 1;
  return rankColumns(
    policies.map(({ runs }) => runs.map((run) => sign * by.of(run))),
    exact,
  );
}

/** Half-width of a measure's interval relative to its mean, the widest of all policies; NaN where it has none. */
export function widestRelativeHalfWidth({ policies }: BenchCase, by: BenchMeasure): number {
  const widths = policies.map(({ runs }) => {
    const { mean, halfWidth } = estimate(runs.map(by.of));
    return halfWidth === 0 ? 0 : halfWidth / Math.abs(mean);
  });
  return Math.max(...widths);
}

/** All measures that these runs can have: those of phases only where jobs have them. */
export function measuresOf(cases: readonly BenchCase[]): readonly BenchMeasure[] {
  const phases = cases.some(({ policies }) =>
    policies.some(({ runs }) => runs.some(({ schedule }) => schedule.goodput !== undefined)),
  );
  return phases ? BENCH_MEASURES : BENCH_MEASURES.filter(({ ofPhases }) => ofPhases !== true);
}

/** Measures in which some policy has a value other than 0: the others say nothing in a table. */
export function tellingMeasures({ policies }: BenchCase, measures: readonly BenchMeasure[]): readonly BenchMeasure[] {
  return measures.filter(({ of }) =>
    policies.some(({ runs }) => runs.some((run) => of(run) !== 0 && isKnown(of(run)))),
  );
}

const isKnown = (value: number): boolean => Number.isFinite(value);
