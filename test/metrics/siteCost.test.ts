import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { costTotal, siteCost } from '../../src/economics/siteCost.js';
import type { SiteResult } from '../../src/metrics/runResult.js';
import { siteTotal } from '../../src/metrics/siteTotal.js';
import { soldGpuHoursBySite } from '../../src/metrics/soldHours.js';
import { runLevers, runText } from '../../src/report/runText.js';
import type { CapitalSpec } from '../../src/scenario/capitalSpec.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';
import { GB300_100K } from '../economics/capital.js';
import { planText } from '../plan/planning.js';
import { jobTable, machine } from '../support/jobs.js';
import { unreliable } from '../support/unreliable.js';
import { brokeredTask, generatedTask } from '../support/tinyRuns.js';

const capital: CapitalSpec = {
  ...GB300_100K,
  hardware: [{ name: 'gb300-nvl72', gpus: 64, serverEurPerGpu: 41_000, networkStorageEurPerGpu: 9000 }],
  designItKw: 128,
  connectionKw: 147,
  staffFte: 1,
};
const costed = (spec: RunSpec): RunSpec => ({ ...spec, sites: spec.sites.map((site) => ({ ...site, capital })) });

describe('GPU-hours sold', () => {
  it('are those asked for, not the whole nodes held, inside the horizon alone', () => {
    const table = jobTable([
      { submitMs: 0, gpus: 6, runMs: MS_PER_HOUR }, // holds two nodes of 4
      { submitMs: 0, gpus: 3, runMs: MS_PER_HOUR }, // begins at −30 min
      { submitMs: 0, gpus: 5, runMs: MS_PER_HOUR }, // runs on at the end
      { submitMs: 0, gpus: 7, runMs: MS_PER_HOUR }, // never starts
      { submitMs: 0, gpus: 2, runMs: MS_PER_HOUR }, // over before time 0
    ]);
    const half = MS_PER_HOUR / 2;
    const jobs = {
      table,
      startMs: Float64Array.of(0, -half, 9 * half, Number.NaN, -2 * MS_PER_HOUR),
      endMs: Float64Array.of(MS_PER_HOUR, half, Number.NaN, Number.NaN, -MS_PER_HOUR),
    };
    expect(soldGpuHoursBySite(jobs, [machine(8, 4)], 1, 10 * half)).toEqual([6 + 1.5 + 2.5]);
  });

  it('of jobs that fill their nodes or share them are all that is held', () => {
    const { spec, inputs } = generatedTask(0);
    const { sites, schedule, jobs } = simulate(costed(spec), inputs, { keepJobs: true });
    const { soldGpuHours, allocatedGpuHours } = sites[0]!.cost!;
    expect(allocatedGpuHours).toBe(schedule.gpuHoursUsed);
    // Sizes 16 and 32, 1 and 2 on nodes of 4: nothing holds more than it asked for.
    expect(soldGpuHours).toBeCloseTo(allocatedGpuHours, 6);
    expect(jobs!.table.count).toBeGreaterThan(100);
  });

  it('count every stretch of jobs that are interrupted', () => {
    const { spec, inputs } = generatedTask(0);
    const { sites, schedule } = simulate({ ...costed(spec), ...unreliable(spec.partitions) }, inputs);
    expect(schedule.goodput!.lostGpuHours).toBeGreaterThan(0);
    const { soldGpuHours, allocatedGpuHours, usefulGpuHours } = sites[0]!.cost!;
    expect(soldGpuHours).toBeCloseTo(allocatedGpuHours, 6);
    expect(usefulGpuHours).toBe(sites[0]!.usefulGpuHours);
    expect(usefulGpuHours).toBeLessThan(soldGpuHours);
  });
});

describe('cost of a site', () => {
  const { spec, inputs } = generatedTask(0);

  it("is the horizon's share of the year, and the bill", () => {
    const { sites } = simulate(costed(spec), inputs);
    for (const { cost, bill } of sites) {
      expect(cost!.energyEur).toBe(bill.totalEur);
      // Staff of a year: 100,000 EUR; a week of 2023 has 7/365 of it.
      const staff = cost!.lines.find(({ name }) => name === 'staff')!;
      expect(staff.eur).toBeCloseTo((100_000 * 7) / 365, 6);
      expect(cost!.totalEur).toBeCloseTo(
        cost!.lines.reduce((sum, { eur }) => sum + eur, 0),
        6,
      );
      expect(cost!.eurPerSoldGpuHour).toBe(cost!.totalEur / cost!.soldGpuHours);
    }
  });

  it('says nothing of useful hours where no phases are modelled', () => {
    const [site] = simulate(costed(spec), inputs).sites;
    expect(site!.cost).not.toHaveProperty('usefulGpuHours');
    expect(site!.cost).not.toHaveProperty('eurPerUsefulGpuHour');
  });

  it('leaves everything else of a run as it is', () => {
    const plain = simulate(spec, inputs);
    const with_ = simulate(costed(spec), inputs);
    expect(with_.fingerprint).toBe(plain.fingerprint);
    expect(with_.sites.map((site) => ({ ...site, cost: undefined }))).toEqual(plain.sites);
    expect(plain.sites[0]).not.toHaveProperty('cost');
  });

  it('of a site without capital is absent, also beside one that has it', () => {
    const [north, south] = spec.sites;
    const { sites } = simulate({ ...spec, sites: [{ ...north!, capital }, south!] }, inputs);
    expect(sites.map(({ cost }) => cost !== undefined)).toEqual([true, false]);
    expect(siteTotal(sites)).not.toHaveProperty('cost');
  });

  it('of the sites of a broker adds up, line by line, each with the hours held there', () => {
    const task = brokeredTask(0);
    const { sites } = simulate(costed(task.spec), task.inputs);
    const total = siteTotal(sites).cost!;
    const sum = (of: (site: (typeof sites)[number]) => number): number =>
      sites.reduce((all, site) => all + of(site), 0);
    expect(total.totalEur).toBeCloseTo(
      sum(({ cost }) => cost!.totalEur),
      6,
    );
    expect(total.capexEur).toBe(sum(({ cost }) => cost!.capexEur));
    expect(total.soldGpuHours).toBeCloseTo(
      sum(({ cost }) => cost!.soldGpuHours),
      6,
    );
    expect(total.eurPerSoldGpuHour).toBeCloseTo(total.totalEur / total.soldGpuHours, 12);
    expect(total.lines.map(({ name }) => name)).toEqual(sites[0]!.cost!.lines.map(({ name }) => name));
    for (const { cost, gpuHoursUsed } of sites)
      expect(cost!.soldGpuHours).toBeLessThanOrEqual(gpuHoursUsed * (1 + 1e-12));
    expect(sites[0]!.cost!.soldGpuHours).not.toBe(sites[1]!.cost!.soldGpuHours);
  });

  it('of a shipped site pays for its water and is paid for its heat, as its indicators count them', () => {
    const { specs, inputs: series } = planText(`version: 1
kind: scenario
question: What do water and heat come to?
sites:
  - use: gf-fr-hdf
    partitions: [{ name: main, hardware: gb300-nvl72, racks: 1 }]
    facility: { heatReuse: { supplyC: 35, capacityMW: 1, demand: { constantMW: 0.01 }, revenueEurPerMWh: 30 } }
workload: { jobs: [{ submit: 0 h, gpus: 72, run: 1 d }] }
policy: fcfs+easy@pack
horizon: 2 d
`);
    const [{ cost, indicators, bill }] = simulate(specs[0]!, series).sites as [SiteResult];
    const eurOf = (name: string): number => cost!.lines.find((line) => line.name === name)!.eur;
    expect(indicators!.winM3).toBeGreaterThan(0);
    expect(eurOf('water')).toBe(2 * indicators!.winM3!);
    expect(eurOf('heat sold')).toBeCloseTo(-30 * 0.01 * 48, 6);
    expect(eurOf('energy')).toBe(bill.totalEur);
    expect(cost!.soldGpuHours).toBe(72 * 24);
  });

  it('of a site that sells heat and one that sells none has the heat of the one, as its line has', () => {
    const hours = { allocatedGpuHours: 10, soldGpuHours: 10 };
    const warm = siteCost(capital, { ...hours, energyEur: 0, years: 0.1, heatRevenueEur: 5 });
    const plain = siteCost(capital, { ...hours, energyEur: 0, years: 0.1 });
    const total = costTotal([warm, plain]);
    expect(total.heatRevenueEur).toBe(5);
    expect(total.lines.find(({ name }) => name === 'heat sold')!.eur).toBe(-5);
    expect(costTotal([plain, plain])).not.toHaveProperty('heatRevenueEur');
  });

  it('is printed by run: kinds of GPU-hours, terms and levers, or the price that is missing', () => {
    const textOf = (of: RunSpec): string => runText({ spec: of, inputs, result: simulate(of, inputs), key: 'k' });
    const text = textOf(costed(spec));
    const levers = runLevers({ spec: costed(spec), inputs, result: simulate(costed(spec), inputs), key: 'k' });
    expect(Object.keys(levers)).toEqual(['north', 'south']);
    expect(levers['north']!.map(({ name, value }) => `${name} ${value}`)).toContain('grant 0.35');
    for (const heading of ['Cost of ownership', 'Cost of ownership by term', 'What moves it, all else as simulated']) {
      expect(text).toContain(`\n\n${heading}\n\n`);
    }
    const [north, south] = spec.sites;
    const gap = { ...north!, capitalGaps: ['serverEurPerGpu of mi355x'] };
    expect(textOf({ ...spec, sites: [gap, south!] })).toContain('expected serverEurPerGpu of mi355x');
    expect(textOf(spec)).not.toContain('ownership');
  });

  it('of a horizon twice as long has twice the capital', () => {
    const capitalOf = (horizonMs: number): number => {
      const { sites } = simulate({ ...costed(spec), horizonMs }, inputs);
      return sites[0]!.cost!.lines.filter(({ group }) => group === 'capital').reduce((sum, { eur }) => sum + eur, 0);
    };
    expect(capitalOf(6 * MS_PER_DAY) / capitalOf(3 * MS_PER_DAY)).toBeCloseTo(2, 12);
  });
});
