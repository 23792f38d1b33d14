import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnByBin } from '../../src/sim/drawnByBin.js';

const BIN_MS = 10;
const BINS = 12;

interface Draw {
  readonly watts: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const drawn = (draws: readonly Draw[]) =>
  drawnByBin(
    {
      count: draws.length,
      watts: Float64Array.from(draws, ({ watts }) => watts),
      fromMs: Float64Array.from(draws, ({ fromMs }) => fromMs),
      toMs: Float64Array.from(draws, ({ toMs }) => toMs),
      idleW: 0,
      horizonMs: BIN_MS * BINS,
    },
    BIN_MS,
    BINS,
  );

/** Millisecond by millisecond. */
function naive(draws: readonly Draw[]): Float64Array {
  const bins = new Float64Array(BINS);
  for (const { watts, fromMs, toMs } of draws) {
    for (let ms = fromMs; ms < toMs; ms++) bins[Math.floor(ms / BIN_MS)]! += watts;
  }
  return bins;
}

const aDraw = fc
  .record({ watts: fc.integer({ min: 0, max: 1e6 }), a: fc.nat(BIN_MS * BINS), b: fc.nat(BIN_MS * BINS) })
  .map(({ watts, a, b }): Draw => ({ watts, fromMs: Math.min(a, b), toMs: Math.max(a, b) }));

describe('what jobs drew in each bin', () => {
  it('is split where a job runs over the border of bins', () => {
    const bins = drawn([{ watts: 5, fromMs: 8, toMs: 23 }]);
    expect([...bins.slice(0, 4)]).toEqual([10, 50, 15, 0]);
  });

  it('ends with the horizon', () => {
    const bins = drawn([{ watts: 3, fromMs: 110, toMs: 120 }]);
    expect([...bins.slice(10)]).toEqual([0, 30]);
  });

  it('is that of a count millisecond by millisecond, exactly', () => {
    fc.assert(
      fc.property(fc.array(aDraw, { maxLength: 40 }), (draws) => {
        expect(drawn(draws)).toEqual(naive(draws));
      }),
    );
  });
});
