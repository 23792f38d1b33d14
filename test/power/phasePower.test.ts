import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePower, trainingW } from '../../src/power/nodePower.js';
import { phaseWatts } from '../../src/power/phasePower.js';
import { hardwareSchema } from '../../src/scenario/hardwareSchema.js';
import { namesIn, shippedHardware } from './catalogue.js';

const H100 = shippedHardware('h100-sxm');
const anyHardware = fc.constantFrom(...namesIn('hardware')).map(shippedHardware);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('watts of a step', () => {
  it('is the mean of computing at 665 W and communicating at 315 W, by hand for an H100 at 0.95 of TDP', () => {
    // − 70 idle, + 172.5 for the rest of the node
    expect(trainingW(H100, 0.95, 0)).toBe(768);
    expect(trainingW(H100, 0.95, 0.2)).toBe(698); // 0.8 × 665 + 0.2 × 315 = 595
    expect(trainingW(H100, 0.95, 1)).toBe(418); // 417.5
  });

  it('an 8×H100 node trains within the measured 7.75–8.48 kW at up to a fifth of the step exposed', () => {
    const { idleW } = nodePower(H100, []);
    for (const exposed of [0, 0.05, 0.1, 0.15, 0.2]) {
      const nodeW = idleW + 8 * trainingW(H100, 0.95, exposed);
      expect(nodeW).toBeGreaterThanOrEqual(7750);
      expect(nodeW).toBeLessThanOrEqual(8480);
    }
  });

  it('a class that draws less than communication does not draw more for communicating', () => {
    expect(trainingW(H100, 0.4, 0.5)).toBe(trainingW(H100, 0.4, 0));
  });

  it('a cap of the partition or of the class bounds both parts, the lower of them wins', () => {
    expect(trainingW(H100, 0.95, 0.5, { gpuCapW: 400 })).toBe(460); // (400 + 315) / 2 − 70 + 172.5
    expect(trainingW(H100, 0.95, 0.5, { gpuCapW: 280 })).toBe(383); // 280 − 70 + 172.5
    expect(trainingW(H100, 0.95, 0.5, { gpuCapW: 400 }, 0.4)).toBe(383);
    expect(trainingW(H100, 0.95, 0.5, { gpuCapW: 280 }, 0.9)).toBe(383);
  });

  it('never rises with the exposed share, and equals the watts of the class where nothing is exposed', () => {
    fc.assert(
      fc.property(anyHardware, share, share, share, (hardware, fraction, one, other) => {
        const classW = nodePower(hardware, [{ gpuPowerFraction: fraction }]).activeWByClass[0]!;
        expect(trainingW(hardware, fraction, 0)).toBe(classW);
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(trainingW(hardware, fraction, more)).toBeLessThanOrEqual(trainingW(hardware, fraction, less));
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});

describe('watts of the other phases', () => {
  it('are whole watts above the idle node, by hand for an H100', () => {
    expect(phaseWatts(H100)).toEqual({ stallW: 313, hangW: 278, initialiseW: 243 }); // 210, 175, 140 − 70 + 172.5
  });

  it('follow what the hardware says of itself', () => {
    const own = { ...H100, stallPowerFraction: { value: 0.5 }, hangPowerFraction: { value: 0 } };
    expect(phaseWatts(own)).toEqual({ stallW: 453, hangW: 173, initialiseW: 243 }); // hanging as an idle GPU
  });

  it('are bounded by a cap', () => {
    expect(phaseWatts(H100, { gpuCapW: 200 })).toEqual({ stallW: 303, hangW: 278, initialiseW: 243 });
  });

  it('lie between an idle GPU and one that trains, hanging below communicating', () => {
    for (const hardware of namesIn('hardware').map(shippedHardware)) {
      const { stallW, hangW, initialiseW } = phaseWatts(hardware);
      const training = trainingW(hardware, 0.95, 0);
      const communicating = trainingW(hardware, 0.95, 1);
      for (const watts of [stallW, hangW, initialiseW]) {
        expect(watts).toBeGreaterThan(0);
        expect(watts).toBeLessThan(training);
      }
      expect(hangW).toBeLessThan(communicating);
    }
  });

  it('are flagged as assumptions where the hardware says nothing', () => {
    expect(H100.stallPowerFraction).toMatchObject({ value: 0.3, assumption: true, source: 'power-defaults' });
    expect(hardwareSchema.parse({ ...H100, stallPowerFraction: 0.4 }).stallPowerFraction).toEqual({ value: 0.4 });
  });
});
