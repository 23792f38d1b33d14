import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFolder } from './gigasim.js';

describe('compare', () => {
  it('puts the table on stdout and all talk on stderr', async () => {
    const { code, stdout, stderr } = await gigasim(['compare', 'tiny-two-sites']);
    expect(code).toBe(0);
    expect(stdout).toContain('rank  site');
    expect(stdout).not.toMatch(/^(run \d|next:)/m);
    expect(stderr.match(/^run \d of 6 /gm)).toHaveLength(6);
    expect(stderr).toMatch(/^next: gigasim /m);
  });

  it('follows a run that was typed without options', async () => {
    const { stderr } = await gigasim(['run', 'tiny-energy']);
    expect(stderr).toMatch(/^next: gigasim compare tiny-energy {3}/m);
  });

  it('says nothing but results when quiet', async () => {
    expect((await gigasim(['compare', 'tiny-easy', '-q'])).stderr).toBe('');
  });

  it('gives the same bytes on 1, 2 and 8 threads', async () => {
    const outputs = await Promise.all(
      ['1', '2', '8'].map((threads) => gigasim(['compare', 'tiny-two-sites', '--json', '-q', '--threads', threads])),
    );
    expect(outputs[0]!.stdout).toContain('"schemaVersion": 3');
    expect(outputs[1]).toEqual(outputs[0]);
    expect(outputs[2]).toEqual(outputs[0]);
  });

  it('suggests price years only where sites have the prices of their zone', async () => {
    const own = await gigasim(['compare', 'tiny-power', '--reps', '1']);
    expect(own.stderr).toMatch(
      /^next: gigasim compare tiny-power --reps 1 --sensitivity all {3}does the ranking hold for every input$/m,
    );
    const zones = await gigasim(['compare', 'tiny-two-sites', '--reps', '1']);
    expect(zones.stderr).toContain(
      '--price-years 2022,2023,2024,2025 --sensitivity all   does the ranking hold in other years, and for',
    );
  });

  it('suggests commands that do the same again: with the options that were typed, and none for standard input', async () => {
    const typed = ['--set', 'workload.load=0.7', '--seed', '3', '--policy', 'fcfs+easy@pack'];
    const { stdout, stderr } = await gigasim(['compare', 'tiny-two-sites', '--reps', '2', ...typed]);
    const [, next] = /^next: gigasim (.*?) {3}/m.exec(stderr)!;
    expect(next).toBe(`run tiny-two-sites --reps 1 ${typed.join(' ')}`);
    expect((await gigasim(next!.split(' '))).code).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('tiny-two-sites --assumptions --set workload.load=0.7 lists them');
    const text = readFileSync(new URL('../../scenarios/tiny-easy.yaml', import.meta.url));
    expect((await gigasim(['compare', '-'], { stdin: text })).stderr).not.toContain('next:');
  });

  it('runs a deterministic scenario once, whatever is asked, and beside others in each of their replications', async () => {
    const both = ['--policy', '[fcfs+none@first-fit, fcfs+easy@first-fit]', '--reps', '3'];
    const alone = await gigasim(['compare', 'tiny-easy', ...both]);
    expect(alone.stderr.match(/^run \d of 2 /gm)).toHaveLength(2);
    expect(alone.stdout).toContain('deterministic: one run, no spread');
    // Both end their jobs within the hour, so they pay the same.
    expect(alone.stdout).toMatch(/^ +1= +tiny fcfs\+none@first-fit/m);
    expect(alone.stdout).not.toContain(' ± ');
    const { stdout } = await gigasim(['compare', 'tiny-easy', 'tiny-two-sites', '-q', '--reps', '3']);
    expect(stdout).toContain('3 replications');
    expect(stdout).not.toContain('incomplete');
  });

  it('compares scenarios with one another', async () => {
    const { code, stdout } = await gigasim(['compare', 'tiny-easy', 'tiny-energy', '-q']);
    expect(code).toBe(0);
    expect(stdout).toContain('tiny-easy tiny');
    expect(stdout).toContain('tiny-energy tiny');
  });

  it('is tab-separated with --plain', async () => {
    const { stdout } = await gigasim(['compare', 'tiny-two-sites', '--plain', '-q']);
    const [head, ...rows] = stdout.split('\n\n')[0]!.split('\n');
    expect(head!.split('\t')).toContain('EUR per [GPU-hour]');
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row.split('\t')).toHaveLength(head!.split('\t').length);
  });

  it.each(['compare', 'run'])('%s says n/a, nothing or null for what does not exist without jobs', async (command) => {
    const out = temporaryFolder();
    const scenario = ['tiny-two-sites', '--set', 'workload={ use: mmc, load: 1e-9 }', '--set', 'horizon=4 h'];
    const args = [command, ...scenario, '--set', 'warmup=0 h', '--reps', '2', '-q', '--out', out];
    const json = (await gigasim([...args, '--json'])).stdout;
    const [text, plain] = [(await gigasim(args)).stdout, (await gigasim([...args, '--plain'])).stdout];
    expect(text).toMatch(/ n\/a/);
    expect(json).toContain('"meanMs": null');
    for (const output of [text, plain, json]) expect(output).not.toMatch(/NaN|Infinity|undefined/);
    expect(`\n${plain}`).toMatch(/\t(\t|\n)/);
  });

  it('does not rank by EUR per GPU-hour where no GPU was used, and says so', async () => {
    const { stdout } = await gigasim([
      ...['compare', 'tiny-two-sites', '--set', 'workload={ use: mmc, load: 1e-9 }', '--set', 'horizon=4 h'],
      ...['--set', 'warmup=0 h', '--reps', '2', '-q', '--json'],
    ]);
    const { ranking } = JSON.parse(stdout) as { ranking: { eurPerGpuHour: { rank: number | null }[] } };
    expect(ranking.eurPerGpuHour.map(({ rank }) => rank)).toEqual(ranking.eurPerGpuHour.map(() => null));
  });

  it('does not repeat runs it finds among the results, and prints the same', async () => {
    const out = temporaryFolder();
    const args = ['compare', 'tiny-two-sites', '--out', out];
    const first = await gigasim(args);
    const second = await gigasim(args);
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).toContain('6 runs of 6 found');
    expect(second.stderr).not.toMatch(/^run \d/m);
    const [run] = readdirSync(join(out, 'runs'));
    expect(readdirSync(join(out, 'runs', run!)).sort()).toEqual([
      'jobs.parquet',
      'manifest.json',
      'series.parquet',
      'summary.json',
      'timings.json',
    ]);
    const plan = JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8')) as { scenarios: { runs: unknown[] }[] };
    expect(plan.scenarios[0]!.runs).toHaveLength(6);
  });

  it('keeps finished runs at Ctrl-C, says how to go on, and ends with 130', async () => {
    const out = temporaryFolder();
    const args = ['compare', 'tiny-two-sites', '--out', out, '--reps', '400', '--threads', '1'];
    let isTold = false;
    const stopped = await gigasim(args, {
      watch: (child, stderr) => {
        if (isTold || !stderr.includes('run 3 of')) return;
        isTold = true;
        child.kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('finished runs are kept');
    expect(stopped.stderr).toContain(`to go on from there: gigasim ${args.join(' ')}`);
    const kept = readdirSync(join(out, 'runs'));
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(kept.filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
