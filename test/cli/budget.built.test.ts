import { describe, expect, it } from 'vitest';
import { gigasim, type Ended } from './gigasim.js';

const budget = (...args: string[]): Promise<Ended> => gigasim(['budget', ...args]);
const FRANCE = ['--site', 'gf-fr-hdf'];

describe('budget', () => {
  it('says how many chips, MW and EUR a year, and that 4 bn are not enough for 100,000 GB300', async () => {
    const { code, stdout, stderr } = await budget('--eur', '4e9', ...FRANCE);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^What EUR 4\.00 bn buy/);
    expect(stdout).toMatch(/^gb300-nvl72 +gf-fr-hdf +55.008 /m);
    expect(stdout).toContain('100,000 gb300-nvl72 take EUR 7.27 bn: not enough here, more than the EUR 3 to 5 bn');
    expect(stdout).toContain('100,000 h100-sxm take EUR 4.45 bn: not enough here, within the EUR 3 to 5 bn');
  });

  it('prints one document in base units', async () => {
    const args = ['--eur', '5e9', '--hardware', 'h100-sxm', ...FRANCE, '--model', 'llama-3.1-405b', '--grant', '0.35'];
    const { code, stdout } = await budget(...args, '--json');
    expect(code).toBe(0);
    const { rows, ...head } = JSON.parse(stdout) as { rows: readonly Record<string, unknown>[] };
    expect(head).toMatchObject({ command: 'budget', budgetEur: 5e9, grantFraction: 0.35, model: 'llama-3.1-405b' });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ hardware: 'h100-sxm', site: 'gf-fr-hdf', buys100kGpus: true });
  });

  it('refuses amounts, shares and names that are none', async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [[], '--eur'],
      [['--eur', 'much'], 'Expected a number'],
      [['--eur', '-1'], 'above 0'],
      [['--eur', '4e9', '--sold', '1.2'], 'at most 1'],
      [['--eur', '4e9', '--hardware', 'h100-smx'], 'Did you mean h100-sxm?'],
      [['--eur', '4e9', '--grant', '35', ...FRANCE], '--grant: expected 0 to 1, got 35'],
      [['--eur', '4e9', '--seed', '3'], 'takes no --seed'],
      [
        ['--eur', '4e9', '--model', 'llama', '--hardware', 'h100-sxm', ...FRANCE],
        '--model: expected one of deepseek-v3',
      ],
    ];
    for (const [args, expected] of wrong) {
      const { code, stdout, stderr } = await budget(...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain(expected);
    }
  });
});
