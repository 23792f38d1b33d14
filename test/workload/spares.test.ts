import { describe, expect, it } from 'vitest';
import { largestGang } from '../../src/workload/fitting.js';
import { generate, mixOf, plainClass } from './shipped.js';

describe('spare nodes of a partition', () => {
  const partition = { name: 'main', gpus: 64, gpusPerNode: 8 };
  const whole = { ...plainClass, sizes: [{ gpus: 64, weight: 1 }] };

  it('are not part of the largest gang', () => {
    expect(largestGang(partition)).toBe(64);
    expect(largestGang({ ...partition, spareNodes: 3 })).toBe(40);
  });

  it('shrink drawn jobs that would need them, and leave the load against all GPUs', () => {
    const draw = (spareNodes?: number) => generate(mixOf([whole]), '1', { partitions: [{ ...partition, spareNodes }] });
    const [without, spared] = [draw(), draw(3)];
    expect(new Set(without.table.gpus.subarray(0, without.table.count))).toEqual(new Set([64]));
    expect(new Set(spared.table.gpus.subarray(0, spared.table.count))).toEqual(new Set([40]));
    expect(spared.rescaledJobs).toBe(spared.table.count);
    expect(spared.offeredLoadTarget).toBe(without.offeredLoadTarget);
  });
});
