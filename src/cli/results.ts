import { yearStartEpochMs } from '../energy/calendar.js';
import { openResultsFolder, type StoredRun } from '../io/runFolder.js';
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
}

/** `--out`: finished runs on disk, found again by key. */
export interface Results {
  readonly path: string;
  find(task: PlannedTask): StoredRun | undefined;
  write(task: PlannedTask, result: RunResult, timings: Readonly<Record<string, unknown>>): string;
  /** What was asked for, and which runs answer it. */
  writePlan(plans: readonly LoadedPlan[]): void;
}

/** A replay has no site and no watts, so nothing for a series to hold but its jobs' own starts and ends. */
const hasSeries = ({ sites }: RunSpec): boolean => sites.length > 0;

/** Fails at once when the folder cannot be written to. */
export function openResults(path: string): Results {
  const folder = openResultsFolder(path);
  return {
    path,
    find: ({ key, spec }) => folder.find(key, hasSeries(spec) ? ['jobs', 'series'] : ['jobs']),
    write({ key, spec, inputs }, result, timings) {
      const { fingerprint, schedule, sites, loadCurves, jobs } = result;
      return folder.write({
        runKey: key,
        version: buildId(),
        spec,
        inputs: Object.fromEntries(inputNames(spec).map((name) => [name, inputs.contentSha256[name]!])),
        result: { fingerprint, schedule, sites },
        tables: {
          jobs: jobColumns(jobs!, spec.horizonMs, partitionNames(spec)),
          ...(hasSeries(spec) ? { series: seriesOf(spec, loadCurves, inputs) } : {}),
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
