import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkpointsOf, phasesOf, PRE_EMPTION, runFaulty, type FaultyMachine } from '../support/faulty.js';
import { listFailures } from '../support/listedFailures.js';
import type { RuledJob } from '../support/rules.js';
import { stretches } from '../support/stretches.js';

vi.mock('../../src/cluster/failureTrace.js', () => import('../support/listedFailures.js'));

const job = (submitMs: number, gpus: number, runMs: number): RuledJob => ({ submitMs, gpus, runMs });
const policy = 'round-robin+none/time-slice(20 ms)@first-fit';

beforeEach(() => {
  listFailures([]);
});

/* A restart takes 26 ms, a quantum 20; a checkpoint is written after each 40 ms of work, in 6. */
describe('slices shorter than a restart and a checkpoint', () => {
  it('last until the first checkpoint is written, so that every job ends', () => {
    const ran = runFaulty([job(0, 16, 100), job(0, 16, 100)], { policy, checkpoints: checkpointsOf(40, 6, 2) });
    // First slices 46, then 26 + 46; what is left of 20 ends by itself.
    expect(stretches(ran).map(([of, , fromMs, toMs]) => [of, fromMs, toMs])).toEqual([
      [0, 0, 46],
      [1, 46, 92],
      ...[
        [0, 92, 118],
        [0, 118, 164],
        [1, 164, 190],
        [1, 190, 236],
        [0, 236, 262],
        [0, 262, 282],
      ],
      ...[
        [1, 282, 308],
        [1, 308, 328],
      ],
    ]);
    expect(phasesOf(ran)).toEqual([1600, 16 * 12, 0, 16 * 52]);
  });

  it('last until a checkpoint in the background counts', () => {
    const checkpoints = checkpointsOf(40, 6, 2, 2);
    const ran = runFaulty([job(0, 16, 100), job(0, 16, 100)], { policy, checkpoints });
    expect(stretches(ran)[0]).toEqual([0, 16, 0, 40 + 2 + 6]);
    expect([...ran.endMs].every((endMs) => endMs > 0)).toBe(true);
    // What was done while the checkpoint was written.
    expect(ran.phases!.lostGpuMs[PRE_EMPTION]).toBeGreaterThan(0);
  });

  it('are whole runs where no checkpoint is due before the end', () => {
    const ran = runFaulty([job(0, 16, 100), job(0, 16, 100)], { policy, checkpoints: checkpointsOf(200, 6, 2) });
    expect([...ran.endMs]).toEqual([100, 200]);
    expect(ran.progress.interruptions!.preemptions[0]).toBe(0);
  });

  it('begin anew to save where a failure is found in them', () => {
    listFailures([{ atMs: 15, node: 0, cause: 1 }]);
    const of: FaultyMachine = { policy, checkpoints: checkpointsOf(40, 6, 2) };
    const ran = runFaulty([job(0, 16, 100), job(0, 16, 100)], of);
    // Found at 25, productive at 51, saved at 97.
    expect(ran.startMs[1]).toBe(97);
    expect(phasesOf(ran)[0]).toBe(1600);
  });
});
