import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFile, temporaryFolder } from './gigasim.js';

const TWO = 'fcfs+easy@pack,fcfs+none@pack';

describe('bench', () => {
  it('ranks policies on stdout, talks on stderr, and ends with a command that runs', async () => {
    const { code, stdout, stderr } = await gigasim(['bench', 'tiny-two-sites', '--policies', TWO, '--reps', '2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Ranked by mean JCT \(mean ± 95 % interval, 2 replications\)$/m);
    expect(stdout).toMatch(/fcfs\+easy@pack .* baseline$/m);
    const [, next] = /^next: gigasim (.*?) {3}/m.exec(stderr)!;
    expect((await gigasim(next!.split(' '))).code).toBe(0);
  });

  it('gives the same bytes on one thread and on two', async () => {
    const args = ['bench', 'tiny-two-sites', '--policies', TWO, '--json', '-q', '--threads'];
    const [one, two] = await Promise.all([gigasim([...args, '1']), gigasim([...args, '2'])]);
    expect(one.stdout).toContain('"command": "bench"');
    expect(two.stdout).toBe(one.stdout);
  });

  it('keeps runs with --out, and more replications reuse them', async () => {
    const args = ['bench', 'tiny-two-sites', '--policies', TWO, '--out', temporaryFolder(), '--reps'];
    await gigasim([...args, '2']);
    const { stderr } = await gigasim([...args, '3']);
    expect(stderr).toContain('4 runs of 6 found in');
    expect(stderr.match(/^run \d of 2 /gm)).toHaveLength(2);
  });

  it('writes Markdown and CSV beside what it prints', async () => {
    const folder = temporaryFolder();
    const [markdown, csv] = [join(folder, 'a.md'), join(folder, 'a.csv')];
    const files = ['--markdown', markdown, '--csv', csv];
    const { stdout } = await gigasim(['bench', 'tiny-two-sites', '--policies', TWO, ...files, '--plain', '-q']);
    expect(stdout.split('\n')[0]!.split('\t')).toEqual(readFileSync(csv, 'utf8').split('\n')[0]!.split(','));
    expect(readFileSync(markdown, 'utf8')).toContain('| rank | policy |');
  });

  it('refuses two documents on one stdout, and a baseline that is not compared', async () => {
    const both = await gigasim(['bench', 'tiny-two-sites', '--policies', TWO, '--csv', '-', '--json']);
    expect(both.code).toBe(2);
    expect(both.stdout).toContain('expected one document for standard output, got --csv - and --json');
    const other = await gigasim(['bench', 'tiny-two-sites', '--policies', TWO, '--baseline', 'fcfs+easi@pack']);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('Did you mean fcfs+easy@pack?');
  });

  it('counts replications from 1 in JSON, as run and explain do', async () => {
    const of = async (...args: string[]): Promise<string[]> => {
      const { stdout } = await gigasim([...args, '--json', '-q']);
      return [...new Set(stdout.match(/"replication": \d+/g))];
    };
    const both = ['"replication": 1', '"replication": 2'];
    expect(await of('bench', 'tiny-two-sites', '--policies', TWO, '--reps', '2')).toEqual(both);
    expect(await of('run', 'tiny-two-sites', '--reps', '2')).toEqual(both);
    const second = ['--policy', 'fcfs+easy@pack', '--replication', '2'];
    expect(await of('explain', 'tiny-two-sites', ...second, '--job', '0')).toEqual(both.slice(1));
  });

  it('refuses options that contradict one another, names that are no files, and options that change nothing', async () => {
    const policies = ['bench', 'tiny-two-sites', '--policies', TWO];
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--csv', 'same', '--markdown', 'same'], /--csv and --markdown: expected two files, got same for both/],
      [['--csv', ''], /--csv <file>.*Expected the name of a file, got nothing/],
      [['--csv', '.'], /it is a directory\. Choose another place with --csv\./],
      [['--markdown', '.'], /it is a directory\. Choose another place with --markdown\./],
      [['--max-reps', '20'], /--max-reps: expected --precision/],
      [['--max-reps', '2', '--precision', '2%'], /expected at least the 3 replications .* got 2/],
      [['--set', 'policy=fcfs+none@pack'], /expected no policy beside --policies/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await gigasim([...policies, ...args]);
      expect([code, stdout], args.join(' ')).toEqual([2, '']);
      expect(stderr).toMatch(message);
    }
    const exact = await gigasim(['bench', 'tiny-easy', '--reps', '3', '--precision', '2%', '-q']);
    expect(exact.stdout.replaceAll(/\s+/g, ' ')).toContain('--reps and --precision changed nothing');
  });

  it('compares with nothing where the baseline fails, asked for or first of the list', async () => {
    const throws = temporaryFile('throws.js', 'export default { key: () => { throw new Error("no"); } };');
    const failing = `${throws}+easy@pack`;
    for (const args of [
      ['--policies', `fcfs+easy@pack,${failing}`, '--baseline', failing],
      ['--policies', `${failing},fcfs+easy@pack`],
    ]) {
      const { code, stdout, stderr } = await gigasim(['bench', 'tiny-two-sites', ...args]);
      expect(code).toBe(4);
      expect(stdout).toMatch(/^baseline .*throws\.js\S* failed: no differences\./m);
      expect(stdout).not.toMatch(/ baseline$/m);
      expect(stderr).toMatch(/^next: gigasim run tiny-two-sites --reps 1 --policy fcfs\+easy@pack /m);
    }
  });

  it('names a faulty policy where it was typed', async () => {
    const { code, stderr } = await gigasim(['bench', 'tiny-two-sites', '--policies', 'fcfs+easy@pack,fcfs+esy@pack']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--policies:1:.*policy\[1\]/);
  });

  it('names a policy that breaks its contract, compares the others, and ends with 4', async () => {
    const hostile = temporaryFile(
      'twice.js',
      'export default { schedule: (world, decide) => { const [job] = world.queue; if (job !== undefined) { decide.start(job); decide.start(job); } } };',
    );
    const { code, stdout, stderr } = await gigasim(['bench', 'tiny-two-sites', '--policies', `${TWO},${hostile}`]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^Left out: .*twice\.js/m);
    expect(stdout).toMatch(/^ +\S+ +fcfs\+none@pack /m);
    expect(stderr).toContain('policy.contract');
  });
});
