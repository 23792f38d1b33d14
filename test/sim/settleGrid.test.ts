import { describe, expect, it } from 'vitest';
import type { FlatTariff } from '../../src/economics/tariff.js';
import type { LoadCurve, SiteResult } from '../../src/metrics/runResult.js';
import { seriesColumns } from '../../src/metrics/seriesColumns.js';
import type { BatterySpec, GridOrderSpec } from '../../src/scenario/gridSpec.js';
import type { SiteSpec } from '../../src/scenario/runSpec.js';
import { settle } from '../../src/sim/settle.js';
import { siteIntervals } from '../../src/sim/siteIntervals.js';
import type { RunInputs } from '../../src/workload/runInputs.js';
import { flatTariff } from '../support/tariffs.js';

const HOUR = 3_600_000;
const BIN = HOUR / 4;
const calendarYear = 2027;
const MW = 1e6;
const hourly = (values: readonly number[]) => ({ stepMs: HOUR, values: Float64Array.from(values) });

/** A site whose facility draws what its IT draws. */
const siteWith = (change: Partial<SiteSpec>, flat: FlatTariff = {}): SiteSpec => ({
  ...{ id: 's', title: 'S', zone: 'Z', reference: undefined },
  facility: {
    ...{ liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1 },
    ...{ fixedFraction: 0, designItW: 0 },
  },
  tariff: flatTariff(flat),
  series: { price: 'p', carbon: 'c', wetBulb: 'w' },
  ...change,
});

const batteryOf = (change: Partial<BatterySpec>): BatterySpec => ({
  ...{ powerW: 20 * MW, energyMWh: 40, roundTripEfficiency: 0.8, uses: ['peak-shaving'] },
  ...{ restFraction: 1, reserveFraction: 0 },
  ...change,
});

const inputsOf = (prices: readonly number[]): RunInputs => ({
  series: { p: hourly(prices), c: hourly(prices.map(() => 300)), w: hourly(prices.map(() => 10)) },
  traces: {},
  contentSha256: {},
});

const curveOf = (megawatts: readonly number[]): LoadCurve => ({
  binMs: BIN,
  itWms: Float64Array.from(megawatts.flatMap((mw) => Array<number>(4).fill(mw * MW * BIN))),
  busyGpuMs: new Float64Array(megawatts.length * 4),
  queuedJobMs: new Float64Array(megawatts.length * 4),
  freeGpuMs: 0,
  partlyFreeGpuMs: 0,
});

/** Megawatts by the hour, all of them idle nodes and one job an hour. */
function settled(site: SiteSpec, megawatts: readonly number[], prices = megawatts.map(() => 50)): SiteResult {
  const idleMW = Math.min(...megawatts);
  const draws = {
    count: megawatts.length,
    watts: Float64Array.from(megawatts, (mw) => (mw - idleMW) * MW),
    fromMs: Float64Array.from(megawatts, (_, hour) => hour * HOUR),
    toMs: Float64Array.from(megawatts, (_, hour) => (hour + 1) * HOUR),
    idleW: idleMW * MW,
    horizonMs: megawatts.length * HOUR,
  };
  return settle(site, curveOf(megawatts), inputsOf(prices), draws, { gpuHoursUsed: 1, calendarYear });
}

const others = ({ bill }: SiteResult) => bill.lines.filter(({ group }) => group !== 'battery');

describe('a battery on the bill', () => {
  // The cycle of the dispatch's test: 20 MWh bought at 20 and 10, 6 MWh sold at 90 and 10 at 100, each + 5 of network.
  const load = [40, 20, 20, 20, 20, 20, 20, 20];
  const prices = [60, 20, 10, 60, 90, 100, 60, 60];
  const arbitrage = batteryOf({ powerW: 10 * MW, energyMWh: 20, uses: ['arbitrage'], restFraction: 0 });
  const flat = { networkEurPerMWh: 5, capacityEurPerKwYear: 87.6 };

  it('is one line, what is sold less what is bought at what a MWh costs there; all others are as without it', () => {
    const without = settled(siteWith({}, flat), load, prices);
    const result = settled(siteWith({ battery: arbitrage }, flat), load, prices);
    expect(result.bill.batteryEur).toBeCloseTo(10 * 25 + 10 * 15 - 6 * 95 - 10 * 105, 3); // −1,220 EUR
    expect(others(result)).toEqual(without.bill.lines);
    expect(result.bill.totalEur).toBeCloseTo(without.bill.totalEur - 1220, 3);
    expect(result.auditCostEur.relativeError).toBeLessThan(1e-12);
    expect(result.facilityMWh).toBe(without.facilityMWh);
  });

  it('says what it did, and what of its line is peak, losses and arbitrage', () => {
    const { battery } = settled(siteWith({ battery: arbitrage }, flat), load, prices);
    expect(battery!.chargedMWh).toBeCloseTo(20, 9);
    expect(battery!.dischargedMWh).toBeCloseTo(16, 9);
    expect(battery!.lossesMWh).toBeCloseTo(4, 9);
    expect(battery!.cycles).toBeCloseTo(1, 9);
    expect(battery!.peakMW).toBe(40);
    expect(battery!.peakEur).toBe(0);
    expect(battery!.lossesEur).toBeCloseTo(4 * 20, 3); // bought at 25 and 15
    expect(battery!.arbitrageEur).toBeCloseTo(-1300, 3);
    expect(battery!.carbonT).toBeCloseTo((4 * 300) / 1000, 9);
  });

  it('emits what its losses do, in the carbon of the site', () => {
    const without = settled(siteWith({}, flat), load, prices);
    const result = settled(siteWith({ battery: arbitrage }, flat), load, prices);
    expect((result.carbonKt - without.carbonKt) * 1e6).toBeCloseTo(1200, 6);
  });

  it('lowers a capacity charge by shaving one spike, and pays for its losses', () => {
    const spiky = Array.from({ length: 24 }, (_, hour) => (hour === 2 ? 130 : 100));
    const { bill, battery } = settled(siteWith({ battery: batteryOf({}) }, { capacityEurPerKwYear: 87.6 }), spiky);
    // 87.6 EUR/kW·a × 24 h of 8,760 h = 0.24 EUR/kW on 20 MW less; 20 MWh given lose 5 MWh at 50 EUR.
    expect(bill.capacityEur).toBeCloseTo(0.24 * 130_000, 6);
    expect(battery!.peakMW).toBeCloseTo(110, 9);
    expect(battery!.peakEur).toBeCloseTo(-0.24 * 20_000, 6);
    expect(battery!.lossesEur).toBeCloseTo(5 * 50, 3);
    expect(battery!.arbitrageEur).toBeCloseTo(0, 3);
    expect(bill.batteryEur).toBeCloseTo(-4800 + 250, 3);
  });

  it('trades nothing where all is bought at one price, whatever the market does', () => {
    const tariff = {
      ...flatTariff({}),
      supply: [{ kind: 'fixed' as const, name: 'all', share: 1, priceEurPerMWh: 60 }],
    };
    const { battery } = settled(siteWith({ battery: arbitrage, tariff }), load, prices);
    expect(battery!.dischargedMWh).toBeCloseTo(0, 9);
  });

  it('takes up for nothing what a contract would lose, and saves day-ahead with it', () => {
    // A block of 30 MW, its surplus lost: 10 MW are free for two hours, then 10 MW are bought at 80 EUR/MWh.
    const block = {
      kind: 'baseload' as const,
      name: 'block',
      powerW: 30 * MW,
      priceEurPerMWh: 50,
      surplus: 'lost' as const,
    };
    const tariff = { ...flatTariff({}), supply: [block] };
    const { battery, bill } = settled(siteWith({ battery: arbitrage, tariff }), [20, 20, 40, 40], [80, 80, 80, 80]);
    expect(battery!.chargedMWh).toBeCloseTo(20, 6);
    expect(bill.batteryEur).toBeCloseTo(-16 * 80, 3);
    expect(battery!.lossesEur).toBeCloseTo(0, 3);
  });

  it('buys and sells by the day of the market, which ends at 23:00 UTC in winter', () => {
    // Dear until 23:00, cheap in the hour after it, dear on the next day: only what is bought then is sold.
    const twoDays = Array.from({ length: 48 }, (_, hour) => (hour === 23 ? 10 : 80));
    const { battery } = settled(
      siteWith({ battery: arbitrage }),
      twoDays.map((_, hour) => (hour === 0 ? 40 : 20)),
      twoDays,
    );
    expect(battery!.chargedMWh).toBeCloseTo(10, 9);
    expect(battery!.endMWh).toBeCloseTo(0, 9);
  });
});

describe('the carbon of a site with a battery', () => {
  it('is of its draw from the grid both ways: the losses are counted, and guaranteed as the rest', () => {
    const prices = [0, 0, 100, 100];
    const battery = batteryOf({ uses: ['arbitrage'], restFraction: 0 });
    const of = (guaranteesFraction: number, residualKgPerMWh?: number): SiteResult => {
      const carbon = { guaranteesFraction, contractKgPerMWh: 0, residualKgPerMWh, shadowEurPerT: 0 };
      return settled(siteWith({ carbon, battery }), [100, 120, 100, 100], prices);
    };
    const { carbon, battery: did, facilityMWh, carbonKgPerMWh } = of(0, 500);
    expect(did!.lossesMWh).toBeGreaterThan(1);
    const gridMWh = 420 + did!.chargedMWh - did!.dischargedMWh;
    expect(facilityMWh).toBe(420);
    expect(carbon!.locationT).toBeCloseTo(0.3 * gridMWh, 9);
    expect(carbon!.marketT).toBeCloseTo(0.5 * gridMWh, 9);
    expect(carbon!.locationKgPerMWh).toBeCloseTo(carbonKgPerMWh, 9);
    const own = of(0).carbon!;
    expect(own.marketT).toBeCloseTo(own.locationT, 9);
    expect(of(1).carbon!).toMatchObject({ guaranteesMWh: gridMWh, marketT: 0 });
  });
});

describe('orders and limits at a site', () => {
  const load = Array.from({ length: 12 }, () => 100);
  const order: GridOrderSpec = { name: 'test', fromMs: 4 * HOUR, toMs: 7 * HOUR, noticeMs: HOUR, reduceFraction: 0.1 };
  const grid = { connectionW: 95 * MW, orders: [order] };

  it('are told of without a battery: missed, by how much, and the energy above the connection', () => {
    const result = settled(siteWith({ grid }), load).grid!;
    expect(result.excess).toEqual({ quarterHours: 48, mwh: 60, highestMW: 5 });
    expect(result.orders[0]).toMatchObject({ met: false, targetMW: 90, quarterHoursMet: 0, shortfallMWh: 30 });
    expect(settled(siteWith({ grid }), load).battery).toBeUndefined();
  });

  it('of three hours are ridden through by a battery that is large enough, and missed at the end by one that is not', () => {
    const ride = (energyMWh: number) =>
      settled(siteWith({ grid: { orders: [order] }, battery: batteryOf({ uses: ['ride-through'], energyMWh }) }), load);
    expect(ride(40).grid!.orders[0]).toMatchObject({ met: true, quarterHoursMet: 12, shortfallMWh: 0 });
    // 30 MWh given take 37.5; of 30 stored 24 are given: 2.4 h.
    const small = ride(30).grid!.orders[0]!;
    expect(small.met).toBe(false);
    expect(small.quarterHoursMet).toBe(9);
    expect(small.shortfallMWh).toBeCloseTo(6, 9);
    expect(small.worst).toEqual({ fromMs: 6.5 * HOUR, shortfallMW: expect.closeTo(10, 9) as number });
  });

  it('are not charged against: what is refilled afterwards stays under the connection', () => {
    const higher = load.map((mw, hour) => (hour === 0 ? 120 : mw));
    const { battery, grid: found } = settled(
      siteWith({ grid: { connectionW: 104 * MW, orders: [order] }, battery: batteryOf({ uses: ['ride-through'] }) }),
      higher,
    );
    expect(found!.excess!.quarterHours).toBe(0);
    expect(battery!.peakMW).toBeCloseTo(104, 9);
  });
});

describe('the 15 minutes of a site with a battery', () => {
  it('have its draw at the grid and what is stored; a site without has no value there', () => {
    const load = [100, 100, 130, 100, 100, 100];
    const curve = curveOf(load);
    const inputs = inputsOf(load.map(() => 50));
    const time = { horizonMs: 6 * HOUR, calendarYear };
    const intervals = [siteWith({ battery: batteryOf({}) }), siteWith({})].map(
      (site) => [site.id, siteIntervals(site, curve, inputs, time)] as const,
    );
    const columns = new Map(seriesColumns([curve], 0, intervals).map((column) => [column.name, column]));
    const values = (name: string): Float64Array => (columns.get(name) as { values: Float64Array }).values;
    expect([...values('grid_mw').subarray(8, 12)]).toEqual([110, 110, 110, 110]);
    expect(values('stored_mwh')[11]).toBeCloseTo(15, 9);
    expect([...values('stored_mwh').subarray(24)].every(Number.isNaN)).toBe(true);
    // Energy: Σ (grid − facility) = losses + what is stored more at the end.
    const moreMWh = values('grid_mw')
      .subarray(0, 24)
      .reduce((sum, mw, bin) => sum + (mw - values('facility_mw')[bin]!) / 4, 0);
    expect(moreMWh).toBeCloseTo(20 * (1 / 0.8 - 1), 9);
  });

  it('are as ever where no site has one', () => {
    const curve = curveOf([100]);
    const intervals = siteIntervals(siteWith({}), curve, inputsOf([50]), { horizonMs: HOUR, calendarYear });
    expect(seriesColumns([curve], 0, [['s', intervals]]).at(-1)!.name).toBe('cost_eur');
  });
});
