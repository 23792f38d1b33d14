import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import type { TrainingRow, TrainingSpec } from '../../src/scenario/trainingSpec.js';
import { workloadSchema } from '../../src/scenario/workloadSchema.js';
import { resolveGenerator } from '../../src/workload/resolve.js';
import type { ResolvedClass, ResolvedMix } from '../../src/workload/resolved.js';
import { generate, mixOf, plainClass } from './shipped.js';

const row = (gpus: number, tokensPerS: number): TrainingRow => ({
  gpus,
  tokensPerS,
  mfu: 0.4,
  speedByPods: [1],
  activeWByPods: [700],
  parallelism: 'TP1',
});

const spec = (rows: TrainingSpec['rows']): TrainingSpec => ({
  model: 'm',
  flopsPerToken: 1e10,
  stateBytes: 1e11,
  rows,
});

const FAST_AND_SLOW = [
  { name: 'fast', gpus: 64, gpusPerNode: 8 },
  { name: 'slow', gpus: 64, gpusPerNode: 8 },
];
/** 16 GPUs of the slow partition are half as fast, and 64 nowhere four times as fast as 16. */
const TRAINING = [
  spec([
    [row(16, 1e6), row(64, 3e6)],
    [row(16, 5e5), row(64, 1.5e6)],
  ]),
];

const tokenClass: ResolvedClass = {
  ...plainClass,
  sizes: [
    { gpus: 16, weight: 1 },
    { gpus: 64, weight: 1 },
  ],
  duration: { shape: 'constant', value: 3.6e9 },
  inTokens: true,
};

describe('a class whose jobs are given in tokens', () => {
  const drawn = (mix: ResolvedMix, seed = 't') =>
    generate(mix, seed, { partitions: FAST_AND_SLOW, training: TRAINING, warmupMs: 0, horizonMs: 365 * MS_PER_DAY });

  it('runs each as long as its tokens take on its GPUs in the partition it is submitted to', () => {
    const { table } = drawn(mixOf([tokenClass], { budget: 'expected' }));
    const seen = new Set<string>();
    for (let job = 0; job < table.count; job++) {
      const { partitionOf, gpus, runMs } = table;
      seen.add(`${partitionOf[job]!} ${gpus[job]!} ${runMs[job]!}`);
    }
    // 3.6e9 tokens at 1e6, 3e6, 5e5 and 1.5e6 a second: 1 h, 20 min, 2 h, 40 min.
    expect([...seen].sort()).toEqual(['0 16 3600000', '0 64 1200000', '1 16 7200000', '1 64 2400000']);
  });

  it('meets its load exactly, and in the mean where nothing is scaled', () => {
    const exact = drawn(mixOf([tokenClass]));
    expect(exact.offeredLoadTarget).toBeCloseTo(0.8, 12);
    expect(exact.offeredLoadRealised).toBeCloseTo(0.8, 6);
    const expected = drawn(mixOf([tokenClass], { budget: 'expected' }));
    expect(expected.offeredLoadTarget).toBeCloseTo(0.8, 12);
    // About 8,400 jobs, each 16 to 32 GPU·h: within 5 standard deviations of its mean.
    expect(Math.abs(expected.offeredLoadRealised / 0.8 - 1)).toBeLessThan(0.06);
  });

  it('gives a job cut to its partition the time its tokens take there, not the same GPU time', () => {
    const huge = { ...tokenClass, sizes: [{ gpus: 256, weight: 1 }], partition: 'fast' };
    const { table, rescaledJobs } = drawn(mixOf([huge], { budget: 'expected' }));
    expect(rescaledJobs).toBe(table.count);
    expect(new Set(table.gpus.subarray(0, table.count))).toEqual(new Set([64]));
    expect(new Set(table.runMs.subarray(0, table.count))).toEqual(new Set([1_200_000]));
  });

  it('is refused as a broken plan where nothing says how fast it is', () => {
    const context = { partitions: FAST_AND_SLOW, training: undefined };
    expect(() => generate(mixOf([tokenClass]), 't', context)).toThrow('class 0 has no throughput in partition 0');
  });
});

describe('a listed job given in tokens', () => {
  const document = (jobs: unknown[]) =>
    resolveGenerator(
      workloadSchema.parse({
        version: 1,
        kind: 'workload',
        name: 'list',
        title: 'A list',
        jobs,
        jobClasses: [{ name: 'train', gpuPowerFraction: 0.95, model: 'm' }],
      }),
    );

  it('runs as long as they take, and by default estimates as much', () => {
    const { table } = generate(
      document([
        { submit: '0 h', gpus: 16, tokens: 0.0036, partition: 'slow' },
        { submit: '0 h', gpus: 64, tokens: { value: 0.0036 }, estimate: '1 h', partition: 'fast' },
        // Between rows in proportion to the GPUs of the row below: 24 GPUs at 1.5e6.
        { submit: '0 h', gpus: 24, tokens: 0.0036, partition: 'fast' },
      ]),
      't',
      { partitions: FAST_AND_SLOW, training: TRAINING, warmupMs: 0, horizonMs: MS_PER_DAY },
    );
    expect([...table.runMs.subarray(0, 3)]).toEqual([2 * MS_PER_HOUR, MS_PER_HOUR / 3, MS_PER_HOUR / 1.5]);
    expect([...table.estimateMs.subarray(0, 3)]).toEqual([2 * MS_PER_HOUR, MS_PER_HOUR, MS_PER_HOUR / 1.5]);
  });
});

it('reads tokens in units of 10^12, as a figure or a distribution', () => {
  const ofClass = (tokens: unknown): unknown => {
    const mix = resolveGenerator(
      workloadSchema.parse({
        version: 1,
        kind: 'workload',
        name: 'drawn',
        title: 'Drawn',
        classes: [
          {
            name: 'train',
            gpuTimeShare: 1,
            sizes: { values: [{ gpus: 8, weight: 1 }] },
            tokens,
            model: { name: 'm', precision: 'fp8' },
            arrivals: { process: 'poisson' },
            estimate: { factor: { shape: 'constant', value: 1 } },
            users: { count: 1, exponent: 0 },
            gpuPowerFraction: 0.95,
          },
        ],
      }),
    ) as ResolvedMix;
    expect(mix.classes[0]!.inTokens).toBe(true);
    return mix.classes[0]!.duration;
  };
  expect(ofClass(15.6)).toEqual({ shape: 'constant', value: 15.6e12 });
  expect(ofClass({ value: 15.6, source: 'somewhere' })).toEqual({ shape: 'constant', value: 15.6e12 });
  expect(ofClass({ shape: 'exponential', meanT: 0.5 })).toEqual({ shape: 'exponential', mean: 5e11 });
  expect(ofClass({ shape: 'lognormal', medianT: 0.1, sigma: 1, minT: 0.01, maxT: 2 })).toEqual({
    shape: 'lognormal',
    median: 1e11,
    sigma: 1,
    min: 1e10,
    max: 2e12,
  });
});
