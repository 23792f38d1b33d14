import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machine } from '../support/jobs.js';
import { naivePreemption, type TwinJob, type TwinRules } from '../support/naivePreemption.js';
import { runRuled, type Rules, type RuledJob } from '../support/rules.js';
import { stretches } from '../support/stretches.js';

const four = [machine(4, 1)];
const run = (jobs: readonly RuledJob[], policy: string, rules: Rules = {}) =>
  runRuled(jobs, { partitions: four, policy, ...rules });

describe('priority pre-emption', () => {
  /*
   * 4 GPUs. A (all 4, 100 ms) runs from 0; B (2 GPUs, priority 1, 10 ms) comes at 30. A saves every 8 ms: 24 of its 30,
   * so 6 ms × 4 GPUs are lost. B runs 30–40. A restarts at 40, is productive at 45, has 76 left: ends at 121. Lost in
   * all: 6 × 4 + 5 × 4 = 44 GPU·ms.
   */
  it('interrupts a job of lower priority, which goes on from its last checkpoint after a restart', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 30, gpus: 2, runMs: 10, priority: 1 },
    ];
    const done = run(jobs, 'fcfs+easy/priority@first-fit', { traits: [{ checkpointMs: 8, restartMs: 5 }] });
    expect(stretches(done)).toEqual([
      [0, 4, 0, 30],
      [1, 2, 30, 40],
      [0, 4, 40, 121],
    ]);
    const { lostGpuMs, attainedGpuMs, preemptions } = done.progress.interruptions!;
    expect([...lostGpuMs]).toEqual([44, 0]);
    expect([...attainedGpuMs]).toEqual([4 * 30 + 4 * 81, 20]);
    expect([...preemptions]).toEqual([1, 0]);
    expect([...done.startMs]).toEqual([0, 30]);
    expect([...done.endMs]).toEqual([121, 40]);
  });

  it('loses nothing where the state is saved when a job is interrupted', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 30, gpus: 4, runMs: 10, priority: 1 },
    ];
    const done = run(jobs, 'fcfs+easy/priority@first-fit');
    expect([...done.endMs]).toEqual([110, 40]);
    expect([...done.progress.interruptions!.lostGpuMs]).toEqual([0, 0]);
  });

  /*
   * 4 GPUs: L (1 GPU, priority 0, from 0), K (2 GPUs, priority 0, from 1), M (1 GPU, priority 1, from 2). At 10 H
   * (priority 2) takes 2: the last started of the lowest is K, which is enough. One that takes 3 has K and L give way.
   */
  it('has the lowest give way first, of these the last to start, and no more than needed', () => {
    const jobs = (gpus: number) => [
      { submitMs: 0, gpus: 1, runMs: 100 },
      { submitMs: 1, gpus: 2, runMs: 100 },
      { submitMs: 2, gpus: 1, runMs: 100, priority: 1 },
      { submitMs: 10, gpus, runMs: 10, priority: 2 },
    ];
    const interrupted = (gpus: number) => [
      ...run(jobs(gpus), 'fcfs+easy/priority@first-fit').progress.interruptions!.preemptions,
    ];
    expect(interrupted(2)).toEqual([0, 1, 0, 0]);
    expect(interrupted(3)).toEqual([1, 1, 0, 0]);
    expect(interrupted(4)).toEqual([1, 1, 1, 0]);
  });

  it('spares a job that turns out not to be needed once a larger one gives way', () => {
    const jobs = [
      { submitMs: 0, gpus: 3, runMs: 100 },
      { submitMs: 1, gpus: 1, runMs: 100 },
      { submitMs: 10, gpus: 3, runMs: 10, priority: 1 },
    ];
    // The last started frees 1, too few; with the first 4 are free, so the last stays.
    const done = run(jobs, 'fcfs+easy/priority@first-fit');
    expect([...done.progress.interruptions!.preemptions]).toEqual([1, 0, 0]);
  });

  it('leaves equals and jobs of a class that is not preemptible alone', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 10, gpus: 4, runMs: 10, priority: 1, jobClass: 1 },
    ];
    const equal = run(jobs, 'fcfs+easy/priority@first-fit', { traits: [{ priority: 1 }, {}] });
    expect([...equal.startMs]).toEqual([0, 100]);
    const rigid = run(jobs, 'fcfs+easy/priority@first-fit', { traits: [{ preemptible: false }, {}] });
    expect([...rigid.startMs]).toEqual([0, 100]);
  });

  it('lets a job run the guaranteed minimum, and interrupts it at that very instant', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 10, gpus: 4, runMs: 10, priority: 1 },
    ];
    const done = run(jobs, 'fcfs+easy/priority@first-fit', { guaranteedRunMs: 50 });
    expect(stretches(done)).toEqual([
      [0, 4, 0, 50],
      [1, 4, 50, 60],
      [0, 4, 60, 110],
    ]);
  });

  /*
   * The head H (priority 1) needs 4: 2 free and 2 of V. L fits and would be done before the head could start, so the
   * backfill starts it in the same pass; it gives way at once, and stands as if it never had started.
   */
  it('does not count a job that gives way at the instant it started', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 100 },
      { submitMs: 10, gpus: 4, runMs: 10, priority: 1 },
      { submitMs: 10, gpus: 2, runMs: 5 },
    ];
    const done = run(jobs, 'fcfs+easy/priority@first-fit', { traits: [{ restartMs: 3 }] });
    expect([...done.startMs]).toEqual([0, 10, 20]);
    expect([...done.endMs]).toEqual([113, 20, 25]);
    expect([...done.progress.interruptions!.preemptions]).toEqual([1, 0, 0]);
  });

  it('tries smaller jobs where no room can be made for a larger one', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 100, priority: 5 },
      { submitMs: 1, gpus: 2, runMs: 100 },
      { submitMs: 5, gpus: 3, runMs: 10, priority: 2 },
      { submitMs: 6, gpus: 2, runMs: 10, priority: 1 },
    ];
    expect([...run(jobs, 'priority(0)+none/priority@first-fit').startMs]).toEqual([0, 1, 100, 6]);
  });

  /* 2 nodes of 4. a and b (2 GPUs each) fill node 0, c (1 GPU) is on node 1; H wants a whole node. */
  it('counts nodes for a gang: jobs that share one give way together', () => {
    const jobs = (c: number) => [
      { submitMs: 0, gpus: 2, runMs: 100 },
      { submitMs: 1, gpus: 2, runMs: 100 },
      { submitMs: 2, gpus: 1, runMs: 100, priority: c },
      { submitMs: 10, gpus: 4, runMs: 10, priority: 1 },
    ];
    const interrupted = (c: number) => {
      const done = run(jobs(c), 'fcfs+easy/priority@first-fit', { partitions: [machine(2, 4)] });
      return [...done.progress.interruptions!.preemptions];
    };
    expect(interrupted(0)).toEqual([0, 0, 1, 0]);
    expect(interrupted(1)).toEqual([1, 1, 0, 0]);
  });

  it('makes room on one node for a job below its size, by a gang or by jobs that share it', () => {
    const gang = [
      { submitMs: 0, gpus: 8, runMs: 100 },
      { submitMs: 10, gpus: 1, runMs: 10, priority: 1 },
    ];
    const partitions = [machine(2, 4)];
    expect([...run(gang, 'fcfs+easy/priority@first-fit', { partitions }).startMs]).toEqual([0, 10]);
    const shared = [
      { submitMs: 0, gpus: 2, runMs: 100 },
      { submitMs: 1, gpus: 1, runMs: 100 },
      { submitMs: 2, gpus: 1, runMs: 100 },
      { submitMs: 3, gpus: 4, runMs: 100, priority: 1 },
      { submitMs: 10, gpus: 2, runMs: 10, priority: 1 },
    ];
    const done = run(shared, 'fcfs+easy/priority@first-fit', { partitions });
    expect([...done.progress.interruptions!.preemptions]).toEqual([0, 1, 1, 0, 0]);
    expect(done.startMs[4]).toBe(10);
  });

  it('interrupts nobody on nodes that leave service: that would free nothing', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 30, gpus: 4, runMs: 10, priority: 1 },
    ];
    const windows = [
      { name: 'm', kind: 'maintenance' as const, partition: 0, nodes: 4, fromMs: 150, toMs: 160, drainMs: 140 },
    ];
    const done = run(jobs, 'fcfs+easy/priority@first-fit', { windows });
    expect([...done.endMs]).toEqual([100, 170]);
  });
});

describe('las pre-emption', () => {
  /* A (4 GPUs) reaches 100 GPU·ms at 25 and leaves level 0; B, which waits in it, takes its GPUs until 35. */
  it('has a job give way at the instant its GPU time reaches the threshold', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 5, gpus: 4, runMs: 10 },
    ];
    const done = run(jobs, 'las(threshold=100 ms)+easy/las(threshold=100 ms)@first-fit');
    expect(stretches(done)).toEqual([
      [0, 4, 0, 25],
      [1, 4, 25, 35],
      [0, 4, 35, 110],
    ]);
  });

  it('needs as long on one GPU as on four for a quarter of the time', () => {
    const jobs = [
      { submitMs: 0, gpus: 1, runMs: 200 },
      { submitMs: 5, gpus: 4, runMs: 10 },
    ];
    const done = run(jobs, 'las(threshold=100 ms)+easy/las(threshold=100 ms)@first-fit');
    expect([...done.startMs]).toEqual([0, 100]);
  });

  it('leaves jobs of one level alone', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 60 },
      { submitMs: 0, gpus: 4, runMs: 60 },
    ];
    const done = run(jobs, 'las(threshold=100 ms)+easy/las(threshold=100 ms)@first-fit');
    // At 25 the first gives way; at 50 the second is in its level, and runs on.
    expect([...done.endMs]).toEqual([120, 85]);
  });
});

describe('srtf pre-emption', () => {
  /*
   * A has 90 left at 10, more than B's 30: B runs 10–40. C (40) comes at 20 when B has 20 left: waits. At 40 C goes
   * before A (90 left) and runs to 80, A to 170.
   */
  const jobs = [
    { submitMs: 0, gpus: 4, runMs: 100 },
    { submitMs: 10, gpus: 4, runMs: 30 },
    { submitMs: 20, gpus: 4, runMs: 40 },
  ];
  it('runs what ends first', () => {
    expect([...run(jobs, 'srtf+easy/srtf@first-fit').endMs]).toEqual([170, 40, 80]);
  });

  it('counts the restart that a job needs', () => {
    // A, interrupted at 10 with 30 left and a restart of 25, would need 55 at 20: C, with 50, goes before it.
    const restarting = [
      { submitMs: 0, gpus: 4, runMs: 40 },
      { submitMs: 10, gpus: 4, runMs: 10 },
      { submitMs: 20, gpus: 4, runMs: 50 },
    ];
    const done = run(restarting, 'largest-first+easy/srtf@first-fit', { traits: [{ restartMs: 25 }] });
    expect([...done.endMs]).toEqual([125, 20, 70]);
  });

  it('knows only estimates where it is told so', () => {
    const estimated = jobs.map((job, id) => ({ ...job, estimateMs: id === 1 ? 95 : 100 }));
    expect([...run(estimated, 'srtf(estimate)+easy/srtf(estimate)@first-fit').endMs]).toEqual([100, 130, 170]);
  });
});

describe('time slices', () => {
  const two = [
    { submitMs: 0, gpus: 4, runMs: 25 },
    { submitMs: 0, gpus: 4, runMs: 25 },
  ];
  it('has gangs take turns', () => {
    expect(stretches(run(two, 'round-robin+easy/time-slice(10 ms)@first-fit'))).toEqual([
      [0, 4, 0, 10],
      [1, 4, 10, 20],
      [0, 4, 20, 30],
      [1, 4, 30, 40],
      [0, 4, 40, 45],
      [1, 4, 45, 50],
    ]);
  });

  /* Slices of 2 ms, restarts of 5, checkpoints every 3: a slice lasts until 5 + 3 have passed, or nothing would ever be done. */
  it('lets a slice last until something is saved', () => {
    const done = run(
      [
        { submitMs: 0, gpus: 4, runMs: 6 },
        { submitMs: 0, gpus: 4, runMs: 6 },
      ],
      'round-robin+easy/time-slice(2 ms)@first-fit',
      { traits: [{ restartMs: 5, checkpointMs: 3 }] },
    );
    expect(stretches(done)).toEqual([
      [0, 4, 0, 3],
      [1, 4, 3, 6],
      [0, 4, 6, 14],
      [1, 4, 14, 22],
    ]);
  });

  it('interrupts nobody while nobody waits', () => {
    expect(stretches(run(two.slice(0, 1), 'round-robin+easy/time-slice(10 ms)@first-fit'))).toEqual([[0, 4, 0, 25]]);
  });

  it('serves the first in line, a large gang too, before those behind it', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 40 },
      { submitMs: 5, gpus: 2, runMs: 40 },
      { submitMs: 6, gpus: 4, runMs: 10 },
      { submitMs: 7, gpus: 2, runMs: 10 },
    ];
    // At 15 both others have run 10 ms.
    const done = run(jobs, 'round-robin+none/time-slice(10 ms)@first-fit');
    expect(done.startMs[2]).toBe(15);
    expect(done.startMs[3]).toBe(25);
  });
});

const GPUS = 6;
const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 60 }),
  gpus: fc.integer({ min: 1, max: GPUS }),
  runMs: fc.integer({ min: 1, max: 30 }),
  priority: fc.integer({ min: 0, max: 3 }),
});
const someJobs = fc
  .array(aJob, { minLength: 1, maxLength: 14 })
  .map((jobs) => [...jobs].sort((a, b) => a.submitMs - b.submitMs));
const someCosts = fc.record({
  checkpointMs: fc.integer({ min: 0, max: 6 }),
  restartMs: fc.integer({ min: 0, max: 4 }),
  guaranteedRunMs: fc.constantFrom(0, 0, 3, 10),
});

describe('against a scheduler that goes through time ms by ms', () => {
  const level = ({ serviceGpuMs }: { serviceGpuMs: number }): number =>
    [20, 60].filter((threshold) => serviceGpuMs >= threshold).length;
  const byPriority = ({ priority = 0 }: TwinJob): number => -priority;
  const twins: Record<string, Pick<TwinRules, 'order' | 'rank'>> = {
    'priority(0)+none/priority@first-fit': { order: byPriority, rank: byPriority },
    'las(3, 20 ms, 3)+none/las(3, 20 ms, 3)@first-fit': {
      order: (job) => 1000 * level(job) + job.submitMs,
      rank: level,
    },
    'srtf+none/srtf@first-fit': {
      order: ({ leftMs }) => leftMs,
      rank: ({ leftMs, overheadMs }) => leftMs + overheadMs,
    },
  };
  it.each(Object.keys(twins))('%s holds the same GPUs at the same times and loses as much', (policy) => {
    fc.assert(
      fc.property(someJobs, someCosts, (jobs, costs) => {
        const { guaranteedRunMs, ...traits } = costs;
        const twin = naivePreemption(jobs, { gpus: GPUS, ...costs, ...twins[policy]! });
        const done = run(jobs, policy, { partitions: [machine(GPUS, 1)], traits: [traits], guaranteedRunMs });
        expect(stretches(done)).toEqual(twin.held);
        expect([...done.progress.interruptions!.lostGpuMs]).toEqual(twin.lostGpuMs);
      }),
      { numRuns: 1000 },
    );
  });

  /*
   * At 12 both running jobs are in level 1, and job 1, the last to start, gives way to job 2 (1 GPU): 2 are free, which
   * job 3 takes. Job 4 is in level 0 too, so job 0 gives way at this very instant; it runs on when job 4 ends.
   */
  it('has a job give way for whom the room made for others was too small', () => {
    const jobs = [
      { submitMs: 0, gpus: 3, runMs: 14 },
      { submitMs: 1, gpus: 3, runMs: 12 },
      { submitMs: 12, gpus: 1, runMs: 2 },
      { submitMs: 12, gpus: 2, runMs: 2 },
      { submitMs: 12, gpus: 1, runMs: 1 },
    ];
    const policy = 'las(3, 20 ms, 3)+none/las(3, 20 ms, 3)@first-fit';
    expect(stretches(run(jobs, policy, { partitions: [machine(GPUS, 1)] }))).toEqual([
      [0, 3, 0, 12],
      [1, 3, 1, 12],
      [2, 1, 12, 14],
      [3, 2, 12, 14],
      [4, 1, 12, 13],
      [0, 3, 13, 15],
      [1, 3, 14, 15],
    ]);
  });
});

describe.each(['priority', 'las(threshold=30 ms)', 'srtf', 'srtf(estimate)', 'time-slice(5 ms)'])('%s', (preempt) => {
  const books = (order: string, partitions: NonNullable<Rules['partitions']>) =>
    fc.property(someJobs, someCosts, (rows, costs) => {
      const { guaranteedRunMs, ...traits } = costs;
      const jobs = rows.map((row, i) => ({ ...row, jobClass: i % 2 }));
      const done = run(jobs, `${order}+easy/${preempt}@pack`, {
        partitions,
        traits: [traits, { ...traits, preemptible: false }],
        guaranteedRunMs,
      });
      const { attainedGpuMs, lostGpuMs, preemptions } = done.progress.interruptions!;
      const rowsHeld = stretches(done);
      jobs.forEach((job, id) => {
        const own = rowsHeld.filter(([of]) => of === id);
        expect(attainedGpuMs[id]).toBe(own.reduce((sum, [, gpus, from, to]) => sum + gpus * (to - from), 0));
        expect(attainedGpuMs[id]! - lostGpuMs[id]!).toBe(job.runMs * job.gpus);
        expect(own.length).toBe(preemptions[id]! + 1);
        for (const [, , from, to] of own.slice(0, -1)) expect(to - from).toBeGreaterThanOrEqual(guaranteedRunMs);
        if (job.jobClass === 1) expect(preemptions[id]).toBe(0);
        expect([done.startMs[id], done.endMs[id]]).toEqual([own[0]![2], own.at(-1)![3]]);
      });
    });

  it('lets every job do its work exactly once, loses what the rules say, and respects minimum and class', () => {
    fc.assert(books('fcfs', [machine(GPUS, 1)]), { numRuns: 150 });
    fc.assert(books('sjf', [machine(GPUS, 1)]), { numRuns: 150 });
  });

  it('does so where jobs share nodes', () => {
    fc.assert(books('round-robin', [machine(3, 4)]), { numRuns: 150 });
  });
});
