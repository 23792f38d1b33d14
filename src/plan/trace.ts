import { sha256 } from '../scenario/canonical.js';
import { TRACE_DEFAULTS } from '../scenario/defaults.js';
import { issueAt } from '../scenario/issues.js';
import { traceWorkloadSchema } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { largestPartition, type PartitionSize } from '../workload/fitting.js';
import { parseSwf, type SwfTrace } from '../workload/swf.js';
import { effectiveEntry } from './config.js';
import { fileBeside } from './files.js';
import { nearPartition } from './partitions.js';
import type { ResolvedTrace, ResolvedWorkload, WorkloadContext } from './workloadTypes.js';

/** A log as workload: `{ trace: … }`. */
export function traceWorkload(doc: SourceDoc, context: WorkloadContext): ResolvedWorkload | undefined {
  const { faults, readFile, horizonMs } = context;
  const options = faults.check(traceWorkloadSchema, doc);
  if (options === undefined) return undefined;
  const { timeUnit, lenient, gpuPowerFraction } = options;
  const file = fileBeside(doc, ['trace'], options.trace);
  const content = faults.reading(
    () => issueAt(doc, ['trace'], ''),
    () => {
      const bytes = readFile(file);
      const read = parseSwf(bytes, { file, timeUnit, lenient, shared: true });
      const startMs = options.start ?? read.table.submitMs[0] ?? 0;
      shiftSubmissions(read, -startMs);
      return { read, hash: sha256(`swf ${timeUnit} ${lenient} ${startMs}\n`, bytes) };
    },
  );
  if (content === undefined) return undefined;
  const { read, hash } = content;
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
    misfits: (partitions) => {
      const to = partitions[destination(options.partition, partitions)];
      if (to === undefined) {
        const known = partitions.map(({ name }) => name).join(', ');
        const message = `expected one of the site's partitions ${known}; got ${options.partition!}`;
        return [issueAt(doc, ['partition'], message, { hint: nearPartition(options.partition!, partitions) })];
      }
      const issues = tooLargeJobs(read, to.gpus, to.name).map((text) => issueAt(doc, ['trace'], text));
      const submitted = table.submitMs.subarray(0, table.count);
      if (horizonMs !== undefined && !submitted.some((atMs) => atMs >= 0 && atMs < horizonMs)) {
        issues.push(issueAt(doc, ['trace'], 'expected jobs submitted inside the horizon, there are none'));
      }
      return issues;
    },
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
