import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseSwf, type SwfTrace } from '../../src/workload/swf.js';

const DATA = resolve(import.meta.dirname, '../../../shared/data');
const reason = existsSync(DATA) ? '' : ' (skipped: ../shared/data is absent)';

const read = (file: string, timeUnit: 's' | 'ms'): SwfTrace =>
  parseSwf(gunzipSync(readFileSync(resolve(DATA, file))), { file, timeUnit, lenient: false, shared: false });
const gpuHours = ({ table }: SwfTrace): number =>
  table.gpus.reduce((sum, gpus, job) => sum + (gpus * table.runMs[job]!) / 3.6e6, 0);

describe.skipIf(reason !== '')(`parseSwf on real logs${reason}`, () => {
  it('reads KTH SP2 whole', () => {
    const trace = read('traces/KTH-SP2-1996-2.1-cln.swf.gz', 's');
    expect(trace.counts).toMatchObject({ lines: 27_992, jobs: 27_992, zeroRun: 0, unknownSize: 0, runCut: 0 });
    expect(trace.header.get('MaxProcs')).toBe('100');
    expect(new Set(trace.table.userOf).size).toBe(212);
    expect(gpuHours(trace)).toBeCloseTo(548_049, -1);
  });

  it('reads Curie, its unknowns counted', () => {
    const trace = read('traces/cea_curie_2012feb_jun.swf.gz', 's');
    expect(trace.counts).toMatchObject({
      lines: 129_670,
      jobs: 129_652,
      unknownSize: 18,
      zeroRun: 6661,
      sizeFromRequest: 1293,
      runCut: 2940,
    });
    expect(trace.table.gpus.reduce((max, gpus) => Math.max(max, gpus), 0)).toBe(79_808);
  });

  it('reads the log in milliseconds with the submit times of its expected schedule', () => {
    const { table } = read('expected/kth-sp2-ms.swf.gz', 'ms');
    const rows = gunzipSync(readFileSync(resolve(DATA, 'expected/kth-sp2-ms.fcfs.csv.gz')))
      .toString()
      .trim()
      .split('\n')
      .slice(1);
    const submits = new Map(rows.map((row) => row.split(',').map(Number)).map(([job, submit]) => [job, submit]));
    expect(submits.size).toBe(table.count);
    expect(table.submitMs.every((submit, row) => submit === submits.get(table.originalId![row]))).toBe(true);
  });
});
