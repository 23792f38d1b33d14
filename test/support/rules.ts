import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import type { LimitsSpec, PartitionSpec, WindowSpec } from '../../src/scenario/runSpec.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { REJECTIONS } from '../../src/workload/jobProgress.js';
import { END_STATES, type JobTable } from '../../src/workload/jobTable.js';
import { jobTable, machine, type PlainJob } from './jobs.js';

/** A job under rules; `after` are rows before it, in order of submission. */
export interface RuledJob extends PlainJob {
  readonly account?: number;
  readonly after?: readonly number[];
  /** How it ends by itself. */
  readonly ends?: (typeof END_STATES)[number];
  /** Index of a window. */
  readonly reservation?: number | undefined;
}

export interface Rules {
  readonly limits?: LimitsSpec;
  readonly windows?: readonly WindowSpec[];
  /** By class. */
  readonly traits?: readonly Partial<ClassTraits>[];
  readonly policy?: string;
  readonly partitions?: readonly PartitionSpec[];
  readonly horizonMs?: number;
  readonly guaranteedRunMs?: number;
}

/** A table of rows that are in order of submission, with the columns that rules need. */
export function ruledTable(rows: readonly RuledJob[]): JobTable {
  const table = jobTable(rows);
  rows.forEach(({ ends = 'completed' }, job) => {
    table.endState[job] = END_STATES.indexOf(ends);
  });
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach(({ after = [] }, job) => {
    offsets[job + 1] = offsets[job]! + after.length;
  });
  const afterOk = { offsets, jobs: Int32Array.from(rows.flatMap(({ after = [] }) => [...after])) };
  return {
    ...table,
    extra: {
      ...table.extra,
      ...(rows.some(({ account }) => account !== undefined)
        ? { accountOf: Int32Array.from(rows, ({ account = 0 }) => account) }
        : {}),
      ...(afterOk.jobs.length > 0 ? { afterOk } : {}),
      ...(rows.some(({ reservation }) => reservation !== undefined)
        ? { reservationOf: Int16Array.from(rows, ({ reservation = -1 }) => reservation) }
        : {}),
    },
  };
}

/** Runs rows on 10 nodes of one GPU under `fcfs+easy@first-fit`, unless told otherwise. */
export function runRuled(rows: readonly RuledJob[], rules: Rules): Schedule {
  const { limits, windows, traits, policy = 'fcfs+easy@first-fit', partitions = [machine(10, 1)] } = rules;
  const parsed = parsePolicy(policy);
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  return schedule({
    partitions,
    policy: parsed.policy,
    jobs: ruledTable(rows),
    startMs: Math.min(0, ...rows.map(({ submitMs }) => submitMs)),
    horizonMs: rules.horizonMs,
    streams: new RandomStreams('rules'),
    limits,
    windows,
    guaranteedRunMs: rules.guaranteedRunMs,
    traits: traits?.map((of) => ({ ...PLAIN_TRAITS, ...of })),
  });
}

/** Starts of all jobs; why it was turned away for those that were. */
export function startsOrReasons({ startMs, progress }: Schedule): (number | string)[] {
  return [...startMs].map((start, job) => {
    const why = progress.rejectedFor?.[job] ?? 0;
    return why === 0 ? start : REJECTIONS[why]!;
  });
}

/** How all jobs ended. */
export function endStates({ progress }: Schedule): string[] {
  return [...progress.endState].map((state) => END_STATES[state]!);
}
