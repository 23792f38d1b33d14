import { describe, expect, it } from 'vitest';
import { runShipped } from './run.js';

/* The numbers of the comment in scenarios/tiny-model.yaml. */
describe('tiny-model by hand', () => {
  const { results } = runShipped('tiny-model');
  const [pack, firstFit] = results.map(({ schedule }) => schedule);
  const minutes = (run: number): number[] => Array.from(results[run]!.jobs!.endMs, (ms) => ms / 60_000);

  it('ends its jobs when the speed in one pod and in two says', () => {
    expect(minutes(0)).toEqual([90, expect.closeTo(71, 2), expect.closeTo(134.877, 2)]);
    expect(minutes(1)).toEqual([90, expect.closeTo(82.805, 2), expect.closeTo(134.877, 2)]);
  });

  it('trains the same tokens wherever the jobs lie, at another MFU', () => {
    const [near, apart] = [pack!, firstFit!].map(({ classes }) => classes[0]!.training!);
    for (const { tokens, exaFlopDays } of [near!, apart!]) {
      expect(tokens / 1504.112e6).toBeCloseTo(1, 4);
      expect(exaFlopDays).toBeCloseTo(0.000896, 6);
    }
    expect(near!.mfuFraction).toBeCloseTo(0.4536, 4);
    expect(apart!.mfuFraction).toBeCloseTo(0.401, 4);
  });

  it('accounts for every GPU-hour', () => {
    const { usefulGpuHours, restartGpuHours, idleGpuHours, totalGpuHours } = firstFit!.goodput!;
    expect(usefulGpuHours).toBeCloseTo(78.23, 2);
    expect(restartGpuHours).toBeCloseTo(10.667, 3);
    expect(idleGpuHours).toBeCloseTo(103.103, 2);
    expect(totalGpuHours).toBe(192);
  });
});
