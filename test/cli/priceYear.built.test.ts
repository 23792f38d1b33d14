import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFile } from './gigasim.js';

const SITES = `version: 1
kind: scenario
question: What in another year?
sites: [{ use: gf-de-jul, partitions: { 0: { racks: 1 } } }]
workload: { jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }
policy: fcfs+easy@pack
horizon: 1 d
`;

describe('--price-year', () => {
  it('names the zone and the years it has where there is none, exit 2', async () => {
    const scenario = temporaryFile('s.yaml', SITES);
    const { code, stderr } = await gigasim(['validate', scenario, '--price-year', '2021']);
    expect(code).toBe(2);
    expect(stderr).toContain('expected a year that zone DE-LU has a mean price of, 2022, 2023, 2024, 2025; got 2021');
  });

  it('stands behind no other: option, then variable, then --set, then scenario', async () => {
    const scenario = temporaryFile('s.yaml', `${SITES}priceYear: 2025\n`);
    const year = async (args: readonly string[], env = {}): Promise<string | undefined> => {
      const { stdout } = await gigasim(['validate', scenario, '--print-config', ...args], { env });
      return /^priceYear .* (\S+)$/m.exec(stdout)?.[1];
    };
    const env = { GIGASIM_PRICE_YEAR: '2022' };
    expect(await year([])).toBe('2025');
    expect(await year([], env)).toBe('2022');
    expect(await year(['--set', 'priceYear=2023'], env)).toBe('2023');
    expect(await year(['--set', 'priceYear=2023', '--price-year', '2024'], env)).toBe('2024');
  });

  it('changes the bill by the ratio of the means, and is repeated in the next command', async () => {
    const scenario = temporaryFile('s.yaml', SITES);
    const paid = async (...args: readonly string[]) => {
      const { stdout, stderr } = await gigasim(['run', scenario, '--json', ...args]);
      const { runs } = JSON.parse(stdout) as { runs: { sites: { meanPriceEurPerMWh: number }[] }[] };
      return { price: runs[0]!.sites[0]!.meanPriceEurPerMWh, stderr };
    };
    const [base, dear] = [await paid(), await paid('--price-year', '2022')];
    expect(dear.price / base.price).toBeCloseTo(235 / 78, 9);
    expect(dear.stderr).toContain('--price-year 2022');
  });

  it('reads a file from where the command is given', async () => {
    const scenario = temporaryFile('s.yaml', SITES);
    const rows = Array.from({ length: 24 }, (_, h) => `2027-01-01T${String(h).padStart(2, '0')}:00,${h}`);
    const prices = temporaryFile('prices.csv', `time,DE-LU\n${rows.join('\n')}\n`);
    expect(readFileSync(prices, 'utf8')).toContain('T23:00,23');
    const { stdout } = await gigasim(['run', scenario, '--json', '--price-year', prices]);
    const { runs } = JSON.parse(stdout) as { runs: { sites: { meanPriceEurPerMWh: number }[] }[] };
    expect(runs[0]!.sites[0]!.meanPriceEurPerMWh).toBeCloseTo(11.5, 9);
    const { code, stderr } = await gigasim(['validate', scenario, '--price-year', 'missing.csv']);
    expect([code, stderr.includes('missing.csv')]).toEqual([2, true]);
  });
});
