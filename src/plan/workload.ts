import type { Issue } from '../base/errors.js';
import { trainingPowerFraction, WORKLOAD_DEFAULTS } from '../scenario/defaults.js';
import type { Figure } from '../scenario/figure.js';
import { issueAt } from '../scenario/issues.js';
import { partOf } from '../scenario/layeredDoc.js';
import type { WorkloadSpec } from '../scenario/runSpec.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import { isPlainObject, parsePath, valueAt } from '../scenario/sourcePath.js';
import { workloadSchema, type Workload } from '../scenario/workloadSchema.js';
import { checkGenerator } from '../workload/check.js';
import type { PartitionSize } from '../workload/fitting.js';
import { generatorClasses, resolveGenerator } from '../workload/resolve.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import { nearPartition } from './partitions.js';
import { resolveDocument } from './references.js';
import { modelConfig } from './modelChoices.js';
import { soundJobs } from './soundWorkload.js';
import { traceWorkload } from './trace.js';
import { stacksOf, trainingMisfits, trainingSpecs, type ModelOfClass } from './training.js';
import { classModels } from './trainingModels.js';
import { ThroughputRows } from './trainingRows.js';
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

function generatedWorkload(doc: SourceDoc, { library, faults, horizonMs }: WorkloadContext): WorkloadParts {
  const workload = faults.check(workloadSchema, doc);
  const models = classModels(doc, library, faults);
  const rows = new ThroughputRows(library);
  const whole = workload && wholeWorkload(doc, workload, { library, models, rows });
  const checkable =
    whole === undefined
      ? soundJobs(doc.value).map(({ classes, ...rest }) => ({
          ...rest,
          models: classes.at.map((at) => models[classes.list][at]),
        }))
      : [{ generator: whole.generator, at: undefined, models: whole.models }];
  // Paths that checks give are of the generator, but for those of a class's model.
  const placed = (issue: Issue, at: readonly number[] | undefined, partitions: readonly PartitionSize[]): Issue => {
    const path = parsePath(issue.path) ?? [];
    const [list, index] = path;
    if (at !== undefined && typeof index === 'number' && list !== 'jobClasses') path[1] = at[index]!;
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
      checkable.flatMap(({ generator, at, models: of }) => [
        ...checkGenerator(generator, partitions).map((issue) => placed(issue, at, partitions)),
        ...trainingMisfits(generator, of, partitions, rows).map(({ issue, ofModel }) =>
          placed(issue, ofModel ? undefined : at, partitions),
        ),
      ]),
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

/** What throughput follows from. */
interface TrainingContext {
  readonly library: Library;
  readonly models: ReturnType<typeof classModels>;
  readonly rows: ThroughputRows;
}

interface WholeWorkload {
  readonly generator: ResolvedGenerator;
  readonly models: ModelOfClass;
  readonly resolved: ResolvedWorkload;
}

function wholeWorkload(
  doc: SourceDoc,
  workload: Workload,
  { library, models: named, rows }: TrainingContext,
): WholeWorkload {
  const generator = resolveGenerator(workload);
  const classes = generatorClasses(generator);
  const spec: WorkloadSpec = {
    kind: 'generated',
    name: workload.name,
    generator,
    classNames: classes.map(({ name }) => name),
  };
  const traits = (workload.classes ?? workload.jobClasses ?? [{}]).map(traitsOf);
  const powers = classes.map((entry, index) => ({ ...entry, powerCapFraction: traits[index]!.powerCap?.value }));
  const list = workload.classes === undefined ? 'jobClasses' : 'classes';
  const models = classes.map((_, index) => named[list][index]);
  const resolved: ResolvedWorkload = {
    doc,
    name: workload.name,
    value: usedOf(workload, generator),
    specFor: () => spec,
    classes: powers,
    traits,
    classPaths: classes.map((_, index) => [list, index]),
    sizesOfJobs: workload.jobs?.some(({ minGpus, maxGpus }) => minGpus !== undefined || maxGpus !== undefined) ?? false,
    trace: undefined,
    ...(models.some((of) => of !== undefined)
      ? {
          models,
          stacksOn: (hardware) => stacksOf(library, models, hardware),
          trainingOn: remembered((partitions) => trainingSpecs(generator, models, powers, partitions, rows)),
        }
      : {}),
    config: [...generatorConfig(doc, workload, generator), ...modelConfig(doc, models)],
  };
  return { generator, models, resolved };
}

/** A function of a list that is worked out once for each. */
function remembered<K extends object, V>(of: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? of(key);
    known.set(key, value);
    return value;
  };
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
