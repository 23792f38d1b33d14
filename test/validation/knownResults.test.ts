import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { judge, type Claim } from '../../bench/knownResults.js';
import { busyWeeks, nodesForLoad, readPhilly, WEEK_MS, weeklyJctMs } from '../../bench/philly.js';
import { jobTable } from '../support/jobs.js';

const HOUR = 3_600_000;

describe('the Philly trace', () => {
  const csv = [
    'timestamp,duration,num_gpus,gpu_time,cluster',
    '2017-10-02 00:00:10,3600.0,8,28800.0,b',
    '2017-10-01 00:00:00,60.5,1,60.5,a',
    '2017-10-02 00:00:10,1.0,2,2.0,a',
    '',
  ].join('\n');

  it('becomes jobs in order of submission, from its first one on, with durations as estimates', () => {
    const table = readPhilly(new TextEncoder().encode(csv));
    expect([...table.submitMs]).toEqual([0, 24 * HOUR + 10_000, 24 * HOUR + 10_000]);
    expect([...table.runMs]).toEqual([60_500, 3_600_000, 1000]);
    expect([...table.estimateMs]).toEqual([...table.runMs]);
    expect([...table.gpus]).toEqual([1, 8, 2]);
    expect(table.userOf[0]).toBe(table.userOf[2]);
    expect(table.userOf[0]).not.toBe(table.userOf[1]);
  });

  it('is read gzipped too, and a line that is none is named', () => {
    expect(readPhilly(gzipSync(csv)).count).toBe(3);
    const bad = csv.replace(',2,2.0', ',two,2.0');
    expect(() => readPhilly(new TextEncoder().encode(bad))).toThrow('line 4');
    expect(() => readPhilly(new TextEncoder().encode('a,b\n'))).toThrow('expected a column timestamp');
  });

  it('is looked at in its longest stretch of busy weeks, on nodes that these would load as asked', () => {
    // Weeks 0, 2 and 3 have two jobs, week 1 has one.
    const weekOf = [0, 0, 1, 2, 2, 3, 3];
    const rows = weekOf.map((week) => ({ submitMs: week * WEEK_MS, gpus: 4, runMs: WEEK_MS / 2 }));
    const table = jobTable(rows);
    const weeks = busyWeeks(table, 2);
    expect(weeks).toEqual({ from: 2, to: 4 });
    // Four jobs of 2 GPU-weeks in two weeks: 4 GPUs at load 1, 8 at load 0.5.
    expect(nodesForLoad(table, weeks, 0.5, 8)).toBe(1);
    expect(nodesForLoad(table, weeks, 0.5, 2)).toBe(4);
    const endMs = Float64Array.from(rows, ({ submitMs }, job) => submitMs + (1 + job) * HOUR);
    expect(weeklyJctMs(table, endMs, weeks)).toEqual([4.5 * HOUR, 6.5 * HOUR]);
  });
});

describe('a claim about two policies', () => {
  const claim: Claim = { text: 'A beats B', better: 'a', than: 'b' };
  const found = (a: readonly number[], b: readonly number[]) =>
    judge(
      claim,
      new Map([
        ['a', a.map((hours) => hours * HOUR)],
        ['b', b.map((hours) => hours * HOUR)],
      ]),
    );

  it('holds where the first is clearly lower by paired differences, and fails where it is clearly higher', () => {
    expect(found([9, 19], [10, 20])).toMatchObject({
      found: 'holds',
      betterHours: 14,
      thanHours: 15,
      relative: -1 / 15,
    });
    expect(found([10, 20], [9, 19]).found).toBe('does not hold');
  });

  it('is left open where the interval spans 0', () => {
    expect(found([1, 20, 3], [5, 6, 7]).found).toBe('no clear difference');
  });
});
