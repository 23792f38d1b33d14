import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rampSummary } from '../../src/energy/ramps.js';

const megawatts = (values: readonly number[]): Float64Array => Float64Array.from(values, (value) => value * 1e6);

describe('ramps of a load curve', () => {
  it('by hand: highest rise, highest fall, and what 99 % of the changes stay within', () => {
    expect(rampSummary(megawatts([100, 130, 125, 60, 60]))).toEqual({
      highestRiseMW: 30,
      highestFallMW: 65,
      p99MW: 65,
    });
  });

  it('leaves the one highest change in a hundred out of the 99 %', () => {
    const flatButOnce = megawatts([...Array<number>(100).fill(50), 90]);
    expect(rampSummary(flatButOnce).p99MW).toBe(0);
    expect(rampSummary(flatButOnce).highestRiseMW).toBe(40);
  });

  it('counts the changes beyond a ramp limit, up and down; at the limit is within', () => {
    expect(rampSummary(megawatts([0, 10, 0, 11, -1]), 10e6).aboveLimit).toBe(2);
  });

  it('has none in a single quarter hour', () => {
    expect(rampSummary(megawatts([7]))).toEqual({ highestRiseMW: 0, highestFallMW: 0, p99MW: 0 });
  });

  it('turned back in time, rises are falls', () => {
    const anyCurve = fc.array(fc.integer({ min: 0, max: 1e8 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const there = rampSummary(Float64Array.from(curve));
        const back = rampSummary(Float64Array.from(curve).reverse());
        expect([back.highestFallMW, back.highestRiseMW, back.p99MW]).toEqual([
          there.highestRiseMW,
          there.highestFallMW,
          there.p99MW,
        ]);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
