import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatteryArbitrage, type ArbitrageStretch } from '../../src/economics/batteryArbitrage.js';

interface Day {
  readonly prices: readonly number[];
  readonly energyMWh: number;
  readonly efficiency: number;
  readonly mostChargeMWh: readonly number[];
  readonly mostDischargeMWh: readonly number[];
  readonly startMWh: number;
  readonly endMWh: number;
}

const flat = (prices: readonly number[], mwh: number): Pick<Day, 'prices' | 'mostChargeMWh' | 'mostDischargeMWh'> => ({
  prices,
  mostChargeMWh: prices.map(() => mwh),
  mostDischargeMWh: prices.map(() => mwh),
});

function planned(day: Day, arbitrage = new BatteryArbitrage(day.energyMWh, day.efficiency)) {
  const count = day.prices.length;
  const stretch: ArbitrageStretch = {
    count,
    eurPerMWh: Float64Array.from(day.prices),
    forcedMWh: new Float64Array(count),
    mostChargeMWh: Float64Array.from(day.mostChargeMWh),
    mostDischargeMWh: Float64Array.from(day.mostDischargeMWh),
    leastMWh: new Float64Array(count),
  };
  const charge = new Float64Array(count);
  const discharge = new Float64Array(count);
  arbitrage.plan(stretch, day.startMWh, day.endMWh, charge, discharge);
  const earnedEur = day.prices.reduce((sum, price, i) => sum + price * (discharge[i]! - charge[i]!), 0);
  return { charge: [...charge], discharge: [...discharge], earnedEur };
}

/** Every level of whole MWh at the end of each interval, tried out. Exact where all bounds of the store are whole. */
function triedOut({ prices, energyMWh, efficiency, mostChargeMWh, mostDischargeMWh, startMWh, endMWh }: Day): number {
  let best = new Map([[startMWh, 0]]);
  prices.forEach((price, i) => {
    const next = new Map<number, number>();
    const up = mostChargeMWh[i]!;
    const down = mostDischargeMWh[i]! / efficiency;
    for (const [stored, eur] of best) {
      for (let to = Math.max(0, stored - down); to <= Math.min(energyMWh, stored + up); to++) {
        const change = to - stored;
        // At a negative price any mix of charging and discharging in the interval may be better than either.
        const share = up + down > 0 ? (change + down) / (up + down) : 0;
        const mixed = -price * (share * up - (1 - share) * down * efficiency);
        const plain = -price * (change > 0 ? change : change * efficiency);
        const total = eur + Math.max(plain, mixed);
        if (total > (next.get(to) ?? -Infinity)) next.set(to, total);
      }
    }
    best = next;
  });
  const reachable = [...best.keys()];
  const end = Math.min(Math.max(endMWh, Math.min(...reachable)), Math.max(...reachable));
  return best.get(end)!;
}

describe('arbitrage of a battery', () => {
  it('buys in each valley and sells on each peak, by hand', () => {
    const day = { ...flat([10, 50, 20, 60], 1), energyMWh: 1, efficiency: 0.8, startMWh: 0, endMWh: 0 };
    const { charge, discharge, earnedEur } = planned(day);
    expect(charge).toEqual([1, 0, 1, 0]);
    expect(discharge).toEqual([0, 0.8, 0, 0.8]);
    expect(earnedEur).toBeCloseTo(58, 12);
  });

  it('trades a spread only if it pays for the losses', () => {
    const day = (low: number) => ({ ...flat([low, 50], 1), energyMWh: 1, efficiency: 0.8, startMWh: 0, endMWh: 0 });
    expect(planned(day(41)).earnedEur).toBe(0); // 0.8 × 50 = 40 < 41
    expect(planned(day(39)).earnedEur).toBeCloseTo(1, 12);
  });

  it('does nothing at equal prices, also without losses', () => {
    const day = { ...flat([30, 30, 30, 30], 1), energyMWh: 2, efficiency: 1, startMWh: 1, endMWh: 1 };
    expect(planned(day)).toEqual({ charge: [0, 0, 0, 0], discharge: [0, 0, 0, 0], earnedEur: 0 });
  });

  it('is paid for burning energy where a price is negative, but not for more than one converter can do', () => {
    // Full for x of the quarter hour, giving for the rest: 1·x stored = (1 − x) / 0.5 taken, so x = 2/3, draw 1/3.
    const day = { ...flat([-30], 1), energyMWh: 10, efficiency: 0.5, startMWh: 5, endMWh: 5 };
    const { charge, discharge, earnedEur } = planned(day);
    expect(charge[0]).toBeCloseTo(2 / 3, 12);
    expect(discharge[0]).toBeCloseTo(1 / 3, 12);
    expect(earnedEur).toBeCloseTo(10, 12);
  });

  it('earns what trying out every level does, at any prices, bounds and ends', () => {
    const anyDay = fc.integer({ min: 1, max: 8 }).chain((count) =>
      fc.record({
        prices: fc.array(fc.integer({ min: -40, max: 100 }), { minLength: count, maxLength: count }),
        energyMWh: fc.integer({ min: 1, max: 6 }),
        efficiency: fc.constant(0.5), // whole MWh given take whole MWh of the store
        mostChargeMWh: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: count, maxLength: count }),
        mostDischargeMWh: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: count, maxLength: count }),
        startMWh: fc.integer({ min: 0, max: 6 }),
        endMWh: fc.integer({ min: 0, max: 6 }),
      }),
    );
    fc.assert(
      fc.property(anyDay, (drawn) => {
        const day = { ...drawn, startMWh: Math.min(drawn.startMWh, drawn.energyMWh) };
        const { charge, discharge, earnedEur } = planned(day);
        expect(earnedEur).toBeCloseTo(triedOut(day), 9);
        let stored = day.startMWh;
        charge.forEach((mwh, i) => {
          expect(mwh).toBeGreaterThanOrEqual(0);
          expect(discharge[i]).toBeGreaterThanOrEqual(0);
          expect(mwh).toBeLessThanOrEqual(day.mostChargeMWh[i]! + 1e-9);
          expect(discharge[i]).toBeLessThanOrEqual(day.mostDischargeMWh[i]! + 1e-9);
          if (day.prices[i]! >= 0) expect(Math.min(mwh, discharge[i]!)).toBe(0);
          stored += mwh - discharge[i]! / day.efficiency;
          expect(stored).toBeGreaterThanOrEqual(-1e-9);
          expect(stored).toBeLessThanOrEqual(day.energyMWh + 1e-9);
        });
      }),
      { seed: 5, numRuns: 1000 },
    );
  });

  it('plans a short day after a long one as if it were the first', () => {
    const arbitrage = new BatteryArbitrage(1, 0.8);
    const long = {
      ...flat(
        Array.from({ length: 50 }, (_, i) => (7 * i) % 50),
        1,
      ),
      energyMWh: 1,
      efficiency: 0.8,
    };
    planned({ ...long, startMWh: 0, endMWh: 0 }, arbitrage);
    const short = { ...flat([10, 50, 20, 60], 1), energyMWh: 1, efficiency: 0.8, startMWh: 0, endMWh: 0 };
    expect(planned(short, arbitrage)).toEqual(planned(short));
  });
});
