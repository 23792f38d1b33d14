import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/cluster/layout.js';
import { Occupancy } from '../../src/cluster/occupancy.js';
import { World } from '../../src/policy/world.js';
import { RunningCaps } from '../../src/sim/runningCaps.js';
import { JobProgress } from '../../src/workload/jobProgress.js';
import { jobTable, machine } from '../support/jobs.js';

describe('what caps leave an elastic job', () => {
  // 4 nodes of 4 GPUs, 12 GPUs a user. User 0 has jobs of 4 and 2 GPUs that could use all 16, user 1 one of 4.
  const table = jobTable([
    { submitMs: 0, gpus: 4, runMs: 10, user: 0 },
    { submitMs: 0, gpus: 2, runMs: 10, user: 0 },
    { submitMs: 0, gpus: 4, runMs: 10, user: 1 },
  ]);
  const jobs = { ...table, extra: { minGpus: Int32Array.of(1, 1, 1), maxGpus: Int32Array.of(16, 16, 16) } };
  const world: World = new World({
    clock: { nowMs: 0 },
    jobs,
    progress: new JobProgress(jobs, true),
    partitions: [new Occupancy(layoutOf(machine(4, 4)), 3)],
    roomOf: (job) => caps.roomOf(job),
  });
  const host = { readmit: () => undefined, dequeue: () => undefined };
  const limits = { qos: [], perUser: { maxGpus: 12 } };
  const caps = new RunningCaps({ world, limits, sites: 1, largestGpus: 16, host });

  it('is what its owner has left, beside what it holds itself', () => {
    for (const job of [0, 1, 2]) expect(caps.offer(job)).toBe(true);
    expect(world.maxGpus(0)).toBe(12);
    caps.started(0);
    expect([0, 1, 2].map((job) => caps.roomOf(job))).toEqual([12, 8, 12]);
    caps.started(1);
    // 4 + 2 run: the first may have 10, which is two whole nodes; the second 8.
    expect([0, 1, 2].map((job) => caps.roomOf(job))).toEqual([10, 8, 12]);
    expect([0, 1, 2].map((job) => world.maxGpus(job))).toEqual([8, 8, 12]);
    caps.stopped(0);
    expect(world.maxGpus(1)).toBe(12);
  });
});
