import { describe, expect, it } from 'vitest';
import type { ScheduleSummary, SiteResult } from '../../src/metrics/runResult.js';
import type { Candidate, Candidates } from '../../src/report/candidates.js';
import { collectCandidates } from '../../src/report/candidates.js';
import { compareJson } from '../../src/report/compareJson.js';
import { compareText, costTable, type CompareContext } from '../../src/report/compareText.js';
import { costStack } from '../../src/report/costStack.js';
import { fullSpeedGpuHours } from '../../src/report/fullSpeed.js';
import { runFullSpeed, siteTable, type FinishedRun } from '../../src/report/runText.js';
import { rankedMeasure, sensitivityMeasure } from '../../src/report/siteMeasures.js';
import { runShipped } from '../golden/run.js';
import { candidatesWith } from './candidate.js';

const context: CompareContext = {
  questions: ['Which?'],
  baseYears: {},
  flagged: { assumptions: 0, unverified: 0 },
  resampled: false,
  assumptionsCommand: 'gigasim validate x --assumptions',
};
const found = candidatesWith();
const [north, south] = found.candidates as [Candidate, Candidate];

/** 100 GPU-hours of work for 100 EUR; slowed: 125 held for the same work, for 110 EUR. */
function under(
  candidate: Candidate,
  eur: number,
  used: number,
  { slowed = false, cost = false, useful = false } = {},
): Candidate {
  const runs = candidate.runs.map((run, replication) => {
    const power = { cappedGpuHours: used - 100, effectiveGpuHours: useful ? 80 : 100 };
    const schedule = {
      ...{ ...run.schedule, gpuHoursUsed: used },
      ...(useful ? { goodput: { usefulGpuHours: 80 + used - 100 } } : {}),
      ...(slowed ? { power } : {}),
    } as unknown as ScheduleSummary;
    const totalEur = eur + replication / 100;
    const site = {
      ...{ ...run.site, gpuHoursUsed: used, eurPerGpuHour: totalEur / used, bill: { ...run.site.bill, totalEur } },
      ...(useful ? { usefulGpuHours: 80 + used - 100 } : {}),
      ...(cost
        ? {
            cost: {
              ...{ totalEur: 10 * totalEur, energyEur: totalEur, lines: [] },
              ...{ eurPerSoldGpuHour: (10 * totalEur) / used },
              ...(useful ? { eurPerUsefulGpuHour: (10 * totalEur) / (80 + used - 100) } : {}),
            },
          }
        : {}),
    } as unknown as SiteResult;
    return { ...run, schedule, site };
  });
  return { ...candidate, runs };
}
const withCap = (options = {}): Candidates => ({
  ...found,
  candidates: [under(north, 100, 100, options), under(south, 110, 125, { ...options, slowed: true })],
});
const runsOf = ({ candidates }: Candidates) => candidates.flatMap(({ runs }) => runs);
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

describe('sites beside a power policy', () => {
  it('are ranked by GPU-hours at full speed: slower is not cheaper', () => {
    const json = compareJson(withCap(), context) as {
      rankedBy: string;
      ranking: Record<string, { candidate: string }[]>;
      candidates: { measures: Record<string, { mean: number }> }[];
    };
    expect(json.rankedBy).toBe('eurPerFullSpeedGpuHour');
    expect(json.ranking['eurPerFullSpeedGpuHour']!.map(({ candidate }) => candidate)).toEqual(['north', 'south']);
    expect(json.ranking['eurPerGpuHour']!.map(({ candidate }) => candidate)).toEqual(['south', 'north']);
    expect(json.candidates.map(({ measures }) => measures['eurPerFullSpeedGpuHour']!.mean)).toEqual([
      expect.closeTo(1.0001, 12),
      expect.closeTo(1.1001, 12),
    ]);
    const text = oneLine(compareText(withCap(), context));
    expect(text).toContain('ranked by EUR per full-speed GPU-hour');
    expect(text).toContain('hold their GPUs for longer');
    expect(text).toContain('Cost of a full-speed GPU-hour by term');
  });

  it('are ranked all in where every site is costed, with useful hours where jobs have phases', () => {
    for (const useful of [false, true]) {
      const all = withCap({ cost: true, useful });
      expect(rankedMeasure(runsOf(all)).measure.key).toBe('allInEurPerFullSpeedGpuHour');
      expect(sensitivityMeasure(runsOf(all)).key).toBe('allInEurPerFullSpeedGpuHour');
      expect(costTable(all.candidates, 'fixed').rows.map((row) => row[1])).toEqual(['north', 'south']);
      expect(all.candidates.map(({ runs }) => fullSpeedGpuHours(runs[0]!))).toEqual(useful ? [80, 80] : [100, 100]);
      expect(oneLine(compareText(all, context))).toContain('"sold": what customers pay for, lost work included.');
    }
  });

  it('have the cost stack and the sensitivity per what is ranked', () => {
    const all = withCap();
    const { measure } = rankedMeasure(runsOf(all));
    expect(sensitivityMeasure(runsOf(all))).toBe(measure);
    const { per, totals } = costStack(all.candidates);
    expect(per).toBe('full-speed GPU-hour');
    expect(totals).toEqual(all.candidates.map(({ runs }) => runs.map(measure.of)));
  });

  it('are ranked as before where no policy has a power part', () => {
    const runs = runsOf(found);
    expect(rankedMeasure(runs).measure.key).toBe('eurPerGpuHour');
    expect(costStack(found.candidates).per).toBe('GPU-hour used');
  });
});

describe('GPU-hours at full speed', () => {
  it('of one site of a broker are in proportion to what it used', () => {
    const { schedule, site } = under(south, 110, 125, { slowed: true }).runs[0]!;
    const part = (gpuHoursUsed: number): number => fullSpeedGpuHours({ schedule, site: { ...site, gpuHoursUsed } });
    expect(part(50)).toBeCloseTo(40, 12);
    expect(part(50) + part(75)).toBeCloseTo(100, 12);
  });

  it('are none where no GPU was used', () => {
    const { schedule, site } = under(south, 110, 0).runs[0]!;
    expect(fullSpeedGpuHours({ schedule, site })).toBe(0);
  });

  it('of tiny-power are the 96 of its work under every policy, in what `run` shows too', () => {
    const { plan, results } = runShipped('tiny-power');
    const { candidates } = collectCandidates([
      { scenario: 'tiny-power', specs: plan.specs, results, deterministic: true },
    ]);
    for (const { runs } of candidates) expect(fullSpeedGpuHours(runs[0]!)).toBeCloseTo(96, 1);
    const used = candidates.map(({ runs }) => runs[0]!.schedule.gpuHoursUsed);
    expect(used[1]).toBeGreaterThan(used[0]! + 1);
    const { measure } = rankedMeasure(candidates.flatMap(({ runs }) => runs));
    for (const { runs } of candidates)
      expect(measure.of(runs[0]!)).toBeCloseTo(runs[0]!.site.bill.totalEur / fullSpeedGpuHours(runs[0]!), 12);

    const finished = plan.specs.map((spec, at): FinishedRun => ({
      spec,
      inputs: plan.inputs,
      result: results[at]!,
      key: '',
    }));
    const guarded = [finished[1]!];
    expect(siteTable(guarded, 'fixed').columns.map(({ unit }) => unit)).toContain('full-speed GPU-hour');
    expect(runFullSpeed(guarded[0]!)['tiny']!['gpuHours']).toBeCloseTo(96, 1);
  });
});
