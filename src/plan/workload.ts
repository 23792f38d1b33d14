import type { Issue } from '../base/errors.js';
import { trainingPowerFraction, WORKLOAD_DEFAULTS } from '../scenario/defaults.js';
import type { Figure } from '../scenario/figure.js';
import { issueAt } from '../scenario/issues.js';
import { partOf } from '../scenario/layeredDoc.js';
import type { WorkloadSpec } from '../scenario/runSpec.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { isPlainObject, parsePath, valueAt } from '../scenario/sourcePath.js';
import { workloadSchema, type Workload } from '../scenario/workloadSchema.js';
import { checkGenerator } from '../workload/check.js';
import type { PartitionSize } from '../workload/fitting.js';
import { generatorClasses, resolveGenerator } from '../workload/resolve.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import { nearPartition } from './partitions.js';
import { resolveDocument } from './references.js';
import { soundJobs } from './soundWorkload.js';
import { traceWorkload } from './trace.js';
import { traitsOf } from './traits.js';
import type { ResolvedWorkload, WorkloadContext, WorkloadParts } from './workloadTypes.js';

/** The scenario's workload, as far as it is sound, its faults noted; `undefined` when it cannot be found. */
export function resolveWorkload(doc: SourceDoc, context: WorkloadContext): WorkloadParts | undefined {
  const value = valueAt(doc.value, ['workload']);
  if (isPlainObject(value) && Object.hasOwn(value, 'trace')) return traceWorkload(partOf(doc, ['workload']), context);
  const supplied = { version: 1, kind: 'workload', name: 'inline', title: "the scenario's own workload" };
  const resolved = resolveDocument(context.library, doc, ['workload'], 'workload', supplied, context.faults);
  return resolved && generatedWorkload(resolved, context);
}

function generatedWorkload(doc: SourceDoc, { faults, horizonMs }: WorkloadContext): WorkloadParts {
  const workload = faults.check(workloadSchema, doc);
  const whole = workload && wholeWorkload(doc, workload);
  const checkable = whole === undefined ? soundJobs(doc.value) : [{ generator: whole.generator, at: undefined }];
  const placed = (issue: Issue, at: readonly number[] | undefined, partitions: readonly PartitionSize[]): Issue => {
    const path = parsePath(issue.path) ?? [];
    const [, index] = path;
    if (at !== undefined && typeof index === 'number') path[1] = at[index]!;
    const named = valueAt(doc.value, path);
    const near = path.at(-1) === 'partition' && typeof named === 'string';
    const hint = near ? nearPartition(named, partitions) : undefined;
    return issueAt(doc, path, issue.message, { hint: issue.hint ?? hint });
  };
  for (const { generator, at } of checkable) {
    faults.add(lateSubmissions(generator, horizonMs).map((issue) => placed(issue, at, [])));
  }
  return {
    doc,
    classPaths: ['classes', 'jobClasses'].flatMap((key) => {
      const list = valueAt(doc.value, [key]);
      return Array.isArray(list) ? list.map((_, index) => [key, index]) : [];
    }),
    misfits: (partitions) =>
      checkable.flatMap(({ generator, at }) =>
        checkGenerator(generator, partitions).map((issue) => placed(issue, at, partitions)),
      ),
    whole: whole?.resolved,
  };
}

/** What is wrong with listed jobs whatever the machine: they are checked on one that they all may go to. */
function lateSubmissions(generator: ResolvedGenerator, horizonMs: number | undefined): readonly Issue[] {
  if (generator.kind !== 'jobs') return [];
  const jobs = generator.jobs.map((job) => ({ ...job, partition: null }));
  return checkGenerator(
    { ...generator, oversize: 'rescale', jobs },
    [{ name: 'any', gpus: 1, gpusPerNode: 1 }],
    horizonMs,
  );
}

function wholeWorkload(
  doc: SourceDoc,
  workload: Workload,
): { readonly generator: ResolvedGenerator; readonly resolved: ResolvedWorkload } {
  const generator = resolveGenerator(workload);
  const classes = generatorClasses(generator);
  const spec: WorkloadSpec = {
    kind: 'generated',
    name: workload.name,
    generator,
    classNames: classes.map(({ name }) => name),
  };
  const traits = (workload.classes ?? workload.jobClasses ?? [{}]).map(traitsOf);
  const resolved = {
    doc,
    name: workload.name,
    value: usedOf(workload, generator),
    specFor: () => spec,
    classes: classes.map((entry, index) => ({ ...entry, powerCapFraction: traits[index]!.powerCap?.value })),
    traits,
    classPaths: classes.map((_, index) => [workload.classes === undefined ? 'jobClasses' : 'classes', index]),
    sizesOfJobs: workload.jobs?.some(({ minGpus, maxGpus }) => minGpus !== undefined || maxGpus !== undefined) ?? false,
    trace: undefined,
    config: generatorConfig(doc, workload, generator),
  };
  return { generator, resolved };
}

/** Which of the document's general keys shape the jobs: rates leave the load open, a list leaves all of them. */
function generalKeys(generator: ResolvedGenerator): { load: boolean; thinning: boolean; budget: boolean } {
  if (generator.kind === 'jobs') return { load: false, thinning: false, budget: false };
  return {
    load: generator.load !== null,
    thinning: generator.classes.some(({ thinnable }) => thinnable),
    budget: true,
  };
}

const SHARED_ACCOUNTS = 'which users share an account: dealt out by number, as no source says it';

/** The document without figures that no job depends on, and with the one that stands in for missing classes. */
function usedOf(workload: Workload, generator: ResolvedGenerator): unknown {
  const { load, thinning, accounts, ...rest } = workload;
  const uses = generalKeys(generator);
  return {
    ...(uses.load ? { load } : {}),
    ...(uses.thinning ? { thinning } : {}),
    ...rest,
    ...(accounts === undefined ? {} : { accounts: { ...accounts, assumption: true, note: SHARED_ACCOUNTS } }),
    ...(workload.jobs && !workload.jobClasses ? { gpuPowerFraction: trainingPowerFraction } : {}),
  };
}

function generatorConfig(doc: SourceDoc, workload: Workload, generator: ResolvedGenerator): ConfigEntry[] {
  const uses = generalKeys(generator);
  const { load, thinning, budget, oversizeDrawn, oversizeListed, gpuPowerFraction } = WORKLOAD_DEFAULTS;
  const entry = (key: string, used: string | number | Figure, fallback: { readonly reason: string }): ConfigEntry =>
    effectiveEntry(doc, 'workload', [key], used, fallback);
  return [
    ...(uses.load ? [entry('load', workload.load, load)] : []),
    ...(uses.thinning ? [entry('thinning', workload.thinning, thinning)] : []),
    ...(uses.budget ? [entry('budget', workload.budget, budget)] : []),
    entry('oversize', generator.oversize, generator.kind === 'jobs' ? oversizeListed : oversizeDrawn),
    ...(workload.jobs && !workload.jobClasses
      ? [entry('gpuPowerFraction', trainingPowerFraction, gpuPowerFraction)]
      : []),
  ];
}
