import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { arrivalTimes, poissonCount } from '../../src/workload/arrivals.js';

const flat = {
  process: 'poisson' as const,
  hourOfDay: new Array<number>(24).fill(1),
  weekday: new Array<number>(7).fill(1),
  burstSigma: 0,
};
const streams = new RandomStreams('arrivals');
const draw = (name: string) => streams.fork(name);

describe('arrivalTimes', () => {
  it('gives ascending whole milliseconds inside the block', () => {
    const aBlock = fc.record({
      fromMs: fc.integer({ min: -40 * MS_PER_DAY, max: 0 }),
      lengthMs: fc.integer({ min: 1, max: 40 * MS_PER_DAY }),
      count: fc.integer({ min: 0, max: 300 }),
      arrivals: fc.oneof(
        fc.constant({ process: 'stratified' as const }),
        fc.double({ min: 0, max: 3, noNaN: true }).map((burstSigma) => ({ ...flat, burstSigma })),
        fc.constant({ ...flat, hourOfDay: [1, ...new Array<number>(23).fill(0)] }),
      ),
    });
    fc.assert(
      fc.property(aBlock, ({ fromMs, lengthMs, count, arrivals }) => {
        const block = { fromMs, toMs: fromMs + lengthMs };
        const at = arrivalTimes(arrivals, block, count, 0, draw('a'), draw('b'));
        expect(at).toHaveLength(count);
        at.forEach((time, i) => {
          if (!Number.isInteger(time)) throw new Error(`${time} is not whole`);
          if (time < (at[i - 1] ?? fromMs) || time >= block.toMs) throw new Error(`${time} is out of order`);
        });
      }),
    );
  });

  it('follows the hour of the day on a clock of UTC+1', () => {
    const nineToTen = flat.hourOfDay.map((_, hour) => (hour === 9 ? 1 : 0));
    const at = arrivalTimes(
      { ...flat, hourOfDay: nineToTen },
      { fromMs: 0, toMs: 5 * MS_PER_DAY },
      500,
      0,
      draw('a'),
      draw('b'),
    );
    expect(new Set([...at].map((time) => Math.floor(time / MS_PER_HOUR) % 24))).toEqual(new Set([8]));
  });

  it('follows the weekday, before time 0 too', () => {
    const sundays = [0, 0, 0, 0, 0, 0, 1];
    // Time 0 is a Wednesday (2): Sundays are the days 4 and −3, on a clock an hour ahead.
    const at = arrivalTimes(
      { ...flat, weekday: sundays },
      { fromMs: -7 * MS_PER_DAY, toMs: 7 * MS_PER_DAY },
      500,
      2,
      draw('a'),
      draw('b'),
    );
    const days = [...at].map((time) => Math.floor((time + MS_PER_HOUR) / MS_PER_DAY));
    expect(new Set(days)).toEqual(new Set([-3, 4]));
  });

  it('puts one stratified arrival into each equal part', () => {
    const at = arrivalTimes({ process: 'stratified' }, { fromMs: 0, toMs: 1000 }, 10, 0, draw('a'), draw('b'));
    expect([...at].map((time) => Math.floor(time / 100))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('has gaps of a Poisson process: mean and standard deviation alike', () => {
    const at = arrivalTimes(flat, { fromMs: 0, toMs: 1e9 }, 20_000, 0, draw('gaps'), draw('b'));
    const gaps = [...at].slice(1).map((time, i) => time - at[i]!);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const sd = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(50_000, -2);
    expect(sd / mean).toBeCloseTo(1, 1);
  });

  it('bunches up with burstSigma', () => {
    const hourly = (burstSigma: number): number => {
      const hours = new Float64Array(1000);
      const block = { fromMs: 0, toMs: 1000 * MS_PER_HOUR };
      for (const time of arrivalTimes({ ...flat, burstSigma }, block, 20_000, 0, draw('a'), draw('b'))) {
        hours[Math.floor(time / MS_PER_HOUR)]!++;
      }
      return hours.reduce((sum, n) => sum + (n - 20) ** 2, 0) / 1000 / 20; // Fano factor of the hourly counts
    };
    expect(hourly(0)).toBeCloseTo(1, 0);
    expect(hourly(1)).toBeGreaterThan(15); // in theory 1 + 20 (e − 1) = 35
  });
});

describe('poissonCount', () => {
  it('has the mean and the variance of a Poisson variable', () => {
    const stream = draw('counts');
    const counts = Array.from({ length: 4000 }, () => poissonCount(12, stream));
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / counts.length;
    expect(Math.abs(mean - 12)).toBeLessThan(0.3);
    expect(Math.abs(variance - 12)).toBeLessThan(1.5);
  });
});
