import type { ErrorRecord } from '../base/errors.js';
import type { RunResult } from '../metrics/runResult.js';
import { defaultThreads } from '../pool/cores.js';
import type { RunOutcome, RunTask } from '../pool/pool.js';
import { threadsPool } from '../pool/threads.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { onInterrupt } from './interrupt.js';
import type { LoadedPlan } from './loadPlan.js';
import type { RunOptions } from './options.js';
import { showProgress } from './progress.js';
import type { Talk } from './talk.js';

/** A plan with what became of its runs, by index. */
export interface DonePlan extends LoadedPlan {
  readonly results: readonly (RunResult | undefined)[];
}

export interface FailedRun {
  readonly run: string;
  readonly error: ErrorRecord;
}

export interface Executed {
  readonly done: readonly DonePlan[];
  /** Without those that were only interrupted. */
  readonly failed: readonly FailedRun[];
  /** 130 or 143 when the user stopped it. */
  readonly interruptedBy: number | undefined;
}

/** Does the runs of all plans in one pool, with progress, and keeps what is finished when interrupted. */
export async function execute(plans: readonly LoadedPlan[], options: RunOptions, talk: Talk): Promise<Executed> {
  const places = plans.flatMap(({ plan }, index) => plan.specs.map((spec, run) => ({ index, run, spec })));
  const tasks = places.map(({ index, spec }): RunTask => ({ spec, inputs: plans[index]!.plan.inputs }));
  const threads = options.threads ?? defaultThreads();
  const interrupt = onInterrupt(talk);
  const progress = showProgress(tasks.length, talk);
  let outcomes: RunOutcome[];
  try {
    outcomes = await threadsPool({ threads }).run(tasks, {
      signal: interrupt.signal,
      onProgress: (state) => {
        progress.update(state);
      },
      onOutcome: (index, outcome, wallMs) => {
        if (outcome.ok) progress.ended(runName(places[index]!.spec), wallMs);
      },
    });
  } finally {
    progress.stop();
    interrupt.release();
  }
  const done = plans.map((loaded, index): DonePlan => {
    const own = outcomes.filter((_, task) => places[task]!.index === index);
    return { ...loaded, results: own.map((outcome) => (outcome.ok ? outcome.result : undefined)) };
  });
  const failed = outcomes.flatMap((outcome, task): FailedRun[] =>
    outcome.ok || outcome.error.code === 'run.interrupted'
      ? []
      : [{ run: runName(places[task]!.spec), error: outcome.error }],
  );
  return { done, failed, interruptedBy: interrupt.exitCode() };
}

/** `fcfs+easy@pack at gf-fr-hdf and 4 more, replication 3`. */
export function runName({ policy, sites, replication }: RunSpec): string {
  const more = sites.length > 1 ? ` and ${String(sites.length - 1)} more` : '';
  const where = sites.length === 0 ? '' : ` at ${sites[0]!.id}${more}`;
  return `${policy.text}${where}, replication ${String(replication + 1)}`;
}
