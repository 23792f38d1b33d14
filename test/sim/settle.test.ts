import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { StepSeries } from '../../src/base/stepSeries.js';
import type { LoadCurve, SiteResult } from '../../src/metrics/runResult.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { SiteSpec } from '../../src/scenario/runSpec.js';
import type { JobDraws } from '../../src/sim/audit.js';
import { schedule } from '../../src/sim/schedule.js';
import { settle } from '../../src/sim/settle.js';
import type { RunInputs } from '../../src/workload/runInputs.js';
import { jobTable, machine } from '../support/jobs.js';
import { flatTariff } from '../support/tariffs.js';

const HOUR = 3_600_000;
const hourly = (values: readonly number[]): StepSeries => ({ stepMs: HOUR, values: Float64Array.from(values) });

/** No conversion loss, no cooling, nothing fixed: facility watts are IT watts. */
const bareFacility = {
  liquidFraction: 1,
  liquidCoolingFraction: 0,
  upsEfficiency: 1,
  distributionEfficiency: 1,
  fixedFraction: 0,
  designItW: 0,
};
const noTariff = flatTariff({ capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 });

const site = (change: Partial<SiteSpec> = {}): SiteSpec => ({
  id: 's',
  title: 'S',
  zone: 'Z',
  facility: bareFacility,
  tariff: noTariff,
  reference: undefined,
  series: { price: 'p', carbon: 'c', wetBulb: 'w' },
  ...change,
});

const inputs = (hours: number, change: Partial<Record<'p' | 'c' | 'w', StepSeries>> = {}): RunInputs => ({
  series: {
    p: hourly(Array<number>(hours).fill(50)),
    c: hourly(Array<number>(hours).fill(300)),
    w: hourly(Array<number>(hours).fill(10)),
    ...change,
  },
  traces: {},
  contentSha256: {},
});

/** A load curve of one job per entry: [watts, from hour, to hour] on top of idle watts. */
function load(
  hours: number,
  idleW: number,
  jobs: readonly [number, number, number][],
): { curve: LoadCurve; draws: JobDraws } {
  const bins = hours * 4;
  const itWms = new Float64Array(bins).fill(idleW * (HOUR / 4));
  for (const [watts, from, to] of jobs) for (let bin = from * 4; bin < to * 4; bin++) itWms[bin]! += watts * (HOUR / 4);
  const none = {
    busyGpuMs: new Float64Array(bins),
    queuedJobMs: new Float64Array(bins),
    freeGpuMs: 0,
    partlyFreeGpuMs: 0,
  };
  const curve = { binMs: HOUR / 4, itWms, ...none };
  const column = (pick: (job: [number, number, number]) => number): Float64Array => Float64Array.from(jobs.map(pick));
  const draws = {
    count: jobs.length,
    watts: column(([watts]) => watts),
    fromMs: column(([, from]) => from * HOUR),
    toMs: column(([, , to]) => to * HOUR),
    idleW,
    horizonMs: hours * HOUR,
  };
  return { curve, draws };
}

const settled = (
  hours: number,
  idleW: number,
  jobs: readonly [number, number, number][],
  at: SiteSpec = site(),
  given = inputs(hours),
): SiteResult => {
  const { curve, draws } = load(hours, idleW, jobs);
  return settle(at, curve, given, draws, { gpuHoursUsed: 100, calendarYear: 2027 });
};

describe('settling a load curve at a site', () => {
  it('charges the energy of each hour at the price of that hour', () => {
    // 10 MW for two hours at 40, then 20 MW for one at 100 EUR/MWh: 800 + 2000.
    const given = inputs(3, { p: hourly([40, 40, 100]) });
    const result = settled(3, 10e6, [[10e6, 2, 3]], site(), given);
    expect(result.facilityMWh).toBeCloseTo(40, 9);
    expect(result.bill.supplyEur).toBeCloseTo(2800, 9);
  });

  it('pays the load-weighted price, which is not the mean price on a two-step day', () => {
    // 12 h at 20, 12 h at 100 (mean 60). The job runs in the dear half only: 1 MW idle, 3 MW with it.
    const prices = [...Array<number>(12).fill(20), ...Array<number>(12).fill(100)];
    const result = settled(24, 1e6, [[2e6, 12, 24]], site(), inputs(24, { p: hourly(prices) }));
    expect(result.meanPriceEurPerMWh).toBe(60);
    expect(result.paidPriceEurPerMWh).toBeCloseTo((12 * 1 * 20 + 12 * 3 * 100) / (12 + 36), 12); // 80
  });

  it('a flat load pays the mean price', () => {
    const prices = [...Array<number>(12).fill(20), ...Array<number>(12).fill(100)];
    expect(settled(24, 1e6, [], site(), inputs(24, { p: hourly(prices) })).paidPriceEurPerMWh).toBeCloseTo(60, 12);
  });

  it('is paid for drawing in hours of negative price, and counts them', () => {
    const result = settled(2, 1e6, [], site(), inputs(2, { p: hourly([-30, 10]) }));
    expect(result.bill.supplyEur).toBeCloseTo(-20, 12);
    expect(result.negativePriceHours).toBe(1);
  });

  it('takes the annual peak from the highest 15 minutes and bills it pro rata', () => {
    const tariff = flatTariff({ capacityEurPerKwYear: 87.6, networkEurPerMWh: 5, leviesEurPerMWh: 3 });
    const result = settled(24, 1e6, [[4e6, 5, 6]], site({ tariff }));
    expect(result.peakFacilityMW).toBe(5);
    expect(result.bill.capacityEur).toBeCloseTo((87.6 * 5000 * 24) / 8760, 9);
    expect(result.bill.networkEur).toBeCloseTo(28 * 5, 9);
    expect(result.bill.leviesEur).toBeCloseTo(28 * 3, 9);
    const { supplyEur, networkEur, leviesEur, capacityEur, totalEur } = result.bill;
    expect(supplyEur + networkEur + leviesEur + capacityEur).toBe(totalEur);
    expect(result.eurPerGpuHour).toBeCloseTo(totalEur / 100, 12);
  });

  it('makes facility watts of IT watts by the weather, so PUE rises with the wet bulb', () => {
    const facility = { ...bareFacility, liquidFraction: 0, upsEfficiency: 0.98, distributionEfficiency: 0.9944 };
    const pue = (wetBulbC: number): number =>
      settled(1, 1e6, [], site({ facility }), inputs(1, { w: hourly([wetBulbC]) })).pue;
    expect(pue(10)).toBeCloseTo(1.088, 3);
    expect(pue(24)).toBeCloseTo(1.316, 3);
  });

  it('counts carbon by the hour', () => {
    const result = settled(2, 1e6, [[1e6, 1, 2]], site(), inputs(2, { c: hourly([100, 400]) }));
    expect(result.carbonKt).toBeCloseTo((1 * 100 + 2 * 400) / 1e6, 15);
    expect(result.carbonKgPerMWh).toBeCloseTo(300, 12);
  });

  it('reads a quarter-hourly price by the quarter hour', () => {
    const p = { stepMs: HOUR / 4, values: Float64Array.of(0, 100, 0, 0) };
    expect(settled(1, 4e6, [], site(), inputs(1, { p })).bill.supplyEur).toBeCloseTo(100, 9);
  });

  it('refuses a series that ends before the load curve', () => {
    expect(() => settled(3, 1e6, [], site(), inputs(2))).toThrow(/price.*12 intervals/);
  });
});

describe('the audit', () => {
  it('balances jobs, idle and overhead against the meter, in energy and in money', () => {
    const facility = {
      ...bareFacility,
      liquidFraction: 0.85,
      liquidCoolingFraction: 0.025,
      fixedFraction: 0.01,
      designItW: 5e6,
    };
    const tariff = flatTariff({
      ...{ capacityEurPerKwYear: 20, networkEurPerMWh: 3, leviesEurPerMWh: 14, dayAheadAdderEurPerMWh: 1 },
    });
    const given = inputs(5, { p: hourly([10, -20, 30, 40, 500]), w: hourly([5, 12, 20, 28, 33]) });
    const { auditEnergyWms, auditCostEur, bill } = settled(
      5,
      1e6,
      [
        [2e6, 0, 3],
        [1e6, 2, 5],
      ],
      site({ facility, tariff }),
      given,
    );
    expect(auditEnergyWms.relativeError).toBeLessThan(1e-14);
    expect(auditEnergyWms.jobs).toBe((2e6 * 3 + 1e6 * 3) * HOUR);
    expect(auditEnergyWms.idle).toBe(1e6 * 5 * HOUR);
    expect(auditCostEur.siteTotal).toBe(bill.totalEur);
    expect(auditCostEur.relativeError).toBeLessThan(1e-14);
  });

  it('stops a run whose jobs and meter disagree by one watt in a billion, with the numbers', () => {
    const { curve, draws } = load(4, 1e9, [[1e9, 1, 2]]);
    const off = { ...draws, idleW: 1e9 + 5 };
    expect(() => settle(site(), curve, inputs(4), off, { gpuHoursUsed: 1, calendarYear: 2027 })).toThrow(
      /site s, energy.*expected jobs \+ idle \+ overhead = site/,
    );
  });

  it('balances a real schedule with jobs across the warm-up and the horizon', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({
      submitMs: -3 * HOUR + i * 217_313,
      gpus: 1 + ((i * 7) % 16),
      runMs: 1_234_567 + ((i * 7919) % 5_000_000),
    }));
    const jobs = jobTable(rows);
    const parsed = parsePolicy('fcfs+easy@pack');
    if (!parsed.ok) throw new Error('unreachable');
    const partitions = [machine(8, 4)];
    const horizonMs = 9 * HOUR;
    const streams = new RandomStreams(1);
    const ran = schedule({ partitions, policy: parsed.policy, jobs, startMs: -3 * HOUR, horizonMs, streams });
    const inside = rows.map((row, i) => ({
      watts: 50 * row.gpus,
      from: Math.max(0, ran.startMs[i]!),
      to: Math.min(horizonMs, Number.isNaN(ran.endMs[i]!) ? horizonMs : ran.endMs[i]!),
    }));
    const counted = inside.filter(({ from, to }) => to > from);
    const draws = {
      count: counted.length,
      watts: Float64Array.from(counted, (job) => job.watts),
      fromMs: Float64Array.from(counted, (job) => job.from),
      toMs: Float64Array.from(counted, (job) => job.to),
      idleW: 8 * 100 + 32 * 10,
      horizonMs,
    };
    const given = inputs(9, { p: hourly([3, 1, 4, 1, 5, 9, 2, 6, 5]) });
    const result = settle(site(), ran.curves[0]!, given, draws, { gpuHoursUsed: 1, calendarYear: 2027 });
    expect(result.auditEnergyWms.relativeError).toBe(0);
    expect(result.auditCostEur.relativeError).toBeLessThan(1e-13);
  });
});
