import type { Issue } from '../base/errors.js';
import { formatDuration } from '../base/units.js';
import { canonicalText, sha256 } from '../scenario/canonical.js';
import { TRACE_DEFAULTS } from '../scenario/defaults.js';
import { issueAt } from '../scenario/issues.js';
import { traceWorkloadSchema, type TraceOptions } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { elasticSizes } from '../workload/elasticSizes.js';
import { largestGang, largestPartition, type PartitionSize } from '../workload/fitting.js';
import type { JobTable } from '../workload/jobTable.js';
import { jobRules } from '../workload/resolve.js';
import type { ResolvedJobRules } from '../workload/resolved.js';
import { parseSwf, type SwfTrace } from '../workload/swf.js';
import { effectiveEntry } from './config.js';
import { fileBeside } from './files.js';
import { nearPartition } from './partitions.js';
import { traitsOf } from './traits.js';
import type { ResolvedTrace, ResolvedWorkload, WorkloadContext, WorkloadParts } from './workloadTypes.js';

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
      : tooLargeJobs(content.read, largestGang(to), to.name).map((text) => issueAt(doc, ['trace'], text));
  };
  return { doc, classPaths: [[]], misfits, whole: options && content && wholeTrace(doc, options, content) };
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
  { trace, timeUnit, lenient, start, dependencies = false }: Partial<TraceOptions>,
  { faults, readFile, horizonMs }: WorkloadContext,
): TraceContent | undefined {
  if (trace === undefined || timeUnit === undefined || lenient === undefined) return undefined;
  const file = fileBeside(doc, ['trace'], trace);
  const content = faults.reading(
    () => issueAt(doc, ['trace'], ''),
    () => {
      const bytes = readFile(file);
      const read = parseSwf(bytes, { file, timeUnit, lenient, dependencies, shared: true });
      const startMs = start ?? read.table.submitMs[0] ?? 0;
      shiftSubmissions(read, -startMs);
      const withDependencies = dependencies ? ' dependencies' : '';
      return { read, hash: sha256(`swf ${timeUnit} ${lenient} ${startMs}${withDependencies}\n`, bytes) };
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
  const { timeUnit, lenient, gpuPowerFraction, shake, dependencies } = options;
  const { table } = read;
  const trace: ResolvedTrace = { read, tables: {}, contentSha256: {} };
  const rules = table.classNames.map(() => jobRules(options));
  const withDeadlines = addDeadlines(table, rules);
  return {
    doc,
    name: options.trace,
    value: options,
    specFor: (partitions) => {
      const to = destination(options.partition, partitions);
      const input = addTable(trace, { table: withDeadlines, rules, partitions, to, hash });
      const { classNames } = table;
      return {
        kind: 'trace',
        name: options.trace,
        input,
        classNames,
        ...(shake === undefined ? {} : { shakeMs: shake }),
      };
    },
    classes: table.classNames.map(() => ({
      gpuPowerFraction: gpuPowerFraction.value,
      powerCapFraction: options.powerCap?.value,
    })),
    traits: table.classNames.map(() => traitsOf(options)),
    classPaths: table.classNames.map(() => []),
    sizesOfJobs: false,
    trace,
    config: [
      effectiveEntry(doc, 'workload', ['timeUnit'], timeUnit, TRACE_DEFAULTS.timeUnit),
      effectiveEntry(doc, 'workload', ['lenient'], lenient, TRACE_DEFAULTS.lenient),
      effectiveEntry(doc, 'workload', ['gpuPowerFraction'], gpuPowerFraction, TRACE_DEFAULTS.gpuPowerFraction),
      effectiveEntry(doc, 'workload', ['dependencies'], dependencies, TRACE_DEFAULTS.dependencies),
      ...(shake === undefined
        ? []
        : [effectiveEntry(doc, 'workload', ['shake'], formatDuration(shake), { reason: '' })]),
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

/** What the columns of a trace on one machine follow from. */
interface TracePlace {
  readonly table: JobTable;
  readonly rules: readonly ResolvedJobRules[];
  readonly partitions: readonly PartitionSize[];
  /** Index of the partition that the jobs go to. */
  readonly to: number;
  readonly hash: string;
}

/** The trace with all its jobs in one partition, as an input; all other columns but elastic sizes are shared. */
function addTable({ tables, contentSha256 }: ResolvedTrace, place: TracePlace): string {
  const { table, rules, partitions, to, hash } = place;
  // Sizes a job can run at depend on the partition's; without any, tables of one index are equal.
  const { gpus, gpusPerNode } = partitions[to]!;
  const elastic = rules.some((rule) => rule.elastic !== undefined);
  const input = elastic ? `trace/${to}/${gpus}/${gpusPerNode}` : `trace/${to}`;
  if (Object.hasOwn(tables, input)) return input;
  const partitionOf = new Uint8Array(new SharedArrayBuffer(table.partitionOf.length)).fill(to);
  const placed = { ...table, partitionOf };
  const sizes = elasticSizes(placed, rules, partitions, (count) => new Int32Array(new SharedArrayBuffer(4 * count)));
  tables[input] = sizes === undefined ? placed : { ...placed, extra: { ...table.extra, ...sizes } };
  const withRules = rules.some((rule) => Object.keys(rule).length > 0)
    ? ` ${canonicalText([rules, gpus, gpusPerNode])}`
    : '';
  contentSha256[input] = sha256(`${hash} in partition ${to}${withRules}`);
  return input;
}

/** The table with the deadlines of its class: multiples of the run time after submission. */
function addDeadlines(table: JobTable, rules: readonly ResolvedJobRules[]): JobTable {
  if (rules.every(({ deadlineSlack }) => deadlineSlack === undefined)) return table;
  const deadlineMs = new Float64Array(new SharedArrayBuffer(8 * table.count));
  for (let job = 0; job < table.count; job++) {
    const slack = rules[table.classOf[job]!]!.deadlineSlack ?? Infinity;
    deadlineMs[job] = table.submitMs[job]! + Math.round(slack * Math.max(1, table.runMs[job]!));
  }
  return { ...table, extra: { ...table.extra, deadlineMs } };
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
