import { MS_PER_HOUR } from '../base/units.js';
import { heldGpus } from '../cluster/layout.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { END_STATES } from '../workload/jobTable.js';
import { quantiles } from './quantiles.js';
import type { ClassSummary, JobOutcomes, LoadCurve, ScheduleSummary, WaitSummary } from './runResult.js';

/** Runs shorter than this count as this long in the bounded slowdown (Feitelson et al.). */
const SLOWDOWN_BOUND_MS = 10_000;

export interface SummaryContext {
  readonly partitions: readonly PartitionSpec[];
  /** GPU time in [fromMs, toMs) is counted, and the jobs submitted then. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The run ended with its last job, at toMs: then every job counts. */
  readonly drained: boolean;
  /** By site; summed. */
  readonly curves: readonly LoadCurve[];
  readonly queueMax: number;
  readonly events: number;
  readonly offeredLoadTarget: number | undefined;
  readonly rescaledJobs: number;
}

/** Counts what became of the jobs. Cost: two passes over the jobs and one selection per quantile. */
export function summariseSchedule(jobs: JobOutcomes, context: SummaryContext): ScheduleSummary {
  const { table } = jobs;
  const { partitions, fromMs, toMs, curves } = context;
  const segments = jobs.interruptions?.segments;
  const partitionOf = jobs.partitionOf ?? table.partitionOf;
  const endMs = context.drained ? Number.POSITIVE_INFINITY : toMs;
  const classes = table.classNames.map(() => new ClassTally());
  const ends = END_STATES.map(() => 0);
  let runningAtEnd = 0;
  let waitingAtEnd = 0;
  let waitingSoFarMs = 0;
  let submittedGpuMs = 0;
  let slowdownSum = 0;
  let slowdownJobs = 0;
  const waits = new WaitsByClass(jobs, fromMs, endMs);
  for (let job = 0; job < table.count; job++) {
    const start = jobs.startMs[job]!;
    const end = jobs.endMs[job]!;
    const tally = classes[table.classOf[job]!]!;
    const held = heldGpus(table.gpus[job]!, partitions[partitionOf[job]!]!.gpusPerNode);
    if (start < toMs && segments === undefined) {
      const from = start > fromMs ? start : fromMs;
      const to = end < toMs ? end : toMs;
      if (to > from) tally.gpuMs += held * (to - from);
    }
    const submit = table.submitMs[job]!;
    if (submit < fromMs || submit >= endMs) {
      // Of the warm-up's jobs only those count that the horizon still found waiting or running at its end.
      if (submit >= endMs) continue;
      if (Number.isNaN(start)) {
        waitingAtEnd++;
        waitingSoFarMs += toMs - submit;
      } else if (Number.isNaN(end)) {
        runningAtEnd++;
      }
      continue;
    }
    tally.submitted++;
    submittedGpuMs += held * table.runMs[job]!;
    if (Number.isNaN(start)) {
      waitingAtEnd++;
      waitingSoFarMs += toMs - submit;
      continue;
    }
    waits.add(job, start - submit);
    if (Number.isNaN(end)) {
      runningAtEnd++;
      continue;
    }
    ends[table.endState[job]!]!++;
    const run = segments === undefined ? end - start : table.runMs[job]!;
    slowdownSum += Math.max((end - submit) / Math.max(run, SLOWDOWN_BOUND_MS), 1);
    slowdownJobs++;
  }
  for (let row = 0; row < (segments?.count ?? 0); row++) {
    const job = segments!.job[row]!;
    const from = Math.max(segments!.fromMs[row]!, fromMs);
    const to = Math.min(segments!.toMs[row]!, toMs);
    const { gpusPerNode } = partitions[partitionOf[job]!]!;
    if (to > from) classes[table.classOf[job]!]!.gpuMs += heldGpus(segments!.gpus[row]!, gpusPerNode) * (to - from);
  }
  const gpus = partitions.reduce((sum, { nodes, gpusPerNode }) => sum + nodes * gpusPerNode, 0);
  const gpuHoursUsed = curves.reduce((total, { busyGpuMs }) => total + sum(busyGpuMs), 0) / MS_PER_HOUR;
  const gpuHoursCapacity = (gpus * (toMs - fromMs)) / MS_PER_HOUR;
  const classSummaries = table.classNames.map((name, index): ClassSummary => ({
    name,
    submitted: classes[index]!.submitted,
    gpuHoursUsed: classes[index]!.gpuMs / MS_PER_HOUR,
    wait: waits.ofClass(index),
  }));
  return {
    gpus,
    horizonMs: toMs - fromMs,
    gpuHoursUsed,
    gpuHoursCapacity,
    utilisationFraction: gpuHoursUsed / gpuHoursCapacity,
    offeredLoadTarget: context.offeredLoadTarget,
    offeredLoadRealised: submittedGpuMs / MS_PER_HOUR / gpuHoursCapacity,
    submitted: classes.reduce((total, tally) => total + tally.submitted, 0),
    completed: ends[0]!,
    failed: ends[1]!,
    cancelled: ends[2]!,
    runningAtEnd,
    waitingAtEnd,
    waitingSoFarMeanMs: waitingSoFarMs / waitingAtEnd,
    rescaledJobs: context.rescaledJobs,
    wait: waits.ofAll(),
    boundedSlowdownMean: slowdownSum / slowdownJobs,
    queueMean: curves.reduce((total, { queuedJobMs }) => total + sum(queuedJobMs), 0) / (toMs - fromMs),
    queueMax: context.queueMax,
    classes: classSummaries,
    events: context.events,
  };
}

class ClassTally {
  submitted = 0;
  gpuMs = 0;
}

/** Waits in one buffer, a stretch per class, so that a class and the whole are both contiguous. */
class WaitsByClass {
  private readonly waits: Float64Array;
  private readonly from: Int32Array;
  private readonly next: Int32Array;
  private readonly classOf: Uint8Array;

  constructor(jobs: JobOutcomes, fromMs: number, toMs: number) {
    const { table, startMs } = jobs;
    const counts = new Int32Array(table.classNames.length + 1);
    for (let job = 0; job < table.count; job++) {
      const submit = table.submitMs[job]!;
      if (submit >= fromMs && submit < toMs && !Number.isNaN(startMs[job]!)) counts[table.classOf[job]! + 1]!++;
    }
    for (let index = 1; index < counts.length; index++) counts[index]! += counts[index - 1]!;
    this.from = counts;
    this.next = counts.slice(0, -1);
    this.waits = new Float64Array(counts[counts.length - 1]!);
    this.classOf = table.classOf;
  }

  add(job: number, waitMs: number): void {
    this.waits[this.next[this.classOf[job]!]!++] = waitMs;
  }

  ofClass(index: number): WaitSummary {
    return summariseWaits(this.waits.subarray(this.from[index], this.from[index + 1]));
  }

  /** Reorders the buffer across classes, so it is the last thing to ask for. */
  ofAll(): WaitSummary {
    return summariseWaits(this.waits);
  }
}

function summariseWaits(waits: Float64Array): WaitSummary {
  const [p50Ms, p95Ms, p99Ms, maxMs] = quantiles(waits, [0.5, 0.95, 0.99, 1]) as [number, number, number, number];
  return { jobs: waits.length, meanMs: sum(waits) / waits.length, p50Ms, p95Ms, p99Ms, maxMs };
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
