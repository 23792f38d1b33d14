import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFile, temporaryFolder } from './gigasim.js';

/** Fields of a Standard Workload Format line that a replay reads; the rest is unknown. */
const line = (job: number, submit: number, run: number, processors: number, requested: number): string =>
  [job, submit, -1, run, processors, -1, -1, processors, requested, -1, 1, 1, -1, -1, -1, -1, -1, -1].join(' ');

/**
 * Four processors. Job 11 takes three, 12 (all four) waits for it, 13 fits into the hole and ends by its
 * estimate before 12 could start, 14 would not.
 */
const LOG = `${[line(11, 0, 100, 3, 100), line(12, 10, 50, 4, 60), line(13, 20, 30, 1, 40), line(14, 30, 80, 1, 90)].join('\n')}\n`;

const replayed = (stdin: string | Uint8Array, policy: string): ReturnType<typeof gigasim> =>
  gigasim(['replay', '-', '--gpus', '4', '--gpus-per-node', '1', '--policy', policy, '--jobs', '-', '-q'], { stdin });

describe('replay', () => {
  it('schedules a small log as by hand under EASY', async () => {
    expect((await replayed(LOG, 'fcfs+easy@first-fit')).stdout).toBe(
      'job,submit,start,end,gpus\n11,0,0,100,3\n12,10,100,150,4\n13,20,20,50,1\n14,30,150,230,1\n',
    );
  });

  it('schedules it strictly in order without backfilling, gzipped or not', async () => {
    const csv = 'job,submit,start,end,gpus\n11,0,0,100,3\n12,10,100,150,4\n13,20,150,180,1\n14,30,150,230,1\n';
    expect((await replayed(LOG, 'fcfs+none@first-fit')).stdout).toBe(csv);
    expect((await replayed(gzipSync(LOG), 'fcfs+none@first-fit')).stdout).toBe(csv);
  });

  it('writes the schedule to a file and summarises on stdout', async () => {
    const log = temporaryFile('log.swf', LOG);
    const csv = join(temporaryFolder(), 'jobs.csv');
    const { code, stdout, stderr } = await gigasim([
      'replay',
      log,
      '--gpus',
      '4',
      '--gpus-per-node',
      '1',
      '--jobs',
      csv,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/makespan +230\.000 s/);
    expect(stdout.replaceAll('\n', ' ')).toContain('run = min(run, requested time)');
    expect(stderr).toContain('jobs/s');
    expect(readFileSync(csv, 'utf8').split('\n')).toHaveLength(6);
  });

  it('refuses a malformed line with its number, and skips and counts it when lenient', async () => {
    const log = temporaryFile('log.swf', LOG.replace('12 10', '12 ten'));
    const args = ['replay', log, '--gpus', '4', '--gpus-per-node', '1'];
    const strict = await gigasim(args);
    expect({ code: strict.code, stdout: strict.stdout }).toEqual({ code: 2, stdout: '' });
    expect(strict.stderr).toContain('log.swf:2:');
    const lenient = await gigasim([...args, '--lenient']);
    expect(lenient.code).toBe(0);
    expect(lenient.stderr).toContain('1 malformed, skipped');
  });

  it('leaves a run folder with --out: manifest, summary, jobs, and no series of watts it does not have', async () => {
    const out = temporaryFolder();
    const log = temporaryFile('log.swf', LOG);
    const args = ['replay', log, '--gpus', '4', '--gpus-per-node', '1', '--out', out];
    expect((await gigasim(args)).stderr).toContain(`wrote ${join(out, 'runs')}`);
    const [run, ...others] = readdirSync(join(out, 'runs'));
    expect(others).toEqual([]);
    const folder = join(out, 'runs', run!);
    const names = ['jobs.parquet', 'manifest.json', 'summary.json', 'timings.json'];
    expect(readdirSync(folder).sort()).toEqual(names);
    const { schedule, fingerprint } = JSON.parse((await gigasim([...args, '--json'])).stdout) as object & {
      schedule: object;
      fingerprint: string;
    };
    expect(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'))).toMatchObject({ schedule, fingerprint });
    expect(readdirSync(join(out, 'runs'))).toEqual([run]);
  });

  it('leaves values that do not exist empty or n/a: jobs that took no time', async () => {
    const args = ['replay', '-', '--gpus', '8', '-q'];
    const stdin = `${line(1, 0, 0, 1, 10)}\n`;
    const plain = (await gigasim([...args, '--plain'], { stdin })).stdout;
    expect(plain).toMatch(/^utilisationFraction\t$/m);
    const text = (await gigasim(args, { stdin })).stdout;
    const json = (await gigasim([...args, '--json'], { stdin })).stdout;
    expect(text).toMatch(/utilisation +n\/a/);
    for (const output of [plain, text, json]) expect(output).not.toMatch(/NaN|Infinity/);
  });

  it('reports machine and policy together', async () => {
    const log = temporaryFile('log.swf', LOG);
    const { code, stderr } = await gigasim(['replay', log, '--gpus', '0', '--policy', 'fcfs+eazy@pack']);
    expect(code).toBe(2);
    expect(stderr).toContain('--gpus: expected');
    expect(stderr).toContain('eazy');
  });

  it('refuses a job larger than the machine, naming it', async () => {
    const log = temporaryFile('log.swf', LOG);
    const { code, stderr } = await gigasim(['replay', log, '--gpus', '3', '--gpus-per-node', '1']);
    expect(code).toBe(2);
    expect(stderr).toContain('job 12 with 4');
  });

  it.each([
    ['a truncated gzip', () => temporaryFile('cut.swf.gz', gzipSync(LOG.repeat(100)).subarray(0, 60)), 'cut off'],
    ['an empty file', () => temporaryFile('empty.swf', ''), 'it is empty'],
    ['a directory', () => temporaryFolder(), 'it is a directory'],
    ['nothing', () => join(temporaryFolder(), 'none.swf'), 'there is nothing of that name'],
    ['a log without jobs', () => temporaryFile('comment.swf', '; a comment\n'), 'no job lines'],
  ])('ends with 2 for %s and writes nothing', async (_, make, what) => {
    const csv = join(temporaryFolder(), 'jobs.csv');
    const { code, stdout, stderr } = await gigasim(['replay', make(), '--gpus', '8', '--jobs', csv]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(what);
    expect(existsSync(csv)).toBe(false);
  });
});

const EXPECTED = new URL('../../../shared/data/expected/', import.meta.url);

describe.skipIf(!existsSync(EXPECTED))('the KTH log (skipped where ../shared/data is absent)', () => {
  const file = (name: string): string => new URL(name, EXPECTED).pathname;
  const rows = (csv: string): string[] => csv.trim().split('\n').slice(1).sort();

  it.each([
    ['fcfs', 'fcfs+none@first-fit', '219 148.431'],
    ['easy', 'fcfs+easy@first-fit', '6 421.135'],
  ])('is scheduled under %s as an independent simulator does, all 27,992 jobs', async (name, policy, meanWait) => {
    const csv = join(temporaryFolder(), 'jobs.csv');
    const machine = ['--gpus', '100', '--gpus-per-node', '1', '--time-unit', 'ms'];
    const log = file('kth-sp2-ms.swf.gz');
    const { stdout } = await gigasim(['replay', log, ...machine, '--policy', policy, '--jobs', csv]);
    const ours = readFileSync(csv, 'utf8').replaceAll(/,\d+$/gm, '').replace(',gpus', '');
    const theirs = gunzipSync(readFileSync(file(`kth-sp2-ms.${name}.csv.gz`))).toString('utf8');
    expect(rows(ours)).toHaveLength(27_992);
    expect(rows(ours)).toEqual(rows(theirs));
    expect(stdout).toContain(`mean ${meanWait}`);
  });
});
