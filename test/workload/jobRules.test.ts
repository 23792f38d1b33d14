import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { workloadSchema } from '../../src/scenario/workloadSchema.js';
import { accountsOfUsers } from '../../src/workload/accounts.js';
import { elasticSizes } from '../../src/workload/elasticSizes.js';
import type { GeneratedJobs } from '../../src/workload/generate.js';
import { resolveGenerator } from '../../src/workload/resolve.js';
import { generate, mixOf, plainClass } from './shipped.js';

const NODES_OF_8 = [{ name: 'main', gpus: 512, gpusPerNode: 8 }];
const drawn = (document: object, context = {}): GeneratedJobs =>
  generate(mixOf([{ ...plainClass, ...document }]), 'seed', {
    partitions: NODES_OF_8,
    horizonMs: 2 * MS_PER_DAY,
    warmupMs: MS_PER_DAY,
    ...context,
  });
const listed = (jobs: unknown[], rest: object = {}, context = {}): GeneratedJobs =>
  generate(
    resolveGenerator(
      workloadSchema.parse({ version: 1, kind: 'workload', name: 'list', title: 'A list', jobs, ...rest }),
    ),
    'any',
    { partitions: NODES_OF_8, horizonMs: MS_PER_DAY, ...context },
  );
const JOB = { submit: '1 h', gpus: 8, run: '1 h' };

describe('elastic sizes', () => {
  it('of 24 GPUs on nodes of 8 with factors 0.3 and 1.9 are 8 to 40', () => {
    const table = { count: 1, gpus: Int32Array.of(24), classOf: new Uint8Array(1), partitionOf: new Uint8Array(1) };
    expect(elasticSizes(table, [{ elastic: { min: 0.3, max: 1.9 } }], NODES_OF_8)).toEqual({
      minGpus: Int32Array.of(8),
      maxGpus: Int32Array.of(40),
    });
  });

  it('hold the size asked for, stay inside the factors and the partition, and are whole nodes above one', () => {
    const gpusOf = fc.integer({ min: 1, max: 512 });
    const factors = fc.record({
      min: fc.double({ min: 0.01, max: 1, noNaN: true }),
      max: fc.double({ min: 1, max: 9, noNaN: true }),
    });
    fc.assert(
      fc.property(gpusOf, factors, (asked, elastic) => {
        const gpus = asked <= 8 ? asked : Math.ceil(asked / 8) * 8; // as they are drawn
        const table = {
          count: 1,
          gpus: Int32Array.of(gpus),
          classOf: new Uint8Array(1),
          partitionOf: new Uint8Array(1),
        };
        const sizes = elasticSizes(table, [{ elastic }], NODES_OF_8)!;
        const [least, most] = [sizes.minGpus[0]!, sizes.maxGpus[0]!];
        expect(least).toBeLessThanOrEqual(gpus);
        expect(most).toBeGreaterThanOrEqual(gpus);
        expect(least).toBeGreaterThanOrEqual(gpus * elastic.min - 1e-6);
        expect(most).toBeLessThanOrEqual(Math.min(512, gpus * elastic.max + 1e-6));
        for (const size of [least, most]) expect(size <= 8 || size % 8 === 0).toBe(true);
      }),
    );
  });

  it('are columns of drawn jobs of elastic classes alone', () => {
    const { table } = generate(
      mixOf([
        { ...plainClass, sizes: [{ gpus: 16, weight: 1 }], elastic: { min: 0.5, max: 2 } },
        { ...plainClass, name: 'rigid' },
      ]),
      'seed',
      { partitions: NODES_OF_8, horizonMs: 4 * MS_PER_DAY, warmupMs: 0 },
    );
    const { minGpus, maxGpus } = table.extra!;
    const seen = new Set<string>();
    for (let job = 0; job < table.count; job++) {
      seen.add(`${table.classOf[job]!}: ${minGpus![job]!} ${table.gpus[job]!} ${maxGpus![job]!}`);
    }
    expect([...seen].sort()).toEqual(['0: 8 16 32', '1: 1 1 1']);
  });
});

describe('deadlines of drawn jobs', () => {
  it('are the class’s multiple of the planned run time after submission, whatever becomes of the job', () => {
    const { table } = drawn({ deadlineSlack: 2.5, failedFraction: 0.5 });
    const { deadlineMs } = table.extra!;
    expect(table.count).toBeGreaterThan(100);
    // All jobs of the class plan the same time, scaled by one factor in the warm-up and one in the horizon.
    for (const wanted of [(ms: number) => ms < 0, (ms: number) => ms >= 0]) {
      const slack = new Set<number>();
      let longestMs = 0;
      for (let job = 0; job < table.count; job++) {
        if (!wanted(table.submitMs[job]!)) continue;
        slack.add(Math.round((deadlineMs![job]! - table.submitMs[job]!) / 10));
        longestMs = Math.max(longestMs, table.runMs[job]!);
      }
      expect(slack.size).toBe(1);
      expect([...slack][0]! * 10).toBeCloseTo(2.5 * longestMs, -3);
    }
  });

  it('change no other column', () => {
    const { extra, ...rest } = drawn({ deadlineSlack: 2, elastic: { min: 0.5, max: 2 } }).table;
    expect(Object.keys(extra!).sort()).toEqual(['deadlineMs', 'maxGpus', 'minGpus']);
    expect(rest).toEqual(drawn({}).table);
  });
});

describe('accounts of drawn jobs', () => {
  it('are dealt to users in turn, or filled by sizes and begun again', () => {
    const users = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    expect([...accountsOfUsers(users, 8, { count: 3 })]).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
    expect([...accountsOfUsers(users, 8, { sizes: [1, 2, 3] })]).toEqual([0, 1, 1, 2, 2, 2, 0, 1]);
  });

  it('follow from the document, and are absent without it', () => {
    const mix = mixOf([{ ...plainClass, users: { count: 9, exponent: 1 } }]);
    const context = { partitions: NODES_OF_8, horizonMs: MS_PER_DAY, warmupMs: 0 };
    const { table } = generate({ ...mix, accounts: { count: 4 } }, 'seed', context);
    expect([...table.extra!.accountOf!]).toEqual([...table.userOf.subarray(0, table.count)].map((user) => user % 4));
    expect(generate(mix, 'seed', context).table.extra).toBeUndefined();
  });
});

describe('what listed jobs say of themselves', () => {
  it('becomes columns in the order of submission, each only where some job says it', () => {
    expect(listed([JOB]).table.extra).toBeUndefined();
    const { extra } = listed([
      { ...JOB, submit: '3 h', id: 'last', after: ['first', 7], priority: 5, deadline: '9 h' },
      { ...JOB, submit: '2 h', id: 7, after: 'first', deadline: '+2 h' },
      { ...JOB, id: 'first', account: 'physics', user: 3 },
    ]).table;
    expect([...extra!.afterOk!.offsets]).toEqual([0, 0, 1, 3]);
    expect([...extra!.afterOk!.jobs]).toEqual([0, 0, 1]);
    expect([...extra!.priority!]).toEqual([0, 0, 5]);
    expect([...extra!.deadlineMs!]).toEqual([Infinity, 4 * MS_PER_HOUR, 9 * MS_PER_HOUR]);
    // Both others have user 0 and no account: they share one of their own.
    expect([...extra!.accountOf!]).toEqual([1, 0, 0]);
    expect(Object.keys(extra!).sort()).toEqual(['accountOf', 'afterOk', 'deadlineMs', 'priority']);
  });

  it('goes before what their class says of sizes and deadlines', () => {
    const jobClasses = [{ name: 'job', gpuPowerFraction: 1, elastic: { min: 0.5, max: 4 }, deadline: 3 }];
    const { extra } = listed(
      [
        { ...JOB, gpus: 16 },
        { ...JOB, gpus: 16, minGpus: 16, maxGpus: 24, deadline: '+9 h' },
      ],
      { jobClasses },
    ).table;
    expect([...extra!.minGpus!]).toEqual([8, 16]);
    expect([...extra!.maxGpus!]).toEqual([64, 24]);
    expect([...extra!.deadlineMs!]).toEqual([4 * MS_PER_HOUR, 10 * MS_PER_HOUR]);
  });

  it('never lets a job grow beyond its partition', () => {
    expect([...listed([{ ...JOB, maxGpus: 9999 }]).table.extra!.maxGpus!]).toEqual([512]);
  });

  it('may have an estimate below the run time', () => {
    const { table } = listed([{ ...JOB, estimate: '30 min' }]);
    expect([table.runMs[0], table.estimateMs[0]]).toEqual([MS_PER_HOUR, MS_PER_HOUR / 2]);
  });
});
