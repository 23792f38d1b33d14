import { benchDifference, measuresOf, rankPolicies, type BenchCase, type BenchPolicy } from './bench.js';
import type { BenchContext } from './benchText.js';
import { estimate, type Estimate } from '../metrics/statistics.js';
import { shownReplication } from './numbers.js';

/** Changes when a member of the document below changes its meaning or goes away. */
export const BENCH_SCHEMA_VERSION = 2;

/** What a benchmark says, in base units, for programs; replications count from 1. What does not exist is null. */
export function benchJson(cases: readonly BenchCase[], context: BenchContext): Record<string, unknown> {
  const { question, rankBy, precision, failed } = context;
  return {
    schemaVersion: BENCH_SCHEMA_VERSION,
    command: 'bench',
    question,
    rankBy: rankBy.key,
    precision: precision ?? null,
    measures: measuresOf(cases).map(({ key, title, better }) => ({ key, title, better: better ?? null })),
    cases: cases.map((found) => caseJson(found, context)),
    leftOut: failed,
  };
}

function caseJson(found: BenchCase, { rankBy }: BenchContext): Record<string, unknown> {
  const { sites, gpus, baseline, baselineAsked, replications, dropped, exact, policies } = found;
  const hasRuns = replications.length > 0;
  return {
    ...{ sites, gpus, deterministic: exact, baseline: baseline?.text ?? null },
    baselineFailed: baseline === undefined ? baselineAsked : null,
    replications: replications.map(shownReplication),
    incompleteReplications: dropped.map(shownReplication),
    ranking: hasRuns
      ? rankPolicies(found, rankBy).map(({ index, rank, tied, text }) => ({
          policy: policies[index]!.text,
          rank: text === '' ? null : rank,
          tied,
        }))
      : [],
    policies: hasRuns ? policies.map((policy) => policyJson(found, policy)) : [],
  };
}

function policyJson(found: BenchCase, policy: BenchPolicy): Record<string, unknown> {
  const { text, clairvoyant, starves, runs } = policy;
  const { baseline } = found;
  return {
    ...{ policy: text, clairvoyant, starves },
    measures: Object.fromEntries(
      measuresOf([found]).map((one) => {
        const values = runs.map(one.of);
        const own = { ...estimateJson(estimate(values)), values };
        if (baseline === undefined || policy === baseline) return [one.key, own];
        const { difference, relative, verdict } = benchDifference(found, policy, baseline, one);
        const beside = { difference: estimateJson(difference), relative: estimateJson(relative) };
        return [one.key, { ...own, ...beside, verdict: verdict ?? null }];
      }),
    ),
    replications: runs.map(({ replication, fingerprint, schedule, sites }) => {
      return { replication: shownReplication(replication), fingerprint, schedule, sites };
    }),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const estimateJson = ({ mean, halfWidth }: Estimate): Record<string, unknown> => ({
  mean: finite(mean),
  halfWidth95: finite(halfWidth),
});
