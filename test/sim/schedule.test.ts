import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import type { PartitionSpec } from '../../src/scenario/runSpec.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';
import { naiveEasy } from '../support/naiveEasy.js';

function run(
  jobs: readonly PlainJob[],
  policyText: string,
  partitions: readonly PartitionSpec[],
  horizonMs?: number,
): Schedule {
  const parsed = parsePolicy(policyText);
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  const table = jobTable(jobs);
  const startMs = Math.min(0, ...jobs.map((job) => job.submitMs));
  return schedule({
    partitions,
    policy: parsed.policy,
    jobs: table,
    startMs,
    horizonMs,
    streams: new RandomStreams('t'),
  });
}

const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 60 }),
  gpus: fc.integer({ min: 1, max: 10 }),
  runMs: fc.integer({ min: 0, max: 20 }),
  over: fc.integer({ min: 0, max: 15 }),
});
const someJobs = fc
  .array(aJob, { minLength: 1, maxLength: 60 })
  .map((jobs) =>
    jobs.map((job) => ({ ...job, estimateMs: job.runMs + job.over })).sort((x, y) => x.submitMs - y.submitMs),
  );

describe('EASY', () => {
  /*
   * 10 GPUs. t=0: A takes 6 for 100. t=1: B wants 8 (the head: shadow 100, spare 2).
   * t=2: C 4 GPUs for 98 ends at 100, not after the shadow: starts. t=3: D 2 GPUs for 500: nothing free, waits.
   * t=100: A and C end, B (8) starts, then D on the 2 left.
   */
  it('lets a job overtake the head when it ends by the shadow', () => {
    const jobs = [
      { submitMs: 0, gpus: 6, runMs: 100 },
      { submitMs: 1, gpus: 8, runMs: 50 },
      { submitMs: 2, gpus: 4, runMs: 98 },
      { submitMs: 3, gpus: 2, runMs: 500 },
    ];
    expect([...run(jobs, 'fcfs+easy@first-fit', [machine(10, 1)]).startMs]).toEqual([0, 100, 2, 100]);
    expect([...run(jobs, 'fcfs+none@first-fit', [machine(10, 1)]).startMs]).toEqual([0, 100, 150, 150]);
  });

  /*
   * As before, but C would end at 101, after the shadow, and needs 4 > 2 spare: waits. D needs 2 = spare: starts
   * at 3 and uses the spare up, so E (1 GPU, long) must wait although a GPU is free.
   */
  it('lets a job overtake the head on spare GPUs, which it then uses up', () => {
    const jobs = [
      { submitMs: 0, gpus: 6, runMs: 100 },
      { submitMs: 1, gpus: 8, runMs: 50 },
      { submitMs: 2, gpus: 4, runMs: 99 },
      { submitMs: 3, gpus: 2, runMs: 500 },
      { submitMs: 4, gpus: 1, runMs: 500 },
    ];
    expect([...run(jobs, 'fcfs+easy@first-fit', [machine(10, 1)]).startMs]).toEqual([0, 100, 150, 3, 150]);
  });

  it.each(['first-fit', 'pack'])('agrees with the definition computed from lists, placed by %s', (placement) => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        expect([...run(jobs, `fcfs+easy@${placement}`, [machine(10, 1)]).startMs]).toEqual(naiveEasy(jobs, 10));
        expect([...run(jobs, `fcfs+none@${placement}`, [machine(10, 1)]).startMs]).toEqual(naiveEasy(jobs, 10, false));
      }),
      { numRuns: 300 },
    );
  });

  it('agrees on whole nodes of 8 GPUs, counted in nodes', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const wide = jobs.map((job) => ({ ...job, gpus: job.gpus * 8 - (job.over % 8 === 7 ? 0 : job.over % 8) }));
        const whole = wide.filter((job) => job.gpus >= 8);
        const inNodes = whole.map((job) => ({ ...job, gpus: Math.ceil(job.gpus / 8) }));
        if (whole.length === 0) return;
        expect([...run(whole, 'fcfs+easy@pack', [machine(10, 8)]).startMs]).toEqual(naiveEasy(inNodes, 10));
      }),
    );
  });
});

describe('a schedule', () => {
  it('meters the watts of running GPUs on top of the idle site, bin by bin', () => {
    // 2 nodes × 4 GPUs: idle 2 × 100 + 8 × 10 = 280 W; 4 GPUs for 20 minutes from minute 10 add 200 W.
    const jobs = [{ submitMs: 600_000, gpus: 4, runMs: 1_200_000 }];
    const [curve] = run(jobs, 'fcfs+easy@pack', [machine(2, 4)], 3_600_000).curves;
    expect([...curve!.itWms]).toEqual([280 * 9e5 + 200 * 3e5, 280 * 9e5 + 200 * 9e5, 280 * 9e5, 280 * 9e5]);
    expect([...curve!.busyGpuMs]).toEqual([4 * 3e5, 4 * 9e5, 0, 0]);
  });

  it('does not meter the warm-up but keeps its jobs running into the horizon', () => {
    const jobs = [{ submitMs: -500_000, gpus: 8, runMs: 600_000 }];
    const [curve] = run(jobs, 'fcfs+easy@pack', [machine(2, 4)], 900_000).curves;
    expect(curve!.busyGpuMs[0]).toBe(8 * 100_000);
  });

  it('cuts at the horizon: jobs still running have no end', () => {
    const { startMs, endMs } = run(
      [{ submitMs: 0, gpus: 1, runMs: 900_000 }],
      'fcfs+none@pack',
      [machine(1, 4)],
      900_000,
    );
    expect(startMs[0]).toBe(0);
    expect(endMs[0]).toBeNaN();
  });

  it('keeps partitions apart: a full one does not hold back the other', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 50, partition: 0 },
      { submitMs: 1, gpus: 4, runMs: 50, partition: 0 },
      { submitMs: 2, gpus: 4, runMs: 50, partition: 1 },
    ];
    expect([...run(jobs, 'fcfs+easy@pack', [machine(1, 4), machine(1, 4)]).startMs]).toEqual([0, 50, 2]);
  });

  it('is the same twice, and its fingerprint tells another placement', () => {
    const jobs = Array.from({ length: 50 }, (_, i) => ({ submitMs: i, gpus: 1 + (i % 9), runMs: 10 + (i % 7) }));
    const first = run(jobs, 'fcfs+easy@pack', [machine(6, 4, 2, 2)]);
    expect(run(jobs, 'fcfs+easy@pack', [machine(6, 4, 2, 2)]).fingerprint).toBe(first.fingerprint);
    expect(run(jobs, 'fcfs+easy@first-fit', [machine(6, 4, 2, 2)]).fingerprint).not.toBe(first.fingerprint);
  });

  it('stops on request through shared memory', () => {
    const heartbeat = new Int32Array(new SharedArrayBuffer(8));
    heartbeat[1] = 1;
    const parsed = parsePolicy('fcfs+easy@pack');
    if (!parsed.ok) throw new Error('unreachable');
    const jobs = jobTable([{ submitMs: 0, gpus: 1, runMs: 1 }]);
    const input = {
      partitions: [machine(1, 1)],
      policy: parsed.policy,
      jobs,
      startMs: 0,
      streams: new RandomStreams(1),
      heartbeat,
    };
    expect(() => schedule({ ...input, horizonMs: 7_200_000 })).toThrow(/stopped on request/);
  });
});
