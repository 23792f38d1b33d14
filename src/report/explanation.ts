import { heldGpus } from '../cluster/layout.js';
import { runsAtEnd, type JobOutcomes } from '../metrics/runResult.js';
import type { PolicyPartSpec, RunSpec } from '../scenario/runSpec.js';
import { HOLD_REASONS } from '../sim/admission.js';
import type { Overtaking, WaitReason, WaitRecord, WaitStretch, WayAhead } from '../sim/waitProbe.js';
import { END_STATES } from '../workload/jobTable.js';
import { REJECTIONS } from '../workload/jobProgress.js';

/** A reason over one phase of a job's wait. */
export interface ReasonTotal {
  readonly reason: WaitReason;
  /** A sentence's predicate: "fewer GPUs were free than it needs". */
  readonly text: string;
  readonly ms: number;
  /** Of the phase, 0…1. */
  readonly share: number;
  readonly stretches: number;
}

/** Until the first start, or after interruptions. */
export interface WaitPhase {
  readonly ms: number;
  /** Most time first. */
  readonly reasons: readonly ReasonTotal[];
}

export interface ExplainedStretch extends WaitStretch {
  readonly text: string;
}

/** A job that went ahead, by the number it is shown with. */
export interface Overtaker {
  readonly job: number;
  readonly gpus: number;
  readonly way: WayAhead;
  /** How long it held its GPUs while the job waited, all its stretches, ms. */
  readonly ms: number;
}

/** Why one job of a run waited, with all that a report says about it. Times in ms from the start of the horizon. */
export interface Explanation {
  /** As shown: the trace's own number, or the id. */
  readonly job: number;
  readonly className: string;
  readonly user: number;
  readonly partition: string;
  readonly gpus: number;
  /** Whole nodes, for a job of at least one. */
  readonly held: number;
  readonly estimateMs: number;
  readonly submitMs: number;
  /** NaN: not in this run. */
  readonly startMs: number;
  readonly endMs: number;
  readonly state: JobState;
  /** Why it was turned away, in words. */
  readonly rejectedFor: string | undefined;
  readonly interruptions: number;
  /** When the run stopped. */
  readonly stoppedMs: number;
  readonly first: WaitPhase;
  readonly again: WaitPhase;
  readonly stretches: readonly ExplainedStretch[];
  /** Most GPU-hours first. */
  readonly overtakers: readonly Overtaker[];
  /** The job that stood in its way for longest, as shown: one that a reason names, or else that went ahead. */
  readonly blocker: number | undefined;
}

export type JobState = (typeof END_STATES)[number] | 'running' | 'waiting' | 'rejected' | 'not submitted';

const REJECTED_FOR: Readonly<Record<(typeof REJECTIONS)[number], string>> = {
  none: '',
  wall: 'it asked for more time than its limit (MaxWall)',
  dependency: 'a job it depends on did not complete (afterok)',
  cap: 'it is larger than a cap on running jobs allows',
  reservation: 'its reservation cannot hold it, is over, or would end before it',
};

/** @param stoppedMs - when the run stopped */
export function explain(spec: RunSpec, jobs: JobOutcomes, record: WaitRecord, stoppedMs: number): Explanation {
  const { table } = jobs;
  const { job, stretches } = record;
  const shown = (id: number): number => table.originalId?.[id] ?? id;
  const partition = spec.partitions[(jobs.partitionOf ?? table.partitionOf)[job]!]!;
  const state = stateOf(jobs, job, stoppedMs);
  const words = new Words(spec, table.gpus[job]! < partition.gpusPerNode, shown);
  const overtakers = overtakersOf(record.overtakings, shown);
  const heldByOthers = stretches.some(({ reason }) => HELD_BY_OTHERS.includes(reason));
  const first = stretches.filter(({ interruptions }) => interruptions === 0);
  const again = stretches.filter(({ interruptions }) => interruptions > 0);
  return {
    job: shown(job),
    className: table.classNames[table.classOf[job]!]!,
    user: table.userOf[job]!,
    partition: partition.name,
    gpus: table.gpus[job]!,
    held: heldGpus(table.gpus[job]!, partition.gpusPerNode),
    estimateMs: table.estimateMs[job]!,
    submitMs: table.submitMs[job]!,
    startMs: jobs.startMs[job]!,
    endMs: jobs.endMs[job]!,
    state,
    rejectedFor: state === 'rejected' ? REJECTED_FOR[REJECTIONS[jobs.rejectedFor![job]!]!] : undefined,
    interruptions: jobs.interruptions?.preemptions[job] ?? 0,
    stoppedMs,
    first: phaseOf(first, words),
    again: phaseOf(again, words),
    stretches: stretches.map((stretch) => ({ ...stretch, text: words.of(stretch.reason, [stretch.other]) })),
    overtakers,
    blocker: blockerOf(stretches, shown) ?? (heldByOthers ? overtakers[0]?.job : undefined),
  };
}

/** The job that waited longest in all, interrupted or not yet started; the first of several; -1 when none waited. */
export function longestWaiting(jobs: JobOutcomes, stoppedMs: number): number {
  const { table, startMs, endMs, rejectedFor, interruptions } = jobs;
  const ranMs = new Float64Array(table.count);
  const { segments } = interruptions ?? {};
  for (let at = 0; segments !== undefined && at < segments.count; at++)
    ranMs[segments.job[at]!]! += segments.toMs[at]! - segments.fromMs[at]!;
  let longest = -1;
  let longestMs = 0;
  for (let job = 0; job < table.count; job++) {
    if ((rejectedFor?.[job] ?? 0) !== 0) continue;
    const untilMs = segments === undefined ? startMs[job]! : endMs[job]!;
    const waitMs = (Number.isNaN(untilMs) ? stoppedMs : untilMs) - table.submitMs[job]! - ranMs[job]!;
    if (waitMs <= longestMs) continue;
    longest = job;
    longestMs = waitMs;
  }
  return longest;
}

function stateOf(jobs: JobOutcomes, job: number, stoppedMs: number): JobState {
  const { table, startMs, endMs, endState, rejectedFor } = jobs;
  if ((rejectedFor?.[job] ?? 0) !== 0) return 'rejected';
  if (!Number.isNaN(endMs[job]!)) return END_STATES[(endState ?? table.endState)[job]!]!;
  if (!Number.isNaN(startMs[job]!)) return runsAtEnd(jobs, job) ? 'running' : 'waiting';
  return table.submitMs[job]! < stoppedMs ? 'waiting' : 'not submitted';
}

function phaseOf(stretches: readonly WaitStretch[], words: Words): WaitPhase {
  const byReason = new Map<WaitReason, WaitStretch[]>();
  for (const stretch of stretches) {
    const known = byReason.get(stretch.reason);
    if (known === undefined) byReason.set(stretch.reason, [stretch]);
    else known.push(stretch);
  }
  const lengthOf = (of: readonly WaitStretch[]): number => of.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const ms = lengthOf(stretches);
  const reasons = [...byReason].map(([reason, own]) => {
    const others = [...new Set(own.map(({ other }) => other))];
    return {
      reason,
      text: words.of(reason, others),
      ms: lengthOf(own),
      share: lengthOf(own) / ms,
      stretches: own.length,
    };
  });
  return { ms, reasons: reasons.sort((a, b) => b.ms - a.ms) };
}

function overtakersOf(overtakings: readonly Overtaking[], shown: (id: number) => number): Overtaker[] {
  const byJob = new Map<number, Overtaker>();
  for (const { job, gpus, way, fromMs, toMs } of overtakings) {
    const known = byJob.get(job);
    byJob.set(job, { job: shown(job), gpus, way, ms: (known?.ms ?? 0) + toMs - fromMs });
  }
  return [...byJob.values()].sort((a, b) => b.gpus * b.ms - a.gpus * a.ms || a.job - b.job);
}

const NAMES_A_JOB: readonly WaitReason[] = ['dependency', 'preempted', 'reservation', 'behind'];
/** Jobs that went ahead hold what would have sufficed. */
export const HELD_BY_OTHERS: readonly WaitReason[] = ['preempted', 'overtaken', 'jumped', 'backfilled'];

function blockerOf(stretches: readonly WaitStretch[], shown: (id: number) => number): number | undefined {
  const byJob = new Map<number, number>();
  for (const { reason, other, fromMs, toMs } of stretches) {
    if (other >= 0 && NAMES_A_JOB.includes(reason)) byJob.set(other, (byJob.get(other) ?? 0) + toMs - fromMs);
  }
  const [longest] = [...byJob].sort(([a, aMs], [b, bMs]) => bMs - aMs || a - b);
  return longest === undefined ? undefined : shown(longest[0]);
}

/** Reasons as predicates; what a reason names is named where it is one. */
class Words {
  private readonly spec: RunSpec;
  private readonly small: boolean;
  private readonly shown: (id: number) => number;

  constructor(spec: RunSpec, small: boolean, shown: (id: number) => number) {
    this.spec = spec;
    this.small = small;
    this.shown = shown;
  }

  of(reason: WaitReason, others: readonly number[]): string {
    const { order, backfill, preempt, placement, power } = this.spec.policy;
    switch (reason) {
      case 'transfer':
        return 'its data was being moved to its site';
      case 'dependency':
        return `${this.jobs(others)} had not completed (afterok)`;
      case 'not open':
        return 'its reservation had not begun';
      case 'deferred':
        return `the power policy ${namesOf(power!)} kept it out of the queue`;
      case 'power':
        return `it would have taken the site above the power that ${namesOf(power!)} keeps it under`;
      case 'limit':
        return others.map((hold) => HOLD_REASONS[hold]!).join('; ');
      case 'maintenance':
        return `nodes were out of service${this.windows(others)}; with them enough GPUs would have been free`;
      case 'preempted': {
        const takers = others.length > 1 || others[0]! < 0 ? 'several jobs' : this.jobs(others);
        return `the pre-emption ${preempt!.name} had taken its GPUs for ${takers}`;
      }
      case 'overtaken':
        return `jobs submitted later held enough GPUs, put first by the order ${order.name}`;
      case 'jumped':
        return `jobs submitted later held enough GPUs, started by the pre-emption ${preempt!.name}`;
      case 'backfilled':
        return `jobs submitted later held enough GPUs, started early by the backfill ${backfill.name}`;
      case 'capacity':
        return 'fewer GPUs were free than it needs';
      case 'fragmentation':
        return `enough GPUs were free, but not ${this.small ? 'on one node' : 'as whole nodes'}`;
      case 'topology':
        return `enough nodes were free, but not where the placement ${placement.name} wants them`;
      case 'reservation':
        return `it would have delayed ${this.jobs(others)}, which the backfill ${backfill.name} promised a start`;
      case 'behind':
        return `${this.jobs(others)} went first`;
      case 'policy':
        return 'it fitted, but the policy did not start it';
    }
  }

  private jobs(others: readonly number[]): string {
    const [only] = others;
    if (others.length === 1 && only! >= 0) return `job ${this.shown(only!)}`;
    return others.length === 1 ? 'a job' : `one of ${others.length} jobs`;
  }

  private windows(others: readonly number[]): string {
    const names = others.filter((window) => window >= 0).map((window) => this.spec.windows![window]!.name);
    return names.length === 0 ? '' : ` (${names.join(', ')})`;
  }
}

/** As they are written: `peak-guard+idle-sleep`. */
const namesOf = (parts: readonly PolicyPartSpec[]): string => parts.map(({ name }) => name).join('+');
