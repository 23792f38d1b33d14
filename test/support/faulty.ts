import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import type { CheckpointSpec, InitialisationSpec, ReliabilitySpec } from '../../src/scenario/reliabilitySpec.js';
import type { PartitionSpec, WindowSpec } from '../../src/scenario/runSpec.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { machine } from './jobs.js';
import { ruledTable, type RuledJob } from './rules.js';

/** Causes by index: a node, the job alone, a rack, a pod. */
export const CAUSES = ['node', 'job', 'rack', 'pod'] as const;
/** Index of the slow nodes among the causes. */
export const SLOW = CAUSES.length;
export const PRE_EMPTION = CAUSES.length + 1;

export interface FaultyMachine {
  readonly partitions?: readonly PartitionSpec[];
  readonly reliability?: Partial<ReliabilitySpec>;
  /** Absent: none are written. */
  readonly checkpoints?: CheckpointSpec | undefined;
  readonly initialisation?: InitialisationSpec;
  readonly windows?: readonly WindowSpec[] | undefined;
  readonly traits?: readonly Partial<ClassTraits>[];
  readonly policy?: string;
  readonly horizonMs?: number | undefined;
  readonly startMs?: number;
  readonly guaranteedRunMs?: number;
  readonly seed?: string;
}

/** Detection 10 ms, swap 5 ms, initialisation 20 ms, no spares, slow nodes half as fast and found after 50 ms. */
export function reliabilityOf(over: Partial<ReliabilitySpec> = {}): ReliabilitySpec {
  return {
    name: 'test',
    failuresPerGpuDay: 1,
    rateFactor: 1,
    causes: CAUSES.map((scope) => ({
      ...{ name: scope, share: 1 / CAUSES.length, scope },
      ...(scope === 'job' ? {} : { repair: 0 }),
    })),
    repairs: [{ name: 'reset', medianMs: 100, sigma: 0 }],
    stragglers: { onsetsPerGpuDay: 1, speed: 0.5, detectionMs: 50, repair: 0 },
    detectionMs: 10,
    swapMs: 5,
    spareNodes: [0],
    ...over,
  };
}

/**
 * A checkpoint each `intervalMs` that takes `writeMs` to write or read whatever the job's size in whole nodes of
 * `gpusPerNode`; in the background where it takes `copyMs` to be copied.
 */
export function checkpointsOf(
  intervalMs: number,
  writeMs: number,
  gpusPerNode: number,
  copyMs?: number,
): CheckpointSpec {
  return {
    mode: copyMs === undefined ? 'blocking' : 'background',
    intervalMs,
    storage: [{ writeBytesPerMs: 1e12, readBytesPerMs: 1e12 }],
    nodeBytesPerMs: gpusPerNode,
    copyBytesPerMsPerGpu: writeMs / (copyMs ?? writeMs),
    stateBytesPerGpu: writeMs,
  };
}

/** Runs rows on 8 nodes of 2 GPUs in racks of 2 and pods of 2 racks, under `fcfs+none@first-fit`, unless told otherwise. */
export function runFaulty(rows: readonly RuledJob[], of: FaultyMachine = {}): Schedule {
  const partitions = of.partitions ?? [machine(8, 2, 2, 2)];
  const parsed = parsePolicy(of.policy ?? 'fcfs+none@first-fit');
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  return schedule({
    partitions: partitions.map((partition) => ({
      ...partition,
      power: { ...partition.power, phases: { stallW: 30, initialiseW: 20, hangW: 40 } },
    })),
    policy: parsed.policy,
    jobs: ruledTable(rows),
    startMs: of.startMs ?? Math.min(0, ...rows.map(({ submitMs }) => submitMs)),
    horizonMs: of.horizonMs,
    streams: new RandomStreams(of.seed ?? 'faulty'),
    traits: of.traits?.map((given) => ({ ...PLAIN_TRAITS, ...given })),
    windows: of.windows,
    guaranteedRunMs: of.guaranteedRunMs,
    reliability: reliabilityOf(of.reliability),
    checkpoints: of.checkpoints,
    initialisation: of.initialisation ?? { baseMs: 20, perDoublingMs: 0, mostMs: 20 },
  });
}

/** GPU·ms of a job: useful, stall, lost, restart. */
export function phasesOf({ progress }: Schedule, job = 0): number[] {
  const { usefulGpuMs, stallGpuMs, lostGpuMs, restartGpuMs } = progress.interruptions!.phases!;
  return [usefulGpuMs, stallGpuMs, lostGpuMs, restartGpuMs].map((column) => column[job]!);
}
