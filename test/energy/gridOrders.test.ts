import { describe, expect, it } from 'vitest';
import { gridResult } from '../../src/energy/gridOrders.js';
import type { GridOrderSpec, GridSpec } from '../../src/scenario/gridSpec.js';

const HOUR = 3_600_000;
const BIN = HOUR / 4;
const quarters = (values: readonly number[]): Float64Array => Float64Array.from(values, (value) => value * 1e6);
const order = (change: Partial<GridOrderSpec>): GridOrderSpec => ({
  ...{ name: 'o', fromMs: HOUR, toMs: 2 * HOUR, noticeMs: 0 },
  ...change,
});
const resultOf = (grid: Partial<GridSpec>, facility: readonly number[], drawn = facility, limitMW?: number[]) =>
  gridResult({ orders: [], ...grid }, limitMW && { stepMs: HOUR, values: Float64Array.from(limitMW) }, {
    binMs: BIN,
    facilityW: quarters(facility),
    gridW: quarters(drawn),
  });

describe('an order of the grid operator', () => {
  const facility = [90, 110, 100, 100, 80, 75, 70, 74, 100];

  it('to draw 25 % less is measured against the mean of the hour before, quarter hour by quarter hour', () => {
    const [result] = resultOf({ orders: [order({ reduceFraction: 0.25 })] }, facility).orders;
    // Baseline 100, target 75: 80 misses by 5 for a quarter hour; 20 + 25 + 30 + 26 MW × 15 min delivered.
    expect(result).toEqual({
      ...{ name: 'o', fromMs: HOUR, toMs: 2 * HOUR },
      ...{ baselineMW: 100, targetMW: 75, deliveredMW: [20, 25, 30, 26] },
      ...{ met: false, quarterHoursMet: 3, shortfallMWh: 1.25, worst: { fromMs: HOUR, shortfallMW: 5 } },
      deliveredMWh: 101 / 4,
    });
  });

  it('to draw at most a limit is met at the limit, and nothing is short then', () => {
    const [result] = resultOf({ orders: [order({ limitW: 80e6 })] }, facility).orders;
    expect(result).toMatchObject({ met: true, quarterHoursMet: 4, shortfallMWh: 0, targetMW: 80 });
    expect(result!.worst).toBeUndefined();
  });

  it('names the quarter hour that missed it by most', () => {
    const [result] = resultOf({ orders: [order({ limitW: 72e6 })] }, facility).orders;
    expect(result!.worst).toEqual({ fromMs: HOUR, shortfallMW: 8 });
    expect(result!.shortfallMWh).toBeCloseTo((8 + 3 + 2) / 4, 12);
  });

  it('counts what a battery gives, but not what it took before as a higher baseline', () => {
    const drawn = [90, 130, 120, 100, 70, 70, 70, 70, 100];
    const [result] = resultOf({ orders: [order({ reduceFraction: 0.25 })] }, facility, drawn).orders;
    expect(result).toMatchObject({ baselineMW: 100, targetMW: 75, met: true, deliveredMW: [30, 30, 30, 30] });
  });
});

describe('a connection', () => {
  it('tells quarter hours and MWh above it', () => {
    const { excess } = resultOf({ connectionW: 100e6 }, [90, 110, 100, 104]);
    expect(excess).toEqual({ quarterHours: 2, mwh: 3.5, highestMW: 10 });
  });

  it('has limits that change with time beside its own', () => {
    const { excess } = resultOf({ connectionW: 105e6 }, [100, 110, 100, 100, 100, 90, 90, 90], undefined, [200, 90]);
    expect(excess).toEqual({ quarterHours: 2, mwh: 15 / 4, highestMW: 10 });
  });

  it('without a limit has no excess to tell', () => {
    expect(resultOf({}, [1, 2]).excess).toBeUndefined();
  });

  it('tells changes beyond its ramp limit', () => {
    expect(resultOf({ rampWPerQuarterHour: 5e6 }, [90, 96, 100, 100]).ramps.aboveLimit).toBe(1);
  });
});
