import { SimError } from '../base/errors.js';
import type { PrecisionReached } from '../report/benchText.js';
import {
  baselinesOf,
  collectBench,
  widestRelativeHalfWidth,
  type Baselines,
  type BenchCase,
  type PolicyFacts,
} from '../report/bench.js';
import type { BenchMeasure } from '../report/benchMeasures.js';
import { formatPercent, plural } from '../report/numbers.js';
import type { KeptResult } from '../report/runText.js';
import { evaluatePolicies } from '../policy/own/evaluate.js';
import { definitionOf, isDeclared, partsOf } from '../policy/registry.js';
import type { Plan } from '../plan/plan.js';
import { execute, type DonePlan, type Executed, type FailedRun } from './execute.js';
import type { LoadedPlan } from './loadPlan.js';
import type { RunOptions } from './options.js';
import type { Talk } from './talk.js';

/** Fewer replications than this say too little about their own spread to plan more by it. */
const FEWEST_FOR_PRECISION = 5;
/** A round grows the replications at most so many times: the first spread found may be a wide one by chance. */
const LARGEST_GROWTH = 4;

export interface BenchRequest {
  /** The plan of the policies left (`undefined`: as asked), with so many replications (`undefined`: as asked). */
  readonly load: (policies: readonly string[] | undefined, replications: number | undefined) => Promise<LoadedPlan>;
  /** Text of the policy that the others are compared with. */
  readonly baselineOf: (plan: Plan) => string;
  readonly rankBy: BenchMeasure;
  /** Half-width relative to the mean; `undefined`: the replications asked for, and no more. */
  readonly precision: number | undefined;
  readonly maxReplications: number;
  readonly options: RunOptions;
  readonly talk: Talk;
  /** Does the runs; replaced in tests. */
  readonly executed?: typeof execute;
}

export interface BenchDone {
  readonly done: DonePlan;
  readonly cases: readonly BenchCase[];
  readonly failed: readonly FailedRun[];
  readonly interruptedBy: number | undefined;
  readonly precision: PrecisionReached | undefined;
}

/**
 * Runs all policies in one pool, and again with more replications until the precision asked for is reached.
 *
 * Runs of earlier rounds are kept by their key. A policy of which a run fails is left out of later rounds.
 * Stopping when an interval happens to be narrow makes it cover slightly less than 95 %; rounds of several
 * replications and growth by the spread found keep that small.
 */
export async function runBench(request: BenchRequest): Promise<BenchDone> {
  const { load, rankBy, precision, maxReplications, options, talk, executed: run = execute } = request;
  const known = new Map<string, KeptResult>();
  const failed: FailedRun[] = [];
  let loaded = await load(undefined, undefined);
  const baseline = baselinesOf(loaded.plan.policies, request.baselineOf(loaded.plan));
  const exact = loaded.plan.deterministic;
  if (precision !== undefined && !exact && loaded.plan.replications > maxReplications) {
    const { replications } = loaded.plan;
    throw new SimError(
      'usage',
      `--max-reps: expected at least the ${plural(replications, 'replication')} that the first round does, got ` +
        `${String(maxReplications)}. Raise it, or lower --reps`,
    );
  }
  if (precision !== undefined && !exact && loaded.plan.replications < FEWEST_FOR_PRECISION) {
    loaded = await load(undefined, Math.min(FEWEST_FOR_PRECISION, maxReplications));
  }
  for (;;) {
    const round: Executed = await run([loaded], options, talk, undefined, known);
    const done = round.done[0]!;
    failed.push(...round.failed);
    const bad = new Set(failed.map(({ policy }) => policy));
    const cases = casesOf(done, baseline, [...bad]);
    const { replications } = done.plan;
    const end = (reached: PrecisionReached | undefined): BenchDone => {
      return { done, cases, failed, interruptedBy: round.interruptedBy, precision: reached };
    };
    if (precision === undefined || exact || round.interruptedBy !== undefined || cases.length === 0)
      return end(undefined);
    const widest = Math.max(...cases.map((found) => widestRelativeHalfWidth(found, rankBy)));
    const reached = widest <= precision;
    if (reached || replications >= maxReplications || Number.isNaN(widest)) {
      return end({ asked: precision, widest, replications, most: maxReplications, reached });
    }
    const next = nextReplications(replications, widest / precision, maxReplications);
    talk.say(
      `${rankBy.title} is known to ${formatPercent(widest)} of its mean after ${plural(replications, 'replication')}; going on to ${String(next)}`,
    );
    done.plan.runs.forEach(({ key }, index) => {
      const result = done.results[index];
      if (result !== undefined) known.set(key, result);
    });
    const left = done.plan.policies.map(({ text }) => text).filter((text) => !bad.has(text));
    loaded = await load(left, next);
  }
}

/** Half-widths fall with the root of the replications; a little more, because the spread is only estimated. */
export function nextReplications(replications: number, tooWideBy: number, most: number): number {
  const wanted = Math.ceil(1.1 * replications * tooWideBy ** 2);
  return Math.min(most, Math.max(replications + 1, Math.min(wanted, LARGEST_GROWTH * replications)));
}

function casesOf({ plan, results }: DonePlan, baselines: Baselines, failed: readonly string[]): readonly BenchCase[] {
  const { specs, runs, deterministic } = plan;
  const groups = plan.groups.map(({ sites, gpus, brokered }) => {
    return { sites, gpus, baseline: brokered === true ? baselines.brokered : baselines.alone };
  });
  return collectBench({ policies: policyFacts(plan), specs, runs, groups, results, deterministic, failed });
}

/** What the parts of each policy declare. */
function policyFacts({ policies, inputs }: Plan): readonly PolicyFacts[] {
  const modules = evaluatePolicies(inputs.policies);
  return policies.map((policy) => {
    const declares = (what: 'clairvoyant' | 'starves'): boolean =>
      partsOf(policy).some(({ axis, part }) => isDeclared(definitionOf(axis, part, modules)[what], part));
    return { text: policy.text, clairvoyant: declares('clairvoyant'), starves: declares('starves') };
  });
}
