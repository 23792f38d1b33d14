import type { Issue } from '../base/errors.js';
import { sha256 } from '../scenario/canonical.js';
import { TRACE_GPU_POWER_FRACTION, TRACE_TIME_UNIT } from '../scenario/defaults.js';
import { issueAt } from '../scenario/issues.js';
import { partOf } from '../scenario/layeredDoc.js';
import type { WorkloadSpec } from '../scenario/runSpec.js';
import { traceWorkloadSchema } from '../scenario/scenarioSchema.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import { isPlainObject, parsePath, valueAt } from '../scenario/sourcePath.js';
import { workloadSchema } from '../scenario/workloadSchema.js';
import { checkGenerator } from '../workload/check.js';
import type { PartitionSize } from '../workload/fitting.js';
import { generatorClasses, resolveGenerator } from '../workload/resolve.js';
import { parseSwf, type SwfTrace } from '../workload/swf.js';
import { didYouMean } from '../scenario/suggest.js';
import type { Faults } from './faults.js';
import { fileBeside, type ReadFile } from './files.js';
import { resolveDocument } from './references.js';

/** Where the jobs come from, and what else of it a plan needs. */
export interface ResolvedWorkload {
  readonly doc: SourceDoc;
  /** As validated, with its figures' sources. */
  readonly value: unknown;
  readonly spec: WorkloadSpec;
  /** By class index. */
  readonly classes: readonly { readonly gpuPowerFraction: number }[];
  readonly trace: { readonly read: SwfTrace; readonly contentSha256: string } | undefined;
  /** What of it does not fit a site. */
  readonly misfits: (partitions: readonly PartitionSize[]) => readonly Issue[];
}

interface Context {
  readonly library: Library;
  readonly readFile: ReadFile;
  readonly faults: Faults;
  readonly horizonMs: number | undefined;
}

/** The scenario's workload; `undefined` with its faults noted. */
export function resolveWorkload(doc: SourceDoc, context: Context): ResolvedWorkload | undefined {
  const value = valueAt(doc.value, ['workload']);
  if (isPlainObject(value) && Object.hasOwn(value, 'trace')) return traceWorkload(partOf(doc, ['workload']), context);
  const supplied = { version: 1, kind: 'workload', name: 'inline', title: "the scenario's own workload" };
  const resolved = resolveDocument(context.library, doc, ['workload'], 'workload', supplied, context.faults);
  return resolved && generatedWorkload(resolved, context);
}

function generatedWorkload(doc: SourceDoc, { faults, horizonMs }: Context): ResolvedWorkload | undefined {
  const workload = faults.check(workloadSchema, doc);
  if (workload === undefined) return undefined;
  const generator = resolveGenerator(workload);
  const classes = generatorClasses(generator);
  return {
    doc,
    value: workload,
    spec: { kind: 'generated', name: workload.name, generator, classNames: classes.map(({ name }) => name) },
    classes,
    trace: undefined,
    misfits: (partitions) =>
      checkGenerator(generator, partitions, horizonMs).map((issue) => {
        const path = parsePath(issue.path) ?? [];
        const named = valueAt(doc.value, path);
        const near = path.at(-1) === 'partition' && typeof named === 'string';
        const hint = near
          ? didYouMean(
              named,
              partitions.map(({ name }) => name),
            )
          : undefined;
        return issueAt(doc, path, issue.message, { hint: issue.hint ?? hint });
      }),
  };
}

function traceWorkload(doc: SourceDoc, { faults, readFile, horizonMs }: Context): ResolvedWorkload | undefined {
  const options = faults.check(traceWorkloadSchema, doc);
  if (options === undefined) return undefined;
  const file = fileBeside(doc, ['trace'], options.trace);
  const timeUnit = options.timeUnit ?? TRACE_TIME_UNIT;
  const lenient = options.lenient ?? false;
  const trace = faults.reading(
    () => issueAt(doc, ['trace'], ''),
    () => {
      const bytes = readFile(file);
      const read = parseSwf(bytes, { file, timeUnit, lenient, shared: true });
      const startMs = options.start ?? read.table.submitMs[0] ?? 0;
      shiftSubmissions(read, -startMs);
      return { read, contentSha256: sha256(`swf ${timeUnit} ${lenient} ${startMs}\n`, bytes) };
    },
  );
  if (trace === undefined) return undefined;
  const { table } = trace.read;
  const input = `trace/${options.trace}`;
  const gpuPowerFraction = options.gpuPowerFraction ?? TRACE_GPU_POWER_FRACTION;
  return {
    doc,
    value: options,
    spec: { kind: 'trace', name: options.trace, input, classNames: table.classNames },
    classes: table.classNames.map(() => ({ gpuPowerFraction })),
    trace,
    misfits: (partitions) => {
      const issues = tooLargeJobs(trace.read, partitions[0]!.gpus).map((text) => issueAt(doc, ['trace'], text));
      const submitted = table.submitMs.subarray(0, table.count);
      if (horizonMs !== undefined && !submitted.some((atMs) => atMs >= 0 && atMs < horizonMs)) {
        issues.push(issueAt(doc, ['trace'], 'expected jobs submitted inside the horizon, there are none'));
      }
      return issues;
    },
  };
}

/** Moves the trace in time; the columns are the reader's own until a run gets them. */
function shiftSubmissions({ table }: SwfTrace, byMs: number): void {
  for (let job = 0; job < table.count; job++) table.submitMs[job]! += byMs;
}

/** Jobs of a trace that no machine of that size could ever start, as one sentence. */
export function tooLargeJobs({ table }: SwfTrace, gpus: number): string[] {
  const large = table.gpus.subarray(0, table.count).reduce((count, size) => count + (size > gpus ? 1 : 0), 0);
  if (large === 0) return [];
  const first = table.gpus.findIndex((size) => size > gpus);
  const job = table.originalId?.[first] ?? first;
  const jobs = large === 1 ? '1 job needs' : `${large} jobs need`;
  return [`expected jobs of at most ${gpus} GPUs; ${jobs} more, the first is job ${job} with ${table.gpus[first]!}`];
}
