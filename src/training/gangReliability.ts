import { MS_PER_DAY } from '../base/units.js';
import type { CheckpointSpec, InitialisationSpec, ReliabilitySpec, StorageSpec } from '../scenario/reliabilitySpec.js';
import { dalyIntervalMs, expectedEttr, firstOrderEttr, intervalInForceMs } from './checkpointClock.js';

/** A job that is alone on its machine, and what it fails and saves by. */
export interface LoneGang {
  readonly gpus: number;
  /** Of its partition. */
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly nodesPerRack: number;
  readonly racksPerPod: number;
  readonly reliability: ReliabilitySpec;
  readonly checkpoints: CheckpointSpec;
  readonly storage: StorageSpec;
  readonly initialisation: InitialisationSpec;
  /** What a checkpoint holds; `undefined`: so much a GPU as `checkpoints` says. */
  readonly stateBytes?: number | undefined;
}

/** What follows for it, ms. */
export interface GangFigures {
  /** Mean time between failures that interrupt it; Infinity where nothing fails. */
  readonly mttfMs: number;
  /** It stands still so long for a checkpoint, which counts so long after. */
  readonly stallMs: number;
  readonly writeMs: number;
  /** From a failure to being productive again: detection, swap, initialisation, reload. */
  readonly restartMs: number;
  /** Daly's optimum of the work between checkpoints; Infinity where nothing fails. */
  readonly dalyMs: number;
}

/**
 * The terms of the closed form for a gang that has the storage to itself and a spare for every node it loses.
 *
 * Racks and pods count whole, as if it filled those it is in. Wrong with lemon nodes, burn-in and slow nodes, which the
 * closed form knows nothing of, and where spares run out.
 */
export function gangFigures(gang: LoneGang): GangFigures {
  const { gpus, gpusPerNode, reliability, checkpoints, storage, initialisation } = gang;
  const nodes = Math.ceil(gpus / gpusPerNode);
  const bytes = gang.stateBytes ?? gpus * checkpoints.stateBytesPerGpu;
  const link = nodes * checkpoints.nodeBytesPerMs;
  const writeMs = Math.ceil(bytes / Math.min(storage.writeBytesPerMs, link));
  const readMs = Math.ceil(bytes / Math.min(storage.readBytesPerMs, link));
  const blocks = checkpoints.mode === 'blocking';
  const stallMs = blocks ? writeMs : Math.ceil(bytes / (gpus * checkpoints.copyBytesPerMsPerGpu));
  const perGpuMs = (reliability.failuresPerGpuDay * reliability.rateFactor) / MS_PER_DAY;
  const struck = reliability.causes.map(({ share, scope }) => share * strikingGpus(gang, nodes, scope));
  const all = struck.reduce((sum, share) => sum + share, 0);
  const ofNodes = struck.reduce((sum, share, cause) => {
    return reliability.causes[cause]!.scope === 'job' ? sum : sum + share;
  }, 0);
  const { baseMs, perDoublingMs, mostMs } = initialisation;
  const initialiseMs = Math.min(mostMs, Math.round(baseMs + perDoublingMs * Math.log2(gpus)));
  const swapMs = gpus < gpusPerNode ? 0 : (reliability.swapMs * ofNodes) / all;
  const held = gpus < gpusPerNode ? gpus : nodes * gpusPerNode;
  return {
    mttfMs: perGpuMs === 0 ? Number.POSITIVE_INFINITY : 1 / (perGpuMs * all),
    stallMs,
    writeMs: blocks ? 0 : writeMs,
    restartMs: reliability.detectionMs + swapMs + initialiseMs + readMs,
    dalyMs: dalyIntervalMs(stallMs, perGpuMs === 0 ? Number.POSITIVE_INFINITY : 1 / (perGpuMs * held)),
  };
}

/** GPUs whose failure of a scope interrupts the gang. */
function strikingGpus(gang: LoneGang, nodes: number, scope: 'job' | 'node' | 'rack' | 'pod'): number {
  const { gpus, gpusPerNode, nodesPerRack, racksPerPod } = gang;
  // Of the jobs that share a node one is struck.
  if (scope === 'job' && gpus < gpusPerNode) return gpusPerNode;
  const unit = scope === 'rack' ? nodesPerRack : scope === 'pod' ? nodesPerRack * racksPerPod : 1;
  return Math.min(gang.nodes, Math.ceil(nodes / unit) * unit) * gpusPerNode;
}

/** The interval that is really run, by the formula of the runs themselves. */
export const effectiveIntervalMs = ({ dalyMs, stallMs, writeMs }: GangFigures, interval: 'daly' | number): number =>
  intervalInForceMs(interval === 'daly' ? dalyMs : interval, stallMs, writeMs);

/** That is longer than what was asked for, because a write takes so long. */
export const isPutOff = (figures: GangFigures, interval: 'daly' | number): boolean =>
  effectiveIntervalMs(figures, interval) > Math.max(1, Math.round(interval === 'daly' ? figures.dalyMs : interval));

/**
 * Expected share of time in which it makes progress that lasts, by the closed form. A checkpoint that is still being
 * written when a failure comes is lost: that costs as much as a restart longer by the time of the write.
 */
export function gangEttr(figures: GangFigures, intervalMs: number): { closedForm: number; firstOrder: number } {
  const { mttfMs, stallMs, writeMs, restartMs } = figures;
  if (mttfMs === Number.POSITIVE_INFINITY) {
    const share = Number.isFinite(intervalMs) ? intervalMs / (intervalMs + stallMs) : 1;
    return { closedForm: share, firstOrder: share };
  }
  return {
    closedForm: expectedEttr(intervalMs, stallMs, restartMs + writeMs, mttfMs),
    firstOrder: firstOrderEttr(intervalMs, stallMs, restartMs + writeMs, mttfMs),
  };
}
