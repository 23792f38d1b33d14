import { describe, expect, it } from 'vitest';
import { lengthOf, type Column } from '../../src/metrics/columns.js';
import { jobColumns } from '../../src/metrics/jobColumns.js';
import { seriesColumns } from '../../src/metrics/seriesColumns.js';
import { Segments } from '../../src/workload/segments.js';
import { jobTable } from '../support/jobs.js';

const HOUR = 3_600_000;
const curve = {
  binMs: HOUR / 4,
  itWms: Float64Array.of(9e11, 1.8e12),
  busyGpuMs: Float64Array.of(450_000, 900_000),
  queuedJobMs: Float64Array.of(0, 1_800_000),
  freeGpuMs: 0,
  partlyFreeGpuMs: 0,
};

function valuesOf(columns: readonly Column[], name: string): unknown[] {
  const column = columns.find((candidate) => candidate.name === name)!;
  if (column.kind === 'label') return Array.from(column.codes, (code) => column.labels[code]);
  return [...(column.kind === 'utcTime' ? column.epochMs : column.values)];
}

describe('jobColumns', () => {
  const table = jobTable([
    { submitMs: -5, gpus: 2, runMs: 10 },
    { submitMs: 0, gpus: 1, runMs: 10 },
    { submitMs: 1, gpus: 4, runMs: 10 },
  ]);
  const times = { startMs: Float64Array.of(0, 3, NaN), endMs: Float64Array.of(10, NaN, NaN) };

  it('tells what became of each job', () => {
    const columns = jobColumns({ table: { ...table, endState: Uint8Array.of(1, 0, 0) }, ...times });
    expect(columns.map(({ name }) => name).join()).toBe('job,submit_ms,start_ms,end_ms,gpus,class,user,state');
    expect(valuesOf(columns, 'state')).toEqual(['failed', 'running', 'waiting']);
    expect(valuesOf(columns, 'job')).toEqual([0, 1, 2]);
    expect(valuesOf(columns, 'class')).toEqual(['any', 'any', 'any']);
  });

  it('does not take a job submitted at or after the end of the horizon for one that waits', () => {
    expect(valuesOf(jobColumns({ table, ...times }, 1), 'state')).toEqual(['completed', 'running', 'not submitted']);
    expect(valuesOf(jobColumns({ table, ...times }, 2), 'state')).toEqual(['completed', 'running', 'waiting']);
  });

  it('has columns of partitions, interruptions and phases where there are any', () => {
    const interruptions = {
      preemptions: Int32Array.of(0, 2, 0),
      resizes: new Int32Array(3),
      lostGpuMs: Float64Array.of(0, 7, 0),
      attainedGpuMs: new Float64Array(3),
      ranMs: new Float64Array(3),
      running: Uint8Array.of(0, 0, 0),
      queuedMs: Float64Array.of(-5, 8, 1),
      segments: new Segments(),
    };
    const jobs = { table, ...times, partitionOf: Uint8Array.of(1, 0, 1), interruptions };
    const columns = jobColumns(jobs, undefined, ['h100', 'b300']);
    expect(valuesOf(columns, 'partition')).toEqual(['b300', 'h100', 'b300']);
    expect(valuesOf(columns, 'preemptions')).toEqual([0, 2, 0]);
    expect(valuesOf(columns, 'lost_gpu_ms')).toEqual([0, 7, 0]);
    expect(columns.map(({ name }) => name)).not.toContain('useful_gpu_ms');
    const phases = {
      usefulGpuMs: Float64Array.of(1, 2, 3),
      stallGpuMs: Float64Array.of(4, 5, 6),
      lostGpuMs: Float64Array.of(7, 8, 9),
      restartGpuMs: Float64Array.of(10, 11, 12),
      repairWaitGpuMs: Float64Array.of(13, 14, 15),
      failures: Int32Array.of(0, 1, 2),
    };
    const phased = jobColumns({ ...jobs, interruptions: { ...interruptions, phases } });
    expect(phased.slice(-6).map(({ name }) => [name, ...valuesOf(phased, name)])).toEqual([
      ['useful_gpu_ms', 1, 2, 3],
      ['stall_gpu_ms', 4, 5, 6],
      ['lost_work_gpu_ms', 7, 8, 9],
      ['restart_gpu_ms', 10, 11, 12],
      ['repair_wait_gpu_ms', 13, 14, 15],
      ['failures', 0, 1, 2],
    ]);
    // The second has run, was interrupted and waits to go on.
    expect(valuesOf(columns, 'state')).toEqual(['completed', 'waiting', 'waiting']);
    const going = { ...jobs, interruptions: { ...interruptions, running: Uint8Array.of(0, 1, 0) } };
    expect(valuesOf(jobColumns(going), 'state')).toEqual(['completed', 'running', 'waiting']);
  });

  it('keeps the numbers of a trace and ignores what a column has beyond the count', () => {
    const columns = jobColumns({ table: { ...table, count: 2, originalId: Float64Array.of(71, 72, 73) }, ...times });
    expect(valuesOf(columns, 'job')).toEqual([71, 72]);
    expect(columns.map(lengthOf)).toEqual(Array(8).fill(2));
  });
});

describe('seriesColumns', () => {
  const flat = (value: number): Float64Array => new Float64Array(2).fill(value);
  const at = (mw: number) => ({
    facilityW: flat(mw * 1e6),
    priceEurPerMWh: flat(50),
    carbonKgPerMWh: flat(300),
    wetBulbC: flat(10),
    costEur: flat(12.5 * mw),
  });

  it('turns integrals into means: 9e11 W·ms in 15 minutes are 1 MW', () => {
    const columns = seriesColumns([curve], 1e12, []);
    expect(columns.map(({ name }) => name).join()).toBe('start_ms,time_utc,busy_gpus,queued_jobs,it_mw');
    expect(valuesOf(columns, 'it_mw')).toEqual([1, 2]);
    expect(valuesOf(columns, 'busy_gpus')).toEqual([0.5, 1]);
    expect(valuesOf(columns, 'queued_jobs')).toEqual([0, 2]);
    expect(valuesOf(columns, 'start_ms')).toEqual([0, 900_000]);
    expect(valuesOf(columns, 'time_utc')).toEqual([1e12, 1e12 + 900_000]);
  });

  it('puts the sites below each other and repeats what they share', () => {
    const columns = seriesColumns([curve], 0, [
      ['north', at(3)],
      ['south', at(4)],
    ]);
    expect(valuesOf(columns, 'site')).toEqual(['north', 'north', 'south', 'south']);
    expect(valuesOf(columns, 'it_mw')).toEqual([1, 2, 1, 2]);
    expect(valuesOf(columns, 'facility_mw')).toEqual([3, 3, 4, 4]);
    expect(valuesOf(columns, 'cost_eur')).toEqual([37.5, 37.5, 50, 50]);
    expect(new Set(columns.map(lengthOf))).toEqual(new Set([4]));
  });
});
