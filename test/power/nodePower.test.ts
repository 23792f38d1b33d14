import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePower, ratedNodeW } from '../../src/power/nodePower.js';
import { namesIn, shippedHardware } from './catalogue.js';

const TRAINING = [{ gpuPowerFraction: 0.95 }];
const NAMES = namesIn('hardware');

describe('node power', () => {
  it('is idle plus a whole number of watts per busy GPU, by hand for 8×H100', () => {
    expect(nodePower(shippedHardware('h100-sxm'), [{ gpuPowerFraction: 0.95 }, { gpuPowerFraction: 0.5 }])).toEqual({
      idleW: 2170, // 8 × 70 + 0.35 × 4600
      activeWByClass: [768, 453], // 665 or 350, − 70 + 0.30 × 4600 / 8 = 172.5
      networkWPerGpu: 114,
    });
  });

  it('a cap bounds the classes above it and leaves those below alone', () => {
    const classes = [{ gpuPowerFraction: 0.95 }, { gpuPowerFraction: 0.5 }];
    const { idleW, activeWByClass } = nodePower(shippedHardware('h100-sxm'), classes, { gpuCapW: 400 });
    expect(activeWByClass).toEqual([503, 453]); // 400 − 70 + 172.5
    expect(idleW).toBe(2170);
  });

  it('a cap below the idle draw still leaves a busy GPU at least as hungry as an idle one', () => {
    expect(nodePower(shippedHardware('h100-sxm'), TRAINING, { gpuCapW: 10 }).activeWByClass).toEqual([173]);
  });

  it('rates a node with its share of the network: 11,112 W for 8×H100 in a SuperPOD', () => {
    expect(ratedNodeW(shippedHardware('h100-sxm'))).toBe(11_112);
    expect(ratedNodeW(shippedHardware('h100-sxm'), { gpuCapW: 500 })).toBe(9512);
  });

  it('has an entry for each class, none for none', () => {
    expect(nodePower(shippedHardware('gb300-nvl72'), []).activeWByClass).toEqual([]);
  });

  it('draws whole watts, rising in load and in the class, within the rating', () => {
    const anyFraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), anyFraction, anyFraction, (name, one, other) => {
        const hardware = shippedHardware(name);
        const classes = [Math.min(one, other), Math.max(one, other)].map((gpuPowerFraction) => ({ gpuPowerFraction }));
        const power = nodePower(hardware, classes);
        const [low, high] = power.activeWByClass;
        const gpus = hardware.gpusPerNode.value;
        for (const watts of [power.idleW, low, high, power.networkWPerGpu]) {
          expect(Number.isSafeInteger(watts)).toBe(true);
          expect(watts).toBeGreaterThan(0);
        }
        expect(low!).toBeLessThanOrEqual(high!);
        expect(power.idleW + gpus * (high! + power.networkWPerGpu)).toBeLessThanOrEqual(ratedNodeW(hardware));
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});
