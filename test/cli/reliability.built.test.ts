import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFolder } from './gigasim.js';

const FAILS = ['--set', 'reliability={use: llama3, rateFactor: 50, spares: {nodes: 1}}', '--policy', 'fcfs+easy@pack'];
const TINY = ['reliability', 'tiny-two-sites', ...FAILS, '--reps', '2'];
const FEW = ['--intervals', 'daly,1h', '--spares', '0,1', '--rates', '25,50', '--gpus', '8,64'];

describe('reliability', () => {
  it('shows ETTR along each axis and of lone gangs on stdout, talks on stderr, and ends with a command that runs', async () => {
    const { code, stdout, stderr } = await gigasim([...TINY, ...FEW]);
    expect(code).toBe(0);
    for (const axis of ['checkpoint interval', 'spare nodes', 'rate of failures'])
      expect(stdout).toMatch(new RegExp(`^By ${axis}: `, 'm'));
    expect(stdout).toMatch(/^Daly's \(scenario\) +\d+\.\d\d/m);
    expect(stdout).toMatch(/^A gang alone on partition main, simulated/m);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Best checkpoint interval: /);
    expect(stderr).toContain('4 settings of the scenario in 8 runs, 4 settings of a lone gang in 8 runs');
    expect(stderr).toMatch(/^run \d+ of 16 .*: interval 1 h, 1 spare nodes, rate x 50: fcfs\+easy@pack at tiny-fr/m);
    const [, next] = /^next: gigasim (.*?) {3}/m.exec(stderr)!;
    const args = [...next!.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
    expect((await gigasim([...args, '-q'])).code).toBe(0);
  });

  it('gives the same bytes on one thread and on two', async () => {
    const args = [...TINY, ...FEW, '--json', '-q', '--threads'];
    const [one, two] = await Promise.all([gigasim([...args, '1']), gigasim([...args, '2'])]);
    const document = JSON.parse(one.stdout) as Record<string, unknown>;
    expect(document).toMatchObject({ schemaVersion: 1, command: 'reliability', failed: [], interrupted: false });
    expect(two.stdout).toBe(one.stdout);
  });

  it('keeps runs with --out and finds them again', async () => {
    const args = [...TINY, ...FEW, '--out', temporaryFolder()];
    const first = await gigasim(args);
    const again = await gigasim(args);
    expect(again.stderr).toContain('16 runs of 16 found in');
    expect(again.stdout).toBe(first.stdout);
  });

  it('writes a row for each setting as CSV beside what it prints', async () => {
    const csv = join(temporaryFolder(), 'sweep.csv');
    const { stdout } = await gigasim([...TINY, ...FEW, '--csv', csv, '--plain', '-q']);
    const rows = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(1 + 4 + 4);
    expect(stdout.split('\n')[0]!.split('\t')).toEqual(rows[0]!.split(','));
  });

  it('makes no folder for a CSV file', async () => {
    const missing = join(temporaryFolder(), 'misspelt');
    const { code, stdout, stderr } = await gigasim([...TINY, ...FEW, '--csv', join(missing, 'sweep.csv')]);
    expect([code === 0, stdout, existsSync(missing)]).toEqual([false, '', false]);
    expect(stderr).toMatch(/^io\.write: .*expected a file in a folder that is there.*--csv/m);
  });

  it('says what was run where a write takes longer than the interval', async () => {
    const short = ['--intervals', '1s', '--spares', '1', '--rates', '50', '--gpus', '64', '-q'];
    const { stdout } = await gigasim([...TINY, ...short]);
    expect(stdout).toMatch(/^1 s \(\d\S* s(–\d\S* s)?\) /m);
    const [, runAt] = /^ *64 +1 s +(\S+) /m.exec(stdout)!;
    expect(Number(runAt)).toBeGreaterThan(1);
  });

  it('refuses a scenario without failures, and says what to add', async () => {
    const { code, stdout, stderr } = await gigasim(['reliability', 'tiny-two-sites']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^scenario\.invalid: expected a scenario in which something fails/m);
    expect(stderr).toContain('--set reliability=llama3');
  });

  it('refuses values that are none, options that contradict one another, and too many runs', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--intervals', '5'], /--intervals <list>.*Expected daly and durations with a unit/],
      [['--spares', '1.5'], /--spares <list>.*Expected whole numbers/],
      [['--gpus', '1024'], /--gpus: expected at most 120/],
      [['--spares', '16'], /--spares:1:.*reliability\.spares\.partitions\.main/],
      [['--rates', '200'], /--rates:1:.*reliability\.rateFactor/],
      [['--csv', '-', '--plain'], /expected one document for standard output, got --csv - and --plain/],
      [['--only', 'site', '--gpus', '8'], /--gpus: expected no --only site with it/],
      [['--only', 'gang', '--spares', '1', '--grid'], /--spares and --grid: expected no --only gang with it/],
      [['--max-runs', '10'], /expected at most 10 runs \(--max-runs\), got \d+: .*Name fewer values with --intervals/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await gigasim([...TINY, ...args]);
      expect([code, stdout], args.join(' ')).toEqual([2, '']);
      expect(stderr, args.join(' ')).toMatch(message);
    }
  });
});
