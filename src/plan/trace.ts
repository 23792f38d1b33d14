import type { z } from 'zod';
import type { Issue } from '../base/errors.js';
import { sha256 } from '../scenario/canonical.js';
import { TRACE_DEFAULTS } from '../scenario/defaults.js';
import { issueAt } from '../scenario/issues.js';
import { traceWorkloadSchema } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { largestPartition, type PartitionSize } from '../workload/fitting.js';
import { parseSwf, type SwfTrace } from '../workload/swf.js';
import { effectiveEntry } from './config.js';
import { fileBeside } from './files.js';
import { nearPartition } from './partitions.js';
import type { ResolvedTrace, ResolvedWorkload, WorkloadContext, WorkloadParts } from './workloadTypes.js';

type TraceOptions = z.infer<typeof traceWorkloadSchema>;

/** A log as workload: `{ trace: … }`. */
export function traceWorkload(doc: SourceDoc, context: WorkloadContext): WorkloadParts {
  const options = context.faults.check(traceWorkloadSchema, doc);
  const { sound, faulty } = soundOptions(doc);
  const content = faulty.has('start') ? undefined : readTrace(doc, sound, context);
  const misfits = (partitions: readonly PartitionSize[]): Issue[] => {
    if (faulty.has('partition')) return [];
    const to = partitions[destination(sound.partition, partitions)];
    if (to === undefined) {
      const known = partitions.map(({ name }) => name).join(', ');
      const message = `expected one of the site's partitions ${known}; got ${sound.partition!}`;
      return [issueAt(doc, ['partition'], message, { hint: nearPartition(sound.partition!, partitions) })];
    }
    return content === undefined
      ? []
      : tooLargeJobs(content.read, to.gpus, to.name).map((text) => issueAt(doc, ['trace'], text));
  };
  return { misfits, whole: options && content && wholeTrace(doc, options, content) };
}

/** The options that are sound by themselves, defaults filled in, and the names of the others. */
function soundOptions(doc: SourceDoc): { sound: Partial<TraceOptions>; faulty: ReadonlySet<string> } {
  const sound: Record<string, unknown> = {};
  const faulty = new Set<string>();
  for (const [key, schema] of Object.entries(traceWorkloadSchema.shape)) {
    const checked = schema.safeParse(valueAt(doc.value, [key]));
    if (checked.success) sound[key] = checked.data;
    else faulty.add(key);
  }
  return { sound: sound, faulty };
}

/** A trace as it was read, and the hash of all that its columns follow from. */
interface TraceContent {
  readonly read: SwfTrace;
  readonly hash: string;
}

function readTrace(
  doc: SourceDoc,
  { trace, timeUnit, lenient, start }: Partial<TraceOptions>,
  { faults, readFile, horizonMs }: WorkloadContext,
): TraceContent | undefined {
  if (trace === undefined || timeUnit === undefined || lenient === undefined) return undefined;
  const file = fileBeside(doc, ['trace'], trace);
  const content = faults.reading(
    () => issueAt(doc, ['trace'], ''),
    () => {
      const bytes = readFile(file);
      const read = parseSwf(bytes, { file, timeUnit, lenient, shared: true });
      const startMs = start ?? read.table.submitMs[0] ?? 0;
      shiftSubmissions(read, -startMs);
      return { read, hash: sha256(`swf ${timeUnit} ${lenient} ${startMs}\n`, bytes) };
    },
  );
  if (content === undefined || horizonMs === undefined) return content;
  const { submitMs, count } = content.read.table;
  if (!submitMs.subarray(0, count).some((atMs) => atMs >= 0 && atMs < horizonMs)) {
    faults.at(doc, ['trace'], 'expected jobs submitted inside the horizon, there are none');
  }
  return content;
}

function wholeTrace(doc: SourceDoc, options: TraceOptions, { read, hash }: TraceContent): ResolvedWorkload {
  const { timeUnit, lenient, gpuPowerFraction } = options;
  const { table } = read;
  const trace: ResolvedTrace = { read, tables: {}, contentSha256: {} };
  return {
    doc,
    name: options.trace,
    value: options,
    specFor: (partitions) => {
      const to = destination(options.partition, partitions);
      return { kind: 'trace', name: options.trace, input: addTable(trace, to, hash), classNames: table.classNames };
    },
    classes: table.classNames.map(() => ({ gpuPowerFraction: gpuPowerFraction.value })),
    trace,
    config: [
      effectiveEntry(doc, 'workload', ['timeUnit'], timeUnit, TRACE_DEFAULTS.timeUnit),
      effectiveEntry(doc, 'workload', ['lenient'], lenient, TRACE_DEFAULTS.lenient),
      effectiveEntry(doc, 'workload', ['gpuPowerFraction'], gpuPowerFraction, TRACE_DEFAULTS.gpuPowerFraction),
    ],
  };
}

/** Moves the trace in time; the columns are the reader's own until a run gets them. */
function shiftSubmissions({ table }: SwfTrace, byMs: number): void {
  for (let job = 0; job < table.count; job++) table.submitMs[job]! += byMs;
}

/** Index of the partition a trace's jobs go to: the named one (−1 when there is none), else the largest. */
const destination = (name: string | undefined, partitions: readonly PartitionSize[]): number =>
  name === undefined ? largestPartition(partitions) : partitions.findIndex((partition) => partition.name === name);

/** The trace with all its jobs in one partition, as an input; all but that column is shared with the others. */
function addTable({ read, tables, contentSha256 }: ResolvedTrace, partition: number, hash: string): string {
  const input = `trace/${partition}`;
  if (!Object.hasOwn(tables, input)) {
    const { partitionOf } = read.table;
    const column = new Uint8Array(new SharedArrayBuffer(partitionOf.length)).fill(partition);
    tables[input] = { ...read.table, partitionOf: column };
    contentSha256[input] = sha256(`${hash} in partition ${partition}`);
  }
  return input;
}

/** Jobs of a trace that no machine (or partition) of that size could ever start, as one sentence. */
export function tooLargeJobs({ table }: SwfTrace, gpus: number, partition?: string): string[] {
  const large = table.gpus.subarray(0, table.count).reduce((count, size) => count + (size > gpus ? 1 : 0), 0);
  if (large === 0) return [];
  const first = table.gpus.findIndex((size) => size > gpus);
  const job = table.originalId?.[first] ?? first;
  const jobs = large === 1 ? '1 job needs' : `${large} jobs need`;
  const where = partition === undefined ? '' : ` in partition ${partition}`;
  return [
    `expected jobs of at most ${gpus} GPUs${where}; ${jobs} more, the first is job ${job} with ${table.gpus[first]!}`,
  ];
}
