import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { workloadSchema } from '../../src/scenario/workloadSchema.js';
import { checkGenerator } from '../../src/workload/check.js';
import { generatorClasses, resolveGenerator } from '../../src/workload/resolve.js';
import type { ResolvedGenerator } from '../../src/workload/resolved.js';
import { generate, GIGAFACTORY, mixOf, plainClass } from './shipped.js';

const listOf = (jobs: unknown[], rest: object = {}): ResolvedGenerator =>
  resolveGenerator(
    workloadSchema.parse({ version: 1, kind: 'workload', name: 'list', title: 'A list', jobs, ...rest }),
  );

describe('a list of jobs', () => {
  it('becomes a table in order of submission', () => {
    const generator = listOf(
      [
        { submit: '2 h', gpus: 6, run: '30 min', user: 3 },
        { submit: '0 h', gpus: 1, run: '2 h', estimate: '3 h', class: 'debug', endState: 'failed' },
        { submit: '2 h', gpus: 2, run: '0 s' },
      ],
      {
        jobClasses: [
          { name: 'train', gpuPowerFraction: 0.95 },
          { name: 'debug', gpuPowerFraction: 0.4 },
        ],
      },
    );
    const jobs = generate(generator, 'any', {
      partitions: [{ name: 'main', gpus: 16, gpusPerNode: 4 }],
      horizonMs: MS_PER_DAY,
    });
    const { table } = jobs;
    expect([...table.submitMs]).toEqual([0, 2 * MS_PER_HOUR, 2 * MS_PER_HOUR]);
    expect([...table.originalId!]).toEqual([1, 0, 2]);
    expect([...table.gpus]).toEqual([1, 6, 2]); // as asked, though 2 nodes of 4 are held
    expect([...table.runMs]).toEqual([2 * MS_PER_HOUR, MS_PER_HOUR / 2, 0]);
    expect([...table.estimateMs]).toEqual([3 * MS_PER_HOUR, MS_PER_HOUR / 2, 0]);
    expect([...table.classOf]).toEqual([1, 0, 0]);
    expect([...table.endState]).toEqual([1, 0, 0]);
    expect([...table.userOf]).toEqual([0, 3, 0]);
    expect(jobs.offeredLoadRealised).toBeCloseTo((2 + 3) / (16 * 24), 12);
    expect(generatorClasses(generator)).toEqual([
      { name: 'train', gpuPowerFraction: 0.95 },
      { name: 'debug', gpuPowerFraction: 0.4 },
    ]);
  });

  it('goes to the largest partition or the named one, cut to its size and lengthened if it may be', () => {
    const partitions = [
      { name: 'a', gpus: 8, gpusPerNode: 4 },
      { name: 'b', gpus: 20, gpusPerNode: 4 },
    ];
    const jobs = generate(
      listOf(
        [
          { submit: '0 h', gpus: 20, run: '2 h' },
          { submit: '1 h', gpus: 20, run: '2 h', partition: 'a' },
        ],
        { oversize: 'rescale' },
      ),
      'any',
      { partitions },
    );
    expect([...jobs.table.partitionOf]).toEqual([1, 0]);
    expect([...jobs.table.gpus]).toEqual([20, 8]);
    expect([...jobs.table.runMs]).toEqual([2 * MS_PER_HOUR, 5 * MS_PER_HOUR]);
    expect(jobs.rescaledJobs).toBe(1);
  });
});

describe('checkGenerator', () => {
  it('names the class and both sizes when a job is too large and may not be re-scaled', () => {
    const mix = mixOf([{ ...plainClass, sizes: [{ gpus: 131_072, weight: 1 }] }], { oversize: 'refuse' });
    expect(checkGenerator(mix, GIGAFACTORY)).toMatchObject([
      { path: 'classes[0].sizes', message: 'class plain asks for 131072 GPUs, the largest partition has 100008' },
    ]);
    expect(checkGenerator({ ...mix, oversize: 'rescale' }, GIGAFACTORY)).toEqual([]);
  });

  it('finds every unknown partition, oversized job and late submission of a list', () => {
    const generator = listOf(
      [
        { submit: '0 h', gpus: 4, run: '1 h', partition: 'moon' },
        { submit: '30 h', gpus: 200_000, run: '1 h' },
      ],
      { oversize: 'refuse' },
    );
    expect(
      checkGenerator(generator, GIGAFACTORY, MS_PER_DAY).map((issue) => `${issue.path}: ${issue.message}`),
    ).toEqual([
      "jobs[0].partition: expected one of the site's partitions main; got moon",
      'jobs[1].gpus: the job asks for 200000 GPUs, the largest partition has 100008',
      'jobs[1].submit: expected a submit time before the horizon of 1 d; got 30 h',
    ]);
  });
});
