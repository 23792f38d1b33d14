import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { heldGpus } from '../../../src/cluster/layout.js';
import { Occupancy } from '../../../src/cluster/occupancy.js';
import { schedule, type Schedule } from '../../../src/sim/schedule.js';
import { policyOf } from '../../support/brokered.js';
import { jobTable, machine, type PlainJob } from '../../support/jobs.js';
import { naiveSharedEasy } from '../../support/naiveSharedEasy.js';

const NODES_PER_RACK = 2;

function run(jobs: readonly PlainJob[], policy: string, nodes: number, gpusPerNode: number): Schedule {
  return schedule({
    partitions: [machine(nodes, gpusPerNode, NODES_PER_RACK, 2)],
    policy: policyOf(policy),
    jobs: jobTable(jobs),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('shared nodes'),
  });
}

const startsOf = (jobs: readonly PlainJob[], placement: string, nodes: number, gpusPerNode: number): number[] => [
  ...run(jobs, `fcfs+easy@${placement}`, nodes, gpusPerNode).startMs,
];

const jobsOn = (nodes: number, gpusPerNode: number): fc.Arbitrary<PlainJob[]> =>
  fc
    .array(
      fc.record({
        submitMs: fc.integer({ min: 0, max: 50 }),
        gpus: fc.oneof(
          { weight: 3, arbitrary: fc.integer({ min: 1, max: gpusPerNode - 1 }) },
          { weight: 2, arbitrary: fc.integer({ min: gpusPerNode, max: nodes * gpusPerNode }) },
        ),
        runMs: fc.integer({ min: 1, max: 25 }),
        over: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 20 })),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((jobs) =>
      jobs
        .map(({ over, ...job }) => ({ ...job, estimateMs: job.runMs + over }))
        .sort((x, y) => x.submitMs - y.submitMs),
    );

/** Nodes of a claim, whichever way it names them. */
function nodesOf(claim: Parameters<Occupancy['take']>[2], shares: boolean): number[] {
  if (shares) return [claim.node];
  const nodes: number[] = [];
  for (let i = 0; i < claim.count; i++)
    for (let bit = 0; bit < NODES_PER_RACK; bit++)
      if (((claim.masks[i]! >> bit) & 1) === 1) nodes.push(claim.racks[i]! * NODES_PER_RACK + bit);
  return nodes;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('EASY where jobs share nodes', () => {
  /*
   * Two nodes of 4. A (2 GPUs, to 100) is alone on node 0, B (2, to 200) on node 1. H wants a whole node: node 0 is
   * free at 100, its shadow. C (2 GPUs, 150 long) would be placed on node 0 and hold it until 152: it waits.
   * Counted in GPUs, 4 are free at 200 only, and C would start at once.
   */
  it('keeps a job off the node that the head waits for', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 100 },
      { submitMs: 0, gpus: 2, runMs: 200 },
      { submitMs: 1, gpus: 4, runMs: 50 },
      { submitMs: 2, gpus: 2, runMs: 150 },
    ];
    expect(startsOf(jobs, 'spread', 2, 4)).toEqual([0, 0, 100, 100]);
  });

  /* The same with node 0 taken until 200 and node 1 until 100: C would be placed beside the longer job. */
  it('lets a job past the shadow onto a node that the head could not have by then', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 200 },
      { submitMs: 0, gpus: 2, runMs: 100 },
      { submitMs: 1, gpus: 4, runMs: 50 },
      { submitMs: 2, gpus: 2, runMs: 1500 },
    ];
    expect(startsOf(jobs, 'spread', 2, 4)).toEqual([0, 0, 100, 2]);
  });

  /*
   * Three nodes of 4. A holds nodes 0 and 1 until 100, B the third but one GPU until 10. H wants two nodes: shadow 100,
   * when all three are free, so one is to spare. C (1 GPU, long) takes node 2, and with it all that was to spare: D
   * (1 node, long) waits until H has run. E (1 GPU, long) stands beside C, where nothing is lost any more.
   */
  it('charges the first job that breaks up a node with all of it, and the next on it with nothing', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 100 },
      { submitMs: 0, gpus: 3, runMs: 10 },
      { submitMs: 1, gpus: 8, runMs: 50 },
      { submitMs: 2, gpus: 1, runMs: 1000 },
      { submitMs: 3, gpus: 4, runMs: 1000 },
      { submitMs: 20, gpus: 1, runMs: 1000 },
    ];
    expect(startsOf(jobs, 'first-fit', 3, 4)).toEqual([0, 0, 100, 2, 150, 20]);
  });

  /*
   * Two nodes of 4, H wants 3 on one. Node 0: 2 until 300, 2 until 30; node 1: 2 until 30, 1 until 80 and 1 free. At 30
   * node 1 has 3. C (1 GPU, long) would stand there and leave 2, and H would wait until 80: it waits, though 5 GPUs
   * are free at 30. Then there is room for it on node 0.
   */
  it('keeps room for a head below a node in one node, not scattered', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 300 },
      { submitMs: 0, gpus: 2, runMs: 30 },
      { submitMs: 0, gpus: 2, runMs: 30 },
      { submitMs: 0, gpus: 1, runMs: 80 },
      { submitMs: 1, gpus: 3, runMs: 5 },
      { submitMs: 2, gpus: 1, runMs: 1000 },
    ];
    expect(startsOf(jobs, 'pack', 2, 4)).toEqual([0, 0, 0, 0, 30, 30]);
  });

  it.each([
    [3, 4],
    [4, 8],
    [3, 6],
  ])('agrees with the definition computed node by node, on %i nodes of %i GPUs', (nodes, gpusPerNode) => {
    fc.assert(
      fc.property(jobsOn(nodes, gpusPerNode), (jobs) => {
        expect(startsOf(jobs, 'first-fit', nodes, gpusPerNode)).toEqual(naiveSharedEasy(jobs, nodes, gpusPerNode));
      }),
      { numRuns: 400 },
    );
  });

  const placements = ['first-fit', 'pack', 'best-fit', 'spread', 'fgd', 'random'];
  it.each(placements.flatMap((placement) => [4, 8].map((size) => [placement, size] as const)))(
    'starts no head after its first shadow, placed by %s on nodes of %i',
    (placement, gpusPerNode) => {
      const nodes = 5;
      fc.assert(
        fc.property(jobsOn(nodes, gpusPerNode), (jobs) => {
          const places = new Map<number, number[]>();
          const take = Reflect.get<Occupancy, 'take'>(Occupancy.prototype, 'take');
          vi.spyOn(Occupancy.prototype, 'take').mockImplementation(function (this: Occupancy, job, gpus, claim) {
            places.set(job, nodesOf(claim, gpus < gpusPerNode));
            take.call(this, job, gpus, claim);
          });
          const { startMs, endMs } = run(jobs, `fcfs+easy@${placement}`, nodes, gpusPerNode);
          vi.restoreAllMocks();
          expect(places.size).toBe(jobs.length);

          const instants = [...new Set([...jobs.map(({ submitMs }) => submitMs), ...endMs])].sort((x, y) => x - y);
          const heads = new Set<number>();
          for (const now of instants) {
            const head = jobs.findIndex(({ submitMs }, job) => submitMs <= now && startMs[job]! > now);
            if (head < 0 || heads.has(head)) continue;
            heads.add(head);
            // What overtakes the head at this very instant is not there yet when its shadow is found.
            const runs = jobs
              .map((job, id) => ({ id, held: heldGpus(job.gpus, gpusPerNode), doneMs: startMs[id]! + job.estimateMs! }))
              .filter(({ id }) => startMs[id]! <= now && endMs[id]! > now && !(id > head && startMs[id] === now));
            const need = Math.min(jobs[head]!.gpus, gpusPerNode);
            const count = Math.ceil(jobs[head]!.gpus / gpusPerNode);
            const isPlace = (node: number, atMs: number): boolean => {
              const there = runs.filter(({ id, doneMs }) => doneMs > atMs && places.get(id)!.includes(node));
              return there.reduce((room, { held }) => room - Math.min(held, gpusPerNode), gpusPerNode) >= need;
            };
            const shadow = Math.min(
              ...runs
                .map(({ doneMs }) => doneMs)
                .filter(
                  (atMs) =>
                    Array.from({ length: nodes }, (_, node) => node).filter((n) => isPlace(n, atMs)).length >= count,
                ),
            );
            expect(startMs[head]).toBeLessThanOrEqual(shadow);
          }
        }),
        { numRuns: 100 },
      );
    },
  );

  /*
   * Four nodes of 4. A job of 1 GPU is on each of nodes 0, 1 and 2 until 1000; three more come every ms and run for 2.
   * H wants a node at 20. The jobs on node 3 have then ended by 22. Counted in GPUs, 3 + 3 are free before 1000, so
   * that jobs of 2 ms never seem to delay it; and the emptiest node, where they go, is node 3.
   */
  it('does not let a stream of small jobs starve a head of whole nodes', () => {
    const long = [0, 1, 2].map(() => ({ submitMs: 0, gpus: 1, runMs: 1000 }));
    const small = Array.from({ length: 900 }, (_, i) => ({ submitMs: 1 + Math.floor(i / 3), gpus: 1, runMs: 2 }));
    const jobs = [...long, ...small, { submitMs: 20, gpus: 4, runMs: 5 }].sort((x, y) => x.submitMs - y.submitMs);
    const head = jobs.findIndex(({ gpus }) => gpus === 4);
    expect(startsOf(jobs, 'spread', 4, 4)[head]).toBeLessThanOrEqual(22);
  });
});
