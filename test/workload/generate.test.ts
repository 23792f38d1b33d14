import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { meanWork } from '../../src/workload/budget.js';
import type { GeneratedJobs } from '../../src/workload/generate.js';
import type { ResolvedClass, ResolvedMix } from '../../src/workload/resolved.js';
import { generate, GIGAFACTORY, mixOf, plainClass, shippedGenerator, shippedNames } from './shipped.js';

/** Offered load of the jobs submitted in [fromMs, toMs), counted from the table. */
function countedLoad({ table }: GeneratedJobs, fromMs: number, toMs: number, gpus: number): number {
  let work = 0;
  for (let job = 0; job < table.count; job++) {
    const submit = table.submitMs[job]!;
    if (submit >= fromMs && submit < toMs) work += table.gpus[job]! * table.runMs[job]!;
  }
  return work / (gpus * (toMs - fromMs));
}

/** The rows of one class, as plain text. */
function rowsOf({ table }: GeneratedJobs, className: string): string[] {
  const index = table.classNames.indexOf(className);
  const { submitMs, gpus, runMs, estimateMs, userOf, partitionOf, endState } = table;
  return [...submitMs.keys()]
    .filter((job) => table.classOf[job] === index)
    .map((job) =>
      [submitMs, gpus, runMs, estimateMs, userOf, partitionOf, endState].map((column) => column[job]).join(' '),
    );
}

const exactMixes = shippedNames.filter((name) => {
  const generator = shippedGenerator(name);
  return generator.kind === 'mix' && generator.budget === 'exact';
});

describe('generateJobs', () => {
  it.each(exactMixes)('realises the load of %s within 1 % on every seed, in warm-up and horizon each', (name) => {
    const generator = shippedGenerator(name) as ResolvedMix;
    for (let seed = 1; seed <= 3; seed++) {
      const jobs = generate(generator, `${seed}/0`);
      expect(jobs.offeredLoadTarget).toBeCloseTo(generator.load!, 12);
      expect(Math.abs(jobs.offeredLoadRealised / generator.load! - 1)).toBeLessThan(0.01);
      expect(jobs.offeredLoadRealised).toBeCloseTo(countedLoad(jobs, 0, 60 * MS_PER_DAY, 100_008), 12);
      expect(jobs.warmupLoadRealised).toBeCloseTo(countedLoad(jobs, -30 * MS_PER_DAY, 0, 100_008), 12);
      expect(Math.abs(jobs.warmupLoadRealised / generator.load! - 1)).toBeLessThan(0.01);
    }
  });

  it('realises the load on sites and horizons of any size, re-scaling jobs that do not fit', () => {
    const generator = shippedGenerator('frontier-mix') as ResolvedMix;
    const aSite = fc.record({
      nodes: fc.integer({ min: 1, max: 400 }),
      gpusPerNode: fc.constantFrom(1, 4, 8),
      days: fc.integer({ min: 1, max: 40 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(aSite, ({ nodes, gpusPerNode, days, seed }) => {
        const gpus = nodes * gpusPerNode;
        const jobs = generate(generator, String(seed), {
          partitions: [{ name: 'main', gpus, gpusPerNode }],
          horizonMs: days * MS_PER_DAY,
          warmupMs: 5 * MS_PER_DAY,
        });
        expect(Math.abs(jobs.offeredLoadRealised / 0.85 - 1)).toBeLessThan(0.01);
        expect(Math.abs(jobs.warmupLoadRealised / 0.85 - 1)).toBeLessThan(0.01);
        expect(jobs.table.gpus.every((size) => size <= gpus)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the factor on run times near 1 for classes of many jobs', () => {
    for (const { jobs, durationFactor } of generate(shippedGenerator('frontier-mix'), '7/0').classes) {
      expect(Math.abs(durationFactor - 1)).toBeLessThan(jobs < 1000 ? 0.25 : 0.1);
    }
  });

  it('gives whole milliseconds, estimates of at least the run, ascending submits and whole nodes', () => {
    const { table } = generate(shippedGenerator('frontier-mix'), '3/0');
    for (let job = 0; job < table.count; job++) {
      const [submit, run, estimate, gpus] = [
        table.submitMs[job]!,
        table.runMs[job]!,
        table.estimateMs[job]!,
        table.gpus[job]!,
      ];
      const sound =
        Number.isInteger(submit) &&
        Number.isInteger(run) &&
        Number.isInteger(estimate) &&
        run >= 1 &&
        estimate >= run &&
        submit >= (table.submitMs[job - 1] ?? -30 * MS_PER_DAY) &&
        submit < 60 * MS_PER_DAY &&
        (gpus <= 4 || gpus % 4 === 0);
      if (!sound) throw new Error(`job ${job}: submit ${submit}, run ${run}, estimate ${estimate}, ${gpus} GPUs`);
    }
    expect(new Set(table.endState)).toEqual(new Set([0, 1, 2]));
  });

  it('is the same twice and different with another seed', () => {
    const generator = shippedGenerator('frontier-mix');
    const text = (seed: string): string => rowsOf(generate(generator, seed), 'training').join('\n');
    expect(text('1/0')).toBe(text('1/0'));
    expect(text('1/0')).not.toBe(text('1/1'));
  });

  it('shifts no job of another class when one class changes', () => {
    const generator = shippedGenerator('frontier-mix') as ResolvedMix;
    const changed: ResolvedMix = {
      ...generator,
      classes: generator.classes.map((entry): ResolvedClass =>
        entry.name === 'evaluation'
          ? { ...entry, duration: { shape: 'constant', value: 1e6 }, failedFraction: 0 }
          : entry,
      ),
    };
    for (const name of ['frontier-pretraining', 'training', 'debugging']) {
      expect(rowsOf(generate(changed, '1/0'), name)).toEqual(rowsOf(generate(generator, '1/0'), name));
    }
  });

  it('shifts no job of the horizon when the warm-up changes', () => {
    const generator = shippedGenerator('frontier-mix');
    const horizonRows = (warmupMs: number): string[] =>
      rowsOf(generate(generator, '1/0', { warmupMs }), 'training').filter((row) => !row.startsWith('-'));
    expect(horizonRows(0)).toEqual(horizonRows(9 * MS_PER_DAY));
  });

  it('cuts a job larger than its partition and lengthens it, keeping its GPU time', () => {
    const jobs = generate(mixOf([{ ...plainClass, sizes: [{ gpus: 10, weight: 1 }] }], { budget: 'expected' }), 'x', {
      partitions: [{ name: 'main', gpus: 8, gpusPerNode: 4 }],
    });
    expect(jobs.rescaledJobs).toBe(jobs.table.count);
    // 10 GPUs are 3 nodes; 12 GPU·h on the 8 there are take 1.5 h.
    expect(new Set(jobs.table.gpus)).toEqual(new Set([8]));
    expect(new Set(jobs.table.runMs)).toEqual(new Set([1.5 * MS_PER_HOUR]));
  });

  it('spreads a class without a partition by GPUs, and sends one with a partition there', () => {
    const partitions = [
      { name: 'large', gpus: 300, gpusPerNode: 4 },
      { name: 'small', gpus: 100, gpusPerNode: 4 },
    ];
    const { table } = generate(mixOf([plainClass, { ...plainClass, name: 'bound', partition: 'small' }]), 'x', {
      partitions,
    });
    const jobsOn = [0, 1].map((className) =>
      [0, 1].map(
        (where) => table.classOf.filter((c, job) => c === className && table.partitionOf[job] === where).length,
      ),
    );
    expect(jobsOn[0]![1]! / (jobsOn[0]![0]! + jobsOn[0]![1]!)).toBeCloseTo(0.25, 1);
    expect(jobsOn[1]![0]).toBe(0);
  });

  it('thins jobs and GPU time of a thinnable class alike and gives the time to the others', () => {
    const classes = [
      { ...plainClass, name: 'long', gpuTimeShare: 0.6, duration: { shape: 'constant', value: 1e7 } as const },
      { ...plainClass, name: 'tiny', gpuTimeShare: 0.4, thinnable: true },
    ];
    const [full, thinned] = [1, 0.1].map((thinning) =>
      generate(mixOf(classes, { thinning }), 'x', { partitions: [{ name: 'main', gpus: 1000, gpusPerNode: 4 }] }),
    );
    expect(thinned!.offeredLoadRealised).toBeCloseTo(0.8, 3);
    expect(thinned!.classes[1]!.jobs / full!.classes[1]!.jobs).toBeCloseTo(0.1, 3);
    expect(thinned!.classes[1]!.gpuMs / full!.classes[1]!.gpuMs).toBeCloseTo(0.1, 3);
    expect(thinned!.classes[0]!.gpuMs / full!.classes[0]!.gpuMs).toBeCloseTo(0.96 / 0.6, 3);
    expect(thinned!.classes[0]!.durationFactor).toBeCloseTo(1, 2);
  });

  it('draws a true Poisson count and unscaled exponential times for M/M/c', () => {
    const mmc = shippedGenerator('mmc');
    const context = {
      partitions: [{ name: 'main', gpus: 8, gpusPerNode: 1 }],
      horizonMs: 2000 * MS_PER_DAY,
      warmupMs: 0,
    };
    const runs = ['1', '2', '3'].map((seed) => generate(mmc, seed, context));
    const mean = 0.8 * 8 * 24 * 2000; // λ = load × c / mean service
    expect(new Set(runs.map((run) => run.table.count)).size).toBe(3);
    for (const { table, classes, offeredLoadRealised } of runs) {
      expect(Math.abs(table.count - mean)).toBeLessThan(4 * Math.sqrt(mean));
      expect(classes[0]!.durationFactor).toBe(1);
      expect(offeredLoadRealised).toBeCloseTo(0.8, 1);
      const meanRun = table.runMs.reduce((sum, run) => sum + run, 0) / table.count;
      const variance = table.runMs.reduce((sum, run) => sum + (run - meanRun) ** 2, 0) / table.count;
      expect(meanRun / MS_PER_HOUR).toBeCloseTo(1, 1);
      expect(Math.sqrt(variance) / meanRun).toBeCloseTo(1, 1);
      expect(table.estimateMs.every((estimate, job) => estimate === table.runMs[job])).toBe(true);
    }
  });

  it('takes rates in place of shares, whatever the size of the site', () => {
    const mix = mixOf([{ ...plainClass, gpuTimeShare: null, jobsPerHour: 5 }], { load: null });
    const jobs = generate(mix, 'x', { partitions: [{ name: 'main', gpus: 10, gpusPerNode: 1 }], warmupMs: 0 });
    expect(jobs.table.count).toBe(5 * 24 * 60);
    expect(jobs.offeredLoadTarget).toBeCloseTo(0.5, 12);
    expect(jobs.offeredLoadRealised).toBeCloseTo(0.5, 6);
  });

  it('gives the GPU time of a class too small for one job to the next', () => {
    const rare = {
      ...plainClass,
      name: 'rare',
      sizes: [{ gpus: 8, weight: 1 }],
      duration: { shape: 'constant', value: 90 * MS_PER_DAY } as const,
    };
    const jobs = generate(
      mixOf([
        { ...rare, gpuTimeShare: 0.3 },
        { ...plainClass, gpuTimeShare: 0.7 },
      ]),
      'x',
      { partitions: [{ name: 'main', gpus: 8, gpusPerNode: 8 }] },
    );
    expect(jobs.classes.map((entry) => entry.jobs > 0)).toEqual([false, true]);
    expect(jobs.offeredLoadRealised).toBeCloseTo(0.8, 6);
  });

  it('caps estimates at the limit but never below the run', () => {
    const { table } = generate(
      mixOf([
        {
          ...plainClass,
          duration: { shape: 'exponential', mean: MS_PER_HOUR },
          estimate: { factor: { shape: 'constant', value: 3 }, limitMs: 2 * MS_PER_HOUR },
        },
      ]),
      'x',
      { partitions: [{ name: 'main', gpus: 100, gpusPerNode: 4 }] },
    );
    for (let job = 0; job < table.count; job++) {
      const run = table.runMs[job]!;
      const expected = Math.max(run, Math.min(3 * run, 2 * MS_PER_HOUR));
      // Within 3 ms of 3 × run: both are rounded from what was drawn.
      if (Math.abs(table.estimateMs[job]! - expected) > 3) throw new Error(`job ${job}: ${table.estimateMs[job]!}`);
    }
  });

  it('makes low user numbers the busiest, by the power law asked for', () => {
    const { table } = generate(mixOf([{ ...plainClass, users: { count: 50, exponent: 1 } }]), 'x', {
      partitions: [{ name: 'main', gpus: 200, gpusPerNode: 4 }],
    });
    const jobs = new Float64Array(50);
    for (const user of table.userOf) jobs[user]!++;
    expect(jobs[0]! / jobs[1]!).toBeCloseTo(2, 0);
    expect(jobs[0]! / jobs[9]!).toBeGreaterThan(8);
  });

  it('refuses what does not fit the site, with the issues', () => {
    expect(() => generate(mixOf([{ ...plainClass, partition: 'moon' }]), 'x')).toThrow('does not fit the site');
  });
});

describe('meanWork', () => {
  it('is the mean GPU time of a job, by hand', () => {
    // 1 and 6 GPUs (2 nodes, 8) evenly: 4.5 GPUs; half of the jobs end at half: 0.75 h.
    const entry = {
      ...plainClass,
      sizes: [
        { gpus: 1, weight: 1 },
        { gpus: 6, weight: 1 },
      ],
      failedFraction: 0.3,
      cancelledFraction: 0.2,
    };
    expect(meanWork(entry, GIGAFACTORY)).toBe(4.5 * 0.75 * MS_PER_HOUR);
  });
});
