import { trainingPowerFraction, WORKLOAD_DEFAULTS } from '../scenario/defaults.js';
import type { Figure } from '../scenario/figure.js';
import { issueAt } from '../scenario/issues.js';
import { partOf } from '../scenario/layeredDoc.js';
import type { WorkloadSpec } from '../scenario/runSpec.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { isPlainObject, parsePath, valueAt } from '../scenario/sourcePath.js';
import { workloadSchema, type Workload } from '../scenario/workloadSchema.js';
import { checkGenerator } from '../workload/check.js';
import { generatorClasses, resolveGenerator } from '../workload/resolve.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import { nearPartition } from './partitions.js';
import { resolveDocument } from './references.js';
import { traceWorkload } from './trace.js';
import type { ResolvedWorkload, WorkloadContext } from './workloadTypes.js';

/** The scenario's workload; `undefined` with its faults noted. */
export function resolveWorkload(doc: SourceDoc, context: WorkloadContext): ResolvedWorkload | undefined {
  const value = valueAt(doc.value, ['workload']);
  if (isPlainObject(value) && Object.hasOwn(value, 'trace')) return traceWorkload(partOf(doc, ['workload']), context);
  const supplied = { version: 1, kind: 'workload', name: 'inline', title: "the scenario's own workload" };
  const resolved = resolveDocument(context.library, doc, ['workload'], 'workload', supplied, context.faults);
  return resolved && generatedWorkload(resolved, context);
}

function generatedWorkload(doc: SourceDoc, { faults, horizonMs }: WorkloadContext): ResolvedWorkload | undefined {
  const workload = faults.check(workloadSchema, doc);
  if (workload === undefined) return undefined;
  const generator = resolveGenerator(workload);
  const classes = generatorClasses(generator);
  const spec: WorkloadSpec = {
    kind: 'generated',
    name: workload.name,
    generator,
    classNames: classes.map(({ name }) => name),
  };
  return {
    doc,
    name: workload.name,
    value: usedOf(workload, generator),
    specFor: () => spec,
    classes,
    trace: undefined,
    misfits: (partitions) =>
      checkGenerator(generator, partitions, horizonMs).map((issue) => {
        const path = parsePath(issue.path) ?? [];
        const named = valueAt(doc.value, path);
        const near = path.at(-1) === 'partition' && typeof named === 'string';
        const hint = near ? nearPartition(named, partitions) : undefined;
        return issueAt(doc, path, issue.message, { hint: issue.hint ?? hint });
      }),
    config: generatorConfig(doc, workload, generator),
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

/** The document without figures that no job depends on, and with the one that stands in for missing classes. */
function usedOf(workload: Workload, generator: ResolvedGenerator): unknown {
  const { load, thinning, ...rest } = workload;
  const uses = generalKeys(generator);
  return {
    ...(uses.load ? { load } : {}),
    ...(uses.thinning ? { thinning } : {}),
    ...rest,
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
