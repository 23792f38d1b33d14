import { MS_PER_HOUR, MS_PER_S } from '../base/units.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import { capacityMs } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { trainingRow, type TrainingSpec } from '../scenario/trainingSpec.js';
import { sumOf } from './durations.js';
import type { FailureSummary, GoodputSummary, TrainingSize, TrainingSummary } from './goodputResult.js';
import type { JobOutcomes, LoadCurve } from './runResult.js';
import { FLOPS_PER_EXAFLOP_DAY } from './siteTraining.js';

/** What a run counted of its jobs' phases, beside the columns of the jobs; inside the horizon. */
export interface PhaseCounts {
  /** Names by index; what only failures have (counts, interruptions, downtime) may end before the last. */
  readonly causes: readonly string[];
  /**
   * Time that all is counted over; absent: the span of the run. Without a horizon it may go on beyond the last end, to where the
   * last job was turned away.
   */
  readonly bookedMs?: number | undefined;
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
  /** By site. */
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
  const total = capacityMs(partitions, fromMs, fromMs + (phases.bookedMs ?? toMs - fromMs));
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
  { phases, partitions, fromMs, toMs }: Omit<Span, 'curves'> & { readonly phases?: PhaseCounts | undefined },
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
      sizes: sizesOf(index, jobs, training, partitions),
    },
  };
}

/** Of the jobs of a class that were productive. */
function sizesOf(
  index: number,
  jobs: JobOutcomes,
  training: TrainingSpec,
  partitions: readonly PartitionSpec[],
): readonly TrainingSize[] {
  const { table, partitionOf = table.partitionOf } = jobs;
  const { usefulGpuMs } = jobs.interruptions!.phases!;
  // Sizes of a partition, each with its jobs and their useful time.
  const found = partitions.map(() => new Map<number, { jobs: number; usefulGpuMs: number }>());
  for (let job = 0; job < table.count; job++) {
    const useful = usefulGpuMs[job]!;
    if (table.classOf[job] !== index || !(useful > 0)) continue;
    const sizes = found[partitionOf[job]!]!;
    const gpus = table.gpus[job]!;
    const size = sizes.get(gpus);
    if (size === undefined) sizes.set(gpus, { jobs: 1, usefulGpuMs: useful });
    else {
      size.jobs++;
      size.usefulGpuMs += useful;
    }
  }
  return found.flatMap((sizes, partition) => {
    const rows = training.rows[partition];
    if (rows === null || rows === undefined) return [];
    return [...sizes]
      .sort(([a], [b]) => a - b)
      .map(([gpus, size]): TrainingSize => {
        const { parallelism, mfu } = trainingRow(rows, gpus);
        return {
          ...{ partition: partitions[partition]!.name, gpus, parallelism, mfuFraction: mfu, jobs: size.jobs },
          usefulGpuHours: size.usefulGpuMs / MS_PER_HOUR,
        };
      });
  });
}
