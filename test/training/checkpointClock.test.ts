import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clockAt,
  dalyIntervalMs,
  expectedEttr,
  firstOrderEttr,
  NEVER,
  savedAt,
  workAt,
} from '../../src/training/checkpointClock.js';
import { bestInterval, meanEttrByFailures, steppedClock } from '../support/steppedClock.js';

const aPlan = fc.record({
  intervalMs: fc.integer({ min: 1, max: 40 }),
  stallMs: fc.integer({ min: 0, max: 15 }),
  writeMs: fc.integer({ min: 0, max: 60 }),
});
const aClock = fc.integer({ min: 0, max: 600 });

describe('the clock of a job that writes checkpoints', () => {
  it('by hand: 10 ms of work, 3 ms of stall, written 4 ms later', () => {
    const at = (clockMs: number) => [workAt(clockMs, 10, 3), savedAt(clockMs, 10, 3, 4)];
    expect(at(0)).toEqual([0, 0]);
    expect(at(10)).toEqual([10, 0]);
    expect(at(12)).toEqual([10, 0]);
    expect(at(13)).toEqual([10, 0]);
    expect(at(16)).toEqual([13, 0]);
    expect(at(17)).toEqual([14, 10]);
    expect(at(29)).toEqual([23, 10]);
    expect(at(30)).toEqual([24, 20]);
    expect(clockAt(10, 10, 3)).toBe(10);
    expect(clockAt(11, 10, 3)).toBe(14);
    expect(clockAt(20, 10, 3)).toBe(23);
    expect(clockAt(21, 10, 3)).toBe(27);
  });

  it('stands where going through it millisecond by millisecond says', () => {
    fc.assert(
      fc.property(aPlan, aClock, ({ intervalMs, stallMs, writeMs }, clockMs) => {
        const { work, saved } = steppedClock({ intervalMs, stallMs, writeMs }, clockMs);
        expect(workAt(clockMs, intervalMs, stallMs)).toBe(work);
        expect(savedAt(clockMs, intervalMs, stallMs, writeMs)).toBe(saved);
      }),
    );
  });

  it('reaches an amount of work at the first moment at which that much is done', () => {
    fc.assert(
      fc.property(aPlan, fc.integer({ min: 1, max: 400 }), ({ intervalMs, stallMs }, work) => {
        const clockMs = clockAt(work, intervalMs, stallMs);
        expect(workAt(clockMs, intervalMs, stallMs)).toBe(work);
        expect(workAt(clockMs - 1, intervalMs, stallMs)).toBe(work - 1);
      }),
    );
  });

  it('never has saved more than was done, nor loses what was saved', () => {
    fc.assert(
      fc.property(aPlan, aClock, ({ intervalMs, stallMs, writeMs }, clockMs) => {
        const saved = savedAt(clockMs, intervalMs, stallMs, writeMs);
        expect(saved).toBeLessThanOrEqual(workAt(clockMs, intervalMs, stallMs));
        expect(savedAt(clockMs + 1, intervalMs, stallMs, writeMs)).toBeGreaterThanOrEqual(saved);
        expect(saved % intervalMs).toBe(0);
      }),
    );
  });

  it('is work alone, and nothing of it saved, without checkpoints', () => {
    expect(workAt(1234, NEVER, 5)).toBe(1234);
    expect(clockAt(1234, NEVER, 5)).toBe(1234);
    expect(savedAt(1234, NEVER, 5, 0)).toBe(0);
  });
});

describe("Daly's interval", () => {
  const M = 10_000_000;

  it('by hand: C = 72 s, M = 1 h is √(2·72·3600)·(1 + 0.1/3 + 0.01/9) − 72 s = 672.8 s', () => {
    expect(dalyIntervalMs(72_000, 3_600_000)).toBeCloseTo(720_000 * (1 + 0.1 / 3 + 0.01 / 9) - 72_000, 6);
    expect(dalyIntervalMs(72_000, 3_600_000)).toBeCloseTo(672_800, 0);
  });

  it("approaches Young's √(2CM) as checkpoints become cheap", () => {
    for (const stallMs of [1e-4 * M, 1e-6 * M, 1e-8 * M]) {
      const young = Math.sqrt(2 * stallMs * M);
      expect(Math.abs(dalyIntervalMs(stallMs, M) / young - 1)).toBeLessThan(Math.sqrt(stallMs / (2 * M)));
    }
  });

  it('is M from C = 2M on, where the formula ends 11 % below it', () => {
    expect(dalyIntervalMs(2 * M, M)).toBe(M);
    expect(dalyIntervalMs(50 * M, M)).toBe(M);
    expect(dalyIntervalMs(2 * M * (1 - 1e-12), M) / M).toBeCloseTo(8 / 9, 6);
  });

  it('is never where nothing fails', () => {
    expect(dalyIntervalMs(1000, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is within 1 % of the interval that the exact formula is largest at while C ≤ M/4', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-7, max: 0.25, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (c, r) => {
          const best = bestInterval((intervalMs) => expectedEttr(intervalMs, c * M, r * M, M), M);
          expect(Math.abs(dalyIntervalMs(c * M, M) / best - 1)).toBeLessThan(0.01);
        },
      ),
    );
  });

  it('costs less than 0.2 % of the best ETTR anywhere below C = 2M', () => {
    for (let c = 0.001; c < 2; c *= 1.1) {
      const ettr = (intervalMs: number) => expectedEttr(intervalMs, c * M, 0, M);
      expect(ettr(dalyIntervalMs(c * M, M))).toBeGreaterThan(0.998 * ettr(bestInterval(ettr, M)));
    }
  });
});

describe('the expected ETTR of a lone gang', () => {
  const HOUR = 3_600_000;

  it('by hand: τ = M, nothing for checkpoints and restarts: 1/(e − 1)', () => {
    expect(expectedEttr(HOUR, 0, 0, HOUR)).toBeCloseTo(1 / (Math.E - 1), 12);
    expect(expectedEttr(HOUR, 0, HOUR, HOUR)).toBeCloseTo(1 / (Math.E * (Math.E - 1)), 12);
  });

  it('is what failures drawn one after another leave, with failures in checkpoints and restarts too', () => {
    for (const [tau, c, r] of [
      [0.1, 0.01, 0.05],
      [0.5, 0.1, 0.3],
      [1.5, 0.2, 1],
    ] as const) {
      const found = meanEttrByFailures({ intervalMs: tau, stallMs: c, restartMs: r, mttfMs: 1 }, 200_000);
      expect(Math.abs(found / expectedEttr(tau, c, r, 1) - 1)).toBeLessThan(0.015);
    }
  });

  it('is above its first order by less than the square of the losses', () => {
    for (const [tau, c, r] of [
      [0.01, 0.0001, 0.001],
      [0.05, 0.001, 0.01],
      [0.1, 0.005, 0.05],
    ] as const) {
      const losses = c / tau + tau / 2 + r;
      const apart = expectedEttr(tau, c, r, 1) - firstOrderEttr(tau, c, r, 1);
      expect(apart).toBeGreaterThan(0);
      expect(apart).toBeLessThan(losses ** 2);
    }
  });

  it('falls with the failure rate, the stall and the restart', () => {
    const positive = fc.double({ min: 0.001, max: 3, noNaN: true });
    fc.assert(
      fc.property(positive, positive, positive, fc.double({ min: 1.01, max: 3, noNaN: true }), (tau, c, r, more) => {
        const ettr = expectedEttr(tau, c, r, 1);
        expect(ettr).toBeGreaterThan(0);
        expect(ettr).toBeLessThan(1);
        expect(expectedEttr(tau, c, r, 1 / more)).toBeLessThan(ettr);
        expect(expectedEttr(tau, c * more, r, 1)).toBeLessThan(ettr);
        expect(expectedEttr(tau, c, r * more, 1)).toBeLessThan(ettr);
      }),
    );
  });
});
