import { describe, expect, it } from 'vitest';
import { delayProbability, erlangCMeanWait } from '../../bench/erlangC.js';
import { simulatedWait } from '../../bench/queueing.js';

describe('Erlang C', () => {
  it('by hand: one server at load 0.5 delays every second customer, by one service time on average over all', () => {
    expect(delayProbability(1, 0.5)).toBeCloseTo(0.5, 14);
    expect(erlangCMeanWait(1, 0.5)).toBeCloseTo(1, 14);
  });

  it('by hand: two servers at load 0.5 delay one in three', () => {
    expect(delayProbability(2, 0.5)).toBeCloseTo(1 / 3, 14);
    expect(erlangCMeanWait(2, 0.5)).toBeCloseTo(1 / 3, 14);
  });
});

/** The full table, seeds 1–20 with half-widths under 2 %, is in docs/queueing.md; this is the short form. */
describe('waits of an M/M/c queue', () => {
  it.each([
    { servers: 8, load: 0.5, jobs: 40_000 },
    { servers: 8, load: 0.8, jobs: 50_000 },
    { servers: 64, load: 0.8, jobs: 100_000 },
  ])(
    'agree with Erlang C for c = $servers at load $load, and the interval is narrow enough to say so',
    ({ servers, load, jobs }) => {
      const expected = erlangCMeanWait(servers, load);
      const found = simulatedWait(servers, load, 1, 12, jobs);
      expect(Math.abs(found.mean - expected)).toBeLessThanOrEqual(found.halfWidth);
      expect(found.halfWidth / expected).toBeLessThan(0.2);
    },
  );

  it('are nearly all 0 for c = 64 at load 0.5, where one arrival in 2.3 million waits', () => {
    // In 500,000 arrivals 0.2 waits are expected, each of 1/32 service time on average: six would be a fault.
    expect(delayProbability(64, 0.5)).toBeCloseTo(4.26e-7, 9);
    expect(simulatedWait(64, 0.5, 1, 2, 250_000).mean).toBeLessThan((6 / 500_000) * (1 / 32) * 4);
  });
});
