import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import { machine } from '../support/jobs.js';
import { checkpointsOf, phasesOf, PRE_EMPTION, runFaulty, SLOW, type FaultyMachine } from '../support/faulty.js';
import { listFailures } from '../support/listedFailures.js';
import { endStates, type RuledJob } from '../support/rules.js';
import { stretches } from '../support/stretches.js';

vi.mock('../../src/cluster/failureTrace.js', () => import('../support/listedFailures.js'));

const job = (submitMs: number, gpus: number, runMs: number, more: Partial<RuledJob> = {}): RuledJob => ({
  ...{ submitMs, gpus, runMs },
  ...more,
});
// 8 nodes of 2 GPUs, racks of 2 nodes, pods of 2 racks; found after 10 ms, swapped in 5, started in 20, read in 6.
const CHECKPOINTS = checkpointsOf(40, 6, 2);
const SPARE: FaultyMachine = { reliability: { spareNodes: [1] }, checkpoints: CHECKPOINTS };

beforeEach(() => {
  listFailures([]);
});

describe('a failure', () => {
  /*
   * 4 nodes for 100 ms of work, a checkpoint each 40 ms that takes 6. At 70: 46 + 24 worked, 40 saved: 24 lost. Found at
   * 80, swapped at 85, started and read at 111: 60 left, with one checkpoint: 40 + 6 + 20 → 177.
   */
  it('has the gang hang until it is found, and go on with a spare from its last checkpoint', () => {
    listFailures([{ atMs: 70, node: 2, repairMs: 500 }]);
    const ran = runFaulty([job(0, 8, 100)], SPARE);
    expect(ran.endMs[0]).toBe(177);
    expect(phasesOf(ran)).toEqual([8 * 100, 8 * 12, 8 * 24, 8 * 41]);
    expect(ran.phases!.lostGpuMs[0]).toBe(8 * 24);
    expect(ran.phases!.restartGpuMs[0]).toBe(8 * 41);
    expect(ran.phases!.interruptions[0]).toBe(1);
  });

  // Copied in 2 ms, written 6 later. At 45 the first is not written yet: all 40 + 3 are lost. At 49 it is.
  it.each([
    [45, 43],
    [47, 45],
    [48, 6],
    [49, 7],
  ])('at %d ms loses %d ms where checkpoints are written in the background', (atMs, lostMs) => {
    listFailures([{ atMs, node: 0, repairMs: 500 }]);
    const ran = runFaulty([job(0, 2, 100)], { ...SPARE, checkpoints: checkpointsOf(40, 6, 2, 2) });
    expect(phasesOf(ran)[2]).toBe(2 * lostMs);
  });

  it('while the gang hangs begins the detection anew, and both nodes are swapped', () => {
    listFailures([
      { atMs: 70, node: 2, repairMs: 500 },
      { atMs: 76, node: 0, repairMs: 500 },
    ]);
    const ran = runFaulty([job(0, 8, 100)], { ...SPARE, reliability: { spareNodes: [2] } });
    // Found at 86 instead of 80; nothing more is lost.
    expect(ran.endMs[0]).toBe(183);
    expect(phasesOf(ran)).toEqual([800, 96, 8 * 24, 8 * 47]);
    expect(ran.phases!.interruptions[0]).toBe(2);
  });

  it('during the restart has it all begin again', () => {
    listFailures([
      { atMs: 70, node: 2, repairMs: 500 },
      { atMs: 100, node: 0, cause: 1 },
    ]);
    // Found at 110, no swap for a fault of software: productive at 136, 66 ms to do.
    const ran = runFaulty([job(0, 8, 100)], SPARE);
    expect(ran.endMs[0]).toBe(202);
    expect(ran.phases!.lostGpuMs[1]).toBe(0);
  });

  it('of software strikes one job of those on the node, and leaves the node in service', () => {
    listFailures([{ atMs: 10, node: 0, cause: 1, pick: 0.6 }]);
    const ran = runFaulty([job(0, 1, 50), job(0, 1, 50), job(5, 16, 1)], { checkpoints: CHECKPOINTS });
    expect([...ran.progress.interruptions!.phases!.failures]).toEqual([0, 1, 0]);
    // One GPU's half of a node's checkpoint takes 3 ms: 10 + 10 + 20 + 3, then 50 with one.
    expect([...ran.endMs]).toEqual([53, 96, 97]);
    expect(ran.phases!.downGpuMs).toBe(0);
  });

  it('of a node strikes all jobs that share it; they give it up and go elsewhere', () => {
    listFailures([{ atMs: 10, node: 0, repairMs: 1000 }]);
    const ran = runFaulty([job(0, 1, 50), job(0, 1, 50)], SPARE);
    // Found at 20; other nodes take the swap, 5, as spares would: 20 + 5 + 26 + 50.
    expect([...ran.endMs]).toEqual([101, 101]);
    expect(stretches(ran).filter(([, , from]) => from === 20)).toHaveLength(2);
  });

  it.each([
    [2, [1, 1, 0, 0]],
    [3, [1, 1, 1, 1]],
    [0, [0, 1, 0, 0]],
  ])('of scope %d takes what is in it, and no more', (cause, failures) => {
    // One node each on 0…3; 4 to 7 are the other pod. Node 1 is struck: its rack is 0 and 1, its pod 0…3.
    listFailures([{ atMs: 10, node: 1, cause, repairMs: 30 }]);
    const ran = runFaulty(
      [0, 1, 2, 3].map(() => job(0, 2, 30)),
      { horizonMs: 900_000 },
    );
    expect([...ran.progress.interruptions!.phases!.failures]).toEqual(failures);
    expect(ran.phases!.downNodeMs[cause]).toBe(failures.reduce((a, b) => a + b) * 40);
  });

  it('finds the job that ends at that instant over, and strikes the one that starts only with the next', () => {
    listFailures([{ atMs: 50, node: 0, repairMs: 30 }]);
    const ran = runFaulty([job(0, 16, 50), job(0, 2, 10)], {});
    expect([...ran.progress.interruptions!.phases!.failures]).toEqual([0, 0]);
    expect([...ran.endMs]).toEqual([50, 60]);
  });

  it('of an idle node keeps jobs off it until it is repaired', () => {
    listFailures([{ atMs: 5, node: 7, repairMs: 100 }]);
    const ran = runFaulty([job(10, 16, 10), job(11, 14, 10)], { policy: 'fcfs+easy@first-fit' });
    // Back at 115; the second fits before.
    expect([...ran.startMs]).toEqual([115, 11]);
    expect(ran.phases!.counts[0]).toBe(1);
  });

  it('of a node that is down already is not counted, but its repair has to be over too', () => {
    listFailures([
      { atMs: 5, node: 7, repairMs: 100 },
      { atMs: 50, node: 7, repairMs: 500 },
    ]);
    const ran = runFaulty([job(10, 16, 10)], {});
    // 50 + 10 + 500, not 5 + 10 + 100.
    expect(ran.startMs[0]).toBe(560);
    expect(ran.phases!.counts[0]).toBe(1);
    expect(ran.phases!.downNodeMs[0]).toBe(555);
  });

  it('in the warm-up is felt but not counted', () => {
    listFailures([{ atMs: -10, node: 0, repairMs: 30 }]);
    const ran = runFaulty([job(-30, 2, 100)], { ...SPARE, horizonMs: 900_000, startMs: -30 });
    // 20 lost; found at 0, productive at 31; 100 with two checkpoints.
    expect(ran.endMs[0]).toBe(31 + 112);
    expect(phasesOf(ran)).toEqual([200, 24, 0, 62]);
    expect(ran.phases!.counts[0]).toBe(0);
    expect(ran.phases!.interruptions[0]).toBe(0);
    expect(ran.phases!.downNodeMs[0]).toBe(30);
  });
});

describe('the spares', () => {
  it('of the same rack stand in first, then those of the same pod', () => {
    // Spares 3 and 7, then 2 and 6: the highest of each pod in turn. A rack away from node 4: 6 and 7, of its pod.
    const at = (node: number): number => {
      listFailures([{ atMs: 10, node, repairMs: 5000 }]);
      const ran = runFaulty([job(0, 8, 30)], { reliability: { spareNodes: [4] }, horizonMs: 900_000 });
      // A spare that stands in for a node fails with it: which one was it?
      const spares = [2, 3, 6, 7];
      return spares.find((spare) => {
        listFailures([
          { atMs: 10, node, repairMs: 5000 },
          { atMs: 50, node: spare, repairMs: 5000 },
        ]);
        const again = runFaulty([job(0, 8, 30)], { reliability: { spareNodes: [4] }, horizonMs: 900_000 });
        return again.endMs[0]! > ran.endMs[0]!;
      })!;
    };
    expect([0, 1, 4, 5].map(at)).toEqual([2, 2, 6, 6]);
  });

  it('that are too few send the job to the head of the queue, whatever the order, to wait for the repair', () => {
    // All 7 nodes beside the spare; two of them fail. Shorter, smaller and older jobs wait behind it.
    const rows = [job(0, 14, 100), job(1, 2, 5), job(2, 14, 5)];
    for (const order of ['fcfs', 'sjf', 'largest-first', 'ljf', 'wfp3', 'fair-share']) {
      listFailures([
        { atMs: 10, node: 0, repairMs: 100 },
        { atMs: 11, node: 1, repairMs: 100 },
      ]);
      const ran = runFaulty(rows, { ...SPARE, policy: `${order}+none@first-fit` });
      // Found at 21. The spare serves with the other five; node 0 is back at 120.
      expect(ran.progress.interruptions!.phases!.repairWaitGpuMs[0]).toBe(14 * (120 - 21));
      expect(ran.endMs[0]).toBe(120 + 5 + 26 + 112);
      expect(Math.min(ran.startMs[1]!, ran.startMs[2]!)).toBeGreaterThanOrEqual(ran.endMs[0]!);
    }
  });

  it('are filled up by the next node that is repaired', () => {
    listFailures([
      { atMs: 10, node: 0, repairMs: 20 },
      { atMs: 60, node: 1, repairMs: 20 },
    ]);
    const ran = runFaulty([job(0, 14, 200)], SPARE);
    // Twice swapped, though there is one spare: node 0 is one at 40.
    expect(ran.progress.interruptions!.phases!.repairWaitGpuMs[0]).toBe(0);
    expect(ran.phases!.interruptions[0]).toBe(2);
  });

  it('fail like other nodes', () => {
    listFailures([
      { atMs: 5, node: 3, repairMs: 100 },
      { atMs: 10, node: 0, repairMs: 300 },
    ]);
    const ran = runFaulty([job(0, 14, 100)], SPARE);
    expect(ran.progress.interruptions!.phases!.repairWaitGpuMs[0]).toBe(14 * (115 - 20));
  });
});

describe('a lone gang', () => {
  /*
   * 12 nodes and up to 4 more, which are spares or away for good, so that no free node does what a spare does. Each of its
   * nodes fails once: what strikes the gang does not depend on the nodes that it was given in the place of others.
   */
  it('never does less with more spares, whatever fails', () => {
    const someFailures = fc.array(
      fc.record({ gapMs: fc.integer({ min: 1, max: 400 }), repairMs: fc.integer({ min: 1, max: 1500 }) }),
      { minLength: 1, maxLength: 12, size: 'max' },
    );
    fc.assert(
      fc.property(someFailures, fc.integer({ min: 5, max: 200 }), (rows, intervalMs) => {
        let atMs = 0;
        listFailures(rows.map(({ gapMs, repairMs }, node) => ({ atMs: (atMs += gapMs), node, repairMs })));
        const done = [0, 1, 2, 3, 4].map((spares) => {
          const away = { name: 'away', kind: 'maintenance', partition: 0, fromMs: 0, toMs: 9e9, drainMs: 0 } as const;
          const ran = runFaulty([job(0, 24, 5000)], {
            partitions: [machine(16, 2, 4, 4)],
            windows: spares === 4 ? undefined : [{ ...away, nodes: 4 - spares }],
            reliability: { spareNodes: [spares], swapMs: 0 },
            checkpoints: checkpointsOf(intervalMs, 6, 2),
          });
          return -ran.endMs[0]!;
        });
        expect(done).toEqual([...done].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a job that hangs', () => {
  const traits = [{ priority: 0, checkpointMs: 40 }, { priority: 1 }];

  it('and is pre-empted loses nothing more, and is not taken for found afterwards', () => {
    listFailures([{ atMs: 10, node: 0, cause: 1 }]);
    const rows = [job(0, 16, 100), job(15, 16, 20, { jobClass: 1 })];
    const ran = runFaulty(rows, { policy: 'priority+easy/priority@first-fit', traits, checkpoints: CHECKPOINTS });
    expect(ran.startMs[1]).toBe(15);
    expect(ran.phases!.lostGpuMs[1]).toBe(16 * 10);
    expect(ran.phases!.lostGpuMs[PRE_EMPTION]).toBe(0);
    // Again at 35, productive at 61, all 100 to do with two checkpoints.
    expect(ran.endMs[0]).toBe(61 + 112);
  });

  it('is killed with its reservation', () => {
    const windows: WindowSpec[] = [
      { name: 'course', kind: 'reservation', partition: 0, nodes: 2, fromMs: 50, toMs: 100, drainMs: 0 },
    ];
    listFailures([{ atMs: 95, node: 7, repairMs: 20 }]);
    const ran = runFaulty([job(0, 4, 49, { reservation: 0 }), job(60, 16, 5)], { windows });
    expect(endStates(ran)).toEqual(['timeout', 'completed']);
    expect(ran.endMs[0]).toBe(100);
    // Node 7 is back at 125, after its window.
    expect(ran.startMs[1]).toBe(125);
  });

  it('in a reservation goes on with a spare, which serves it to its end and everybody after it', () => {
    const windows: WindowSpec[] = [
      { name: 'course', kind: 'reservation', partition: 0, nodes: 2, fromMs: 50, toMs: 300, drainMs: 0 },
    ];
    listFailures([{ atMs: 60, node: 6, repairMs: 1000 }]);
    // Spare 3; the reservation has 5 and 6 (7 is the other pod's first spare).
    const of: FaultyMachine = { windows, reliability: { spareNodes: [2] }, checkpoints: CHECKPOINTS };
    const ran = runFaulty([job(0, 4, 100, { reservation: 0 }), job(0, 10, 10), job(301, 10, 5), job(306, 12, 5)], of);
    // Found at 70, productive at 101, 100 to do with two checkpoints.
    expect(ran.startMs[0]).toBe(50);
    expect(ran.endMs[0]).toBe(101 + 112);
    expect(ran.phases!.interruptions[0]).toBe(1);
    // One of 8 is down and one a spare; of the two that come back after the window the first is one too.
    expect([...ran.startMs.slice(2)]).toEqual([301, 1070]);
  });
});

describe('a slow node', () => {
  const half = { atMs: 30, node: 1, repairMs: 500 };

  /*
   * 30 ms at full speed, then half: the checkpoint is due after 40 ms of work by the clock, at 40 with 35 done, written at
   * 46. Found at 80: 34 more ms are worth 17. All of it is saved by a checkpoint of 6 ms: at 86 swapped and started by 117,
   * 48 left, with one checkpoint: 117 + 54.
   */
  it('slows its gang until it is found; then the gang saves all and goes on without it', () => {
    listFailures([], [half]);
    const ran = runFaulty([job(0, 4, 100)], SPARE);
    expect(ran.endMs[0]).toBe(171);
    // Useful is time at any speed.
    expect(phasesOf(ran)).toEqual([4 * (40 + 34 + 48), 4 * 18, 0, 4 * 31]);
    expect(ran.phases!.interruptions[SLOW]).toBe(1);
    expect(ran.phases!.restartGpuMs[SLOW]).toBe(4 * 31);
  });

  it('slows a gang that starts on it later, too', () => {
    listFailures([], [half]);
    const ran = runFaulty([job(0, 4, 35), job(0, 16, 100)], { checkpoints: undefined });
    // The first has 30 + 10; the second starts at 40 on the slow node, has 20 of work at 80, is evicted and waits.
    expect(ran.endMs[0]).toBe(40);
    expect(ran.startMs[1]).toBe(40);
    expect(phasesOf(ran, 1)[2]).toBe(0);
    expect(ran.endMs[1]).toBe(80 + 500 + 5 + 20 + 80);
  });

  it('that fails in the middle of the checkpoint that was to save all loses what was not saved', () => {
    listFailures([{ atMs: 83, node: 0, repairMs: 500 }], [half]);
    const ran = runFaulty([job(0, 4, 100)], { ...SPARE, reliability: { spareNodes: [2] } });
    // The 34 ms since the checkpoint at 46, worth 17, and 3 ms of stall: found at 93, productive at 124, 65 to do.
    expect(phasesOf(ran)).toEqual([4 * (40 + 65), 4 * (6 + 3 + 6), 4 * 34, 4 * 41]);
    expect(ran.endMs[0]).toBe(124 + 71);
    expect(ran.phases!.lostGpuMs[0]).toBe(4 * 34);
  });
});

describe('a broker of two sites', () => {
  it('has failures, spares and storage of each apart', () => {
    const partitions = [
      { ...machine(4, 2, 2, 2), name: 'north', site: 0 },
      { ...machine(4, 2, 2, 2), name: 'south', site: 1 },
    ];
    listFailures(
      [
        { atMs: 10, node: 0, repairMs: 300, partition: 0 },
        { atMs: 10, node: 0, repairMs: 300, partition: 1 },
      ],
      [],
      ['north', 'south'],
    );
    const storage = [
      { writeBytesPerMs: 1e12, readBytesPerMs: 1e12 },
      { writeBytesPerMs: 1, readBytesPerMs: 2 },
    ];
    const ran = runFaulty([job(0, 4, 30), job(0, 4, 30, { partition: 1 })], {
      partitions,
      reliability: { spareNodes: [1, 0] },
      checkpoints: { ...CHECKPOINTS, storage },
    });
    // North swaps; south has two nodes left and no spare: requeued at 20. Reading 24 bytes takes 6 ms, and 12.
    expect([...ran.endMs]).toEqual([10 + 10 + 5 + 26 + 30, 20 + 5 + 32 + 30]);
  });
});
