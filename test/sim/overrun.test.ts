import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { policyNames } from '../../src/policy/registry.js';
import { ESTIMATE_RAISES_MS, killedAtEstimate, nextRaiseMs } from '../../src/sim/overrun.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { simulate } from '../../src/sim/simulate.js';
import { END_STATES, type JobTable } from '../../src/workload/jobTable.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';
import { tracedTask } from '../support/tinyRuns.js';

const MIN = 60_000;

function run(jobs: JobTable, policyText: string): Schedule {
  const parsed = parsePolicy(policyText);
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  const streams = new RandomStreams('t');
  const partitions = [machine(10, 1)];
  return schedule({ partitions, policy: parsed.policy, jobs, startMs: 0, horizonMs: undefined, streams });
}

const BACKFILLS = [...policyNames('backfill'), 'easy(3)', 'conservative(2)'];

const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 60 }),
  gpus: fc.integer({ min: 1, max: 10 }),
  runMs: fc.integer({ min: 0, max: 40 }),
  estimateMs: fc.integer({ min: 0, max: 30 }),
});
const someJobs = fc
  .array(aJob, { minLength: 1, maxLength: 50 })
  .map((jobs) => jobs.sort((x, y) => x.submitMs - y.submitMs));

describe('a machine that kills at the estimate', () => {
  it('ends a job there, timed out, and leaves the others and the table of the workload alone', () => {
    const given = jobTable([
      { submitMs: 0, gpus: 4, runMs: 100, estimateMs: 60 },
      { submitMs: 0, gpus: 4, runMs: 50, estimateMs: 60 },
    ]);
    const jobs = killedAtEstimate(given);
    expect([...jobs.runMs]).toEqual([60, 50]);
    expect(Array.from(jobs.endState, (state) => END_STATES[state])).toEqual(['timeout', 'completed']);
    expect([[...given.runMs], [...given.endState]]).toEqual([
      [100, 50],
      [0, 0],
    ]);
    expect([...run(jobs, 'fcfs+easy@pack').endMs]).toEqual([60, 50]);
  });

  it('keeps the very table where no job runs longer than its estimate', () => {
    const given = jobTable([{ submitMs: 0, gpus: 1, runMs: 60, estimateMs: 60 }]);
    expect(killedAtEstimate(given)).toBe(given);
  });

  it('keeps the promise of EASY: the head of the queue starts no later than its shadow', () => {
    fc.assert(
      fc.property(someJobs, (all) => {
        // A job of 0 ms would make a second pass of an instant, which starts and ends alone do not tell apart.
        const lasting = all.map((job) => ({ ...job, runMs: 1 + job.runMs, estimateMs: 1 + job.estimateMs }));
        const jobs = killedAtEstimate(jobTable(lasting));
        const { startMs, endMs } = run(jobs, 'fcfs+easy@pack');
        for (let head = 0; head < jobs.count; head++) {
          // It became the head when it was submitted or the job before it started; all that runs then ends by its estimate.
          const since = Math.max(jobs.submitMs[head]!, ...startMs.subarray(0, head));
          const running = [...startMs.keys()].filter((job) => startMs[job]! < since && endMs[job]! > since);
          const started = [...startMs.keys()].filter((job) => job < head && startMs[job] === since);
          const held = [...running, ...started];
          const estimated = (job: number): number => startMs[job]! + jobs.estimateMs[job]!;
          const free = (at: number): number =>
            10 - held.filter((job) => estimated(job) > at).reduce((sum, job) => sum + jobs.gpus[job]!, 0);
          const shadow = [since, ...held.map(estimated)]
            .sort((x, y) => x - y)
            .find((at) => at >= since && free(at) >= jobs.gpus[head]!)!;
          expect(startMs[head]).toBeLessThanOrEqual(shadow);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a machine that extends estimates', () => {
  it('raises an estimate by the published steps, the last again and again', () => {
    let estimate = 10;
    const raises = Array.from({ length: 13 }, () => {
      const raise = nextRaiseMs(10, estimate);
      estimate += raise;
      return raise / MIN;
    });
    expect(raises).toEqual([1, 5, 15, 30, 60, 120, 300, 600, 1200, 3000, 6000, 6000, 6000]);
    expect(ESTIMATE_RAISES_MS).toHaveLength(11);
  });

  /*
   * 10 GPUs. A: 8 GPUs, estimate 10 min, runs 20. B, at 1 min: 10 GPUs for 10 min, planned after A. C, at 2 min: 2 GPUs for
   * 8 min, ends by 10: starts at once. D, at 10.5 min: 2 GPUs for 5 min. A's estimate was 11 min then (10 + 1) and is 16 from
   * 11 on (+ 5): only from 11 on D (until 16) does not delay B. At 16 A's estimate becomes 31; B starts at 20, when A ends.
   */
  it.each(['easy', 'conservative', 'conservative(1)', 'easy(2)'])(
    '%s plans by the estimate as it is raised',
    (backfill) => {
      const jobs = jobTable([
        { submitMs: 0, gpus: 8, runMs: 20 * MIN, estimateMs: 10 * MIN },
        { submitMs: MIN, gpus: 10, runMs: 10 * MIN },
        { submitMs: 2 * MIN, gpus: 2, runMs: 8 * MIN },
        { submitMs: 10.5 * MIN, gpus: 2, runMs: 5 * MIN },
      ]);
      const { startMs, endMs } = run(jobs, `fcfs+${backfill}@pack`);
      expect(Array.from(startMs, (at) => at / MIN)).toEqual([0, 20, 2, 11]);
      expect(endMs[0]).toBe(20 * MIN);
      expect(jobs.estimateMs[0]).toBe(10 * MIN);
    },
  );

  /*
   * A: 8 GPUs, estimate 10 min, runs 10.5. B and C, at 1 and 2 min, take all 10 for 10 min: planned at 10 and 20. At 10 A is
   * expected until 11 and B would last until 21. Were C not planned again, B would find room behind C alone, at 30, and C
   * move up to 11 and be the one that starts when A ends.
   */
  it.each(['conservative', 'conservative(2)', 'easy(2)'])(
    '%s keeps the order of those planned behind it',
    (backfill) => {
      const jobs = jobTable([
        { submitMs: 0, gpus: 8, runMs: 10.5 * MIN, estimateMs: 10 * MIN },
        { submitMs: MIN, gpus: 10, runMs: 10 * MIN },
        { submitMs: 2 * MIN, gpus: 10, runMs: 10 * MIN },
      ]);
      const { startMs } = run(jobs, `fcfs+${backfill}@pack`);
      expect(Array.from(startMs, (at) => at / MIN)).toEqual([0, 10.5, 20.5]);
    },
  );

  it.each(BACKFILLS)('runs every job to its end under %s', (backfill) => {
    fc.assert(
      fc.property(someJobs, (rows: readonly PlainJob[]) => {
        const { startMs, endMs } = run(jobTable(rows), `fcfs+${backfill}@pack`);
        expect([...endMs]).toEqual(rows.map((row, job) => startMs[job]! + row.runMs));
      }),
    );
  });
});

describe('a run', () => {
  const { spec, inputs: tiny } = tracedTask();
  const log = jobTable(Array.from({ length: 4 }, (_, i) => ({ submitMs: i, gpus: 1, runMs: 100, estimateMs: 40 * i })));
  const inputs = { ...tiny, traces: { log } };

  it('kills unless told otherwise, and counts who timed out', () => {
    for (const overrun of [undefined, 'kill'] as const) {
      const { schedule: summary } = simulate({ ...spec, overrun }, inputs);
      expect([summary.timedOut, summary.completed]).toEqual([3, 1]);
    }
    const { schedule: summary } = simulate({ ...spec, overrun: 'extend' }, inputs);
    expect([summary.timedOut, summary.completed]).toEqual([0, 4]);
  });
});
