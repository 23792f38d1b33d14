import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Claim } from '../../src/cluster/claim.js';
import { heldGpus, layoutOf } from '../../src/cluster/layout.js';
import { Occupancy } from '../../src/cluster/occupancy.js';
import type { PlacementPolicy, PolicySetup } from '../../src/policy/contracts.js';
import { listPolicies } from '../../src/policy/registry.js';
import { RandomStreams } from '../../src/base/random.js';

/** Nothing was submitted but jobs of 1, 3 and 200 GPUs. */
const world = { nowMs: 0, jobCount: 3, submitMs: () => 0, gpus: (job: number) => [1, 3, 200][job]! };
const SETUP = { draw: new RandomStreams(1).fork('p'), world } as unknown as PolicySetup;
const placements = listPolicies().flatMap((def) => {
  if (def.axis !== 'placement') return [];
  const params = Object.fromEntries((def.parameters ?? []).map(({ name, default: value }) => [name, value]));
  return [{ name: def.name, make: () => def.create(params, SETUP) }];
});

/** A machine of GPUs numbered through, where nothing is indexed. */
class NaiveMachine {
  readonly owner: Int32Array;
  readonly gpusPerNode: number;
  constructor(gpus: number, gpusPerNode: number) {
    this.owner = new Int32Array(gpus).fill(-1);
    this.gpusPerNode = gpusPerNode;
  }
  freeIn(node: number): number {
    let free = 0;
    for (let gpu = node * this.gpusPerNode; gpu < (node + 1) * this.gpusPerNode; gpu++)
      if (this.owner[gpu]! < 0) free++;
    return free;
  }
  get largestFit(): number {
    const free = Array.from({ length: this.owner.length / this.gpusPerNode }, (_, node) => this.freeIn(node));
    const whole = free.filter((count) => count === this.gpusPerNode).length;
    return whole > 0 ? whole * this.gpusPerNode : Math.max(...free);
  }
}

const shape = fc.record({
  nodes: fc.integer({ min: 1, max: 90 }),
  gpusPerNode: fc.constantFrom(1, 4, 8),
  nodesPerRack: fc.integer({ min: 1, max: 32 }),
  racksPerPod: fc.integer({ min: 1, max: 5 }),
});
const steps = fc.array(fc.record({ gpus: fc.integer({ min: 1, max: 200 }), release: fc.boolean(), which: fc.nat() }), {
  maxLength: 120,
});

/** By the contract: whatever is free, unless the policy says otherwise. */
function accepts(policy: PlacementPolicy, occupancy: Occupancy, held: number): boolean {
  const largest = policy.largestFit === undefined ? occupancy.largestFit() : policy.largestFit(occupancy);
  return policy.fits === undefined ? held <= largest : policy.fits(occupancy, held);
}

describe.each(placements)('occupancy under $name', ({ make }: { make: () => PlacementPolicy }) => {
  it('agrees with a machine that counts GPUs one by one, and never gives a GPU twice', () => {
    fc.assert(
      fc.property(shape, steps, (machine, moves) => {
        const layout = layoutOf(machine);
        const occupancy = new Occupancy(layout, moves.length);
        const policy = make();
        const naive = new NaiveMachine(layout.gpus, layout.gpusPerNode);
        const claim = new Claim(layout.racks);
        const running: { job: number; gpus: number }[] = [];
        moves.forEach((move, job) => {
          if (move.release && running.length > 0) {
            const [ended] = running.splice(move.which % running.length, 1);
            occupancy.release(ended!.job, ended!.gpus);
            naive.owner.forEach((owner, gpu) => {
              if (owner === ended!.job) naive.owner[gpu] = -1;
            });
          } else if (accepts(policy, occupancy, heldGpus(move.gpus, layout.gpusPerNode))) {
            claim.clear();
            policy.place(occupancy, move.gpus, claim);
            expect(occupancy.refusal(move.gpus, claim)).toBeUndefined();
            occupancy.take(job, move.gpus, claim);
            running.push({ job, gpus: move.gpus });
            let given = 0;
            const give = (gpu: number): void => {
              expect(naive.owner[gpu]).toBe(-1);
              naive.owner[gpu] = job;
              given++;
            };
            occupancy.forEachRecord(job, (place, mask) => {
              for (let bit = 0; bit < 32; bit++) {
                if ((mask & (1 << bit)) === 0) continue;
                if (move.gpus < layout.gpusPerNode) give(place * layout.gpusPerNode + bit);
                else
                  for (let g = 0; g < layout.gpusPerNode; g++)
                    give((place * layout.nodesPerRack + bit) * layout.gpusPerNode + g);
              }
            });
            expect(given).toBe(heldGpus(move.gpus, layout.gpusPerNode));
          }
          expect(occupancy.largestFit()).toBe(naive.largestFit);
          const largest = policy.largestFit?.(occupancy) ?? naive.largestFit;
          expect(largest).toBeLessThanOrEqual(naive.largestFit);
          const upTo = largest === 0 ? 0 : heldGpus(1 + (move.gpus % largest), layout.gpusPerNode);
          expect(upTo > largest || upTo === 0 || accepts(policy, occupancy, upTo)).toBe(true);
          expect(occupancy.freeGpus).toBe(naive.owner.filter((owner) => owner < 0).length);
        });
        for (const { job, gpus } of running) occupancy.release(job, gpus);
        expect(occupancy.freeGpus).toBe(layout.gpus);
        expect(occupancy.freeNodes).toBe(layout.nodes);
      }),
      { numRuns: 60 },
    );
  });
});

describe('occupancy refuses', () => {
  const occupancy = new Occupancy(layoutOf({ nodes: 4, gpusPerNode: 8, nodesPerRack: 2, racksPerPod: 2 }), 4);
  const claimOf = (...pairs: [number, number][]): Claim => {
    const claim = new Claim(8);
    for (const [rack, mask] of pairs) claim.add(rack, mask);
    return claim;
  };

  it('nodes that are held, racks that do not exist, a rack named twice, too few nodes', () => {
    occupancy.take(0, 8, claimOf([0, 0b01]));
    expect(occupancy.refusal(8, claimOf([0, 0b01]))).toBe('rack 0: nodes 0 are not free');
    expect(occupancy.refusal(8, claimOf([7, 1]))).toBe('rack 7 does not exist (0…1)');
    expect(occupancy.refusal(16, claimOf([1, 1], [1, 2]))).toBe('rack 1 is claimed twice');
    expect(occupancy.refusal(24, claimOf([1, 0b11]))).toBe('needs 3 nodes, the claim names 2');
  });

  it('a shared node without room', () => {
    const claim = new Claim(8);
    claim.node = 1;
    occupancy.take(1, 5, claim);
    expect(occupancy.refusal(4, claim)).toBe('node 1: needs 4 GPUs, 3 are free');
    claim.node = 9;
    expect(occupancy.refusal(4, claim)).toBe('node 9 does not exist (0…3)');
  });
});

describe('pack', () => {
  const pack = placements.find(({ name }) => name === 'pack')!.make();
  const place = (occupancy: Occupancy, job: number, gpus: number): [number, number][] => {
    const claim = new Claim(occupancy.layout.racks);
    pack.place(occupancy, gpus, claim);
    occupancy.take(job, gpus, claim);
    return gpus < occupancy.layout.gpusPerNode
      ? [[claim.node, 0]]
      : Array.from({ length: claim.count }, (_, i): [number, number] => [claim.racks[i]!, claim.masks[i]!]);
  };
  // 2 pods of 3 racks of 4 nodes of 4 GPUs
  const machine = (): Occupancy =>
    new Occupancy(layoutOf({ nodes: 24, gpusPerNode: 4, nodesPerRack: 4, racksPerPod: 3 }), 10);

  it('keeps whole racks whole: a small gang goes where it fits best', () => {
    const occupancy = machine();
    expect(place(occupancy, 0, 8)).toEqual([[0, 0b0011]]);
    expect(place(occupancy, 1, 4)).toEqual([[0, 0b0100]]);
    expect(place(occupancy, 2, 8)).toEqual([[1, 0b0011]]);
    expect(place(occupancy, 3, 4)).toEqual([[0, 0b1000]]);
  });

  it('stays inside the pod that fits best, with the fewest racks', () => {
    const occupancy = machine();
    place(occupancy, 0, 16); // rack 0 of pod 0
    expect(place(occupancy, 1, 20)).toEqual([
      [1, 0b1111],
      [2, 0b0001],
    ]);
    expect(place(occupancy, 2, 32)).toEqual([
      [3, 0b1111],
      [4, 0b1111],
    ]);
  });

  it('takes the tightest pod that holds the gang, not the first', () => {
    const occupancy = new Occupancy(layoutOf({ nodes: 36, gpusPerNode: 4, nodesPerRack: 4, racksPerPod: 3 }), 10);
    place(occupancy, 0, 16); // pod 0: 8 free nodes
    place(occupancy, 1, 48); // pod 1 whole
    place(occupancy, 2, 16); // pod 0: 4 free nodes, pod 2 untouched
    expect(place(occupancy, 3, 20).map(([rack]) => rack)).toEqual([6, 7]);
    occupancy.release(1, 48);
    // Pod 1 has 12 free nodes, pod 2 has 7: six more fit pod 2 tighter.
    expect(new Set(place(occupancy, 4, 24).map(([rack]) => occupancy.podOf(rack)))).toEqual(new Set([2]));
  });

  it('spans the fewest pods when no pod holds the gang', () => {
    const occupancy = machine();
    place(occupancy, 0, 4);
    expect(place(occupancy, 1, 64).map(([rack]) => rack)).toEqual([3, 4, 5, 1]);
  });

  it('puts a job below a node into the fullest node with room', () => {
    const occupancy = machine();
    expect(place(occupancy, 0, 1)).toEqual([[0, 0]]);
    expect(place(occupancy, 1, 2)).toEqual([[0, 0]]);
    expect(place(occupancy, 2, 2)).toEqual([[1, 0]]);
    expect(place(occupancy, 3, 1)).toEqual([[0, 0]]);
    expect(place(occupancy, 4, 2)).toEqual([[1, 0]]);
  });
});
