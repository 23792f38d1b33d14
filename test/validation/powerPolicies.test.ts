import { describe, expect, it } from 'vitest';
import { comparePeaks, peakMW, runsOf } from '../../bench/powerCases.js';
import { planText } from '../plan/planning.js';

/** An AI factory of 24,000 GPUs for three weeks, with more work than it can do; docs/power-policies.md has site-years. */
const planWith = (orders: readonly string[], policy: string) =>
  planText(
    [
      'version: 1',
      'kind: scenario',
      'question: What do power policies lose?',
      'sites:',
      '  - use: aif-de-24k',
      ...orders,
      'workload:',
      '  use: frontier-mix',
      '  load: 1.1',
      '  classes: { 0: { sizes: { values: [{ gpus: 1024, weight: 0.6 }, { gpus: 4096, weight: 0.4 }], assumption: true } } }',
      `policy: '${policy}'`,
      'horizon: 21 d',
      'replications: 3',
      '',
    ].join('\n'),
  );

const plan = (policy: string) => planWith([], policy);
const ordered = (policy: string) =>
  planWith(
    [
      '    grid:',
      '      orders:',
      '        - { name: phoenix, at: 5 d 17 h, for: 3 h, notice: 15 min, reduceBy: 0.25 }',
      '        - { name: london, at: 12 d 6 h, for: 10 h, notice: 1 h, reduceBy: 0.3 }',
    ],
    policy,
  );

describe('power policies on an AI factory with too much work', () => {
  it('peak-guard keeps the peak and loses no more than the weakest static cap with that peak', () => {
    const guard = 'peak-guard(0.75)';
    const { guard: guarded, fixed, gained, verdict } = comparePeaks(plan, guard);
    const none = runsOf(plan('fcfs+easy@pack~none'));
    guarded.forEach((run, replication) => {
      expect(peakMW(run)).toBeLessThan(0.85 * peakMW(none[replication]!));
      expect(peakMW(fixed[replication]!)).toBeLessThanOrEqual(peakMW(run));
    });
    expect(verdict).not.toBe('lower');
    expect(gained.mean).toBeGreaterThan(0);
  });

  it('demand-response meets a quarter for 3 h and 30 % for 10 h in every quarter hour, which nobody does without', () => {
    for (const { site } of runsOf(ordered('fcfs+easy@pack~demand-response')))
      expect(site.grid!.orders.map(({ met, quarterHoursMet }) => [met, quarterHoursMet])).toEqual([
        [true, 12],
        [true, 40],
      ]);
    for (const { site } of runsOf(ordered('fcfs+easy@pack~none')))
      for (const { met, shortfallMWh, worst } of site.grid!.orders) {
        expect(met).toBe(false);
        expect(shortfallMWh).toBeGreaterThan(0);
        expect(worst!.shortfallMW).toBeGreaterThan(0);
      }
  });

  it('audits to 1e-9 under each of them', () => {
    for (const part of ['peak-guard(0.75)', 'demand-response', 'demand-response(1)'])
      for (const { site } of runsOf(ordered(`fcfs+easy@pack~${part}`))) {
        expect(site.auditEnergyWms.relativeError).toBeLessThan(1e-9);
        expect(site.auditCostEur.relativeError).toBeLessThan(1e-9);
      }
  });
});
