import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { correlatedInnovations, drawInnovations, residualProcess } from '../../src/energy/residuals.js';
import { autocorrelation, correlation, meanOf } from '../../src/energy/seriesStatistics.js';

const HOURS = 200_000;
const calibration = {
  slowShare: 0.4,
  dailyShare: 0.3,
  slowHours: 40,
  fastHours: 3,
  dailyHours: 6,
  dailyPersistence: 0.8,
};
const draw = (name: string) => drawInnovations(new RandomStreams('residuals').fork(name), HOURS);

describe('residual', () => {
  it('has mean 0, variance 1 and the promised autocorrelation over a long time', () => {
    const values = residualProcess(calibration, draw('a'));
    expect(values).toHaveLength(HOURS);
    expect(meanOf(values)).toBeCloseTo(0, 1);
    expect(meanOf(values.map((v) => v * v))).toBeCloseTo(1, 1);
    // 0.4 e^(−24/40) + 0.3 e^(−24/3) + 0.3 × 0.8 = 0.46; smoothing lifts the first term a little.
    expect(autocorrelation(values, 24)).toBeGreaterThan(0.44);
    expect(autocorrelation(values, 24)).toBeLessThan(0.51);
    // A day apart is nearer than half a day.
    expect(autocorrelation(values, 24)).toBeGreaterThan(autocorrelation(values, 12) + 0.05);
  });

  it('correlates two residuals as their innovations do', () => {
    const base = draw('a');
    const other = correlatedInnovations(base, draw('b'), 0.6);
    const r = correlation(residualProcess(calibration, base), residualProcess(calibration, other));
    expect(r).toBeCloseTo(0.6, 1);
  });

  it('has the same hours in a leap year, and a day more', () => {
    const fork = () => new RandomStreams('x').fork('y');
    const common = residualProcess(calibration, drawInnovations(fork(), 8760));
    const leap = residualProcess(calibration, drawInnovations(fork(), 8784));
    expect(leap.slice(0, 8760)).toEqual(common);
  });
});
