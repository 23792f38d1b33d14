import type { ErrorRecord } from '../base/errors.js';
import type { RunResult } from '../metrics/runResult.js';
import { defaultThreads } from '../pool/cores.js';
import type { Pool, RunOutcome } from '../pool/pool.js';
import { threadsPool } from '../pool/threads.js';
import { plural, shownReplication } from '../report/numbers.js';
import type { KeptResult } from '../report/runText.js';
import { onInterrupt } from './interrupt.js';
import type { LoadedPlan } from './loadPlan.js';
import { sayNotes } from './notes.js';
import type { RunOptions } from './options.js';
import { showProgress } from './progress.js';
import { plannedRuns } from './plannedRuns.js';
import { openResults, type PlannedTask, type Results } from './results.js';
import type { Talk } from './talk.js';

/** A plan with what became of its runs, by index. */
export interface DonePlan extends LoadedPlan {
  readonly results: readonly (KeptResult | undefined)[];
  /** Of its variants, by variant and run. */
  readonly variantResults: readonly (readonly (KeptResult | undefined)[])[];
}

export interface FailedRun {
  readonly run: string;
  /** Text of its policy. */
  readonly policy: string;
  readonly error: ErrorRecord;
}

export interface Executed {
  readonly done: readonly DonePlan[];
  /** Without those that were only interrupted. */
  readonly failed: readonly FailedRun[];
  /** 130 or 143 when the user stopped it. */
  readonly interruptedBy: number | undefined;
}

/**
 * Does the runs of all plans in one pool, with progress, and keeps what is finished when interrupted.
 *
 * With `--out` each run is written as soon as it ends, and a run found there is not done again. Variants of a plan
 * are written beside its runs: what sites pay, without tables.
 *
 * @param poolOf - what does the runs, on so many threads; replaced in tests
 * @param known - results by run key that are there already
 */
export async function execute(
  plans: readonly LoadedPlan[],
  options: RunOptions,
  talk: Talk,
  poolOf: (threads: number) => Pool = (threads) => threadsPool({ threads }),
  known: ReadonlyMap<string, KeptResult> = new Map(),
): Promise<Executed> {
  const results = options.out === undefined ? undefined : openResults(options.out);
  results?.writePlan(plans);
  sayNotes(
    plans.map(({ plan }) => plan),
    talk,
  );
  const planned = plans.map(plannedRuns);
  const tasks = planned.flatMap((runs) => runs.tasks);
  for (const task of tasks) talk.detail(`run key ${task.key}: ${runName(task)}`);
  let found = 0;
  const kept = tasks.map((task): KeptResult | undefined => {
    const before = known.get(task.key);
    if (before !== undefined) return before;
    const stored = results?.find(task)?.result;
    if (stored !== undefined) found++;
    return stored;
  });
  const missing = byReplication(tasks).filter((index) => kept[index] === undefined);
  if (found > 0) talk.say(`${plural(found, 'run')} of ${String(tasks.length)} found in ${results!.path}`);
  const failures: { readonly index: number; readonly run: FailedRun }[] = [];
  const { outcomes, interruptedBy } = await doRuns(
    missing.map((index) => tasks[index]!),
    options,
    talk,
    results,
    poolOf,
  );
  outcomes.forEach((outcome, at) => {
    const index = missing[at]!;
    if (outcome.ok) kept[index] = outcome.result;
    else if (outcome.error.code !== 'run.interrupted') {
      const task = tasks[index]!;
      failures.push({ index, run: { run: runName(task), policy: task.spec.policy.text, error: outcome.error } });
    }
  });
  const failed = failures.sort((a, b) => a.index - b.index).map(({ run }) => run);
  let next = 0;
  const done = plans.map((loaded, index): DonePlan => {
    const first = next;
    next += planned[index]!.tasks.length;
    const [results = [], ...variantResults] = planned[index]!.handBack(kept.slice(first, next));
    return { ...loaded, results, variantResults };
  });
  return { done, failed, interruptedBy };
}

/**
 * Indices of all runs, the first replication of everything first: whoever stops early has whole replications to
 * compare. The pool begins with the longest-expected and keeps this order among equals.
 */
const byReplication = (tasks: readonly PlannedTask[]): number[] =>
  tasks.map((_, index) => index).sort((a, b) => tasks[a]!.spec.replication - tasks[b]!.spec.replication || a - b);

async function doRuns(
  tasks: readonly PlannedTask[],
  options: RunOptions,
  talk: Talk,
  results: Results | undefined,
  poolOf: (threads: number) => Pool,
): Promise<{ outcomes: readonly RunOutcome[]; interruptedBy: number | undefined }> {
  const threads = options.threads ?? defaultThreads();
  const interrupt = onInterrupt(talk);
  const progress = showProgress(tasks.length, talk);
  const write = (task: PlannedTask, result: RunResult, wallMs: number): void => {
    if (results === undefined) return;
    const timings = { wallMs: Math.round(wallMs), threads, node: process.version, finishedAt: new Date() };
    talk.detail(`wrote ${results.write(task, result, timings)}`);
  };
  try {
    const keepJobs = results !== undefined;
    const runs = tasks.map(({ spec, inputs }) => ({ spec, inputs, keepJobs }));
    const outcomes = await poolOf(threads).run(runs, {
      signal: interrupt.signal,
      onProgress: (state) => {
        progress.update(state);
      },
      onOutcome: (index, outcome, wallMs) => {
        if (!outcome.ok) return;
        write(tasks[index]!, outcome.result, wallMs);
        progress.ended(runName(tasks[index]!), wallMs);
      },
    });
    return { outcomes, interruptedBy: interrupt.exitCode() };
  } finally {
    progress.stop();
    interrupt.release();
  }
}

/** `fcfs+easy@pack at gf-fr-hdf and 4 more, replication 3`. */
function runName({ spec, own, label }: PlannedTask): string {
  const { policy, sites, replication } = own?.spec ?? spec;
  const more = sites.length > 1 ? ` and ${String(sites.length - 1)} more` : '';
  const where = sites.length === 0 ? '' : ` at ${sites[0]!.id}${more}`;
  const which = label === undefined ? '' : `${label}: `;
  return `${which}${policy.text}${where}, replication ${String(shownReplication(replication))}`;
}
