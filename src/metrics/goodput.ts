import { MS_PER_HOUR, MS_PER_S } from '../base/units.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { sumOf } from './durations.js';
import type { FailureSummary, GoodputSummary, JobOutcomes, LoadCurve, TrainingSummary } from './runResult.js';
import { FLOPS_PER_EXAFLOP_DAY } from './siteTraining.js';

/** What a run counted of its jobs' phases, beside the columns of the jobs; inside the horizon. */
export interface PhaseCounts {
  /** Names by index; what only failures have (counts, interruptions, downtime) may end before the last. */
  readonly causes: readonly string[];
  readonly lostGpuMs: Float64Array;
  readonly restartGpuMs: Float64Array;
  readonly counts: readonly number[];
  readonly interruptions: readonly number[];
  readonly downNodeMs: readonly number[];
  readonly downGpuMs: number;
  readonly spareGpuMs: number;
  /** By site, then by class. */
  readonly tokens: Float64Array;
  /** By class. */
  readonly mfuGpuMs: Float64Array;
  readonly storageLoads: readonly number[];
  readonly traits: readonly ClassTraits[] | undefined;
}

interface Span {
  readonly partitions: readonly PartitionSpec[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly curves: readonly LoadCurve[];
}

/** What the GPU time of the horizon went to. Exact: all terms are whole GPU·ms until they are shown in hours. */
export function goodputOf(jobs: JobOutcomes, phases: PhaseCounts, span: Span): GoodputSummary {
  const { partitions, fromMs, toMs, curves } = span;
  const columns = jobs.interruptions!.phases!;
  const useful = sumOf(columns.usefulGpuMs);
  const stall = sumOf(columns.stallGpuMs);
  const lost = sumOf(columns.lostGpuMs);
  const restart = sumOf(columns.restartGpuMs);
  const waiting = sumOf(columns.repairWaitGpuMs);
  const gpus = partitions.reduce((sum, { nodes, gpusPerNode }) => sum + nodes * gpusPerNode, 0);
  const total = gpus * (toMs - fromMs);
  const idle = curves.reduce((sum, { freeGpuMs }) => sum + freeGpuMs, 0);
  const held = useful + stall + lost + restart;
  const { spareGpuMs, downGpuMs } = phases;
  const hours = (gpuMs: number): number => gpuMs / MS_PER_HOUR;
  return {
    usefulGpuHours: hours(useful),
    stallGpuHours: hours(stall),
    lostGpuHours: hours(lost),
    restartGpuHours: hours(restart),
    idleGpuHours: hours(idle),
    spareGpuHours: hours(spareGpuMs),
    downGpuHours: hours(downGpuMs),
    withdrawnGpuHours: hours(total - held - idle - spareGpuMs - downGpuMs),
    totalGpuHours: hours(total),
    repairWaitGpuHours: hours(waiting),
    ettrFraction: useful / (held + waiting),
    goodputFraction: useful / total,
    storageLoadFraction: phases.storageLoads,
    failures: failuresOf(phases),
  };
}

function failuresOf(phases: PhaseCounts): FailureSummary[] {
  return phases.causes
    .map((cause, index) => ({
      cause,
      count: phases.counts[index] ?? 0,
      interruptions: phases.interruptions[index] ?? 0,
      lostGpuHours: phases.lostGpuMs[index]! / MS_PER_HOUR,
      restartGpuHours: phases.restartGpuMs[index]! / MS_PER_HOUR,
      downNodeHours: (phases.downNodeMs[index] ?? 0) / MS_PER_HOUR,
    }))
    .filter(({ count, lostGpuHours, restartGpuHours }) => count > 0 || lostGpuHours > 0 || restartGpuHours > 0);
}

/** What a class trained, where it has a model. */
export function trainingOf(
  index: number,
  jobs: JobOutcomes,
  { phases, fromMs, toMs }: { phases?: PhaseCounts | undefined; fromMs: number; toMs: number },
): { training?: TrainingSummary } {
  const training = phases?.traits?.[index]?.training;
  if (phases === undefined || training === undefined) return {};
  const { usefulGpuMs } = jobs.interruptions!.phases!;
  let useful = 0;
  for (let job = 0; job < jobs.table.count; job++) if (jobs.table.classOf[job] === index) useful += usefulGpuMs[job]!;
  let tokens = 0;
  for (let at = index; at < phases.tokens.length; at += phases.mfuGpuMs.length) tokens += phases.tokens[at]!;
  return {
    training: {
      model: training.model,
      tokens,
      tokensPerS: tokens / ((toMs - fromMs) / MS_PER_S),
      exaFlopDays: (tokens * training.flopsPerToken) / FLOPS_PER_EXAFLOP_DAY,
      mfuFraction: phases.mfuGpuMs[index]! / useful,
      usefulGpuHours: useful / MS_PER_HOUR,
    },
  };
}
