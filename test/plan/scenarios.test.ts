import { describe, expect, it } from 'vitest';
import { planScenario, type Plan } from '../../src/plan/plan.js';
import { simulate } from '../../src/sim/simulate.js';
import type { RunResult } from '../../src/metrics/runResult.js';
import { shipped } from './planning.js';

const MINUTE = 60_000;
const HOUR = 3_600_000;

function planned(name: string): Plan {
  const readFile = (path: string): Uint8Array => {
    throw new Error(`${name} reads ${path}: shipped scenarios read no files`);
  };
  return planScenario(shipped.find('scenario', name)!, { library: shipped, readFile, buildVersion: 'test' });
}
const runOf = (name: string): RunResult => {
  const plan = planned(name);
  return simulate(plan.specs[0]!, plan.inputs, { keepJobs: true });
};
const times = (values: Float64Array, unitMs: number): number[] => [...values].map((value) => value / unitMs);

describe('shipped scenarios', () => {
  it.each(shipped.names('scenario'))('%s can be planned and asks a question', (name) => {
    const plan = planned(name);
    expect(plan.question).toMatch(/\?$/);
    expect(plan.specs.length).toBeGreaterThan(0);
  });

  it('eu-five is five sites of one schedule, five times', () => {
    const plan = planned('eu-five');
    expect(plan.groups).toEqual([
      { sites: ['gf-fr-hdf', 'gf-de-jul', 'gf-es-mora', 'gf-fi-kaj', 'gf-pl-balt'], gpus: 100_008 },
    ]);
    expect(plan.specs).toHaveLength(5);
  });

  it('ai-factory-vs-gigafactory compares two machines under jobs that fit both', () => {
    const plan = planned('ai-factory-vs-gigafactory');
    expect(plan.groups.map(({ gpus }) => gpus)).toEqual([24_000, 100_008]);
    const [aiFactory] = plan.specs;
    expect(aiFactory!.sites.map(({ id }) => id)).toEqual(['aif-de-24k']);
    const { schedule, sites } = simulate(aiFactory!, plan.inputs);
    expect(schedule.rescaledJobs).toBe(0);
    expect(schedule.wait.p95Ms).toBeLessThan(HOUR);
    // JUPITER is reported to draw about 11 MW on average and 17 MW at full tilt.
    const [{ facilityMWh, peakFacilityMW }] = sites as [(typeof sites)[number]];
    expect(facilityMWh / (365 * 24)).toBeGreaterThan(10.2);
    expect(facilityMWh / (365 * 24)).toBeLessThan(12.2);
    expect(peakFacilityMW).toBeLessThan(17.5);
  });
});

describe('tiny-easy', () => {
  it('starts and ends every job when its table says', () => {
    const { jobs } = runOf('tiny-easy');
    expect(times(jobs!.startMs, MINUTE)).toEqual([0, 10, 2, 3, 20, 6]);
    expect(times(jobs!.endMs, MINUTE)).toEqual([10, 20, 6, 33, 30, 10]);
  });
});

describe('tiny-energy', () => {
  const { jobs, schedule, sites } = runOf('tiny-energy');
  const site = sites[0]!;

  it('schedules three jobs as its table says', () => {
    expect(times(jobs!.startMs, HOUR)).toEqual([0, 0, 2]);
    expect(times(jobs!.endMs, HOUR)).toEqual([2, 3, 3]);
    expect(schedule.utilisationFraction).toBe(0.75);
    expect(schedule.wait.maxMs).toBe(90 * MINUTE);
  });

  it('draws the joules and pays the euros worked out on paper', () => {
    expect(site.itMWh).toBeCloseTo(0.060656, 12);
    expect(site.facilityMWh * 3.6e9).toBeCloseTo(229_279_680, 3);
    expect(site.peakFacilityMW).toBeCloseTo(0.0190722, 12);
    expect(site.bill.supplyEur).toBeCloseTo(3.569328, 9);
    expect(site.bill.networkEur).toBeCloseTo(0.318444, 9);
    expect(site.bill.leviesEur).toBeCloseTo(0.636888, 9);
    expect(site.bill.capacityEur).toBeCloseTo(0.190722, 9);
    expect(site.bill.totalEur).toBeCloseTo(4.715382, 9);
    expect(site.carbonKt * 1e6).toBeCloseTo(19.10664, 9);
  });

  it('pays the price of the hours in which it draws, not the mean price', () => {
    expect(site.meanPriceEurPerMWh).toBe(60);
    expect(site.paidPriceEurPerMWh).toBeCloseTo(56.0433, 4);
  });
});

describe('tiny-two-sites', () => {
  it('schedules once for both, and they pay differently', () => {
    const plan = planned('tiny-two-sites');
    expect(plan.groups).toHaveLength(1);
    const { sites } = simulate(plan.specs[0]!, plan.inputs);
    expect(sites[0]!.itMWh).toBe(sites[1]!.itMWh);
    expect(sites[0]!.bill.totalEur).not.toBe(sites[1]!.bill.totalEur);
  });
});
