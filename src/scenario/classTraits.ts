import { tokensPerS, type TrainingSpec } from './trainingSpec.js';

/** What all jobs of a class have in common beyond their sizes and times. Plain data, part of a RunSpec. */
export interface ClassTraits {
  /** Higher goes first where an order or a pre-emption asks for it. */
  readonly priority: number;
  /** May be interrupted in favour of another job. */
  readonly preemptible: boolean;
  /** Productive time between checkpoints, ms: what was done since the last is lost; 0: saved when interrupted, or as the run's `checkpoints` say. */
  readonly checkpointMs: number;
  /** From getting GPUs again to being productive again, ms; 0: at once, or as the run's `initialisation` says. */
  readonly restartMs: number;
  /** From a change of size to being productive again, ms. */
  readonly resizeMs: number;
  /** Speed on g GPUs relative to those asked for: (g / asked)^exponent, 0…1 (concave). */
  readonly speedupExponent: number;
  /**
   * Speed by partition of the run, relative to the reference that run times are given at; `undefined`: 1 everywhere. Of a
   * class with a model what power caps leave of its throughput.
   */
  readonly speedByPartition: readonly number[] | undefined;
  /** Index of the quality of service among the limits of the run; `undefined`: none. */
  readonly qos: number | undefined;
  /** Sites the class may run at, by index; `undefined`: all. */
  readonly sites: readonly number[] | undefined;
  /** Moved when a job runs elsewhere than at home, TB. */
  readonly dataTB: number;
  /** Its jobs may be kept waiting for cheaper or cleaner hours, this long at most, ms; absent: not at all. */
  readonly deferMs?: number | undefined;
  /** What it does is never lost, and it writes no checkpoints: it serves users; absent: it is not so. */
  readonly stateless?: boolean | undefined;
  /** The model it trains; absent: jobs are as fast as their sizes and partitions say. */
  readonly training?: TrainingSpec | undefined;
}

/** A class of which nothing is said: not pre-empted by anything, as fast everywhere. */
export const PLAIN_TRAITS: ClassTraits = {
  priority: 0,
  preemptible: true,
  checkpointMs: 0,
  restartMs: 0,
  resizeMs: 0,
  speedupExponent: 1,
  speedByPartition: undefined,
  qos: undefined,
  sites: undefined,
  dataTB: 0,
};

/**
 * Speed of a job on `gpus` GPUs of a partition, relative to the `asked` GPUs of the partition it was submitted to, in
 * which its run time is given.
 */
export function relativeSpeed(
  traits: ClassTraits,
  partition: number,
  gpus: number,
  home: number,
  asked: number,
): number {
  const { training } = traits;
  const ofPartition = traits.speedByPartition?.[partition] ?? 1;
  if (training === undefined) return ofPartition * speedup(traits, gpus, asked);
  if (partition === home && gpus === asked) return ofPartition;
  const rows = training.rows[partition];
  return !rows ? 0 : (ofPartition * tokensPerS(rows, gpus)) / tokensPerS(training.rows[home]!, asked);
}

/** Speed of a job of `asked` GPUs on `gpus` of them; 1 at the size asked for. */
export function speedup(traits: ClassTraits, gpus: number, asked: number): number {
  return gpus === asked ? 1 : (gpus / asked) ** traits.speedupExponent;
}
