import { describe, expect, it } from 'vitest';
import { hardwareSchema } from '../../../src/scenario/hardwareSchema.js';
import { BEST_CAP } from '../../../src/policy/power/means.js';
import { cappedSpeed } from '../../../src/power/capCurve.js';
import { nodePower } from '../../../src/power/nodePower.js';
import { shipped } from '../../plan/planning.js';

describe('the strongest cap of peak-guard', () => {
  // A GH200's rated power has its CPU in it, so that little else comes with a busy GPU: a lower cap is better there.
  const catalogue = shipped.names('hardware').filter((name) => name !== 'gh200');

  it.each(catalogue)('is where a watt of %s trains most, to a hundredth of what the best cap does', (name) => {
    const hardware = hardwareSchema.parse(shipped.find('hardware', name)!.value);
    const speedPerW = (cap: number): number => {
      const of = { gpuPowerFraction: 0.95, powerCapFraction: cap };
      return cappedSpeed(hardware, of) / nodePower(hardware, [of]).activeWByClass[0]!;
    };
    const caps = Array.from({ length: 71 }, (_, step) => (30 + step) / 100);
    const best = Math.max(...caps.map(speedPerW));
    expect(speedPerW(BEST_CAP)).toBeGreaterThan(0.99 * best);
    expect(speedPerW(0.8)).toBeLessThan(0.98 * best);
    expect(speedPerW(0.4)).toBeLessThan(0.98 * best);
  });
});
