import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cappedSpeed, speedAtCap } from '../../src/power/capCurve.js';
import { shippedHardware } from './catalogue.js';

const H100 = shippedHardware('h100-sxm');
const training = { gpuPowerFraction: 0.95 };
const share = fc.double({ min: 0, max: 1.2, noNaN: true });

describe('speed under a power cap', () => {
  it.each([
    [0.286, 0.32],
    [0.429, 0.594],
    [0.571, 0.821],
    [0.714, 0.915],
    [0.857, 0.966],
    [1, 1],
  ])('is the measured one on H100: cap %f of TDP, %f of the speed', (capFraction, speed) => {
    expect(speedAtCap(capFraction, 0.1)).toBeCloseTo(speed, 2);
  });

  it.each([
    [200, 9699],
    [300, 17_982],
    [400, 24_853],
    [500, 27_705],
    [600, 29_250],
    [700, 30_271],
  ])('gives back the tokens a second of the source at %i W: %i', (capW, tokensPerS) => {
    expect(speedAtCap(capW / 700, 0.1) * 30_271).toBeCloseTo(tokensPerS, 6);
  });

  it('is linear between the points: 9.4 % slower at 70 % of TDP', () => {
    expect(speedAtCap(0.7, 0.1)).toBeCloseTo(0.906, 3);
    expect(speedAtCap(450 / 700, 0.1)).toBeCloseTo((24_853 + 27_705) / 2 / 30_271, 12);
  });

  it('goes down to 0 at the idle draw, in a straight line from the lowest point', () => {
    expect(speedAtCap(0.1, 0.1)).toBe(0);
    expect(speedAtCap(0.05, 0.1)).toBe(0);
    expect(speedAtCap((0.1 + 200 / 700) / 2, 0.1)).toBeCloseTo(9699 / 30_271 / 2, 12);
    expect(speedAtCap(0.35, 0.32)).toBeGreaterThan(0); // a part that idles above the lowest point
  });

  it('is 1 from the TDP on', () => {
    expect(speedAtCap(1.5, 0.1)).toBe(1);
  });

  it('rises with the cap, from 0 to 1, wherever the part idles', () => {
    fc.assert(
      fc.property(share, share, fc.double({ min: 0, max: 0.9, noNaN: true }), (one, other, idle) => {
        const low = speedAtCap(Math.min(one, other), idle);
        const high = speedAtCap(Math.max(one, other), idle);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low);
        expect(high).toBeLessThanOrEqual(1);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('speed of a class under caps', () => {
  it('follows the cap of the partition or of the class, whichever is lower', () => {
    expect(cappedSpeed(H100, training, { gpuCapW: 500 })).toBeCloseTo(27_705 / 30_271, 12);
    expect(cappedSpeed(H100, { ...training, powerCapFraction: 4 / 7 })).toBeCloseTo(24_853 / 30_271, 12);
    const both = { ...training, powerCapFraction: 4 / 7 };
    expect(cappedSpeed(H100, both, { gpuCapW: 500 })).toBeCloseTo(24_853 / 30_271, 12);
    expect(cappedSpeed(H100, both, { gpuCapW: 300 })).toBeCloseTo(17_982 / 30_271, 12);
  });

  it('is whole where the class draws no more than the cap', () => {
    expect(cappedSpeed(H100, training)).toBe(1);
    expect(cappedSpeed(H100, training, { gpuCapW: 665 })).toBe(1); // 0.95 × 700
    expect(cappedSpeed(H100, training, { gpuCapW: 664 })).toBeLessThan(1);
    expect(cappedSpeed(H100, { gpuPowerFraction: 0.4 }, { gpuCapW: 280 })).toBe(1);
    expect(cappedSpeed(H100, { gpuPowerFraction: 0.4, powerCapFraction: 0.5 }, { gpuCapW: 600 })).toBe(1);
  });
});
