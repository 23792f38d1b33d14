import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { capacityGpuMs, gpusAt, meanGpus } from '../../src/workload/capacity.js';
import type { PartitionSize } from '../../src/workload/fitting.js';
import type { GeneratedJobs } from '../../src/workload/generate.js';
import type { ResolvedClass } from '../../src/workload/resolved.js';
import { generate, mixOf, plainClass } from './shipped.js';

/** 200 GPUs, 500 from day 20 on, 1,000 from day 40 on. */
const GROWING: PartitionSize = {
  name: 'main',
  gpus: 1000,
  gpusPerNode: 4,
  inService: [
    { atMs: 0, nodes: 50 },
    { atMs: 20 * MS_PER_DAY, nodes: 125 },
    { atMs: 40 * MS_PER_DAY, nodes: 250 },
  ],
};
const HORIZON_MS = 60 * MS_PER_DAY;
const on = (partitions: readonly PartitionSize[], warmupMs = 10 * MS_PER_DAY) => ({
  partitions,
  horizonMs: HORIZON_MS,
  warmupMs,
});

/** GPU time submitted between two days for each GPU that is there. */
function load({ table }: GeneratedJobs, fromDay: number, toDay: number, gpus: number): number {
  let gpuMs = 0;
  for (let job = 0; job < table.count; job++) {
    const atMs = table.submitMs[job]!;
    if (atMs >= fromDay * MS_PER_DAY && atMs < toDay * MS_PER_DAY) gpuMs += table.gpus[job]! * table.runMs[job]!;
  }
  return gpuMs / (gpus * (toDay - fromDay) * MS_PER_DAY);
}

const small: ResolvedClass = { ...plainClass, name: 'small', sizes: [{ gpus: 4, weight: 1 }] };
const spread: ResolvedClass = { ...small, name: 'spread', arrivals: { process: 'stratified' } };

describe('what a partition that grows has', () => {
  it('is counted at a time and over a span, less what services hold', () => {
    const served = { ...GROWING, serviceGpus: 40 };
    expect([-5, 0, 19, 20, 39, 40, 99].map((day) => gpusAt(served, day * MS_PER_DAY))).toEqual([
      160, 160, 160, 460, 460, 960, 960,
    ]);
    expect(capacityGpuMs(served, 10 * MS_PER_DAY, 50 * MS_PER_DAY)).toBe((160 * 10 + 460 * 20 + 960 * 10) * MS_PER_DAY);
    expect(meanGpus(GROWING, 0, HORIZON_MS)).toBe((200 + 500 + 1000) / 3);
    expect(meanGpus({ ...GROWING, inService: undefined }, 0, HORIZON_MS)).toBe(1000);
  });
});

describe('jobs drawn for a partition that grows', () => {
  it.each([
    ['a Poisson process', small, 0.03],
    ['stratified arrivals', spread, 0.005],
  ])('meet the load that was asked for in each phase, by %s', (_, entry, tolerance) => {
    const jobs = generate(mixOf([entry], { load: 0.8 }), '1/0', on([GROWING]));
    expect(jobs.offeredLoadTarget).toBeCloseTo(0.8, 12);
    expect(Math.abs(jobs.offeredLoadRealised / 0.8 - 1)).toBeLessThan(0.001);
    for (const [from, to, gpus] of [
      [-10, 0, 200],
      [0, 20, 200],
      [20, 40, 500],
      [40, 60, 1000],
    ] as const)
      expect(Math.abs(load(jobs, from, to, gpus) / 0.8 - 1)).toBeLessThan(tolerance);
  });

  it('are none before anything is there', () => {
    const late = { ...GROWING, inService: [{ atMs: 20 * MS_PER_DAY, nodes: 250 }] };
    const { table } = generate(mixOf([small, spread], { load: 0.8 }), '1/0', on([late]));
    expect(table.submitMs[0]).toBeGreaterThanOrEqual(20 * MS_PER_DAY);
  });

  it('keep their rate where the class gives one', () => {
    const rated: ResolvedClass = { ...small, gpuTimeShare: null, jobsPerHour: 50 };
    const jobs = generate(mixOf([rated], { load: null, budget: 'expected' }), '1/0', on([GROWING]));
    expect(Math.abs(load(jobs, 0, 20, 200) / load(jobs, 40, 60, 200) - 1)).toBeLessThan(0.05);
  });

  it('go to partitions by the GPUs that each has at the time', () => {
    const other: PartitionSize = { name: 'other', gpus: 200, gpusPerNode: 4 };
    const { table } = generate(mixOf([small], { load: 0.8 }), '1/0', on([GROWING, other]));
    const shareOfOther = (fromDay: number, toDay: number): number => {
      let jobs = 0;
      let there = 0;
      for (let job = 0; job < table.count; job++) {
        const day = table.submitMs[job]! / MS_PER_DAY;
        if (day < fromDay || day >= toDay) continue;
        jobs++;
        there += table.partitionOf[job]!;
      }
      return there / jobs;
    };
    expect(shareOfOther(0, 20)).toBeCloseTo(200 / 400, 1);
    expect(shareOfOther(40, 60)).toBeCloseTo(200 / 1200, 1);
  });

  it('are drawn as ever for one that does not grow', () => {
    const plain: PartitionSize = { name: 'main', gpus: 1000, gpusPerNode: 4 };
    const whole = { ...plain, inService: [{ atMs: 0, nodes: 250 }] };
    const mix = mixOf([small, spread], { load: 0.8 });
    const days = { horizonMs: 2 * MS_PER_DAY, warmupMs: MS_PER_DAY };
    const drawn = (partition: PartitionSize) => generate(mix, '1/0', { partitions: [partition], ...days }).table;
    expect(drawn(whole)).toEqual(drawn(plain));
  });
});

describe('the load beside services', () => {
  it('is of the GPUs that are left', () => {
    const served: PartitionSize = { name: 'main', gpus: 1000, gpusPerNode: 4, serviceGpus: 400 };
    const jobs = generate(mixOf([small], { load: 0.5 }), '1/0', on([served]));
    expect(load(jobs, 0, 60, 600)).toBeCloseTo(0.5, 3);
    expect(jobs.offeredLoadTarget).toBeCloseTo(0.5, 12);
  });

  it('has no job larger than what services leave', () => {
    const served: PartitionSize = { name: 'main', gpus: 1000, gpusPerNode: 4, serviceGpus: 400 };
    const large: ResolvedClass = { ...plainClass, name: 'large', sizes: [{ gpus: 1000, weight: 1 }] };
    const { table, rescaledJobs } = generate(mixOf([large], { load: 0.5 }), '1/0', on([served]));
    expect(Math.max(...table.gpus.subarray(0, table.count))).toBe(600);
    expect(rescaledJobs).toBe(table.count);
  });
});
