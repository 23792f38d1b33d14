import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/sim/simulate.js';
import { planText } from './planning.js';

const BASE = '{ name: main, hardware: h100-sxm, racks: 4 }';
/** Two sites that differ in one thing about their machine. */
const pair = (partition: string, nodesOf = BASE): string => `version: 1
kind: scenario
question: Do these share a schedule?
sites:
  - name: a
    zone: FR
    partitions: [${nodesOf}]
    facility: &building { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: &tariff { capacityEurPerKwYear: 1, networkEurPerMWh: 1, leviesEurPerMWh: 1 }
  - { name: b, zone: FR, partitions: [${partition}], facility: *building, tariff: *tariff }
workload: { use: mmc, load: 0.5 }
policy: fcfs+easy@pack
horizon: 1 d
replications: 1
`;
const sitesOfGroups = (text: string) => planText(text).groups.map(({ sites }) => sites);

describe('sites share a schedule', () => {
  it('when nothing about their machines differs', () => {
    expect(sitesOfGroups(pair(BASE))).toEqual([['a', 'b']]);
  });

  it.each([
    ['the power limit of the GPUs', '{ name: main, hardware: h100-sxm, racks: 4, gpuCapW: 500 }'],
    ['the racks of a pod', '{ name: main, hardware: h100-sxm, racks: 4, racksPerPod: 2 }'],
    ['the number of racks', '{ name: main, hardware: h100-sxm, racks: 5 }'],
    ['the name of a partition', '{ name: other, hardware: h100-sxm, racks: 4 }'],
  ])('but not when %s differs', (_, partition) => {
    expect(sitesOfGroups(pair(partition))).toEqual([['a'], ['b']]);
  });

  it('but not when the hardware differs, with as many nodes of as many GPUs', () => {
    const nodes = (hardware: string): string => `{ name: main, hardware: ${hardware}, nodes: 16 }`;
    expect(sitesOfGroups(pair(nodes('h200-sxm'), nodes('h100-sxm')))).toEqual([['a'], ['b']]);
  });

  it('but not when power limits of equal watts, once rounded, make other speeds', () => {
    const capped = (watts: number): string => `{ name: main, hardware: h100-sxm, racks: 4, gpuCapW: ${watts} }`;
    const { specs } = planText(pair(capped(500.2), capped(500)));
    expect(specs.map(({ partitions }) => partitions[0]!.power.activeWByClass)).toEqual([[603], [603]]);
    expect(sitesOfGroups(pair(capped(500), capped(500)))).toEqual([['a', 'b']]);
  });

  it('and a site with a lower power limit gets its own schedule of longer jobs, and a lower load curve', () => {
    const { specs, inputs } = planText(pair('{ name: main, hardware: h100-sxm, racks: 4, gpuCapW: 500 }'));
    const [a, b] = specs.map((spec) => simulate(spec, inputs));
    expect(b!.schedule.submitted).toBe(a!.schedule.submitted);
    // At 500 of 700 W jobs run at 0.915 of their speed.
    expect(b!.schedule.jct.p50Ms / a!.schedule.jct.p50Ms).toBeCloseTo(30_271 / 27_705, 1);
    expect(b!.sites[0]!.itMWh).toBeLessThan(a!.sites[0]!.itMWh);
  });
});

describe('eu-five', () => {
  const EU_FIVE = `version: 1
kind: scenario
question: Are five runs of their own equal to one that is shared?
sites: [gf-fr-hdf, gf-de-jul, gf-es-mora, gf-fi-kaj, gf-pl-balt]
workload: { use: frontier-mix, load: 0.85 }
policy: fcfs+easy@pack
horizon: 3 d
warmup: 1 d
replications: 1
`;

  it('gives each site, field by field, what a run of its own gives', () => {
    const shared = planText(EU_FIVE);
    const alone = planText(EU_FIVE, { shareSchedules: false });
    expect([shared.specs.length, alone.specs.length]).toEqual([1, 5]);
    const together = simulate(shared.specs[0]!, shared.inputs, { keepJobs: true });
    expect(new Set(together.sites.map(({ bill }) => bill.totalEur)).size).toBe(5);
    alone.specs.forEach((spec, index) => {
      const own = simulate(spec, alone.inputs, { keepJobs: true });
      expect(own).toEqual({ ...together, sites: [together.sites[index]] });
    });
  });
});
