import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import type { Schedule } from '../../src/sim/schedule.js';
import { checkpointsOf, runFaulty } from '../support/faulty.js';
import { machine } from '../support/jobs.js';
import type { RuledJob } from '../support/rules.js';

const HORIZON_MS = 900_000;
const NODES = 24;
const INTERVAL_MS = 300;
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

interface Faulty {
  readonly seed: number;
  readonly rateFactor?: number;
  readonly spares?: number;
  /** Nodes that are away for good. */
  readonly away?: number;
}

/** 24 nodes of 2 GPUs, a failure each 5 s at a factor of 1. */
function run(rows: readonly RuledJob[], { seed, rateFactor = 1, spares = 0, away = 0 }: Faulty): Schedule {
  const window = { name: 'away', kind: 'maintenance', partition: 0, fromMs: 0, toMs: 9e9, drainMs: 0 } as const;
  return runFaulty(rows, {
    partitions: [machine(NODES, 2, 4, 2)],
    policy: 'fcfs+easy@pack',
    seed: String(seed),
    horizonMs: HORIZON_MS,
    windows: away === 0 ? undefined : [{ ...window, nodes: away }],
    reliability: {
      failuresPerGpuDay: MS_PER_DAY / 5000 / (2 * NODES),
      rateFactor,
      spareNodes: [spares],
      stragglers: undefined,
      repairs: [{ name: 'reset', medianMs: 8000, sigma: 1 }],
    },
    checkpoints: checkpointsOf(INTERVAL_MS, 20, 2),
  });
}

const usefulGpuMs = (ran: Schedule): number =>
  ran.progress.interruptions!.phases!.usefulGpuMs.reduce((sum, gpuMs) => sum + gpuMs, 0);
const goodput = (rows: readonly RuledJob[], seed: number, rateFactor: number, spares: number): number =>
  usefulGpuMs(run(rows, { seed, rateFactor, spares }));
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('a lone gang', () => {
  const gang: RuledJob[] = [{ submitMs: 0, gpus: 2 * 20, runMs: 10 * HORIZON_MS }];

  it.each(SEEDS)('never does more at a higher rate of failures (seed %i)', (seed) => {
    const factors = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
    const done = factors.map((factor) => goodput(gang, seed, factor, 2));
    expect(done).toEqual([...done].sort((a, b) => b - a));
    expect(done[7]).toBeLessThan(done[0]!);
  });

  /** When what struck it did: stretches in which it hangs begin then. */
  const strikes = ({ segments }: Schedule): number[] => {
    const { fromMs, watts, gpus, count } = segments!;
    return Array.from({ length: count }, (_, at) => at)
      .filter((at) => watts![at] === 40 * gpus[at]!)
      .map((at) => fromMs[at]!);
  };

  /*
   * 20 of 24 nodes: four are idle or spares. A spare then saves nothing, as an idle node does the same; but it lies elsewhere, and
   * another node fails at another time.
   */
  it.each(SEEDS)(
    'does as much with spares as with idle nodes, but for what strikes the nodes it is on (seed %i)',
    (seed) => {
      const ran = [0, 1, 2, 3, 4].map((spares) => run(gang, { seed, spares }));
      const waits = ran.map(({ progress }) => progress.interruptions!.phases!.repairWaitGpuMs[0]!);
      expect(new Set(waits).size).toBe(1);
      for (const one of ran)
        for (const other of ran)
          if (String(strikes(one)) === String(strikes(other))) expect(usefulGpuMs(one)).toBe(usefulGpuMs(other));
          else expect(Math.abs(usefulGpuMs(one) - usefulGpuMs(other))).toBeLessThanOrEqual(40 * 8 * INTERVAL_MS);
    },
  );

  it('does more in the mean over seeds with each spare beside the same nodes in service', () => {
    const done = [0, 1, 2, 3, 4].map((spares) =>
      mean(SEEDS.map((seed) => usefulGpuMs(run(gang, { seed, spares, away: 4 - spares })))),
    );
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done[1]).toBeGreaterThan(1.2 * done[0]!);
  });
});

describe('a machine with many jobs', () => {
  // Three gangs that need it almost whole, and small ones that fill what is left.
  const rows = [12, 8, 14, 2, 1, 4, 2, 6, 1, 3, 10, 2].map((gpus, i): RuledJob => ({
    submitMs: 1000 * i,
    gpus,
    runMs: 10 * HORIZON_MS,
  }));

  it('does less in the mean over seeds where more fails', () => {
    const done = [0.25, 0.5, 1, 2].map((factor) => mean(SEEDS.map((seed) => goodput(rows, seed, factor, 0))));
    expect(done).toEqual([...done].sort((a, b) => b - a));
  });

  it('does more in the mean over seeds with each spare beside the same nodes in service', () => {
    const done = [0, 1, 2, 3, 4].map((spares) =>
      mean(SEEDS.map((seed) => usefulGpuMs(run(rows, { seed, spares, away: 4 - spares })))),
    );
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done[4]).toBeGreaterThan(1.1 * done[0]!);
  });
});
