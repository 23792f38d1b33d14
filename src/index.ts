/** The library surface: read a scenario, plan it, run it, report it. Everything here is what the command uses. */
export { EXIT_CODE_OF, SimError, errorRecord, type ErrorCode, type ErrorRecord, type Issue } from './base/errors.js';

export { contentOf, readBytes, readText } from './io/files.js';
export { openLibrary } from './io/library.js';
export { buildId, builtInScenariosFolder, packageVersion } from './io/package.js';
export { openResultsFolder, type ResultsFolder, type RunRecord, type StoredRun } from './io/runFolder.js';
export { parseYaml } from './io/yaml.js';
export type { Library, LibraryKind, SourceDoc } from './scenario/sourceDoc.js';

export { planScenario, type Plan, type PlanOptions } from './plan/plan.js';
export { planReplay, type ReplayPlan, type ReplayRequest } from './plan/replay.js';
export type { RunSpec, SiteSpec, PartitionSpec, PolicySpec, WorkloadSpec } from './scenario/runSpec.js';
export type { RunInputs } from './workload/runInputs.js';

export { simulate, type SimulateOptions } from './sim/simulate.js';
export { inlinePool } from './pool/inline.js';
export { threadsPool, type ThreadsOptions } from './pool/threads.js';
export type { Pool, PoolProgress, RunHooks, RunOutcome, RunTask } from './pool/pool.js';
export type { JobOutcomes, LoadCurve, RunResult, ScheduleSummary, SiteResult } from './metrics/runResult.js';

export { estimate, pairedDifference, type Estimate, type PairedDifference } from './metrics/statistics.js';
export { rankByMean, type RankedColumn } from './metrics/ranking.js';
export { collectCandidates, type Candidate, type Candidates, type ScenarioResults } from './report/candidates.js';
export { collectBench, benchDifference, rankPolicies, type BenchCase, type BenchInput } from './report/bench.js';
export { BENCH_MEASURES, benchMeasure, type BenchMeasure, type BenchRun } from './report/benchMeasures.js';
export { benchCsv, benchMarkdown, benchText, type BenchContext } from './report/benchText.js';
export { compareJson } from './report/compareJson.js';
export { comparePlain, compareText, type CompareContext } from './report/compareText.js';
export { jobsCsv } from './report/replayText.js';

export { parsePolicy, type ParsedPolicy } from './policy/parse.js';
export type { OwnPolicy } from './policy/own/definition.js';
export type { OrderByComparison, OrderByKey, QueueWorld, WholeSchedule } from './policy/own/simple.js';
export type * from './policy/contracts.js';
export type { World } from './policy/world.js';
export { bundlePolicy } from './io/bundlePolicy.js';
export { listPolicies } from './policy/registry.js';
