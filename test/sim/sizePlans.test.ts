import { describe, expect, it } from 'vitest';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { CheckpointSpec } from '../../src/scenario/reliabilitySpec.js';
import { SizePlans } from '../../src/sim/sizePlans.js';
import { dalyIntervalMs } from '../../src/training/checkpointClock.js';
import { machine } from '../support/jobs.js';

const GPU_MTTF_MS = 1e11;
/** 1,000 GPUs, each saving 4,000 bytes in 2 ms, to a storage of 100 bytes a ms. */
const checkpoints: CheckpointSpec = {
  mode: 'background',
  storage: [{ writeBytesPerMs: 100, readBytesPerMs: 200 }],
  nodeBytesPerMs: 1e9,
  copyBytesPerMsPerGpu: 2000,
  stateBytesPerGpu: 4000,
};

function planOf(gpus: number, given: Partial<CheckpointSpec>, checkpointMs = 0) {
  const plans = new SizePlans({
    traits: () => ({ ...PLAIN_TRAITS, checkpointMs }),
    classes: 1,
    partitions: [machine(125, 8)],
    checkpoints: { ...checkpoints, ...given },
    initialisation: undefined,
    storageOf: () => checkpoints.storage[0]!,
    siteGpus: () => 1000,
    gpuMttfMs: GPU_MTTF_MS,
  });
  return plans.of(0, 0, gpus);
}

describe('checkpoints where Daly decides', () => {
  const daly = dalyIntervalMs(2, GPU_MTTF_MS / 80);

  it("are at Daly's optimum without a bound", () => {
    expect(planOf(80, {}).intervalMs).toBe(daly);
    expect(daly).toBeLessThan(75_000);
  });

  /* 80 of 1,000 GPUs get 8 % of half of 100 bytes a ms: 4. Their 320,000 bytes take 80,000 ms, 2 of them stall. */
  it('are further apart where they would need more than their part of the storage', () => {
    expect(planOf(80, { storageShare: 0.5 }).intervalMs).toBe(80_000 - 2);
  });

  it('stay where they were when their part is enough', () => {
    expect(planOf(80, { storageShare: 1 }).intervalMs).toBe(daly);
  });

  it('are as often as a class or the scenario says, whatever the storage', () => {
    expect(planOf(80, { storageShare: 0.5, intervalMs: 10 }).intervalMs).toBe(10);
    expect(planOf(80, { storageShare: 0.5 }, 7).intervalMs).toBe(7);
  });

  it('of all jobs that fill a site need just the share, whatever their sizes', () => {
    const sizes = [8, 72, 120, 800];
    const bytesPerMs = sizes.map((gpus) => (gpus * 4000) / (planOf(gpus, { storageShare: 0.01 }).intervalMs + 2));
    expect(bytesPerMs.reduce((sum, each) => sum + each)).toBeCloseTo(1, 9);
  });
});
