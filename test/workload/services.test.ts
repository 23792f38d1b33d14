import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../src/base/units.js';
import type { ServiceSpec } from '../../src/scenario/serviceSpec.js';
import { replicasOf, serviceGpusByPartition, withServices } from '../../src/workload/services.js';
import { jobTable } from '../support/jobs.js';

const flat = Array<number>(24).fill(0);
const place = (partition: number, replicas: number) => ({
  partition,
  replicas,
  timeZone: 'UTC',
  deviationWByHour: flat,
});
const SERVICES: readonly ServiceSpec[] = [
  { name: 'chat', replicaGpus: 8, places: [place(0, 2), place(1, 1)] },
  { name: 'search', replicaGpus: 16, places: [place(1, 1)] },
];
const SPAN = { warmupMs: 2 * MS_PER_HOUR, horizonMs: 10 * MS_PER_HOUR };

const rows = [
  { submitMs: 5, gpus: 4, runMs: 10, user: 3, priority: 2, minGpus: 2, maxGpus: 6 },
  { submitMs: 9, gpus: 1, runMs: 20, user: 1, partition: 1, priority: 1 },
];

describe('the jobs of a run with services', () => {
  const before = jobTable(rows);
  const table = withServices(before, SERVICES, SPAN);

  it('begin with a job for each replica, a minute before anything else, that runs to the end of the horizon', () => {
    const firstMs = -2 * MS_PER_HOUR - 60_000;
    expect(replicasOf(SERVICES)).toBe(4);
    expect(table.count).toBe(6);
    expect([...table.submitMs]).toEqual([firstMs, firstMs, firstMs, firstMs, 5, 9]);
    expect([...table.gpus]).toEqual([8, 8, 8, 16, 4, 1]);
    expect([...table.partitionOf]).toEqual([0, 0, 1, 1, 0, 1]);
    expect([...table.runMs.slice(0, 4)]).toEqual(Array(4).fill(12 * MS_PER_HOUR + 60_000));
    expect([...table.estimateMs.slice(0, 4)]).toEqual([...table.runMs.slice(0, 4)]);
    expect([...table.runMs.slice(4)]).toEqual([10, 20]);
  });

  it('have classes and users of their own behind those of the others', () => {
    expect(table.classNames).toEqual([...before.classNames, 'chat', 'search']);
    expect([...table.classOf]).toEqual([1, 1, 1, 2, 0, 0]);
    expect([...table.userOf]).toEqual([4, 4, 4, 5, 3, 1]);
  });

  it('submit nothing before a job of the log that came earlier than the warm-up', () => {
    const early = jobTable([{ submitMs: -5 * MS_PER_HOUR, gpus: 1, runMs: 1 }]);
    expect(withServices(early, SERVICES, SPAN).submitMs[0]).toBe(-5 * MS_PER_HOUR - 60_000);
  });

  it('keep what single jobs say of themselves, and replicas ask for nothing special', () => {
    expect([...table.extra!.priority!]).toEqual([0, 0, 0, 0, 2, 1]);
    expect([...table.extra!.minGpus!]).toEqual([8, 8, 8, 16, 2, 1]);
    expect([...table.extra!.maxGpus!]).toEqual([8, 8, 8, 16, 6, 1]);
  });

  it('still wait for the jobs they depend on, are charged to their accounts, and name their reservations', () => {
    const extra = {
      accountOf: Int32Array.of(1, 0),
      accountShares: Float64Array.of(3, 5, 7),
      deadlineMs: Float64Array.of(100, 200),
      reservationOf: Int16Array.of(-1, 0),
      afterOk: { offsets: Int32Array.of(0, 0, 1), jobs: Int32Array.of(0) },
    };
    const moved = withServices({ ...before, extra }, SERVICES, SPAN).extra!;
    expect([...moved.accountOf!]).toEqual([3, 3, 3, 4, 1, 0]);
    expect([...moved.accountShares!]).toEqual([3, 5, 7, 1, 1]);
    expect([...moved.deadlineMs!]).toEqual([Infinity, Infinity, Infinity, Infinity, 100, 200]);
    expect([...moved.reservationOf!]).toEqual([-1, -1, -1, -1, -1, 0]);
    expect([...moved.afterOk!.offsets]).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect([...moved.afterOk!.jobs]).toEqual([4]);
  });

  it('leave the table they are made from as it was', () => {
    expect([...before.submitMs]).toEqual([5, 9]);
    expect(before.classNames).toEqual(['any']);
  });
});

describe('the GPUs of services', () => {
  it('are summed by partition', () => {
    expect(serviceGpusByPartition(SERVICES, [{ gpusPerNode: 8 }, { gpusPerNode: 4 }])).toEqual([16, 24]);
    expect(serviceGpusByPartition(undefined, [{ gpusPerNode: 8 }])).toEqual([0]);
  });
});
