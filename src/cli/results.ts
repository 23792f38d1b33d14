import { join } from 'node:path';
import { yearStartEpochMs } from '../energy/calendar.js';
import { openResultsFolder, type ResultsFolder, type RunRecord, type StoredRun } from '../io/runFolder.js';
import { buildId } from '../io/package.js';
import { jobColumns, partitionNames } from '../metrics/jobColumns.js';
import type { Column } from '../metrics/columns.js';
import { curveOf, type LoadCurve, type RunResult } from '../metrics/runResult.js';
import { seriesColumns } from '../metrics/seriesColumns.js';
import { inputNames } from '../plan/runKey.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { siteIntervals } from '../sim/siteIntervals.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { LoadedPlan } from './loadPlan.js';

/** A run of a plan by what it is filed under. */
export interface PlannedTask {
  readonly key: string;
  readonly spec: RunSpec;
  readonly inputs: RunInputs;
  /** Of its plan. */
  readonly label?: string | undefined;
  /** The run of the plan in it, whose sites come first: its other sites are those of variants. Absent: it is one. */
  readonly own?: { readonly key: string; readonly spec: RunSpec } | undefined;
  /** All its sites are those of variants. */
  readonly isVariant?: boolean;
}

/**
 * `--out`: finished runs on disk, found again by key. The runs of a plan are written whole; those of variants (a
 * price year, a changed assumption) under `variants/`, without tables: what every site of all of them pays.
 */
export interface Results {
  readonly path: string;
  find(task: PlannedTask): StoredRun | undefined;
  write(task: PlannedTask, result: RunResult, timings: Readonly<Record<string, unknown>>): string;
  /** What was asked for, and which runs answer it. */
  writePlan(plans: readonly LoadedPlan[]): void;
}

/** A replay has no site and no watts, so nothing for a series to hold but its jobs' own starts and ends. */
const hasSeries = ({ sites }: RunSpec): boolean => sites.length > 0;

const tablesOf = (spec: RunSpec): readonly string[] => (hasSeries(spec) ? ['jobs', 'series'] : ['jobs']);

/** What a run was and what came of it, at the sites of `spec`, the first of those it was done for. */
function recordOf(
  { inputs }: PlannedTask,
  spec: RunSpec,
  { fingerprint, schedule, sites }: RunResult,
): Pick<RunRecord, 'version' | 'spec' | 'inputs' | 'result'> {
  return {
    version: buildId(),
    spec,
    inputs: Object.fromEntries(inputNames(spec).map((name) => [name, inputs.contentSha256[name]!])),
    result: { fingerprint, schedule, sites: sites.slice(0, spec.sites.length) },
  };
}

/** Fails at once when the folder cannot be written to. */
export function openResults(path: string): Results {
  const folder = openResultsFolder(path);
  let ofVariants: ResultsFolder | undefined;
  const variants = (): ResultsFolder => (ofVariants ??= openResultsFolder(join(path, 'variants')));
  return {
    path,
    find({ key, spec, own, isVariant = false }) {
      if (isVariant) return variants().find(key);
      if (own === undefined) return folder.find(key, tablesOf(spec));
      return folder.find(own.key, tablesOf(own.spec)) && variants().find(key);
    },
    write(task, result, timings) {
      const { key, spec, own, isVariant = false } = task;
      const isAlone = own === undefined && !isVariant;
      const path = isAlone
        ? ''
        : variants().write({ ...recordOf(task, spec, result), runKey: key, tables: {}, timings });
      if (isVariant) return path;
      const ofPlan = own ?? { key, spec };
      const { loadCurves, jobs } = result;
      return folder.write({
        ...recordOf(task, ofPlan.spec, result),
        runKey: ofPlan.key,
        tables: {
          jobs: jobColumns(jobs!, spec.horizonMs, partitionNames(spec)),
          ...(hasSeries(spec) ? { series: seriesOf(ofPlan.spec, loadCurves, task.inputs) } : {}),
        },
        timings,
      });
    },
    writePlan(plans) {
      const scenarios = plans.map(({ argument, plan }) => ({
        scenario: argument,
        question: plan.question,
        policies: plan.policies.map(({ text }) => text),
        groups: plan.groups,
        replications: plan.replications,
        config: plan.config,
        baseYears: plan.baseYears,
        assumptions: plan.assumptions,
        runs: plan.runs,
      }));
      folder.writePlan({ version: buildId(), scenarios });
    },
  };
}

function seriesOf(spec: RunSpec, curves: readonly LoadCurve[], inputs: RunInputs): Column[] {
  const intervals = spec.sites.map((site, i) => {
    const curve = curveOf(curves, i);
    return [site.id, siteIntervals(site, curve, inputs, spec)] as const;
  });
  return seriesColumns(curves, yearStartEpochMs(spec.calendarYear), intervals);
}
