import { describe, expect, it } from 'vitest';
import { policyNames } from '../../src/policy/registry.js';
import { siteTotal } from '../../src/metrics/siteTotal.js';
import { simulate } from '../../src/sim/simulate.js';
import { brokeredTask } from '../support/tinyRuns.js';

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

describe.each(policyNames('siting'))('a brokered week under %s', (siting) => {
  const { spec, inputs } = brokeredTask(0, `fcfs+easy@pack^${siting}`);
  const result = simulate(spec, inputs, { keepJobs: true });
  const { sites, schedule, loadCurves } = result;

  it('bills each site its own load, and jobs, idle nodes and overhead make each bill', () => {
    expect(loadCurves).toHaveLength(2);
    for (const [site, curve] of loadCurves.entries()) {
      expect(sites[site]!.itMWh).toBeCloseTo(sum(curve.itWms) / 3.6e12, 9);
      expect(sites[site]!.auditEnergyWms.relativeError).toBeLessThan(1e-12);
      expect(sites[site]!.auditCostEur.relativeError).toBeLessThan(1e-12);
    }
  });

  it('adds up to the schedule: GPU-hours, jobs, capacity, waits', () => {
    const total = siteTotal(sites);
    expect(total.gpuHoursUsed).toBeCloseTo(schedule.gpuHoursUsed, 6);
    expect(total.share!.gpus).toBe(schedule.gpus);
    expect(total.share!.submitted).toBe(schedule.submitted);
    expect(total.share!.utilisationFraction).toBeCloseTo(schedule.utilisationFraction, 12);
    expect(total.share!.waitMeanMs).toBeCloseTo(schedule.wait.meanMs, 3);
    expect(total.bill.totalEur).toBeCloseTo(sites[0]!.bill.totalEur + sites[1]!.bill.totalEur, 9);
    expect(total.eurPerGpuHour).toBeCloseTo(total.bill.totalEur / schedule.gpuHoursUsed, 9);
    expect(total.carbonKgPerMWh * total.facilityMWh).toBeCloseTo(
      sites.reduce((kg, site) => kg + site.carbonKgPerMWh * site.facilityMWh, 0),
      6,
    );
  });

  it('moves jobs unless it is home', () => {
    const moved = sites.map(({ share }) => share!.fromElsewhere);
    if (siting === 'home') expect(moved).toEqual([0, 0]);
    else expect(moved[0]! + moved[1]!).toBeGreaterThan(20);
  });
});

describe('cheapest-energy', () => {
  it('pays less for its energy than home, where prices take turns', () => {
    const paid = (siting: string): number => {
      const { spec, inputs } = brokeredTask(0, `fcfs+easy@pack^${siting}`);
      return siteTotal(simulate(spec, inputs).sites).paidPriceEurPerMWh;
    };
    expect(paid('cheapest-energy')).toBeLessThan(paid('home'));
  });
});
