import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { checkpointsOf, phasesOf, runFaulty } from '../support/faulty.js';
import { machine } from '../support/jobs.js';
import type { RuledJob } from '../support/rules.js';

const HORIZON_MS = 900_000;
const NODES = 24;
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

/** Useful share of the machine's time; 24 nodes of 2 GPUs, a failure each 5 s at a factor of 1. */
function goodput(rows: readonly RuledJob[], seed: number, rateFactor: number, spares: number): number {
  const ran = runFaulty(rows, {
    partitions: [machine(NODES, 2, 4, 2)],
    policy: 'fcfs+easy@pack',
    seed: String(seed),
    horizonMs: HORIZON_MS,
    reliability: {
      failuresPerGpuDay: MS_PER_DAY / 5000 / (2 * NODES),
      rateFactor,
      spareNodes: [spares],
      stragglers: undefined,
      repairs: [{ name: 'reset', medianMs: 8000, sigma: 1 }],
    },
    checkpoints: checkpointsOf(300, 20, 2),
  });
  return rows.reduce((sum, _, job) => sum + phasesOf(ran, job)[0]!, 0);
}

describe('a lone gang', () => {
  const gang: RuledJob[] = [{ submitMs: 0, gpus: 2 * 20, runMs: 10 * HORIZON_MS }];

  it.each(SEEDS)('never does more at a higher rate of failures (seed %i)', (seed) => {
    const factors = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
    const done = factors.map((factor) => goodput(gang, seed, factor, 2));
    expect(done).toEqual([...done].sort((a, b) => b - a));
    expect(done[7]).toBeLessThan(done[0]!);
  });
});

describe('a machine with many jobs', () => {
  // Three gangs that need it almost whole, and small ones that fill what is left.
  const rows = [12, 8, 14, 2, 1, 4, 2, 6, 1, 3, 10, 2].map((gpus, i): RuledJob => ({
    submitMs: 1000 * i,
    gpus,
    runMs: 10 * HORIZON_MS,
  }));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

  it('does less in the mean over seeds where more fails', () => {
    const done = [0.25, 0.5, 1, 2].map((factor) => mean(SEEDS.map((seed) => goodput(rows, seed, factor, 0))));
    expect(done).toEqual([...done].sort((a, b) => b - a));
  });
});
