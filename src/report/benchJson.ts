import { benchDifference, rankPolicies, type BenchCase, type BenchPolicy } from './bench.js';
import { BENCH_MEASURES } from './benchMeasures.js';
import type { BenchContext } from './benchText.js';
import type { Estimate } from '../metrics/statistics.js';

/** Changes when a member of the document below changes its meaning or goes away. */
export const BENCH_SCHEMA_VERSION = 1;

/** What a benchmark says, in base units, for programs. What does not exist is null. */
export function benchJson(cases: readonly BenchCase[], context: BenchContext): Record<string, unknown> {
  const { question, rankBy, precision, failed } = context;
  return {
    schemaVersion: BENCH_SCHEMA_VERSION,
    command: 'bench',
    question,
    rankBy: rankBy.key,
    precision: precision ?? null,
    measures: BENCH_MEASURES.map(({ key, title, better }) => ({ key, title, better: better ?? null })),
    cases: cases.map((found) => caseJson(found, context)),
    leftOut: failed,
  };
}

function caseJson(found: BenchCase, { rankBy }: BenchContext): Record<string, unknown> {
  const { sites, gpus, baseline, replications, dropped, exact, policies } = found;
  const hasRuns = replications.length > 0;
  return {
    ...{ sites, gpus, deterministic: exact, baseline: baseline.text, replications, incompleteReplications: dropped },
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
  const isBaseline = policy === found.baseline;
  return {
    ...{ policy: text, clairvoyant, starves },
    measures: Object.fromEntries(
      BENCH_MEASURES.map((one) => {
        const { value, difference, relative, verdict } = benchDifference(found, policy, one);
        const beside = isBaseline
          ? {}
          : { difference: estimateJson(difference), relative: estimateJson(relative), verdict: verdict ?? null };
        return [one.key, { ...estimateJson(value), values: runs.map(one.of), ...beside }];
      }),
    ),
    replications: runs.map(({ replication, fingerprint, schedule, sites }) => {
      return { replication, fingerprint, schedule, sites };
    }),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const estimateJson = ({ mean, halfWidth }: Estimate): Record<string, unknown> => ({
  mean: finite(mean),
  halfWidth95: finite(halfWidth),
});
