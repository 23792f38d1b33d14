import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { machine } from '../support/jobs.js';
import { CAUSES, checkpointsOf, phasesOf, reliabilityOf, runFaulty } from '../support/faulty.js';
import { listFailures, type ListedFailure } from '../support/listedFailures.js';
import { naiveGangs, type NaiveGang } from '../support/naiveGangs.js';

vi.mock('../../src/cluster/failureTrace.js', () => import('../support/listedFailures.js'));

const NODES = 9;
// Failures on tens, onsets of slow nodes on fives, found on sevens; repairs end on threes and ones: no two kinds at an instant.
const aFailure = fc.record({
  atMs: fc.integer({ min: -20, max: 120 }).map((tens) => 10 * tens),
  node: fc.integer({ min: 0, max: NODES - 1 }),
  cause: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
  repairMs: fc.integer({ min: 0, max: 40 }).map((tens) => 10 * tens + 3),
});
const inOrder = (rows: readonly ListedFailure[]): ListedFailure[] => {
  const sorted = [...rows].sort((a, b) => a.atMs - b.atMs);
  return sorted.filter(({ atMs }, i) => i === 0 || sorted[i - 1]!.atMs < atMs);
};
const someGangs = fc.array(
  fc.record({ nodes: fc.integer({ min: 1, max: 5 }), runMs: fc.integer({ min: 1, max: 900 }) }),
  { minLength: 1, maxLength: 3 },
);
const someMachine = fc.record({
  spares: fc.integer({ min: 0, max: 3 }),
  detectionMs: fc.integer({ min: 1, max: 6 }).map((tens) => 10 * tens),
  swapMs: fc.integer({ min: 0, max: 15 }),
  initialiseMs: fc.integer({ min: 0, max: 40 }),
  intervalMs: fc.integer({ min: 4, max: 200 }),
  writeMs: fc.constantFrom(10, 20),
  background: fc.boolean(),
  slowDetectionMs: fc.integer({ min: 1, max: 12 }).map((tens) => 10 * tens + 2),
});

interface GangsAndFaults {
  readonly gangs: readonly NaiveGang[];
  readonly of: typeof someMachine extends fc.Arbitrary<infer One> ? One : never;
  readonly failures: readonly ListedFailure[];
  readonly slows: readonly ListedFailure[];
}
/** Both simulations see the same starts, ends, phases and failures of each gang. */
function expectAgreement({ gangs, of, failures, slows }: GangsAndFaults): void {
  const copyMs = of.background ? of.writeMs / 2 : undefined;
  const stallMs = copyMs ?? of.writeMs;
  const laterMs = of.background ? of.writeMs : 0;
  // The highest of each pod of 4 nodes in turn.
  const spares = [3, 7, 8].slice(0, of.spares);
  const intervalMs = Math.max(of.intervalMs, laterMs - stallMs);
  listFailures(failures, slows);
  const ran = runFaulty(
    gangs.map(({ nodes, runMs }) => ({ submitMs: -200, gpus: 2 * nodes, runMs })),
    {
      partitions: [machine(NODES, 2, 2, 2)],
      reliability: {
        detectionMs: of.detectionMs,
        swapMs: of.swapMs,
        spareNodes: [of.spares],
        stragglers: { ...reliabilityOf().stragglers!, detectionMs: of.slowDetectionMs },
      },
      checkpoints: checkpointsOf(of.intervalMs, of.writeMs, 2, copyMs),
      initialisation: { baseMs: of.initialiseMs, perDoublingMs: 0, mostMs: of.initialiseMs },
      horizonMs: 900_000,
    },
  );
  const naive = naiveGangs(
    gangs,
    {
      ...{ nodes: NODES, nodesPerRack: 2, racksPerPod: 2, spares, intervalMs, stallMs, writeMs: laterMs },
      ...{ detectionMs: of.detectionMs, swapMs: of.swapMs, restartMs: of.initialiseMs + of.writeMs },
      ...{ slowSpeed: 0.5, slowDetectionMs: of.slowDetectionMs, startMs: -200, scopes: CAUSES },
    },
    failures,
    slows,
    40_000,
  );
  naive.forEach((gang, job) => {
    const held = 2 * gangs[job]!.nodes;
    expect({
      start: ran.startMs[job],
      end: ran.endMs[job],
      phases: phasesOf(ran, job),
      failures: ran.progress.interruptions!.phases!.failures[job],
    }).toEqual({
      start: gang.startMs,
      end: gang.endMs,
      phases: [gang.useful, gang.stall, gang.lost, gang.restart].map((ms) => held * ms),
      failures: gang.failures,
    });
  });
}

describe('gangs on a machine that fails', () => {
  it('start, end, work, stand still, lose and restart as in a simulation ms by ms', () => {
    fc.assert(
      fc.property(
        someGangs,
        someMachine,
        fc.array(aFailure, { maxLength: 12, size: 'max' }),
        fc.array(aFailure, { maxLength: 6, size: 'max' }),
        (gangs, of, unsorted, unsortedSlow) => {
          const slows = inOrder(
            unsortedSlow.map((row) => ({ ...row, atMs: row.atMs + 5, cause: 0, repairMs: row.repairMs + 1 })),
          );
          expectAgreement({ gangs, of, failures: inOrder(unsorted), slows });
        },
      ),
      { numRuns: 400 },
    );
  });

  it('lose what was done last, at the speed it had then, when it became slower since the last checkpoint but one', () => {
    // Work 5 ms, stall 5, written 10 ms later. Half as fast from −95 (clock 105, 55 ms done); another node slow at −85;
    // at −73 (clock 127) the one before last, of clock 105, is written: work 55…65 is not, all of it at half speed. The
    // save from then on is struck at −60, so 5 of 60 ms are lost and the last 6 begin at −40 on other nodes.
    expectAgreement({
      gangs: [{ nodes: 2, runMs: 61 }],
      of: {
        ...{ spares: 0, detectionMs: 10, swapMs: 0, initialiseMs: 0, intervalMs: 4, writeMs: 10, background: true },
        slowDetectionMs: 22,
      },
      failures: [{ atMs: -60, node: 0, cause: 0, repairMs: 3 }],
      slows: [
        { atMs: -95, node: 0, cause: 0, repairMs: 4 },
        { atMs: -85, node: 1, cause: 0, repairMs: 4 },
      ],
    });
  });
});
