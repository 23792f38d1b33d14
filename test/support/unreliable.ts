import { MS_PER_HOUR } from '../../src/base/units.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';

/** Failures every few hours, and checkpoints that hold jobs up. */
export const unreliable = (partitions: RunSpec['partitions']): Partial<RunSpec> => ({
  partitions: partitions.map((partition) => ({
    ...partition,
    power: { ...partition.power, phases: { stallW: 300, initialiseW: 200, hangW: 250 } },
  })),
  reliability: {
    name: 'often',
    failuresPerGpuDay: 0.1,
    rateFactor: 1,
    causes: [
      { name: 'GPU', share: 0.6, scope: 'node', repair: 0 },
      { name: 'software', share: 0.4, scope: 'job' },
    ],
    repairs: [{ name: 'reset', medianMs: 2 * MS_PER_HOUR, sigma: 0.5 }],
    detectionMs: 300_000,
    swapMs: 60_000,
    spareNodes: partitions.map(() => 1),
  },
  checkpoints: {
    mode: 'blocking',
    intervalMs: MS_PER_HOUR,
    storage: partitions.map(() => ({ writeBytesPerMs: 1e5, readBytesPerMs: 1e5 })),
    nodeBytesPerMs: 1e6,
    copyBytesPerMsPerGpu: 1e6,
    stateBytesPerGpu: 1e8,
  },
  initialisation: { baseMs: 60_000, perDoublingMs: 30_000, mostMs: 300_000 },
});
