import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_QUARTER_HOUR as Q } from '../../../src/base/units.js';
import { CostCurve } from '../../../src/policy/power/costCurve.js';
import { DAY_AHEAD, Forecast, UNANNOUNCED, type Announcements } from '../../../src/policy/power/forecast.js';

const H = MS_PER_HOUR;
const DAYS = 20;
const truth = new CostCurve(0, new Float64Array((DAYS * MS_PER_DAY) / Q).fill(50));
const forecast = (error: number, known: Announcements, seed: number | string = 1): Forecast =>
  new Forecast(truth, error, known, new RandomStreams(seed).fork('forecast'));
const errorAt = (of: Forecast, nowMs: number, atMs: number): number => of.at(nowMs).values[atMs / Q]! - 50;

describe('what is known', () => {
  it('of day-ahead prices ends with the CET day, and from 13:00 CET on with the next', () => {
    // 1 January 11:59 UTC is 12:59 CET.
    const noon = 12 * H;
    expect(DAY_AHEAD.knownDay(noon - 1)).toBe(0);
    expect(DAY_AHEAD.knownDay(noon)).toBe(1);
    // 23:00 UTC is midnight CET.
    expect(DAY_AHEAD.knownDay(23 * H)).toBe(1);
    expect(DAY_AHEAD.knownDay(noon + MS_PER_DAY)).toBe(2);
  });

  it('of carbon intensity is nothing of today', () => {
    expect(UNANNOUNCED.knownDay(12 * H)).toBe(-1);
    expect(UNANNOUNCED.knownDay(23 * H)).toBe(0);
  });
});

describe('a forecast', () => {
  it('is the truth as far as it is known, to the quarter hour, and not beyond', () => {
    const of = forecast(0.2, DAY_AHEAD);
    const midnight = 23 * H; // of CET
    expect(errorAt(of, 6 * H, midnight - Q)).toBe(0);
    expect(errorAt(of, 6 * H, midnight)).not.toBe(0);
    expect(errorAt(of, 12 * H, midnight + MS_PER_DAY - Q)).toBe(0);
    expect(errorAt(of, 12 * H, midnight + MS_PER_DAY)).not.toBe(0);
  });

  it('is the truth with an error of 0, and draws nothing', () => {
    const undrawn = (): never => {
      throw new Error('drawn');
    };
    expect(new Forecast(truth, 0, UNANNOUNCED, undrawn).at(0)).toBe(truth);
  });

  it('stands still until more is known, and only comes closer by the term of a day then', () => {
    const of = forecast(0.2, DAY_AHEAD);
    const atMs = 10 * MS_PER_DAY;
    const before = of.at(6 * H);
    expect(of.at(11 * H)).toBe(before);
    expect([6 * H, 12 * H - 1, 12 * H].map((ms) => of.nextMs(ms))).toEqual([12 * H, 12 * H, 36 * H]);
    const early = before.values[atMs / Q]!;
    // More than seven days ahead a forecast is as bad as at seven.
    expect(of.at(12 * H).values[atMs / Q]).toBe(early);
    const lead = (days: number): number => errorAt(of, atMs - days * MS_PER_DAY, atMs);
    const errors = [4, 3, 2, 1].map(lead);
    expect(new Set(errors).size).toBe(4);
    // Asked again in any order it says the same.
    expect([4, 3, 2, 1].map(lead)).toEqual(errors);
  });

  it('has the stated deviation a day beyond what is known, √k times it after k, half of it common to a day', () => {
    const drawn = Array.from({ length: 400 }, (_, seed) => forecast(0.2, UNANNOUNCED, seed));
    const errors = (days: number): number[] => drawn.map((of) => errorAt(of, 12 * H, 10 * H + days * MS_PER_DAY));
    const sd = (values: number[]): number => Math.hypot(...values) / Math.sqrt(values.length);
    // 0.2 of 50 is 10; 400 draws have it within 3.5 % (one standard error).
    expect(sd(errors(0))).toBeGreaterThan(9);
    expect(sd(errors(0))).toBeLessThan(11);
    expect(sd(errors(3)) / sd(errors(0))).toBeCloseTo(2, 0);
    const later = drawn.map((of) => errorAt(of, 12 * H, 15 * H));
    const covariance = errors(0).reduce((sum, error, seed) => sum + error * later[seed]!, 0) / 400;
    expect(covariance / 100).toBeGreaterThan(0.35);
    expect(covariance / 100).toBeLessThan(0.65);
  });

  it('is the same on the same seed', () => {
    expect(forecast(0.2, UNANNOUNCED, 'a').at(0).values).toEqual(forecast(0.2, UNANNOUNCED, 'a').at(0).values);
  });
});
