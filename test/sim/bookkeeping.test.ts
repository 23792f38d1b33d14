import { describe, expect, it } from 'vitest';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import { ESTIMATE_RAISES_MS } from '../../src/sim/overrun.js';
import { placesOf, run as runBrokered, at } from '../support/brokered.js';
import { machine } from '../support/jobs.js';
import { endStates, runRuled, startsOrReasons } from '../support/rules.js';
import { stretches } from '../support/stretches.js';

const MIN = 60_000;
const four = [machine(4, 1)];

describe('a job that is resized while it restarts', () => {
  /*
   * A (4 GPUs, at least 2, 100 ms) is interrupted at 10 with 90 left and restarts at 20: productive at 40. At 25 it gives
   * up 2 GPUs for C. The resize of 2 is over long before the restart: 90 at half speed from 40 on end at 220.
   */
  it('is productive no earlier than its restart is over', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100, minGpus: 2 },
      { submitMs: 10, gpus: 4, runMs: 10, priority: 1 },
      { submitMs: 25, gpus: 2, runMs: 200 },
    ];
    const policy = 'fcfs+elastic(1 s)/priority@first-fit';
    const done = runRuled(jobs, { partitions: four, policy, traits: [{ restartMs: 20, resizeMs: 2 }] });
    expect(stretches(done)).toEqual([
      [0, 4, 0, 10],
      [1, 4, 10, 20],
      [0, 4, 20, 25],
      [0, 2, 25, 220],
      [2, 2, 25, 225],
    ]);
  });
});

describe('a job that outlives its estimate', () => {
  /* A (estimate 10 min) has less left than B (40 min) until the raise that takes it past that. */
  it('gives way by shortest remaining estimate once that has been raised far enough', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 5000 * MIN, estimateMs: 10 * MIN },
      { submitMs: MIN, gpus: 4, runMs: 40 * MIN },
    ];
    const done = runRuled(jobs, { partitions: four, policy: 'fcfs+easy/srtf(estimate)@first-fit' });
    let endMs = 10 * MIN;
    const raiseMs = ESTIMATE_RAISES_MS.find((ms) => {
      if (ms > 40 * MIN) return true;
      endMs += ms;
      return false;
    });
    expect(raiseMs).toBeDefined();
    expect(done.startMs[1]).toBe(endMs);
  });

  /* A (estimate 10 min, 10 min and 30 s) runs 0–5, waits, runs 50–55:30: past its estimate once, at 55. */
  it('has its estimate raised for time it runs, not for time it waits', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 10.5 * MIN, estimateMs: 10 * MIN },
      { submitMs: 5 * MIN, gpus: 4, runMs: 45 * MIN, priority: 1 },
    ];
    const until = (horizonMs: number) =>
      runRuled(jobs, { partitions: four, policy: 'fcfs+easy/priority@first-fit', horizonMs });
    expect(until(60 * MIN).endMs[0]).toBe(55.5 * MIN);
    expect(until(55 * MIN).progress.estimateMs[0]).toBe(10 * MIN);
    expect(until(60 * MIN).progress.estimateMs[0]).toBe(10 * MIN + ESTIMATE_RAISES_MS[0]!);
  });

  /* A (estimate 100 min) is at half speed from 50 on: the 50 min of work left by its estimate last until 150. */
  it('has it raised when the work is done that was estimated, also at another speed', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 130 * MIN, estimateMs: 100 * MIN, minGpus: 2 },
      { submitMs: 50 * MIN, gpus: 2, runMs: 500 * MIN },
    ];
    const estimateAt = (horizonMs: number) =>
      runRuled(jobs, { partitions: four, policy: 'fcfs+elastic@first-fit', horizonMs }).progress.estimateMs[0];
    expect(estimateAt(150 * MIN)).toBe(100 * MIN);
    expect(estimateAt(150 * MIN + 1)).toBe(100 * MIN + ESTIMATE_RAISES_MS[0]!);
  });
});

describe('the queues a broker counts', () => {
  const sites = [at(0, 1), at(1, 1)];

  it('are without jobs that were turned away', () => {
    const rows = [
      { submitMs: 0, gpus: 1, runMs: 50 },
      { submitMs: 1, gpus: 1, runMs: 5 },
    ];
    const limits = { qos: [], maxWallMs: 10 };
    expect(placesOf(runBrokered('fcfs+easy@pack^least-queued', sites, rows, { limits }))).toEqual([0, 0]);
  });

  /* Both sites are full. The third interrupts the first at site 0, which waits then: the fourth goes to the other site. */
  it('are with jobs that were interrupted and wait again', () => {
    const rows = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 0, gpus: 4, runMs: 1000 },
      { submitMs: 1, gpus: 4, runMs: 50, priority: 1 },
      { submitMs: 2, gpus: 4, runMs: 10 },
    ];
    expect(placesOf(runBrokered('fcfs+easy/priority@pack^least-queued', sites, rows))).toEqual([0, 1, 0, 1]);
  });
});

describe('a job that waits again when its reservation ends', () => {
  /* B has taken the reservation from A until its end at 50. A has timed out, so what depends on it never runs. */
  it('takes what depends on it along', () => {
    const course: WindowSpec = {
      ...{ name: 'course', kind: 'reservation', partition: 0, nodes: 4 },
      ...{ fromMs: 0, toMs: 50, drainMs: 0 },
    };
    const rows = [
      { submitMs: 0, gpus: 4, runMs: 40, reservation: 0 },
      { submitMs: 5, gpus: 1, runMs: 10, after: [0] },
      { submitMs: 10, gpus: 4, runMs: 40, priority: 1, reservation: 0 },
    ];
    const done = runRuled(rows, { windows: [course], policy: 'fcfs+easy/priority@first-fit' });
    expect(startsOrReasons(done)).toEqual([0, 'dependency', 10]);
    expect(endStates(done)[0]).toBe('timeout');
  });
});

describe('a queue whose order changes as usage is counted anew', () => {
  /* X and A are of one user, who has used nothing by the count at 0: A goes before B. By the count at 100 B does. */
  it.each(['none', 'easy', 'easy(3)', 'conservative'])('starts in the new order with %s', (backfill) => {
    const rows = [
      { submitMs: 0, gpus: 10, runMs: 100, user: 0 },
      { submitMs: 1, gpus: 10, runMs: 10, user: 0 },
      { submitMs: 2, gpus: 10, runMs: 10, user: 1 },
    ];
    const starts = (recalc: string) => [
      ...runRuled(rows, { policy: `fair-share(recalc=${recalc})+${backfill}@first-fit` }).startMs,
    ];
    expect(starts('50 ms')).toEqual([0, 110, 100]);
    expect(starts('200 ms')).toEqual([0, 100, 110]);
  });
});
