import { describe, expect, it } from 'vitest';
import type { CheckpointSpec, ReliabilitySpec } from '../../src/scenario/reliabilitySpec.js';
import { effectiveIntervalMs, gangEttr, gangFigures, type LoneGang } from '../../src/training/gangReliability.js';
import { dalyIntervalMs } from '../../src/training/checkpointClock.js';

const HOUR = 3_600_000;
const reliability: ReliabilitySpec = {
  ...{ name: 'hand', failuresPerGpuDay: 0.024, rateFactor: 1, detectionMs: 300_000, swapMs: 60_000, spareNodes: [4] },
  causes: [
    { name: 'GPU', share: 0.75, scope: 'node', repair: 0 },
    { name: 'bug', share: 0.25, scope: 'job' },
  ],
  repairs: [{ name: 'swap', medianMs: HOUR, sigma: 0 }],
};
/** 8 GB a GPU; 4 GB/s from each to its host; 64 GB/s from a node, 32 to and 64 from the storage. */
const checkpoints: CheckpointSpec = {
  ...{ mode: 'background', storage: [], nodeBytesPerMs: 64e6, copyBytesPerMsPerGpu: 4e6, stateBytesPerGpu: 8e9 },
};
const gang: LoneGang = {
  ...{ gpus: 64, nodes: 32, gpusPerNode: 8, nodesPerRack: 4, racksPerPod: 2, reliability, checkpoints },
  storage: { writeBytesPerMs: 32e6, readBytesPerMs: 64e6 },
  initialisation: { baseMs: 60_000, perDoublingMs: 30_000, mostMs: 590_000 },
};

describe('a gang alone on its machine', () => {
  it('has the figures worked out by hand', () => {
    // 64 GPUs × 0.024 a day: one failure in 15.625 h. 512 GB at 32 GB/s: 16 s, to be read again at 64 GB/s: 8 s.
    const figures = gangFigures(gang);
    expect(figures.mttfMs).toBeCloseTo(15.625 * HOUR, 3);
    expect(figures).toMatchObject({ stallMs: 2000, writeMs: 16_000 });
    // 5 min + 0.75 × 1 min + (60 + 6 × 30) s + 8 s.
    expect(figures.restartMs).toBeCloseTo(300_000 + 45_000 + 240_000 + 8000, 6);
    expect(figures.dalyMs).toBeCloseTo(dalyIntervalMs(2000, 15.625 * HOUR), 6);
  });

  it('stands still for the whole write where checkpoints block', () => {
    const blocking = gangFigures({ ...gang, checkpoints: { ...checkpoints, mode: 'blocking' } });
    expect(blocking).toMatchObject({ stallMs: 16_000, writeMs: 0 });
  });

  it('saves what its model says, not so much a GPU', () => {
    expect(gangFigures({ ...gang, stateBytes: 32e9 }).writeMs).toBe(1000);
  });

  it('is interrupted by every failure of the racks it is in', () => {
    const racks = { ...reliability, causes: [{ name: 'switch', share: 1, scope: 'rack', repair: 0 } as const] };
    const [inOneRack, inTwo] = [8, 64].map((gpus) => gangFigures({ ...gang, gpus, reliability: racks }).mttfMs);
    expect(inOneRack).toBeCloseTo((15.625 * HOUR * 64) / 32, 3);
    expect(inTwo).toBeCloseTo(15.625 * HOUR, 3);
  });

  it('keeps to an interval as long as the write of a checkpoint takes', () => {
    const figures = gangFigures(gang);
    expect(effectiveIntervalMs(figures, 1000)).toBe(14_000);
    expect(effectiveIntervalMs(figures, HOUR)).toBe(HOUR);
    expect(effectiveIntervalMs(figures, 'daly')).toBe(Math.round(figures.dalyMs));
  });

  it('loses a checkpoint that is being written', () => {
    const figures = gangFigures(gang);
    const written = gangEttr({ ...figures, writeMs: 0 }, HOUR).closedForm;
    const { mttfMs, writeMs } = figures;
    expect(gangEttr(figures, HOUR).closedForm).toBeCloseTo(written * Math.exp(-writeMs / mttfMs), 12);
    expect(gangEttr(figures, HOUR).firstOrder).toBeCloseTo(
      1 - 2000 / HOUR - (HOUR / 2 + figures.restartMs + writeMs) / mttfMs,
      12,
    );
  });

  it('where nothing fails only stands still for checkpoints', () => {
    const figures = gangFigures({ ...gang, reliability: { ...reliability, rateFactor: 0 } });
    expect(figures.mttfMs).toBe(Number.POSITIVE_INFINITY);
    expect(gangEttr(figures, 98_000)).toEqual({ closedForm: 0.98, firstOrder: 0.98 });
    expect(gangEttr(figures, effectiveIntervalMs(figures, 'daly')).closedForm).toBe(1);
  });
});
