import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorRecord, type Issue } from '../../src/base/errors.js';
import { capexEur } from '../../src/economics/tco.js';
import { budgetChoices, budgetRows, budgetRuns, type BudgetRequest, type BudgetRow } from '../../src/plan/budget.js';
import { budgetJson, budgetPlain, budgetText, reach } from '../../src/report/budgetText.js';
import { simulate } from '../../src/sim/simulate.js';
import { shipped } from './planning.js';

const ask = (change: Partial<BudgetRequest> = {}): BudgetRequest => ({
  ...{ eur: 4e9, soldFraction: 0.85, boughtAfterYears: 0, sites: ['gf-fr-hdf'] },
  ...change,
});
const choices = (change: Partial<BudgetRequest> = {}) => budgetChoices(ask(change), shipped);
const options = { library: shipped, readFile: (path: string) => readFileSync(path), buildVersion: 'test' };

function rowsOf(request: BudgetRequest): readonly BudgetRow[] {
  const runs = budgetRuns(budgetChoices(request, shipped), options);
  const done = runs.map((run) => ({ run, sites: simulate(run.spec, run.inputs).sites }));
  return budgetRows(request, done, shipped);
}

function faultsOf(change: Partial<BudgetRequest>): readonly Issue[] {
  try {
    choices(change);
    return [];
  } catch (thrown) {
    const record = errorRecord(thrown);
    if (record.code !== 'usage') throw thrown;
    return record.issues;
  }
}

describe('what a budget buys', () => {
  it('is the most whole nodes or racks that it pays, building and connection included', () => {
    for (const { hardware, nodes, gpus, capital } of choices()) {
      const unit = hardware.name === 'h100-sxm' ? 8 : 72;
      expect(gpus % unit).toBe(0);
      expect(nodes * hardware.gpusPerNode.value).toBe(gpus);
      const each = capexEur(capital) / (gpus / unit);
      expect(capexEur(capital)).toBeLessThanOrEqual(4e9);
      expect(capexEur(capital) + each).toBeGreaterThan(4e9);
    }
  });

  it('of EUR 4 bn is 89,784 H100 or 55,008 GB300', () => {
    // H100: 30,500 + 1.389 kW × (10,000 + 1.15 × 100) EUR; GB300: 50,000 + 2.038 kW × (11,000 + 115).
    const found = Object.fromEntries(choices().map(({ hardware, gpus }) => [hardware.name, gpus]));
    expect(found['h100-sxm']).toBe(8 * Math.floor(4e9 / (8 * (30_500 + 1.389 * 10_115))));
    expect(found['gb300-nvl72']).toBe(72 * Math.floor(4e9 / (72 * (50_000 + 2.038 * 11_115))));
    expect(found).toMatchObject({ 'h100-sxm': 89_784, 'gb300-nvl72': 55_008 });
  });

  it('of EUR 3 to 5 bn reaches 100,000 H100-class GPUs and not 100,000 GB300-class', () => {
    const reached = (eur: number, name: string): boolean =>
      choices({ eur, hardware: [name] }).every(({ gpus }) => gpus >= 100_000);
    expect(reached(5e9, 'h100-sxm')).toBe(true);
    expect(reached(4.46e9, 'h100-sxm')).toBe(true);
    expect(reached(5e9, 'gb300-nvl72')).toBe(false);
    expect(reached(7.3e9, 'gb300-nvl72')).toBe(true);
  });

  it('is more of hardware bought when prices have fallen, but not without end: the building does not get cheaper', () => {
    const gpus = (boughtAfterYears: number): number =>
      choices({ boughtAfterYears, hardware: ['gb300-nvl72'] })[0]!.gpus;
    expect(gpus(1)).toBe(72 * Math.floor(4e9 / (72 * (0.7 * 50_000 + 2.038 * 11_115))));
    expect(gpus(2)).toBeGreaterThan(gpus(1));
    expect(gpus(40)).toBeLessThan(4e9 / (2.038 * 11_115));
  });

  it('is by default every hardware with a price at every site that gives its capital', () => {
    const all = budgetChoices(ask({ sites: undefined }), shipped);
    const hardware = new Set(all.map(({ hardware: { name } }) => name));
    const sites = new Set(all.map(({ site: { name } }) => name));
    expect([...hardware]).toEqual(['gb200-nvl72', 'gb300-nvl72', 'h100-sxm']);
    expect(sites.has('gf-pl-balt')).toBe(true);
    expect(sites.has('aif-de-24k')).toBe(false);
    expect(all).toHaveLength(hardware.size * sites.size);
  });

  it('names every fault at once', () => {
    const found = faultsOf({ hardware: ['mi355x', 'h100'], sites: ['gf-fr'], grantFraction: 35, wacc: -1 });
    expect(found.map(({ path }) => path).sort()).toEqual(['--grant', '--hardware', '--hardware', '--site', '--wacc']);
    expect(found.find(({ message }) => message.includes('"h100"'))!.hint).toContain('h100-sxm');
    const model = faultsOf({ sites: ['nowhere'], grantFraction: 35, model: 'foo', eur: 1 });
    expect(model.map(({ path }) => path).sort()).toEqual(['--grant', '--model', '--site']);
    expect(faultsOf({ grantFraction: 35, eur: 1 }).map(({ path }) => path)).toEqual(['--grant', '--eur']);
    const all = faultsOf({ eur: 1, sites: undefined });
    expect(all.map(({ path }) => path)).toEqual(['--eur']);
    expect(all[0]!.hint).toMatch(
      /^Of \d+ choices that it does not pay, the cheapest takes \d+ EUR for 8 GPUs of h100-sxm/,
    );
    expect(() => choices({ eur: 1, sites: undefined })).toThrow('--eur: expected at least');
    const [little] = faultsOf({ eur: 1000, hardware: ['gb300-nvl72'] });
    expect(little!.message).toMatch(/expected at least \d+ EUR for 72 GPUs of gb300-nvl72 at gf-fr-hdf, got 1000/);
  });
});

describe('a year of what is bought', () => {
  const request = ask({ hardware: ['h100-sxm', 'gb300-nvl72'], model: 'llama-3.1-405b', grantFraction: 0.35 });
  const rows = rowsOf(request);

  it('sells the share that is asked for, all the time', () => {
    for (const { result, gpus, soldGpus } of rows) {
      expect(soldGpus / gpus).toBeCloseTo(0.85, 3);
      expect(result.cost!.soldGpuHours).toBeCloseTo(soldGpus * 8760, 3);
      expect(result.loadFactor).toBeGreaterThan(0.8);
    }
  });

  it('draws less than its connection, and its IT less than it is designed for', () => {
    for (const { result, capital } of rows) {
      expect(result.peakFacilityMW).toBeLessThan(capital.connectionKw / 1000);
      expect(result.peakItMW).toBeLessThan(capital.designItKw / 1000);
    }
  });

  it('trains at the speed that throughput finds, on all that is sold', () => {
    for (const { training, soldGpus, result } of rows) {
      expect(training!.jobGpus).toBe(16_384);
      expect(training!.mfu).toBeGreaterThan(0.25);
      const trillionsAYear = (training!.tokensPerS * 8760 * 3600) / 1e12;
      expect(training!.eurPerTrillionTokens).toBeCloseTo(result.cost!.totalEur / trillionsAYear, 3);
      // No more than its GPUs could at the MFU found: 6 × 405 B FLOPs a token and attention's.
      expect(training!.tokensPerS).toBeLessThan((soldGpus * 2.5e15 * training!.mfu) / (6 * 4.05e11));
    }
  });

  it('comes with the cheapest work first, in text, table and JSON', () => {
    const [first, second] = rows;
    expect(first!.training!.eurPerTrillionTokens).toBeLessThan(second!.training!.eurPerTrillionTokens);
    const text = budgetText(request, rows).replaceAll(/\s+/g, ' ');
    const after = budgetText({ ...request, boughtAfterYears: 1 }, rows).replaceAll(/\s+/g, ' ');
    expect(after).toContain('Hardware is bought 1 year after its prices');
    expect(text).toContain('What EUR 4.00 bn buy');
    expect(text).toContain(
      '100,000 gb300-nvl72 take EUR 7.27 bn: not enough here, more than the EUR 3 to 5 bn planned',
    );
    expect(text).toContain('100,000 h100-sxm take EUR 4.45 bn: not enough here, within the EUR 3 to 5 bn planned');
    expect(text).toContain('a grant of 35 % of it is public');
    expect(budgetPlain(request, rows).split('\n')).toHaveLength(1 + rows.length + 1);
    const { rows: printed } = budgetJson(request, rows) as { rows: Record<string, unknown>[] };
    expect(printed.map(({ hardware, gpus }) => [hardware, gpus])).toEqual(
      rows.map(({ hardware, gpus }) => [hardware.name, gpus]),
    );
    expect(reach(ask({ eur: 5e9 }), rows)).toEqual(
      expect.arrayContaining([
        '100,000 h100-sxm take EUR 4.45 bn: enough here, within the EUR 3 to 5 bn planned for an AI gigafactory.',
      ]),
    );
  });

  it('public money is a share of capital, not of operation', () => {
    for (const { result } of rows) {
      const capital = result.cost!.lines.filter(({ group }) => group === 'capital');
      const owner = capital.reduce((sum, { eur }) => sum + eur, 0);
      // Residuals lower the owner's part alone.
      expect(result.cost!.publicEur / (owner + result.cost!.publicEur)).toBeGreaterThan(0.35);
      expect(result.cost!.publicEur / (owner + result.cost!.publicEur)).toBeLessThan(0.4);
    }
  });
});
