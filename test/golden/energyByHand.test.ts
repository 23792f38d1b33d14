import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runShipped } from './run.js';

const text = readFileSync(new URL('../../docs/energy-by-hand.md', import.meta.url), 'utf8');
const onPaper = new Map(
  [...text.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, name, value]) => [name!, Number(value)]),
);

describe('docs/energy-by-hand.md', () => {
  const { results } = runShipped('tiny-energy');
  const { schedule, sites } = results[0]!;
  const site = sites[0]!;
  const simulated: Readonly<Record<string, number>> = {
    itEnergy: site.itMWh * 1000,
    facilityEnergy: site.facilityMWh * 1000,
    facilityJoules: site.facilityMWh * 3.6e9,
    peak: site.peakFacilityMW * 1000,
    pue: site.pue,
    dayAhead: site.bill.supplyEur,
    network: site.bill.networkEur,
    levies: site.bill.leviesEur,
    capacity: site.bill.capacityEur,
    total: site.bill.totalEur,
    meanPrice: site.meanPriceEurPerMWh,
    paidPrice: site.paidPriceEurPerMWh,
    gpuHours: schedule.gpuHoursUsed,
    eurPerGpuHour: site.eurPerGpuHour,
    utilisation: schedule.utilisationFraction,
    meanWait: schedule.wait.meanMs / 60_000,
    carbon: site.carbonKt * 1e6,
  };

  it('has a number on paper for every simulated one', () => {
    expect([...onPaper.keys()].sort()).toEqual(Object.keys(simulated).sort());
  });

  it.each(Object.keys(simulated))('%s is what it is on paper', (name) => {
    expect(simulated[name]! / onPaper.get(name)!).toBeCloseTo(1, 6);
  });
});
