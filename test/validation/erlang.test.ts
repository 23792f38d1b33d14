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
});
