import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openResultsFolder, type RunRecord } from '../../src/io/runFolder.js';
import { jobColumns } from '../../src/metrics/jobColumns.js';
import { seriesColumns } from '../../src/metrics/seriesColumns.js';
import { simulate } from '../../src/sim/simulate.js';
import { siteIntervals } from '../../src/sim/siteIntervals.js';
import { generatedTask } from '../support/tinyRuns.js';
import { readTable } from './tables.js';
import { temporaryFolder } from './temporaryFolder.js';

const root = temporaryFolder();
const task = generatedTask(0);
const result = simulate(task.spec, task.inputs, { keepJobs: true });
const key = 'abcdef0123456789'.repeat(4);

const series = seriesColumns(
  result.loadCurves,
  Date.UTC(2023, 0, 1),
  task.spec.sites.map((site) => [site.id, siteIntervals(site, result.loadCurves[0]!, task.inputs, task.spec)] as const),
);
const record: RunRecord = {
  runKey: key,
  version: '0.0.0-test',
  spec: task.spec,
  inputs: task.inputs.contentSha256,
  result,
  tables: { jobs: jobColumns(result.jobs!), series },
  timings: { wallMs: 12 },
};

const fresh = (name: string) => openResultsFolder(join(root, name));
const jsonOf = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as object;

describe('a run folder', () => {
  const results = fresh('whole');
  const folder = results.write(record);

  it('holds manifest, summary, jobs, series and timings under the first digits of the run key', () => {
    expect(folder).toBe(join(root, 'whole/runs/abcdef0123456789'));
    const names = ['jobs.parquet', 'manifest.json', 'series.parquet', 'summary.json', 'timings.json'];
    expect(readdirSync(folder).sort()).toEqual(names);
    expect(readdirSync(join(root, 'whole/runs'))).toEqual(['abcdef0123456789']);
  });

  it('names key, version, inputs, spec and the hash of every file that belongs to the result', () => {
    expect(jsonOf(folder, 'manifest.json')).toMatchObject({
      schemaVersion: 1,
      runKey: key,
      version: '0.0.0-test',
      fingerprint: result.fingerprint,
      inputs: { price: 'a' },
      spec: { seed: 'pool', policy: { text: 'fcfs+easy@pack' } },
      files: {
        'jobs.parquet': { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
        'series.parquet': { bytes: expect.any(Number) as number },
        'summary.json': {},
      },
    });
    expect(jsonOf(folder, 'timings.json')).toMatchObject({ wallMs: 12 });
    expect(Object.keys((jsonOf(folder, 'manifest.json') as { files: object }).files)).not.toContain('timings.json');
  });

  it('gives the summary back as it was', () => {
    const { schedule, sites, fingerprint } = result;
    // JSON has no NaN: what does not exist is written as null and read as NaN again.
    const expected = JSON.parse(JSON.stringify({ schedule, sites, fingerprint }), (_, value: unknown) =>
      value === null ? NaN : value,
    ) as object;
    expect(results.find(key, ['jobs', 'series'])).toEqual({ folder, result: expected });
  });

  it('keeps every job with its times, what is missing as null', async () => {
    const { rows, types } = await readTable(join(folder, 'jobs.parquet'));
    const { table, startMs, endMs } = result.jobs!;
    expect(rows).toHaveLength(table.count);
    expect(types).toMatchObject({
      job: 'INT32',
      submit_ms: 'DOUBLE',
      start_ms: 'DOUBLE',
      gpus: 'INT32',
      user: 'INT32',
    });
    for (const [job, row] of rows.entries()) {
      expect(row.job).toBe(job);
      expect([row.submit_ms, row.gpus]).toEqual([table.submitMs[job], table.gpus[job]]);
      expect([row.start_ms ?? NaN, row.end_ms ?? NaN]).toEqual([startMs[job], endMs[job]]);
      expect(row.state === 'waiting').toBe(row.start_ms === null);
      expect(row.state === 'running').toBe(row.start_ms !== null && row.end_ms === null);
      expect(row.class).toBe(table.classNames[table.classOf[job]!]);
    }
  });

  it('keeps a series whose energy, cost and carbon add up to the summary of each site', async () => {
    const { rows } = await readTable(join(folder, 'series.parquet'));
    expect(rows).toHaveLength(2 * 7 * 96);
    expect(rows[1]).toMatchObject({ site: 'north', start_ms: 900_000, time_utc: '2023-01-01T00:15:00.000Z' });
    for (const site of result.sites) {
      const own = rows.filter((row) => row.site === site.id);
      const total = (value: (row: Record<string, unknown>) => number) => own.reduce((sum, row) => sum + value(row), 0);
      const mwh = (row: Record<string, unknown>) => (row.facility_mw as number) / 4;
      expect(total(mwh) / site.facilityMWh).toBeCloseTo(1, 12);
      expect(total((row) => (row.it_mw as number) / 4) / site.itMWh).toBeCloseTo(1, 12);
      expect(total((row) => mwh(row) * (row.price_eur_per_mwh as number)) / site.bill.supplyEur).toBeCloseTo(1, 12);
      const energyEur = site.bill.totalEur - site.bill.capacityEur;
      expect(total((row) => row.cost_eur as number) / energyEur).toBeCloseTo(1, 12);
      expect(total((row) => mwh(row) * (row.carbon_kg_per_mwh as number)) / 1e6 / site.carbonKt).toBeCloseTo(1, 12);
      expect(total((row) => (row.busy_gpus as number) / 4) / result.schedule.gpuHoursUsed).toBeCloseTo(1, 12);
      expect(Math.max(...own.map((row) => row.facility_mw as number))).toBeCloseTo(site.peakFacilityMW, 12);
    }
  });

  it('has equal bytes when written again', () => {
    const again = fresh('again').write({ ...record, timings: { wallMs: 99 } });
    for (const name of ['manifest.json', 'summary.json', 'jobs.parquet', 'series.parquet']) {
      expect(readFileSync(join(again, name)).equals(readFileSync(join(folder, name)))).toBe(true);
    }
  });
});

describe('finding a run', () => {
  it('finds nothing of another key, another table, or in an empty folder', () => {
    const results = fresh('find');
    expect(results.find(key)).toBeUndefined();
    results.write({ ...record, tables: {} });
    expect(results.find(key)).toBeDefined();
    expect(results.find(key, ['jobs'])).toBeUndefined();
    expect(results.find(`${key.slice(0, 16)}${'0'.repeat(48)}`)).toBeUndefined();
  });

  it('replaces a run that lacks a table', () => {
    const results = fresh('replace');
    results.write({ ...record, tables: {} });
    results.write(record);
    expect(results.find(key, ['jobs', 'series'])).toBeDefined();
    expect(readdirSync(join(results.path, 'runs'))).toEqual(['abcdef0123456789']);
  });

  it.each([
    [
      'a file is cut off',
      (folder: string) => {
        truncateSync(join(folder, 'jobs.parquet'), 100);
      },
    ],
    [
      'a file has another byte and its old size',
      (folder: string) => {
        const bytes = readFileSync(join(folder, 'jobs.parquet'));
        bytes[bytes.length >> 1]! ^= 1;
        writeFileSync(join(folder, 'jobs.parquet'), bytes);
      },
    ],
    [
      'a file is gone',
      (folder: string) => {
        rmSync(join(folder, 'summary.json'));
      },
    ],
    [
      'the manifest is no JSON',
      (folder: string) => {
        writeFileSync(join(folder, 'manifest.json'), '{');
      },
    ],
    [
      'the manifest is of another schema',
      (folder: string) => {
        writeFileSync(join(folder, 'manifest.json'), '{"schemaVersion":0}');
      },
    ],
  ])('takes a run for missing when %s, and writes it anew', (name, spoil) => {
    const results = fresh(name.replaceAll(' ', '-'));
    spoil(results.write(record));
    expect(results.find(key)).toBeUndefined();
    results.write(record);
    expect(results.find(key)).toBeDefined();
  });

  it('gives numbers that do not exist back as NaN', () => {
    const results = fresh('nan');
    const sites = [{ ...result.sites[0]!, eurPerGpuHour: Infinity, pue: NaN }];
    results.write({ ...record, result: { ...result, sites } });
    expect(results.find(key)!.result.sites[0]).toMatchObject({ eurPerGpuHour: NaN, pue: NaN, id: 'north' });
  });
});

describe('a write that fails', () => {
  it('leaves nothing under the final name and no temporary folder', () => {
    const results = fresh('failing');
    const broken: RunRecord = {
      ...record,
      tables: { jobs: [{ name: 'x', kind: 'double', values: Float64Array.of(NaN) }] },
    };
    expect(() => results.write(broken)).toThrow(/finite numbers/);
    expect(readdirSync(join(results.path, 'runs'))).toEqual([]);
    expect(results.find(key)).toBeUndefined();
  });

  it('is known before the runs when the place cannot be written to', () => {
    writeFileSync(join(root, 'a-file'), 'x');
    const unwritable = expect.objectContaining({ code: 'io.write', exitCode: 2 }) as Error;
    expect(() => openResultsFolder(join(root, 'a-file'))).toThrow(unwritable);
    expect(() => openResultsFolder('/proc/gigasim')).toThrow(unwritable);
  });

  it('never shows a half-written folder of a killed run', () => {
    const results = fresh('killed');
    halfWritten(results.path, process.pid);
    expect(results.find(key)).toBeUndefined();
    expect(results.find(key.slice(1))).toBeUndefined();
  });

  it('is swept away when the folder is opened again: old ones of processes that are gone, nothing else', () => {
    const { path } = fresh('swept');
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const yearAgo = new Date(Date.now() - 365 * 86_400_000);
    const kept = [halfWritten(path, process.pid), halfWritten(path, 1), halfWritten(path, gone, 'young')];
    const swept = halfWritten(path, gone);
    const aside = `${halfWritten(path, gone, 'aside')}.old`;
    renameSync(aside.slice(0, -'.old'.length), aside);
    for (const folder of [kept[0]!, kept[1]!, swept, aside]) utimesSync(folder, yearAgo, yearAgo);
    writeFileSync(join(path, 'runs/.own'), 'not ours');
    openResultsFolder(path);
    expect(readdirSync(join(path, 'runs')).sort()).toEqual(['.own', ...kept.map((name) => basename(name))].sort());
  });

  function halfWritten(path: string, pid: number, name = 'abcdef0123456789'): string {
    const folder = join(path, `runs/.${name}.${String(pid)}-0badc0ffee00.tmp`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'summary.json'), '{"sche');
    return folder;
  }
});

describe('plan.json', () => {
  it('lists what its writer gives it, with the schema version', () => {
    const results = fresh('plan');
    results.writePlan({ question: 'Which site?', runs: [{ key, replication: 0 }] });
    expect(jsonOf(results.path, 'plan.json')).toEqual({
      schemaVersion: 1,
      question: 'Which site?',
      runs: [{ key, replication: 0 }],
    });
  });
});
