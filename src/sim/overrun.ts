import { MS_PER_HOUR, MS_PER_MINUTE } from '../base/units.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { JobProgress } from '../workload/jobProgress.js';
import { END_STATES, type JobTable } from '../workload/jobTable.js';
import { EVENT } from './events.js';

/**
 * What is added to the estimate of a job that outlives it, the first time, the second and so on; the last again and
 * again. Source: Tsafrir, Etsion and Feitelson, Backfilling Using System-Generated Predictions Rather than User Runtime
 * Estimates, TPDS 18(6), 2007.
 */
export const ESTIMATE_RAISES_MS: readonly number[] = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MS_PER_MINUTE),
  ...[1, 2, 5, 10, 20, 50, 100].map((hours) => hours * MS_PER_HOUR),
];

/** The next raise of an estimate that was `givenMs` at first and is `estimateMs` now. */
export function nextRaiseMs(givenMs: number, estimateMs: number): number {
  let raised = givenMs;
  for (const raiseMs of ESTIMATE_RAISES_MS) {
    if (raised >= estimateMs) return raiseMs;
    raised += raiseMs;
  }
  return ESTIMATE_RAISES_MS.at(-1)!;
}

const outlives = (jobs: JobTable, job: JobId): boolean => jobs.runMs[job]! > jobs.estimateMs[job]!;

/** Is there a job that runs longer than its estimate? */
export function anyOutlives(jobs: JobTable): boolean {
  for (let job = 0; job < jobs.count; job++) if (outlives(jobs, job)) return true;
  return false;
}

/**
 * The jobs as a machine lets them run that kills at the estimate: those that would run longer end there, timed out. The
 * table itself where no job does; otherwise one with two columns of its own.
 *
 * The estimate is one of work at reference speed: a job on a slower partition, or one that restarts, is given the
 * time this takes (a real machine would count wall-clock time).
 */
export function killedAtEstimate(jobs: JobTable): JobTable {
  if (!anyOutlives(jobs)) return jobs;
  const runMs = jobs.runMs.slice();
  const endState = jobs.endState.slice();
  const timeout = END_STATES.indexOf('timeout');
  for (let job = 0; job < jobs.count; job++) {
    if (!outlives(jobs, job)) continue;
    runMs[job] = jobs.estimateMs[job]!;
    endState[job] = timeout;
  }
  return { ...jobs, runMs, endState };
}

/** Where a job of the run outlives its estimate and is not killed: raises its estimate as time passes it. */
export class Overruns {
  private readonly jobs: JobTable;
  private readonly loop: RunLoop;
  private readonly world: World;
  private readonly progress: JobProgress;
  /** Pending event of each running job that will outlive its estimate. */
  private readonly pending: Float64Array;

  constructor(jobs: JobTable, loop: RunLoop, world: World, progress: JobProgress) {
    this.jobs = jobs;
    this.loop = loop;
    this.world = world;
    this.progress = progress;
    this.pending = new Float64Array(jobs.count).fill(Number.NaN);
    progress.estimateMs = jobs.estimateMs.slice();
  }

  /** The job runs, or its estimated end has changed. */
  watch(job: JobId): void {
    if (!outlives(this.jobs, job)) return;
    this.forget(job);
    // The table knows what the scheduler does not: a job that ends in time needs no event.
    if (this.jobs.runMs[job]! <= this.progress.estimateMs[job]!) return;
    const endMs = this.progress.estimatedEndMs[job]!;
    this.pending[job] = this.loop.queue.push(endMs, RANK.market, EVENT.estimate, job);
  }

  /** The job no longer runs. */
  forget(job: JobId): void {
    if (Number.isNaN(this.pending[job]!)) return;
    this.loop.queue.cancel(this.pending[job]!);
    this.pending[job] = Number.NaN;
  }

  /** The estimated end of a job has come, and it runs on: it is expected to end later. */
  raise(job: JobId): void {
    const { progress, world, jobs } = this;
    this.pending[job] = Number.NaN;
    const raiseMs = nextRaiseMs(jobs.estimateMs[job]!, progress.estimateMs[job]!);
    progress.estimateMs[job]! += raiseMs;
    progress.estimatedEndMs[job]! += Math.ceil(
      raiseMs / world.speedOn(job, world.partitionOf(job), world.gpusNow(job)),
    );
    this.watch(job);
  }
}
