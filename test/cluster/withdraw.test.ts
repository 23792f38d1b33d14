import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { Claim } from '../../src/cluster/claim.js';
import { heldGpus, layoutOf } from '../../src/cluster/layout.js';
import { Occupancy } from '../../src/cluster/occupancy.js';
import type { PolicySetup } from '../../src/policy/contracts.js';
import { findPolicy } from '../../src/policy/registry.js';

const setup = { draw: new RandomStreams(1).fork('p') } as unknown as PolicySetup;
const placements = ['first-fit', 'pack'].map((name) => ({
  name,
  policy: findPolicy('placement', name)!.create({}, setup),
}));

/** Nodes with the GPUs that each job holds in them; everything else is counted from that. */
class NaiveMachine {
  readonly held: Map<number, number>[];
  readonly withdrawn: boolean[];
  readonly gpusPerNode: number;

  constructor(nodes: number, gpusPerNode: number) {
    this.held = Array.from({ length: nodes }, () => new Map<number, number>());
    this.withdrawn = Array.from({ length: nodes }, () => false);
    this.gpusPerNode = gpusPerNode;
  }
  used(node: number): number {
    return [...this.held[node]!.values()].reduce((sum, gpus) => sum + gpus, 0);
  }
  freeIn(node: number): number {
    return this.withdrawn[node] ? 0 : this.gpusPerNode - this.used(node);
  }
  get free(): number[] {
    return this.held.map((_, node) => this.freeIn(node));
  }
  get largestFit(): number {
    const whole = this.free.filter((free) => free === this.gpusPerNode).length;
    return whole > 0 ? whole * this.gpusPerNode : Math.max(...this.free);
  }
}

const shape = fc.record({
  nodes: fc.integer({ min: 1, max: 60 }),
  gpusPerNode: fc.constantFrom(1, 4, 8),
  nodesPerRack: fc.integer({ min: 1, max: 32 }),
  racksPerPod: fc.integer({ min: 1, max: 4 }),
});
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('start', 'start', 'start', 'end', 'end', 'withdraw', 'restore'),
    gpus: fc.integer({ min: 1, max: 100 }),
    which: fc.nat(),
  }),
  { maxLength: 150 },
);

/** Every count a placement policy can see, against the naive machine. */
function agree(occupancy: Occupancy, naive: NaiveMachine): void {
  const { layout } = occupancy;
  const { free } = naive;
  const whole = (node: number): boolean => free[node] === layout.gpusPerNode;
  expect(occupancy.freeGpus).toBe(free.reduce((sum, gpus) => sum + gpus, 0));
  expect(occupancy.freeNodes).toBe(free.filter((_, node) => whole(node)).length);
  expect(occupancy.largestFit()).toBe(naive.largestFit);
  expect(occupancy.withdrawnNodes).toBe(naive.withdrawn.filter(Boolean).length);
  for (let node = 0; node < layout.nodes; node++) {
    const rack = Math.floor(node / layout.nodesPerRack);
    const bit = 1 << (node % layout.nodesPerRack);
    expect((occupancy.rackFreeMask(rack) & bit) !== 0).toBe(whole(node));
    expect(occupancy.isWithdrawn(node)).toBe(naive.withdrawn[node]);
    expect(occupancy.isOutOfService(node)).toBe(naive.withdrawn[node]! && naive.used(node) === 0);
    for (let count = 1; count < layout.gpusPerNode; count++)
      expect(occupancy.sharedNodesByFreeGpus(count).has(node)).toBe(free[node] === count);
  }
  for (let count = 1; count < layout.gpusPerNode; count++)
    expect(occupancy.sharedNodesByFreeGpus(count).count).toBe(free.filter((gpus) => gpus === count).length);
}

describe.each(placements)('nodes leave service and come back under $name', ({ policy }) => {
  it('as on a machine that counts GPUs one by one, whatever runs on them', () => {
    fc.assert(
      fc.property(shape, steps, (machine, moves) => {
        const layout = layoutOf(machine);
        const occupancy = new Occupancy(layout, moves.length);
        const naive = new NaiveMachine(layout.nodes, layout.gpusPerNode);
        const claim = new Claim(layout.racks);
        const running: { job: number; gpus: number }[] = [];
        let keptBack = 0;
        let left: number[] = [];
        occupancy.withdrawnListener = {
          onKeptBack: (_node, gpus) => (keptBack += gpus),
          onLeft: (node) => left.push(node),
        };
        moves.forEach(({ kind, gpus, which }, job) => {
          const node = which % layout.nodes;
          if (kind === 'withdraw' && !naive.withdrawn[node]) {
            const free = naive.freeIn(node);
            naive.withdrawn[node] = true;
            expect(occupancy.withdraw(node)).toBe(free);
          } else if (kind === 'restore' && naive.withdrawn[node]) {
            naive.withdrawn[node] = false;
            expect(occupancy.restore(node)).toBe(naive.freeIn(node));
          } else if (kind === 'end' && running.length > 0) {
            const [ended] = running.splice(which % running.length, 1);
            const before = occupancy.freeGpus;
            const held = heldGpus(ended!.gpus, layout.gpusPerNode);
            const leaves = naive.held.flatMap((jobs, at) =>
              naive.withdrawn[at] && jobs.has(ended!.job) && jobs.size === 1 ? [at] : [],
            );
            keptBack = 0;
            left = [];
            occupancy.release(ended!.job, ended!.gpus);
            for (const jobs of naive.held) jobs.delete(ended!.job);
            expect(occupancy.freeGpus - before + keptBack).toBe(held);
            expect(left.sort((x, y) => x - y)).toEqual(leaves);
          } else if (kind === 'start' && heldGpus(gpus, layout.gpusPerNode) <= occupancy.largestFit()) {
            claim.clear();
            policy.place(occupancy, gpus, claim);
            expect(occupancy.refusal(gpus, claim)).toBeUndefined();
            occupancy.take(job, gpus, claim);
            running.push({ job, gpus });
            occupancy.forEachRecord(job, (place, mask) => {
              for (let bit = 0; bit < 32; bit++) {
                if ((mask & (1 << bit)) === 0) continue;
                const at = gpus < layout.gpusPerNode ? place : place * layout.nodesPerRack + bit;
                expect(naive.withdrawn[at]).toBe(false);
                const more = gpus < layout.gpusPerNode ? 1 : layout.gpusPerNode;
                naive.held[at]!.set(job, (naive.held[at]!.get(job) ?? 0) + more);
              }
            });
          }
          agree(occupancy, naive);
        });
      }),
      { numRuns: 80 },
    );
  });
});

describe('a withdrawn node', () => {
  // 3 nodes of 4 GPUs.
  const machine = (): Occupancy =>
    new Occupancy(layoutOf({ nodes: 3, gpusPerNode: 4, nodesPerRack: 2, racksPerPod: 2 }), 4);

  it('cannot be claimed', () => {
    const occupancy = machine();
    expect(occupancy.withdraw(1)).toBe(4);
    const claim = new Claim(2);
    claim.add(0, 0b10);
    expect(occupancy.refusal(4, claim)).toBe('rack 0: nodes 1 are not free');
    claim.clear();
    claim.node = 1;
    expect(occupancy.refusal(1, claim)).toBe('node 1: needs 1 GPUs, 0 are free');
  });

  it('drains: the free GPUs beside a job go first, the rest when the job ends', () => {
    const occupancy = machine();
    const claim = new Claim(2);
    claim.node = 2;
    occupancy.take(0, 3, claim);
    expect(occupancy.withdraw(2)).toBe(1);
    expect([occupancy.freeGpus, occupancy.isOutOfService(2)]).toEqual([8, false]);
    occupancy.release(0, 3);
    expect([occupancy.freeGpus, occupancy.isOutOfService(2)]).toEqual([8, true]);
    expect(occupancy.restore(2)).toBe(4);
    expect([occupancy.freeGpus, occupancy.freeNodes]).toEqual([12, 3]);
  });

  it('that is restored before its job has ended has its free GPUs back and nothing else', () => {
    const occupancy = machine();
    const claim = new Claim(2);
    claim.node = 2;
    occupancy.take(0, 3, claim);
    occupancy.withdraw(2);
    expect(occupancy.restore(2)).toBe(1);
    expect(occupancy.sharedNodesByFreeGpus(1).has(2)).toBe(true);
    occupancy.release(0, 3);
    expect(occupancy.freeNodes).toBe(3);
  });
});
