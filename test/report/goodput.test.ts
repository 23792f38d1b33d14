import { describe, expect, it } from 'vitest';
import { billOf } from '../../src/economics/energyBill.js';
import type { GoodputSummary } from '../../src/metrics/goodputResult.js';
import type { RunResult, ScheduleSummary, SiteResult } from '../../src/metrics/runResult.js';
import { siteTotal } from '../../src/metrics/siteTotal.js';
import { siteTraining } from '../../src/metrics/siteTraining.js';
import { collectBench } from '../../src/report/bench.js';
import { benchMeasure } from '../../src/report/benchMeasures.js';
import { benchPlain } from '../../src/report/benchText.js';
import { collectCandidates, type Candidates } from '../../src/report/candidates.js';
import { compareJson } from '../../src/report/compareJson.js';
import { comparePlain, compareText, costTable, type CompareContext } from '../../src/report/compareText.js';
import { failuresByCause, GPU_TIME_SHARES } from '../../src/report/goodputTables.js';
import { phaseTables, runText, siteTable } from '../../src/report/runText.js';
import { scheduleTable, scheduleText } from '../../src/report/scheduleText.js';
import { simulate } from '../../src/sim/simulate.js';
import { generatedTask } from '../support/tinyRuns.js';

const task = generatedTask(0);
const plain = simulate(task.spec, task.inputs);

/** Of 1,000 GPU-hours; `lost` of the useful ones were lost instead. */
const goodput = (lost: number, failures: GoodputSummary['failures']): GoodputSummary => ({
  usefulGpuHours: 800 - lost,
  stallGpuHours: 20,
  lostGpuHours: lost,
  restartGpuHours: 10,
  idleGpuHours: 150,
  spareGpuHours: 15,
  downGpuHours: 5,
  withdrawnGpuHours: 0,
  totalGpuHours: 1000,
  repairWaitGpuHours: 0,
  ettrFraction: (800 - lost) / 830,
  goodputFraction: (800 - lost) / 1000,
  storageLoadFraction: [0.25],
  failures,
});
const failure = (cause: string, count: number, lostGpuHours: number) => ({
  ...{ cause, count, interruptions: count, lostGpuHours, restartGpuHours: 1, downNodeHours: 2 * count },
});
const training = (tokens: number) => ({
  ...{ model: 'llama-3-8b', tokens, tokensPerS: tokens / 1e6, exaFlopDays: 2, mfuFraction: 0.41, usefulGpuHours: 500 },
  sizes: [{ partition: 'main', gpus: 512, parallelism: 'TP2 DP256', mfuFraction: 0.428, jobs: 3, usefulGpuHours: 500 }],
});

/** Two replications: 40 GPU-hours lost to two causes, then 60 to one. */
const schedules = [
  { goodput: goodput(40, [failure('HBM3 memory', 3, 10), failure('switch', 1, 30)]), tokens: 2e12 },
  { goodput: goodput(60, [failure('HBM3 memory', 5, 60)]), tokens: 4e12 },
].map(({ goodput: of, tokens }): ScheduleSummary => ({
  ...plain.schedule,
  goodput: of,
  classes: plain.schedule.classes.map((one, index) => (index === 0 ? { ...one, training: training(tokens) } : one)),
}));
const useful = (site: SiteResult, usefulGpuHours: number): SiteResult => ({
  ...site,
  usefulGpuHours,
  eurPerUsefulGpuHour: site.bill.totalEur / usefulGpuHours,
});
const results = schedules.map((schedule): RunResult => {
  const { usefulGpuHours } = schedule.goodput!;
  return { ...plain, schedule, sites: plain.sites.map((site) => useful(site, usefulGpuHours)) };
});
const specs = results.map((_, replication) => generatedTask(replication).spec);
const found: Candidates = collectCandidates([{ scenario: 'test', specs, results }]);
const without: Candidates = collectCandidates([{ scenario: 'test', specs, results: results.map(() => plain) }]);
const context: CompareContext = {
  questions: ['Which?'],
  baseYears: {},
  flagged: { assumptions: 2, unverified: 1 },
  resampled: false,
  assumptionsCommand: 'gigasim validate x --assumptions',
};
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const headings = (table: { columns: readonly { title: string; unit?: string }[] }): string[] =>
  table.columns.map(({ title, unit = '' }) => `${title} ${unit}`.trim());

describe('a schedule with phases', () => {
  it('tells what GPU time went to, as shares of the total with intervals over replications', () => {
    const text = oneLine(scheduleText(schedules.slice(0, 1)));
    expect(text).toContain(
      'GPU time useful 76.00 %, checkpoints 2.00 %, lost work 4.00 %, starts and restarts 1.00 %, idle 15.00 %, spare 1.50 %, down 0.50 %',
    );
    expect(text).toContain('ETTR 91.57 % of the time held and waited for repair was productive');
    expect(text).toContain('storage 25.00 % of the write bandwidth');
    // 760 and 740: mean 750, half-width 12.706 × 14.142 / √2 = 127.06
    expect(oneLine(scheduleText(schedules))).toContain('useful 75.00 ± 12.71 %');
  });

  it('tells the wait for repair beside the total, so that ETTR can be rebuilt', () => {
    const [first] = schedules as [ScheduleSummary];
    const waited: ScheduleSummary = {
      ...first,
      goodput: { ...first.goodput!, repairWaitGpuHours: 50, ettrFraction: 760 / 880 },
    };
    const text = oneLine(scheduleText([waited]));
    expect(text).toContain('down 0.50 %; beside the total, jobs waiting for repair 5.00 %');
    expect(text).toContain('ETTR 86.36 %');
    expect(100 * (76 / (76 + 2 + 4 + 1 + 5))).toBeCloseTo(86.36, 2);
    expect(oneLine(scheduleText([first]))).not.toContain('repair 0');
    const json = scheduleTable([{ label: 'a', policy: 'p', runs: [waited] }], 'fixed');
    expect(headings(json)).toContain('waiting for repair %');
  });

  it('has shares that sum to 100 %', () => {
    for (const schedule of schedules) {
      expect(GPU_TIME_SHARES.reduce((sum, { of }) => sum + of(schedule), 0)).toBeCloseTo(100, 12);
    }
  });

  it('lists causes from the costliest, a cause that struck in one replication with 0 in the other', () => {
    expect(failuresByCause(schedules).map(({ cause, runs }) => [cause, runs.map(({ count }) => count)])).toEqual([
      ['HBM3 memory', [3, 5]],
      ['switch', [1, 0]],
    ]);
    const [trained, parallelism, failed] = phaseTables(schedules) as [string, string, string];
    // Once for both replications.
    expect(parallelism.match(/TP2 DP256/g)).toEqual(['TP2 DP256']);
    expect(parallelism).toMatch(/main +512 +TP2 DP256 +42\.8/);
    expect(failed).toMatch(/HBM3 memory +4\.0 ± 12\.7 +4\.0 ± 12\.7 +35\.00 ± 317\.66/);
    expect(trained).toMatch(/large +llama-3-8b +3\.000 ± 12\.706 +3\.00 ± 12\.71 +2\.00 +41\.00/);
  });

  it('adds nothing to the words of a schedule without', () => {
    expect(phaseTables([plain.schedule])).toEqual([]);
    expect(scheduleText([plain.schedule])).not.toMatch(/GPU time|ETTR|useful/);
  });

  it('keeps its lines inside the width of a report', () => {
    for (const line of scheduleText(schedules).split('\n')) expect(line.length).toBeLessThanOrEqual(116);
  });
});

describe('a run with phases', () => {
  const run = { spec: specs[0]!, inputs: task.inputs, result: results[0]!, key: 'k' };

  it('prints what was trained, what interrupted jobs, and what a useful GPU-hour cost', () => {
    const text = runText(run);
    expect(text).toContain('Training\n\n');
    expect(text).toContain('Interruptions by cause\n\n');
    expect(headings(siteTable([run], 'fixed'))).toContain('EUR per useful GPU-hour');
    expect(headings(siteTable([{ ...run, result: plain }], 'fixed'))).not.toContain('EUR per useful GPU-hour');
  });
});

describe('a comparison of runs with phases', () => {
  it('shows EUR per useful GPU-hour beside EUR per used one', () => {
    const titles = headings(costTable(found.candidates, 'fixed'));
    const first = titles.indexOf('EUR per GPU-hour');
    expect(titles.slice(first, first + 3)).toEqual([
      'EUR per GPU-hour',
      'more than the one above',
      'EUR per useful GPU-hour',
    ]);
    for (const { runs } of found.candidates) {
      for (const { site } of runs) expect(site.eurPerUsefulGpuHour!).toBe(site.bill.totalEur / site.usefulGpuHours!);
    }
    expect(oneLine(compareText(found, context))).toContain('"useful": productive and not lost again');
  });

  it('has columns of goodput, training and causes only there', () => {
    expect(comparePlain(found)).toMatch(/useful GPU-hours.*ETTR.*lost work/);
    expect(comparePlain(found)).toContain('llama-3-8b');
    for (const text of [comparePlain(without), compareText(without, context)]) {
      expect(text).not.toMatch(/useful|ETTR|exaFLOP/);
    }
    expect(JSON.stringify(compareJson(without, context))).not.toMatch(/useful|ettr|training|failures/i);
  });

  it('leaves out for people what is 0 in all schedules, and keeps it for programs', () => {
    const schedulesOf = (units: 'readable' | 'fixed') =>
      headings(scheduleTable([{ label: 'a', policy: 'p', runs: schedules }], units)).join();
    expect(schedulesOf('readable')).toMatch(/spare %,down %,failures/);
    expect(schedulesOf('fixed')).toMatch(/spare %,down %,withdrawn %,waiting for repair %,failures/);
  });

  it('is JSON with every replication, by cause and by class', () => {
    const json = JSON.parse(JSON.stringify(compareJson(found, context))) as {
      candidates: { measures: Record<string, { values: number[] }> }[];
      schedules: {
        measures: Record<string, { mean: number; halfWidth95: number; values: number[] }>;
        training: { class: string; model: string; measures: Record<string, { values: number[] }> }[];
        failures: { cause: string; measures: Record<string, { values: number[] }> }[];
      }[];
    };
    const [schedule] = json.schedules;
    expect(schedule!.measures['usefulGpuHours']!.values).toEqual([760, 740]);
    expect(schedule!.measures['ettrPercent']!.halfWidth95).toBeGreaterThan(0);
    expect(schedule!.measures['failures']!.values).toEqual([4, 5]);
    expect(schedule!.training).toMatchObject([{ class: 'large', model: 'llama-3-8b' }]);
    expect(schedule!.training[0]!.measures['tokens']!.values).toEqual([2e12, 4e12]);
    expect(schedule!.failures.map(({ cause }) => cause)).toEqual(['HBM3 memory', 'switch']);
    expect(json.candidates[0]!.measures['eurPerUsefulGpuHour']!.values).toHaveLength(2);
  });
});

describe('a benchmark of runs with phases', () => {
  const benchOf = (of: readonly RunResult[]) =>
    collectBench({
      policies: ['a', 'b'].map((text) => ({ text, clairvoyant: false, starves: false })),
      specs: [...specs, ...specs],
      runs: [0, 1].flatMap((policy) => [0, 1].map((replication) => ({ policy, replication, group: 0 }))),
      groups: [{ sites: ['north', 'south'], gpus: 64, baseline: 'a' }],
      results: [...of, ...of],
      deterministic: false,
      failed: [],
    });

  it('compares goodput, lost work, what was trained and what a useful GPU-hour costs over all sites', () => {
    const [{ policies }] = benchOf(results) as [ReturnType<typeof benchOf>[number]];
    const [first] = policies[0]!.runs;
    const of = (key: string): number => benchMeasure(key)!.of(first!);
    expect(of('goodput')).toBeCloseTo(76, 12);
    expect(of('lostWork')).toBeCloseTo(4, 12);
    expect(of('exaFlopDays')).toBe(2);
    expect(benchMeasure('tokens')).toBeUndefined();
    const bill = plain.sites.reduce((sum, site) => sum + site.bill.totalEur, 0);
    expect(of('eurPerUsefulGpuHour')).toBeCloseTo(bill / (760 + 760), 12);
    expect(benchPlain(benchOf(results))).toContain('\teurPerUsefulGpuHour\tEUR/GPU-hour\tlower\t');
  });

  it('tells none of it of runs without', () => {
    expect(benchPlain(benchOf([plain, plain]))).not.toMatch(/goodput|ettr|okens|Useful|xaFlop/);
  });
});

describe('sites whose jobs all train models', () => {
  const trainAll = (sites: readonly SiteResult[], all = true): RunResult => ({
    ...plain,
    schedule: {
      ...schedules[0]!,
      classes: plain.schedule.classes.map((one, index) =>
        all || index === 0 ? { ...one, training: training(2e12) } : one,
      ),
    },
    sites,
  });
  /** A machine of cheap hours that does little in them, and one of dear hours that does much. */
  const site = (from: SiteResult, eurPerGpuHour: number, exaFlopDays: number, tokens?: number): SiteResult => {
    const totalEur = eurPerGpuHour * from.gpuHoursUsed;
    const worked = siteTraining({ exaFlopDays, tokens }, totalEur, from.facilityMWh);
    const bill = billOf([{ name: 'energy', group: 'supply', eur: totalEur }]);
    return { ...from, bill, eurPerGpuHour, training: worked };
  };
  const [north, south] = plain.sites as [SiteResult, SiteResult];
  const sites = [site(north, 0.1, 2), site(south, 0.2, 8)];
  const collected = (all?: boolean): Candidates =>
    collectCandidates([{ scenario: 'test', specs, results: specs.map(() => trainAll(sites, all)) }]);

  it('are ranked by EUR per exaFLOP-day, and the report says so', () => {
    const { candidates } = collected();
    const table = costTable(candidates, 'fixed');
    expect(headings(table)).toContain('MWh per exaFLOP-day');
    expect(table.rows.map((row) => row[headings(table).indexOf('site')])).toEqual([south.id, north.id]);
    const text = oneLine(compareText(collected(), context));
    expect(text).toContain('ranked by EUR per exaFLOP-day trained');
    expect(text).toContain('All jobs train models');
    const json = compareJson(collected(), context) as { rankedBy: string; ranking: Record<string, object[]> };
    expect(json.rankedBy).toBe('eurPerExaFlopDay');
    expect(json.ranking['eurPerExaFlopDay']).toMatchObject([{ candidate: south.id }, { candidate: north.id }]);
    expect(json.ranking['eurPerGpuHour']).toMatchObject([{ candidate: north.id }, { candidate: south.id }]);
  });

  it('are ranked per GPU-hour where some job has no model, with the other measures beside', () => {
    const table = costTable(collected(false).candidates, 'fixed');
    expect(table.rows.map((row) => row[headings(table).indexOf('site')])).toEqual([north.id, south.id]);
    expect(headings(table)).toContain('EUR per exaFLOP-day');
    expect(oneLine(compareText(collected(false), context))).toContain('ranked by EUR per GPU-hour used');
  });

  it('tell EUR per trillion tokens where they train one model', () => {
    const one = specs.map(() => trainAll([site(north, 0.1, 2, 4e12), site(south, 0.2, 8, 4e12)]));
    const { candidates } = collectCandidates([{ scenario: 'test', specs, results: one }]);
    expect(headings(costTable(candidates, 'fixed'))).toContain('EUR per trillion tokens');
    expect(one[0]!.sites[0]!.training!.eurPerTrillionTokens).toBe((0.1 * north.gpuHoursUsed) / 4);
    expect(headings(costTable(collected().candidates, 'fixed'))).not.toContain('EUR per trillion tokens');
  });

  it('have a total whose bill is divided by what all of them trained', () => {
    const { training: all } = siteTotal([site(north, 0.1, 2, 1e12), site(south, 0.2, 8, 3e12)]);
    const bill = 0.1 * north.gpuHoursUsed + 0.2 * south.gpuHoursUsed;
    expect(all!.eurPerExaFlopDay).toBeCloseTo(bill / 10, 12);
    expect(all!.energyMWhPerExaFlopDay).toBeCloseTo((north.facilityMWh + south.facilityMWh) / 10, 12);
    expect(all!.eurPerTrillionTokens).toBeCloseTo(bill / 4, 12);
    expect(siteTotal(plain.sites)).not.toHaveProperty('training');
  });
});

describe('the total of several sites', () => {
  it('sums useful GPU-hours and divides the whole bill by them', () => {
    const [north, south] = plain.sites as [SiteResult, SiteResult];
    const total = siteTotal([useful(north, 100), useful(south, 300)]);
    expect(total.usefulGpuHours).toBe(400);
    expect(total.eurPerUsefulGpuHour).toBeCloseTo((north.bill.totalEur + south.bill.totalEur) / 400, 12);
    expect(siteTotal([north, south])).not.toHaveProperty('usefulGpuHours');
  });
});
