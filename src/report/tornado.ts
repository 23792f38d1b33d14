import { estimate, type Estimate } from '../metrics/statistics.js';
import type { Candidate, Candidates } from './candidates.js';
import { valuesOf, type SiteMeasure } from './measures.js';
import { matched, rankChanges, type RankChanges } from './rankChanges.js';
import { rankCandidates } from './ranking.js';

/** A comparison with one input changed. */
export interface VariedComparison {
  readonly key: string;
  readonly name: string;
  readonly affects: 'bill' | 'schedule';
  /** −0.2: a fifth less. */
  readonly changeFraction: number;
  readonly found: Candidates;
}

/** What one end of an input's range does. */
export interface TornadoEnd {
  readonly changeFraction: number;
  /** What the first candidate costs more than as planned, paired by replication. */
  readonly cost: Estimate;
  /** The gap between the first two as it is then (below 0: the second is cheaper); absent with one candidate. */
  readonly gap?: Estimate | undefined;
  readonly changes: RankChanges;
}

/** One input with both ends of its range. */
export interface TornadoRow {
  readonly key: string;
  readonly name: string;
  readonly affects: 'bill' | 'schedule';
  /** From less to more of the input. */
  readonly ends: readonly TornadoEnd[];
  /** From the lowest to the highest mean that the cost of the first takes, as planned included. */
  readonly swing: number;
  /** The same of the gap. */
  readonly gapSwing: number;
}

/** How far what is ranked depends on each input: each end was run, none is a linear scaling. */
export interface Tornado {
  readonly measure: SiteMeasure;
  readonly changeFraction: number;
  readonly first: Candidate;
  readonly second: Candidate | undefined;
  readonly cost: Estimate;
  readonly gap: Estimate | undefined;
  /** From the largest swing; among equals as given. */
  readonly rows: readonly TornadoRow[];
  /** Names of inputs whose change was not run, with the reason. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

export interface TornadoOptions {
  /** What the comparison is ranked by. */
  readonly measure: SiteMeasure;
  /** By how much inputs are varied, either way. */
  readonly changeFraction: number;
  readonly leftOut?: Tornado['leftOut'];
}

/**
 * The effect of each input on the cost of the first candidate and on the gap to the second, from the largest.
 *
 * First and second are those of the comparison as planned, in the order of `measure`. Replications that a variant
 * lacks are left out of its ends. `undefined` where nothing is comparable or nothing was varied.
 */
export function tornado(
  { candidates, replications }: Candidates,
  varied: readonly VariedComparison[],
  { measure, changeFraction, leftOut = [] }: TornadoOptions,
): Tornado | undefined {
  if (replications.length === 0 || (varied.length === 0 && leftOut.length === 0)) return undefined;
  const order = rankCandidates(candidates, measure).map(({ index }) => index);
  const [first, second] = order;
  if (first === undefined || !valuesOf(candidates[first]!, measure).every(Number.isFinite)) return undefined;
  const ends = varied.map((one) => ({ one, end: endOf(candidates, one, { measure, first, second }) }));
  const rows = [...new Set(varied.map(({ key }) => key))].map((key): TornadoRow => {
    const own = ends.filter(({ one, end }) => one.key === key && end !== undefined);
    const { name, affects } = varied.find((one) => one.key === key)!;
    const inOrder = own.map(({ end }) => end!).sort((a, b) => a.changeFraction - b.changeFraction);
    return {
      ...{ key, name, affects },
      ends: inOrder,
      swing: span(inOrder.map(({ cost }) => cost.mean)),
      gapSwing: spanOfGap(inOrder, gapOf(candidates, measure, first, second)),
    };
  });
  return {
    measure,
    changeFraction,
    first: candidates[first]!,
    second: second === undefined ? undefined : candidates[second]!,
    cost: estimate(valuesOf(candidates[first]!, measure)),
    gap: gapOf(candidates, measure, first, second),
    rows: rows.filter((row) => row.ends.length > 0).sort((a, b) => b.swing - a.swing),
    leftOut,
  };
}

interface Compared {
  readonly measure: SiteMeasure;
  /** Indices of candidates. */
  readonly first: number;
  readonly second: number | undefined;
}

function endOf(
  base: readonly Candidate[],
  { changeFraction, found }: VariedComparison,
  { measure, first, second }: Compared,
): TornadoEnd | undefined {
  const variant = matched(base, found.candidates);
  const own = variant[first];
  if (own === undefined || own.runs.length === 0) return undefined;
  const planned = new Map(base[first]!.runs.map((run) => [run.replication, measure.of(run)]));
  const paired = own.runs.filter(({ replication }) => planned.has(replication));
  if (paired.length === 0) return undefined;
  const other = second === undefined ? undefined : variant[second];
  return {
    changeFraction,
    cost: estimate(paired.map((run) => measure.of(run) - planned.get(run.replication)!)),
    gap: other && estimate(differences(own, other, measure)),
    changes: rankChanges(base, variant, measure),
  };
}

/** Of one comparison: all its candidates have the same replications. */
const differences = (lower: Candidate, higher: Candidate, measure: SiteMeasure): number[] => {
  const values = valuesOf(lower, measure);
  return valuesOf(higher, measure).map((value, at) => value - values[at]!);
};

const gapOf = (
  candidates: readonly Candidate[],
  measure: SiteMeasure,
  first: number,
  second: number | undefined,
): Estimate | undefined =>
  second === undefined ? undefined : estimate(differences(candidates[first]!, candidates[second]!, measure));

const span = (changes: readonly number[]): number => Math.max(0, ...changes) - Math.min(0, ...changes);

const spanOfGap = (ends: readonly TornadoEnd[], planned: Estimate | undefined): number =>
  planned === undefined ? 0 : span(ends.flatMap(({ gap }) => (gap === undefined ? [] : [gap.mean - planned.mean])));
