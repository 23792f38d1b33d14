import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispatchBattery, type BatteryConditions, type BatteryDispatch } from '../../src/economics/batteryDispatch.js';
import { lowestPeakW } from '../../src/economics/batteryPeak.js';
import type { BatterySpec, BatteryUse } from '../../src/scenario/gridSpec.js';

const QUARTER = 900_000;
const MW = 1e6;

/** One value an hour, as quarter hours. */
const hours = (values: readonly number[], unit = 1): Float64Array =>
  Float64Array.from(values.flatMap((value) => Array<number>(4).fill(value * unit)));

const battery = (uses: readonly BatteryUse[], change: Partial<BatterySpec> = {}): BatterySpec => ({
  powerW: 10 * MW,
  energyMWh: 20,
  roundTripEfficiency: 0.8,
  uses,
  restFraction: uses.includes('arbitrage') ? 0 : 1,
  reserveFraction: 0,
  ...change,
});

function at(facilityW: Float64Array, change: Partial<BatteryConditions> = {}): BatteryConditions {
  const bins = facilityW.length;
  return {
    binMs: QUARTER,
    facilityW,
    eurPerMWh: new Float64Array(bins).fill(50),
    limitsW: new Float64Array(bins).fill(Infinity),
    orders: [],
    dayStarts: Array.from({ length: Math.ceil(bins / 96) }, (_, day) => 96 * day),
    ...change,
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const highestMW = (watts: Float64Array): number => Math.max(...watts) / MW;
const costEur = (watts: Float64Array, eurPerMWh: Float64Array): number =>
  watts.reduce((total, value, bin) => total + (value / MW / 4) * eurPerMWh[bin]!, 0);

/** Grid = facility + charge − discharge; the store follows both; power, store and grid stay in their bounds. */
function expectBalanced(dispatch: BatteryDispatch, spec: BatterySpec, { facilityW }: BatteryConditions): void {
  const { gridW, chargeMWh, dischargeMWh, storedMWh, startMWh } = dispatch;
  const mostMWh = spec.powerW / MW / 4;
  let stored = startMWh;
  let worst = 0;
  for (let bin = 0; bin < gridW.length; bin++) {
    const [charge, discharge] = [chargeMWh[bin]!, dischargeMWh[bin]!];
    stored += charge - discharge / spec.roundTripEfficiency;
    worst = Math.max(
      worst,
      Math.abs(gridW[bin]! / MW / 4 - (facilityW[bin]! / MW / 4 + charge - discharge)),
      Math.abs(storedMWh[bin]! - stored),
      -gridW[bin]!,
      -charge,
      -discharge,
      charge - mostMWh,
      discharge - mostMWh,
      -storedMWh[bin]!,
      storedMWh[bin]! - spec.energyMWh,
    );
  }
  expect(worst).toBeLessThan(1e-7);
}

describe('a battery cycle by hand', () => {
  // 20 MW flat. A 10 MW battery of 20 MWh takes two hours to fill, and full gives 20 × 0.8 = 16 MWh: 1.6 h of 10 MW.
  const prices = hours([60, 20, 10, 60, 90, 100, 60, 60]);
  const facilityW = hours(Array<number>(8).fill(20), MW);
  const spec = battery(['arbitrage']);
  // The highest quarter hour of the facility is in the first hour, so charging may go up to 40 MW.
  facilityW.fill(40 * MW, 0, 4);
  const dispatch = dispatchBattery(spec, at(facilityW, { eurPerMWh: prices }));

  it('charges in the two cheapest hours and discharges in the dearest, all of the dearest hour first', () => {
    const byHour = (values: Float64Array): number[] =>
      Array.from({ length: 8 }, (_, hour) => Number(sum(values.subarray(4 * hour, 4 * hour + 4)).toFixed(9)));
    expect(byHour(dispatch.chargeMWh)).toEqual([0, 10, 10, 0, 0, 0, 0, 0]);
    expect(byHour(dispatch.dischargeMWh)).toEqual([0, 0, 0, 0, 6, 10, 0, 0]);
    expect([7, 11, 19, 23].map((bin) => dispatch.storedMWh[bin])).toEqual([10, 20, 12.5, 0]);
  });

  it('saves what it sells less what it buys: 6 × 90 + 10 × 100 − 10 × 20 − 10 × 10 = 1,240 EUR', () => {
    expect(costEur(facilityW, prices) - costEur(dispatch.gridW, prices)).toBeCloseTo(1240, 6);
  });

  it('does not charge above the highest quarter hour that the facility has anyway', () => {
    const flat = hours(Array<number>(8).fill(20), MW);
    const still = dispatchBattery(spec, at(flat, { eurPerMWh: prices }));
    expect(still.gridW).toEqual(flat);
  });
});

describe('peak shaving', () => {
  it('takes one spike off: as far as power goes, where the energy suffices', () => {
    const facilityW = hours([100, 100, 130, 100, 100, 100], MW);
    const spec = battery(['peak-shaving'], { powerW: 20 * MW, energyMWh: 40 });
    const dispatch = dispatchBattery(spec, at(facilityW));
    expect(dispatch.peakTargetW).toBe(110 * MW);
    expect(highestMW(dispatch.gridW)).toBeCloseTo(110, 6);
    // 20 MWh given take 25 of the 40; 10 MW of headroom put them back in 2.5 hours.
    expect(dispatch.storedMWh[11]).toBeCloseTo(15, 6);
    expect(dispatch.storedMWh[21]).toBeCloseTo(40, 6);
  });

  it('goes as far as energy goes, where power would suffice: spike − energy × efficiency over its hours', () => {
    const facilityW = hours([100, 100, 130, 130, 100, 100, 100, 100], MW);
    const spec = battery(['peak-shaving'], { powerW: 30 * MW, energyMWh: 20 });
    const dispatch = dispatchBattery(spec, at(facilityW));
    // 16 MWh over two hours: 8 MW less; 22 MW of headroom put 20 MWh back in one hour.
    expect(dispatch.peakTargetW! / MW).toBeCloseTo(122, 5);
    expect(highestMW(dispatch.gridW)).toBeCloseTo(122, 5);
  });

  it('leaves a spike at the end of the time alone, after which it could not be put back', () => {
    const facilityW = hours([100, 100, 100, 130], MW);
    expect(dispatchBattery(battery(['peak-shaving']), at(facilityW)).peakTargetW! / MW).toBeCloseTo(130, 5);
  });

  it('holds a given target as long as it can, and says by its draw where it cannot', () => {
    const facilityW = hours([100, 130, 100, 100], MW);
    const spec = battery(['peak-shaving'], { peakTargetW: 105 * MW, energyMWh: 10 });
    const dispatch = dispatchBattery(spec, at(facilityW));
    // 10 MW of the 25 MW above are given until 8 MWh are out: 3 quarter hours of 2.5 MWh and one of 0.5.
    expect([...dispatch.gridW.subarray(4, 8)].map((watts) => watts / MW)).toEqual([120, 120, 120, 128]);
  });

  it('finds a level that holds, and none a little lower does, at any load', () => {
    const mw = fc.integer({ min: 0, max: 100 });
    const config = fc.record({
      load: fc.array(mw, { minLength: 4, maxLength: 60 }),
      powerMW: fc.integer({ min: 1, max: 40 }),
      energyMWh: fc.integer({ min: 1, max: 40 }),
      startFraction: fc.constantFrom(0, 0.5, 1),
    });
    fc.assert(
      fc.property(config, ({ load, powerMW, energyMWh, startFraction }) => {
        const facilityW = Float64Array.from(load, (value) => value * MW);
        const spec = battery(['peak-shaving'], { powerW: powerMW * MW, energyMWh, restFraction: startFraction });
        const given = at(facilityW);
        const dispatch = dispatchBattery(spec, given);
        expectBalanced(dispatch, spec, given);
        expect(highestMW(dispatch.gridW)).toBeLessThanOrEqual(dispatch.peakTargetW! / MW + 1e-6);
        if (dispatch.peakTargetW! < powerMW * MW) return;
        const lower = dispatchBattery({ ...spec, peakTargetW: dispatch.peakTargetW! - 10 }, given);
        const isHeld = highestMW(lower.gridW) <= (dispatch.peakTargetW! - 9) / MW;
        const isPutBack = lower.storedMWh.at(-1)! >= lower.startMWh - 1e-9;
        expect(isHeld && isPutBack).toBe(false);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('is the peak itself for a flat load', () => {
    const flat = hours([50, 50], MW);
    const limitsW = new Float64Array(8).fill(Infinity);
    const of = { mwhPerW: 0.25 / MW, mostMWh: 1, usableMWh: 4, startMWh: 4, efficiency: 0.9 };
    expect(lowestPeakW(flat, limitsW, of) / MW).toBeCloseTo(50, 5);
  });
});

describe('ride-through', () => {
  const facilityW = hours(Array<number>(24).fill(100), MW);
  facilityW.fill(110 * MW, 0, 4); // room to charge
  const order = { fromBin: 48, toBin: 60, knownFromBin: 40, limitW: 94 * MW };

  it('holds an order of three hours, and fills up again when it is over', () => {
    const dispatch = dispatchBattery(battery(['ride-through'], { energyMWh: 24 }), at(facilityW, { orders: [order] }));
    // 6 MW × 3 h = 18 MWh given, 22.5 of the 24 in store.
    expect([...dispatch.gridW.subarray(48, 60)].every((watts) => Math.abs(watts - 94 * MW) < 1)).toBe(true);
    expect(dispatch.storedMWh[59]).toBeCloseTo(1.5, 9);
    expect(dispatch.storedMWh[95]).toBeCloseTo(24, 9);
  });

  it('gives until it is empty where the energy does not suffice', () => {
    const dispatch = dispatchBattery(battery(['ride-through'], { energyMWh: 15 }), at(facilityW, { orders: [order] }));
    // 15 × 0.8 = 12 MWh: two of the three hours.
    expect(dispatch.gridW[55]! / MW).toBeCloseTo(94, 9);
    expect(dispatch.gridW[56]! / MW).toBeCloseTo(100, 9);
  });

  it('keeps a connection limit that is known in advance', () => {
    const limitsW = new Float64Array(96).fill(104 * MW);
    const dispatch = dispatchBattery(battery(['ride-through']), at(facilityW, { limitsW }));
    expect(highestMW(dispatch.gridW)).toBeCloseTo(104, 9);
    expect(dispatch.storedMWh[95]).toBeCloseTo(20, 9);
  });

  it('leaves limits to others where it is not its use, but does not charge against them', () => {
    const prices = hours(Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 0 : 90)));
    const dispatch = dispatchBattery(battery(['arbitrage']), at(facilityW, { eurPerMWh: prices, orders: [order] }));
    expect(highestMW(dispatch.gridW.subarray(0, 48))).toBeCloseTo(110, 9);
    const limited = dispatchBattery(
      battery(['arbitrage']),
      at(facilityW, { eurPerMWh: prices, limitsW: new Float64Array(96).fill(101 * MW) }),
    );
    expect(highestMW(limited.gridW.subarray(4, 48))).toBeCloseTo(101, 9);
    expect(limited.gridW[0]).toBe(110 * MW);
  });

  it('stops arbitrage for an order only from its notice on', () => {
    // Dear in the morning, cheap at noon, an order in the evening, when prices are highest.
    const prices = hours(
      Array.from({ length: 24 }, (_, hour) => (hour < 4 ? 5 : hour < 12 ? 60 : hour < 16 ? 10 : 40)),
    );
    const spec = battery(['ride-through', 'arbitrage'], { energyMWh: 24 });
    const evening = { fromBin: 72, toBin: 84, limitW: 94 * MW };
    const shortfallMWh = (knownFromBin: number): number => {
      const orders = [{ ...evening, knownFromBin }];
      const { gridW } = dispatchBattery(spec, at(facilityW, { eurPerMWh: prices, orders }));
      return sum(gridW.subarray(72, 84).map((watts) => Math.max(0, watts / MW - 94) / 4));
    };
    expect(shortfallMWh(48)).toBeCloseTo(0, 9);
    // Told when it begins: all was sold in the two hours after 16:00.
    expect(shortfallMWh(72)).toBeGreaterThan(0);
  });

  it('has its reserve left for an order that comes unannounced', () => {
    const prices = hours(Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 5 : 60)));
    const spec = battery(['ride-through', 'arbitrage'], { energyMWh: 45, reserveFraction: 0.5 });
    const orders = [{ ...order, fromBin: 84, toBin: 96, knownFromBin: 84 }];
    const { gridW, storedMWh } = dispatchBattery(spec, at(facilityW, { eurPerMWh: prices, orders }));
    expect(Math.min(...storedMWh.subarray(0, 84))).toBeCloseTo(22.5, 9); // used by arbitrage down to the reserve
    expect(Math.max(...gridW.subarray(84, 96)) / MW).toBeCloseTo(94, 9);
  });
});

describe('all uses together', () => {
  it('never creates energy, stays in its bounds and below every peak, limit and order it can, at any load and price', () => {
    const config = fc.record({
      load: fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 60, maxLength: 60 }),
      prices: fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 60, maxLength: 60 }),
      uses: fc.subarray(['ride-through', 'peak-shaving', 'arbitrage'] as const, { minLength: 1 }),
      powerMW: fc.integer({ min: 1, max: 50 }),
      energyMWh: fc.integer({ min: 1, max: 100 }),
      restFraction: fc.constantFrom(0, 0.3, 1),
      reserve: fc.constantFrom(0, 0.2),
      limitMW: fc.constantFrom(Infinity, 90),
      fromBin: fc.integer({ min: 4, max: 200 }),
      notice: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(
        config,
        ({ load, prices, uses, powerMW, energyMWh, restFraction, reserve, limitMW, fromBin, notice }) => {
          const facilityW = hours(load, MW);
          const rides = uses.includes('ride-through');
          const change = { powerW: powerMW * MW, energyMWh, restFraction, reserveFraction: rides ? reserve : 0 };
          const spec = battery(uses, change);
          const limitsW = new Float64Array(240).fill(limitMW * MW);
          const orders = [
            { fromBin, toBin: fromBin + 12, knownFromBin: Math.max(0, fromBin - notice), limitW: 50 * MW },
          ];
          const given = at(facilityW, { eurPerMWh: hours(prices), limitsW, orders, dayStarts: [92, 188] });
          const dispatch = dispatchBattery(spec, given);
          expectBalanced(dispatch, spec, given);
          expect(highestMW(dispatch.gridW)).toBeLessThanOrEqual(highestMW(facilityW) + 1e-6);
          // Charging never breaks what is known.
          const broken = dispatch.gridW.filter((watts, bin) => {
            const isOrdered = bin >= fromBin && bin < fromBin + 12;
            const capW = Math.min(limitMW * MW, isOrdered ? 50 * MW : Infinity);
            return watts > facilityW[bin]! + 1 && watts > capW + 1;
          });
          expect([...broken]).toEqual([]);
          const lossesMWh = sum(dispatch.dischargeMWh) * (1 / 0.8 - 1);
          const change2 = dispatch.storedMWh.at(-1)! - dispatch.startMWh;
          expect(sum(dispatch.chargeMWh) - sum(dispatch.dischargeMWh)).toBeCloseTo(lossesMWh + change2, 6);
        },
      ),
      { seed: 11, numRuns: 300 },
    );
  });

  it('sells nothing that a peak to come needs', () => {
    // Highest price before the only spike; the target stands, and the rest is traded.
    const facilityW = hours([100, 100, 100, 100, 130, 100, 100, 100, 100, 100, 100, 100], MW);
    const prices = hours([10, 10, 10, 200, 50, 10, 10, 10, 10, 10, 10, 10]);
    const shaving = battery(['peak-shaving'], { powerW: 20 * MW, energyMWh: 40, restFraction: 0.7 });
    const both = battery(['peak-shaving', 'arbitrage'], { powerW: 20 * MW, energyMWh: 40, restFraction: 0.7 });
    const alone = dispatchBattery(shaving, at(facilityW, { eurPerMWh: prices }));
    const with2 = dispatchBattery(both, at(facilityW, { eurPerMWh: prices }));
    expect(highestMW(with2.gridW)).toBeCloseTo(highestMW(alone.gridW), 5);
    expect(costEur(with2.gridW, prices)).toBeLessThan(costEur(alone.gridW, prices) - 100);
  });
});

describe('what 100 MW and 400 MWh earn in 330 cycles at efficiency 0.88', () => {
  // Four free hours, then dear ones, on each of 330 days.
  it.each([
    [30, 3.5],
    [60, 7.0],
    [90, 10.5],
    [110, 12.8],
  ])('at a spread of %d EUR/MWh: %f M EUR a year', (spread, expectedM) => {
    const days = 330;
    const prices = hours(Array.from({ length: 24 * days }, (_, hour) => (hour % 24 < 4 ? 0 : spread)));
    const facilityW = hours(
      Array.from({ length: 24 * days }, (_, hour) => (hour === 4 ? 300 : 200)),
      MW,
    );
    const spec = battery(['arbitrage'], { powerW: 100 * MW, energyMWh: 400, roundTripEfficiency: 0.88 });
    const dispatch = dispatchBattery(spec, at(facilityW, { eurPerMWh: prices }));
    const earnedM = (costEur(facilityW, prices) - costEur(dispatch.gridW, prices)) / 1e6;
    expect(sum(dispatch.chargeMWh) / 400).toBeCloseTo(330, 6);
    expect(earnedM).toBeCloseTo((0.88 * spread * 330 * 400) / 1e6, 9);
    expect(Number(earnedM.toFixed(1))).toBe(expectedM);
  });
});
