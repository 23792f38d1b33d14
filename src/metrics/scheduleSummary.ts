import { MS_PER_HOUR } from '../base/units.js';
import { heldGpus } from '../cluster/layout.js';
import { capacityMs, gpusAt } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { END_STATES } from '../workload/jobTable.js';
import { GroupedDurations, summariseDurations, sumOf } from './durations.js';
import { deadlinesOf } from './deadlines.js';
import { goodputOf, trainingOf, type PhaseCounts } from './goodput.js';
import { powerSummary, type PowerTotals } from './powerSummary.js';
import { fairShareGpus, isolatedMs, JainIndex } from './fairness.js';
import { quantilesInPlace } from './quantiles.js';
import {
  runsAtEnd,
  type ClassSummary,
  type JobOutcomes,
  type LoadCurve,
  type ScheduleSummary,
  type ServiceShare,
} from './runResult.js';
import { SIZE_CLASSES, sizeClassOf } from './sizeClasses.js';

/** Runs shorter than this count as this long in the bounded slowdown (Feitelson et al.) and in fairness. */
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
  /** Services and the GPUs they are to hold, which no load is offered to; absent: none. */
  readonly services?: readonly ServiceShare[] | undefined;
  /** Where jobs have phases. */
  readonly phases?: PhaseCounts | undefined;
  /** Where the policy has a power part. */
  readonly power?: PowerTotals | undefined;
}

/**
 * Counts what became of the jobs. Cost: two passes over the jobs, and a selection for each set of quantiles; 32 B a
 * job while it lasts.
 */
export function summariseSchedule(jobs: JobOutcomes, context: SummaryContext): ScheduleSummary {
  const { table } = jobs;
  const { partitions, fromMs, toMs, curves, services = [] } = context;
  const segments = jobs.interruptions?.segments;
  const { partitionOf = table.partitionOf, endState = table.endState, rejectedFor } = jobs;
  const endMs = context.drained ? Number.POSITIVE_INFINITY : toMs;
  const gpus = partitions.reduce((sum, { nodes, gpusPerNode }) => sum + nodes * gpusPerNode, 0);
  const counts = countJobs(jobs, fromMs, endMs);
  const spanMs = (context.drained ? counts.lastSubmitMs : toMs) - fromMs;
  const shareGpus = fairShareGpus(gpus, counts.submitted, counts.runMs, spanMs);
  const classes = table.classNames.map(() => new ClassTally());
  // The last classes are those of services, whose replicas are no jobs that the horizon cuts.
  const firstService = classes.length - services.length;
  const submittedBySize = SIZE_CLASSES.map(() => 0);
  const ends = END_STATES.map(() => 0);
  const waits = new GroupedDurations(counts.startedByClass);
  const waitsBySize = new GroupedDurations(counts.startedBySize);
  const jct = new Float64Array(counts.started);
  const rho = new Float64Array(counts.started);
  const jain = new JainIndex(counts.users);
  let ended = 0;
  let rejected = 0;
  let runningAtEnd = 0;
  let waitingAtEnd = 0;
  let waitingSoFarMs = 0;
  let longestWaitMs = Number.NaN;
  let submittedGpuMs = 0;
  let inSystemMs = 0;
  let slowdownSum = 0;
  let rhoSum = 0;
  let preemptions = 0;
  let resizes = 0;
  let lostGpuMs = 0;
  const { startMs, endMs: endedMs } = jobs;
  const { count, submitMs, gpus: gpusOf, runMs: workMs, classOf, userOf } = table;
  for (let job = 0; job < count; job++) {
    const start = startMs[job]!;
    const end = endedMs[job]!;
    const tally = classes[classOf[job]!]!;
    const asked = gpusOf[job]!;
    const held = heldGpus(asked, partitions[partitionOf[job]!]!.gpusPerNode);
    if (start < toMs && segments === undefined) {
      const from = start > fromMs ? start : fromMs;
      const to = end < toMs ? end : toMs;
      if (to > from) tally.gpuMs += held * (to - from);
    }
    const submit = submitMs[job]!;
    if (submit >= endMs) continue;
    const neverStarted = Number.isNaN(start);
    if (rejectedFor !== undefined && rejectedFor[job] !== 0) {
      if (submit < fromMs) continue;
      tally.submitted++;
      submittedBySize[sizeClassOf(asked)]!++;
      rejected++;
      continue;
    }
    if (classOf[job]! < firstService) {
      if (neverStarted) {
        waitingAtEnd++;
        waitingSoFarMs += toMs - submit;
      } else if (runsAtEnd(jobs, job)) runningAtEnd++;
      else if (Number.isNaN(end)) {
        waitingAtEnd++;
        waitingSoFarMs += toMs - jobs.interruptions!.queuedMs[job]!;
      }
    }
    // Of the warm-up's jobs only those count that the horizon still found waiting or running at its end.
    if (submit >= fromMs || neverStarted) {
      const waited = (neverStarted ? toMs : start) - submit;
      if (!(waited <= longestWaitMs)) longestWaitMs = waited;
    }
    if (submit < fromMs) continue;
    tally.submitted++;
    submittedGpuMs += held * workMs[job]!;
    if (jobs.interruptions !== undefined) {
      preemptions += jobs.interruptions.preemptions[job]!;
      resizes += jobs.interruptions.resizes[job]!;
      lostGpuMs += jobs.interruptions.lostGpuMs[job]!;
    }
    const size = sizeClassOf(asked);
    submittedBySize[size]!++;
    inSystemMs += (Number.isNaN(end) ? toMs : end) - submit;
    if (neverStarted) continue;
    waits.add(classOf[job]!, start - submit);
    waitsBySize.add(size, start - submit);
    if (Number.isNaN(end)) continue;
    ends[endState[job]!]!++;
    // Both are what the work done takes on the GPUs asked for: nothing else can lie between a start and an end.
    const runMs = jobs.interruptions === undefined ? end - start : jobs.interruptions.ranMs[job]!;
    const run = Math.max(runMs, SLOWDOWN_BOUND_MS);
    const slowdown = Math.max((end - submit) / run, 1);
    slowdownSum += slowdown;
    jain.add(userOf[job]!, 1 / slowdown);
    rho[ended] = (end - submit) / isolatedMs(run, asked, shareGpus);
    rhoSum += rho[ended]!;
    jct[ended++] = end - submit;
  }
  for (let row = 0; row < (segments?.count ?? 0); row++) {
    const job = segments!.job[row]!;
    const from = Math.max(segments!.fromMs[row]!, fromMs);
    const to = Math.min(segments!.toMs[row]!, toMs);
    const { gpusPerNode } = partitions[partitionOf[job]!]!;
    if (to > from) classes[table.classOf[job]!]!.gpuMs += heldGpus(segments!.gpus[row]!, gpusPerNode) * (to - from);
  }
  const total = (of: (curve: LoadCurve) => number): number => curves.reduce((sum, curve) => sum + of(curve), 0);
  const gpuHoursUsed = total(({ busyGpuMs }) => sumOf(busyGpuMs)) / MS_PER_HOUR;
  const goodput = context.phases && goodputOf(jobs, context.phases, context);
  const deadlines = deadlinesOf(jobs, fromMs, toMs);
  const { power } = context;
  const gpuHoursCapacity = capacityMs(partitions, fromMs, toMs) / MS_PER_HOUR;
  const gpuHoursServed = (services.reduce((sum, of) => sum + of.gpus, 0) * (toMs - fromMs)) / MS_PER_HOUR;
  const waitByClass = table.classNames.map((_, index) => waits.of(index));
  const wait = waits.all();
  const { users, index: jainIndex } = jain.result();
  const [rhoP95, rhoMax] = quantilesInPlace(rho.subarray(0, ended), [0.95, 1]) as [number, number];
  return {
    gpus,
    ...(partitions.some(({ inService }) => inService !== undefined) ? { gpusAtStart: gpusAt(partitions, fromMs) } : {}),
    ...(services.length === 0 ? {} : { services }),
    horizonMs: toMs - fromMs,
    gpuHoursUsed,
    gpuHoursCapacity,
    utilisationFraction: gpuHoursUsed / gpuHoursCapacity,
    offeredLoadTarget: context.offeredLoadTarget,
    offeredLoadRealised: submittedGpuMs / MS_PER_HOUR / (gpuHoursCapacity - gpuHoursServed),
    submitted: counts.submitted,
    completed: ends[0]!,
    failed: ends[1]!,
    cancelled: ends[2]!,
    timedOut: ends[3]!,
    rejected,
    runningAtEnd,
    waitingAtEnd,
    waitingSoFarMeanMs: waitingSoFarMs / waitingAtEnd,
    rescaledJobs: context.rescaledJobs,
    wait,
    waitBySize: SIZE_CLASSES.map((name, index) => {
      return { name, submitted: submittedBySize[index]!, wait: waitsBySize.of(index) };
    }),
    longestWaitMs,
    jct: summariseDurations(jct.subarray(0, ended)),
    timeInSystemMeanMs: inSystemMs / (counts.submitted - rejected),
    unfinished: counts.submitted - rejected - ended,
    fairness: { users, jainIndex, rhoMean: rhoSum / ended, rhoP95, rhoMax, shareGpus },
    preemptions,
    resizes,
    lostGpuHours: lostGpuMs / MS_PER_HOUR,
    fragmentationFraction: total(({ partlyFreeGpuMs }) => partlyFreeGpuMs) / total(({ freeGpuMs }) => freeGpuMs),
    boundedSlowdownMean: slowdownSum / ended,
    queueMean: total(({ queuedJobMs }) => sumOf(queuedJobMs)) / (toMs - fromMs),
    queueMax: context.queueMax,
    classes: table.classNames.map((name, index): ClassSummary => ({
      name,
      submitted: classes[index]!.submitted,
      gpuHoursUsed: classes[index]!.gpuMs / MS_PER_HOUR,
      wait: waitByClass[index]!,
      ...trainingOf(index, jobs, context),
    })),
    ...(goodput === undefined ? {} : { goodput }),
    ...(deadlines === undefined ? {} : { deadlines }),
    ...(power === undefined ? {} : { power: powerSummary(power, gpuHoursUsed, goodput?.usefulGpuHours) }),
    events: context.events,
  };
}

class ClassTally {
  submitted = 0;
  gpuMs = 0;
}

/** What has to be known of the jobs submitted in [fromMs, endMs) before they are looked at one by one. */
interface JobCounts {
  readonly submitted: number;
  readonly started: number;
  readonly startedByClass: Int32Array;
  readonly startedBySize: Int32Array;
  readonly runMs: number;
  readonly lastSubmitMs: number;
  /** User numbers are below. */
  readonly users: number;
}

function countJobs({ table, startMs }: JobOutcomes, fromMs: number, endMs: number): JobCounts {
  const startedByClass = new Int32Array(table.classNames.length);
  const startedBySize = new Int32Array(SIZE_CLASSES.length);
  let submitted = 0;
  let started = 0;
  let runMs = 0;
  let lastSubmitMs = fromMs;
  let users = 0;
  for (let job = 0; job < table.count; job++) {
    const submit = table.submitMs[job]!;
    if (submit < fromMs || submit >= endMs) continue;
    submitted++;
    runMs += table.runMs[job]!;
    lastSubmitMs = submit;
    if (table.userOf[job]! >= users) users = table.userOf[job]! + 1;
    if (Number.isNaN(startMs[job]!)) continue;
    started++;
    startedByClass[table.classOf[job]!]!++;
    startedBySize[sizeClassOf(table.gpus[job]!)]!++;
  }
  return { submitted, started, startedByClass, startedBySize, runMs, lastSubmitMs, users };
}
