import { describe, expect, it } from 'vitest';
import type { ScheduleSummary, SiteResult } from '../../src/metrics/runResult.js';
import { tQuantile975 } from '../../src/metrics/statistics.js';
import type { Candidate } from '../../src/report/candidates.js';
import { powerComparisons, splitPolicy, type PoweredPolicy } from '../../src/report/powerPolicies.js';
import { powerPoliciesTable } from '../../src/report/powerPoliciesTable.js';
import { tablePlain } from '../../src/report/table.js';
import { candidatesWith } from './candidate.js';

interface Outcome {
  readonly eur: number;
  readonly carbonKt: number;
  readonly peakMW: number;
  readonly useful?: number;
  readonly jctMs?: number;
  readonly missed?: number | undefined;
}

const [template] = candidatesWith().candidates;

/** North under a policy, with these outcomes by replication. */
const under = (policy: string, outcomes: readonly Outcome[]): Candidate => ({
  ...template!,
  policy,
  label: `north ${policy}`,
  runs: outcomes.map(({ eur, carbonKt, peakMW, useful = 1000, jctMs = 5, missed }, replication) => {
    const run = template!.runs[replication]!;
    const schedule: ScheduleSummary = {
      ...run.schedule,
      jct: { ...run.schedule.jct, p95Ms: jctMs },
      ...(missed === undefined ? {} : { deadlines: { jobs: 9, met: 9 - missed, missed } }),
    };
    const bill = { ...run.site.bill, totalEur: eur };
    const site: SiteResult = { ...run.site, bill, carbonKt, peakFacilityMW: peakMW, usefulGpuHours: useful };
    return { ...run, schedule, site };
  }),
});

const base = [1, 2, 3].map((n): Outcome => ({
  eur: 1000 * n,
  carbonKt: n,
  peakMW: 10 + n,
  useful: 1000 * n,
  missed: n,
}));
const plain = under('fcfs+easy@pack', base);
const policy = (text: string, change: (outcome: Outcome, n: number) => Outcome): PoweredPolicy =>
  powerComparisons([plain, under(text, base.map(change))])[0]!.policies[0]!;
const effectOf = ({ effects }: PoweredPolicy, key: string) => effects.find(({ effect }) => effect.key === key);

describe('power policies', () => {
  it('are the part of a policy behind ~', () => {
    expect(splitPolicy('fcfs+easy@pack~cap(0.8)')).toEqual({ rest: 'fcfs+easy@pack', power: 'cap(0.8)' });
    expect(splitPolicy('fcfs+easy@pack')).toEqual({ rest: 'fcfs+easy@pack', power: '' });
  });

  it('are held against the same policy without one, wherever it stands; against none; else against the first', () => {
    const [cap, sleep, none] = ['~cap(0.8)', '~idle-sleep', '~none'].map((power) =>
      under(`fcfs+easy@pack${power}`, base),
    );
    const baselineOf = (...members: Candidate[]): string => powerComparisons(members)[0]!.baseline.policy;
    expect(baselineOf(cap!, plain, sleep!)).toBe(plain.policy);
    expect(baselineOf(cap!, none!)).toBe(none!.policy);
    expect(baselineOf(cap!, sleep!)).toBe(cap!.policy);
    expect(powerComparisons([plain, under('sjf+easy@pack~cap(0.8)', base)])).toEqual([]);
    expect(powerPoliciesTable([plain], 'readable')).toBeUndefined();
  });

  it('tell what is saved and lost against it, paired by replication, with a verdict on each', () => {
    const found = policy('fcfs+easy@pack~cap(0.8)', ({ eur, carbonKt, peakMW, useful, missed }, n) => ({
      ...{ eur: eur - 100, carbonKt: carbonKt - 0.1, peakMW: peakMW - 2, useful: useful! - 50 },
      ...{ jctMs: 5 + [-1, 1, 0][n]!, missed: missed! + 1 },
    }));
    const told = found.effects.map(({ effect: { key }, difference, verdict }) => [key, difference.mean, verdict]);
    expect(told).toEqual([
      ['savedEur', 100, 'more'],
      ['savedCarbonKt', expect.closeTo(0.1, 9), 'more'],
      ['loweredPeakMW', 2, 'more'],
      ['lostUsefulGpuHours', 50, 'more'],
      ['addedJctP95Ms', 0, 'no clear difference'],
      ['missedDeadlines', 1, 'more'],
    ]);
    expect(found.eurPerLostGpuHour!.mean).toBe(2);
    expect(found.eurPerLostGpuHour!.halfWidth).toBeCloseTo(0, 12);
  });

  it('give EUR per lost GPU-hour as the ratio of means, with the interval of its residuals', () => {
    const saved = [180, 220, 200];
    const lost = [90, 100, 110];
    const found = policy('fcfs+easy@pack~x', (outcome, n) => ({
      ...outcome,
      eur: outcome.eur - saved[n]!,
      useful: outcome.useful! - lost[n]!,
    }));
    // 600 / 300 = 2 EUR; residuals 0, 20, −20 over a mean loss of 100: sd √((0.2² + 0.2²) / 2) = 0.2.
    expect(found.eurPerLostGpuHour!.mean).toBe(2);
    expect(found.eurPerLostGpuHour!.halfWidth).toBeCloseTo((tQuantile975(2) * 0.2) / Math.sqrt(3), 12);
  });

  it('give none where no hour is clearly lost', () => {
    const found = policy('fcfs+easy@pack~x', (outcome, n) => ({
      ...outcome,
      eur: outcome.eur - 100,
      useful: outcome.useful! - [50, -50, 10][n]!,
    }));
    expect(found.eurPerLostGpuHour).toBeUndefined();
    expect(effectOf(found, 'lostUsefulGpuHours')!.verdict).toBe('no clear difference');
    const rows = tablePlain(powerPoliciesTable([plain, found.candidate], 'fixed')!);
    expect(rows).toContain('none clearly lost');
  });

  it('give no verdict on what is not known in some replication', () => {
    const found = policy('fcfs+easy@pack~x', (outcome, n) => ({ ...outcome, jctMs: n === 0 ? Number.NaN : 5 }));
    expect(effectOf(found, 'addedJctP95Ms')!.verdict).toBe('n/a');
    const rows = tablePlain(powerPoliciesTable([plain, found.candidate], 'fixed')!).split('\n');
    expect(rows.find((row) => row.includes('completion time'))).toMatch(/n\/a$/);
  });

  it('say nothing of deadlines where jobs have none', () => {
    const without = base.map((outcome) => ({ ...outcome, missed: undefined }));
    const [found] = powerComparisons([under('a', without), under('a~x', without)]);
    expect(effectOf(found!.policies[0]!, 'missedDeadlines')).toBeUndefined();
    expect(effectOf(found!.policies[0]!, 'savedEur')!.verdict).toBe('no clear difference');
  });
});
