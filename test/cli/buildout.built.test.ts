import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TWO_NODES } from '../support/twoNodes.js';
import { gigasim, temporaryFolder, type Ended } from './gigasim.js';

const buildout = (...args: string[]): Promise<Ended> => gigasim(['buildout', '-', ...args], { stdin: TWO_NODES });

describe('buildout', () => {
  it('prints years, totals and alternatives of a scenario from standard input, the same on one thread and on two', async () => {
    const { code, stdout, stderr } = await buildout('--years', '2', '--threads', '1');
    expect(code).toBe(0);
    expect(stderr).toContain('5 years of 1 site under three timings');
    expect(stdout).toMatch(
      /^Does a chain of two years come out as it does on paper\?\n\ntiny \(Two nodes\), 2027 to 2028/,
    );
    expect(stdout).toMatch(/^levelised cost of a sold GPU-hour +EUR +12\.1637 +20\.\d{4} +7\.\d{4}$/m);
    expect((await buildout('--years', '2', '--threads', '2')).stdout).toBe(stdout);
  });

  it('prints one document, and finds its runs again', async () => {
    const folder = temporaryFolder();
    const first = await buildout('--years', '2', '--json', '--out', folder);
    expect(first.code).toBe(0);
    const document = JSON.parse(first.stdout) as Record<string, unknown>;
    expect(document).toMatchObject({ command: 'buildout', failed: [], interrupted: false });
    expect(readFileSync(join(folder, 'plan.json'), 'utf8')).toContain('tiny');
    const again = await buildout('--years', '2', '--json', '--out', folder);
    expect(again.stdout).toBe(first.stdout);
    expect(again.stderr).toContain('5 runs of 5 found');
  });

  it('refuses windows that are none, and scenarios in which nothing grows', async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['-', '--years', '0'], 'whole number of at least 1'],
      [['-', '--years', '31'], 'at most 30 years'],
      [['-', '--years', '1'], 'expected a date in the window, 2027 to 2027; got 2028-07-01'],
      [['tiny-energy'], 'expected buildOut, the dates at which site tiny grows'],
    ];
    for (const [args, expected] of wrong) {
      const { code, stdout, stderr } = await gigasim(['buildout', ...args], { stdin: TWO_NODES });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(expected);
    }
  });
});
