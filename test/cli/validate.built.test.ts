import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFile } from './gigasim.js';

const TINY = readFileSync(new URL('../../scenarios/tiny-energy.yaml', import.meta.url), 'utf8');
const changed = (from: string, to: string): string => {
  if (!TINY.includes(from)) throw new Error(`tiny-energy.yaml has no ${from}`);
  return TINY.replace(from, to);
};

describe('validate', () => {
  it('says what will run', async () => {
    const { code, stdout } = await gigasim(['validate', 'tiny-two-sites']);
    expect(code).toBe(0);
    expect(stdout).toContain('tiny-two-sites: ok');
    expect(stdout).toContain('6 runs: 2 policies × 1 schedule × 3 replications');
    expect(stdout).toContain('sites: tiny-fr, tiny-de');
  });

  it('reads a scenario from standard input', async () => {
    expect((await gigasim(['validate', '-'], { stdin: TINY })).stdout).toContain('-: ok');
  });

  it('accepts every shipped scenario', async () => {
    const listed = JSON.parse((await gigasim(['list', 'scenarios', '--json'])).stdout) as {
      scenarios: { name: string }[];
    };
    const names = listed.scenarios.map(({ name }) => name).filter((name) => name !== 'million-jobs');
    expect((await gigasim(['validate', ...names])).code).toBe(0);
  });

  it('lists flagged figures with their documents', async () => {
    const { stdout } = await gigasim(['validate', 'tiny-energy', '--assumptions']);
    expect(stdout).toMatch(/^hardware h100-sxm +nonGpuIdleFraction +0\.35 +assumption/m);
  });

  it('reports ten faults as ten, each with its place, its line and a caret', async () => {
    const scenario = fileURLToPath(new URL('./ten-faults.yaml', import.meta.url));
    const { code, stdout, stderr } = await gigasim(['validate', scenario]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('has 10 problems');
    expect(stderr.match(/ten-faults\.yaml:\d+:\d+: /g)).toHaveLength(10);
    expect(stderr.match(/^ +\| +\^$/gm)).toHaveLength(10);
    expect(stderr).toContain('Did you mean horizon?');
  });

  it('hands the same faults over as data', async () => {
    const scenario = fileURLToPath(new URL('./ten-faults.yaml', import.meta.url));
    const { stdout, code } = await gigasim(['validate', scenario, '--json']);
    const { error } = JSON.parse(stdout) as { error: { issues: { line: number; column: number }[] } };
    expect(code).toBe(2);
    expect(error.issues).toHaveLength(10);
    for (const { line, column } of error.issues) expect(line * column).toBeGreaterThan(0);
  });
});

describe('bad input', () => {
  it.each([
    ['a site with zero GPUs', changed('nodes: 2 }', 'nodes: 0 }'), 'partitions[0].nodes'],
    ['a job larger than any partition', changed('gpus: 8, run: 2 h', 'gpus: 80, run: 2 h'), '80'],
    ['no zone of that name', changed('zone: DE-LU', 'zone: DE-LV'), 'Did you mean DE-LU?'],
    ['an unknown key', changed('horizon: 4 h', 'horizn: 4 h'), 'Did you mean horizon?'],
    ['a duplicate key', changed('horizon: 4 h', 'horizon: 4 h\nhorizon: 5 h'), 'twice'],
    ['something that is no YAML', '{ version: 1', 'cannot be read as YAML'],
  ])('%s is refused with its place', async (_, text, what) => {
    const { code, stdout, stderr } = await gigasim(['compare', temporaryFile('bad.yaml', text)]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(what);
    expect(stderr).toMatch(/bad\.yaml:\d+:\d+/);
  });

  it('a NaN price in a CSV is refused with its line', async () => {
    const price = 'price: { steps: [{ from: 0 h, value: 40 }, { from: 2 h, value: 80 }] }';
    const scenario = temporaryFile('own.yaml', changed(price, 'price: price.csv'));
    const hours = ['50', 'NaN', '60', '70'].map((value, hour) => `2027-01-01T0${String(hour)}:00Z,${value}`);
    writeFileSync(join(dirname(scenario), 'price.csv'), `time,value\n${hours.join('\n')}\n`);
    const { code, stderr } = await gigasim(['compare', scenario]);
    expect(code).toBe(2);
    expect(stderr).toContain('price.csv:3:');
    expect(stderr).toContain('NaN');
  });

  it.each([
    ['cut off', 'cut off', () => gzipSync(Buffer.from('1 0 -1 10 1 -1 -1 1 10\n'.repeat(500))).subarray(0, 40)],
    ['empty', 'it is empty', () => new Uint8Array(0)],
    ['a directory', 'it is a directory', undefined],
  ])('a scenario whose trace is %s is refused, and no results folder is left', async (_, what, content) => {
    const text = TINY.replace(/^workload:[^]*(?=^policy:)/m, 'workload: { trace: log.swf.gz }\n');
    const scenario = temporaryFile('traced.yaml', text);
    const folder = dirname(scenario);
    if (content === undefined) mkdirSync(join(folder, 'log.swf.gz'));
    else writeFileSync(join(folder, 'log.swf.gz'), content());
    const { code, stdout, stderr } = await gigasim(['compare', scenario, '--out', join(folder, 'results')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(what);
    expect(stderr).toContain('log.swf.gz');
    expect(existsSync(join(folder, 'results'))).toBe(false);
  });

  it('an empty file and a directory are refused', async () => {
    const empty = temporaryFile('empty.yaml', '');
    expect((await gigasim(['validate', empty])).stderr).toContain('it is empty');
    expect((await gigasim(['validate', dirname(empty)])).stderr).toContain('it is a directory');
  });

  it('all scenarios with faults are reported together', async () => {
    const one = temporaryFile('one.yaml', changed('horizon: 4 h', 'horizn: 4 h'));
    const two = temporaryFile('two.yaml', changed('zone: DE-LU', 'zone: DE-LV'));
    const { stderr } = await gigasim(['validate', one, two]);
    expect(stderr).toContain('horizn');
    expect(stderr).toContain('DE-LV');
  });
});
