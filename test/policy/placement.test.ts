import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { BitIndex } from '../../src/cluster/bitIndex.js';
import { Claim } from '../../src/cluster/claim.js';
import { heldGpus, layoutOf } from '../../src/cluster/layout.js';
import { Occupancy } from '../../src/cluster/occupancy.js';
import type { PlacementPolicy, PolicySetup } from '../../src/policy/contracts.js';
import { findPolicy } from '../../src/policy/registry.js';

interface Submitted {
  readonly gpus: readonly number[];
  /** How many of them have been submitted by now. */
  count: number;
}

function make(name: string, params: Record<string, number> = {}, submitted: Submitted = { gpus: [], count: 0 }) {
  const world = {
    get nowMs() {
      return submitted.count;
    },
    jobCount: submitted.gpus.length,
    submitMs: (job: number) => job + 1,
    gpus: (job: number) => submitted.gpus[job]!,
  };
  const setup = { draw: new RandomStreams(7).fork('placement'), world } as unknown as PolicySetup;
  return findPolicy('placement', name)!.create(params, setup);
}

/** A machine on which jobs are placed by number, told as node numbers. */
class Machine {
  readonly occupancy: Occupancy;
  private readonly sizes: number[] = [];
  private readonly policy: PlacementPolicy;

  constructor(policy: PlacementPolicy, nodes: number, gpusPerNode: number, nodesPerRack: number, racksPerPod: number) {
    this.policy = policy;
    this.occupancy = new Occupancy(layoutOf({ nodes, gpusPerNode, nodesPerRack, racksPerPod }), 5000);
  }

  place(gpus: number, by = this.policy): number[] {
    const { layout } = this.occupancy;
    const claim = new Claim(layout.racks);
    by.place(this.occupancy, gpus, claim);
    expect(this.occupancy.refusal(gpus, claim)).toBeUndefined();
    this.occupancy.take(this.sizes.length, gpus, claim);
    this.sizes.push(gpus);
    if (gpus < layout.gpusPerNode) return [claim.node];
    const nodes: number[] = [];
    for (let i = 0; i < claim.count; i++)
      for (let bit = 0; bit < 32; bit++)
        if ((claim.masks[i]! & (1 << bit)) !== 0) nodes.push(claim.racks[i]! * layout.nodesPerRack + bit);
    return nodes;
  }

  /** Holds exactly these nodes. */
  hold(...nodes: number[]): void {
    const { layout } = this.occupancy;
    const claim = new Claim(layout.racks);
    for (const node of nodes) {
      claim.clear();
      claim.add(Math.floor(node / layout.nodesPerRack), 1 << (node % layout.nodesPerRack));
      this.occupancy.take(this.sizes.length, layout.gpusPerNode, claim);
      this.sizes.push(layout.gpusPerNode);
    }
  }

  release(job: number): void {
    this.occupancy.release(job, this.sizes[job]!);
  }
}

describe('best-fit', () => {
  // 2 pods of 3 racks of 4 nodes of 4 GPUs.
  const machine = (): Machine => new Machine(make('best-fit'), 24, 4, 4, 3);

  it('takes the tightest rack that holds a gang, and the fullest node that holds a small job', () => {
    const m = machine();
    m.hold(0, 4, 5);
    expect(m.place(8)).toEqual([6, 7]);
    expect(m.place(12)).toEqual([1, 2, 3]);
    expect(m.place(1)).toEqual([8]);
    expect(m.place(2)).toEqual([8]);
    expect(m.place(3)).toEqual([9]);
    expect(m.place(1)).toEqual([8]);
  });

  it('fills the fullest racks of the tightest pod, where pack would take whole ones', () => {
    const m = machine();
    m.hold(0, 1, 2, 4); // pod 0: racks with 1, 3 and 4 free nodes; pod 1: all 12
    expect(m.place(20)).toEqual([3, 5, 6, 7, 8]);
    const packed = new Machine(make('pack'), 24, 4, 4, 3);
    packed.hold(0, 1, 2, 4);
    expect(packed.place(20)).toEqual([8, 9, 10, 11, 3]);
  });

  it('fills the fullest pods first when none holds the gang', () => {
    const m = new Machine(make('best-fit'), 36, 4, 4, 3);
    m.hold(...Array.from({ length: 10 }, (_, i) => 12 + i)); // pod 1: 2 free
    expect(m.place(60)).toEqual([22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 24]);
  });
});

describe('spread', () => {
  it('takes nodes one by one from the pod and the rack with the most free', () => {
    const m = new Machine(make('spread'), 24, 4, 4, 3);
    expect(m.place(16)).toEqual([0, 4, 12, 16]);
    // Free: racks 3 3 4 | 3 3 4, so the untouched racks come first.
    expect(m.place(8)).toEqual([8, 20]);
    // Pod 0 has one more after this, and of its racks, all with 3 free, the first.
    m.hold(13, 14);
    expect(m.place(4)).toEqual([1]);
  });

  it('puts small jobs on empty nodes while there are any, then on the shared node with the most room', () => {
    const m = new Machine(make('spread'), 4, 4, 2, 1);
    expect([1, 2, 1, 1].map((gpus) => m.place(gpus)[0])).toEqual([0, 2, 1, 3]);
    expect(m.place(1)).toEqual([0]);
    expect(m.place(3)).toEqual([1]);
  });

  it('does what taking one node after the other from the emptiest pod, then rack, does', () => {
    const cases = fc.record({
      held: fc.uniqueArray(fc.integer({ min: 0, max: 36 }), { maxLength: 36 }),
      gang: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ held, gang }) => {
        const [nodes, perRack, racksPerPod] = [37, 4, 3];
        const m = new Machine(make('spread'), nodes, 1, perRack, racksPerPod);
        m.hold(...held);
        const free = Array.from({ length: nodes }, (_, node) => node).filter((node) => !held.includes(node));
        const wanted = 1 + (gang % free.length);
        const taken: number[] = [];
        const podOf = (node: number): number => Math.floor(node / perRack / racksPerPod);
        const rackOf = (node: number): number => Math.floor(node / perRack);
        const most = (of: (node: number) => number, among: readonly number[]): number => {
          const count = (group: number): number => among.filter((node) => of(node) === group).length;
          return [...new Set(among.map(of))].sort((a, b) => count(b) - count(a) || a - b)[0]!;
        };
        for (let i = 0; i < wanted; i++) {
          const left = free.filter((node) => !taken.includes(node));
          const inPod = left.filter((node) => podOf(node) === most(podOf, left));
          taken.push(inPod.find((node) => rackOf(node) === most(rackOf, inPod))!);
        }
        expect(m.place(wanted).sort((a, b) => a - b)).toEqual(taken.sort((a, b) => a - b));
      }),
    );
  });
});

describe('random', () => {
  const chiSquared = (counts: readonly number[]): number => {
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  };

  it.each([
    { gpus: 4, what: 'few nodes of many, drawn by number' },
    { gpus: 40, what: 'many nodes of few, by turn' },
    { gpus: 3, what: 'a node for a small job, shared ones with room and empty ones alike' },
  ])('gives every node with room the same chance: $what', ({ gpus }) => {
    const policy = make('random');
    const counts = new Array<number>(20).fill(0);
    for (let trial = 0; trial < 4000; trial++) {
      const m = new Machine(policy, 20, 4, 8, 2);
      if (gpus === 3) {
        m.place(1, make('first-fit')); // node 0 has room for 3
        m.hold(5, 6);
        m.place(2, make('first-fit')); // node 0 has room for 1
        m.release(0); // and for 2: not for 3
      }
      for (const node of m.place(gpus)) counts[node]!++;
    }
    const open = gpus === 3 ? counts.filter((_, node) => ![0, 5, 6].includes(node)) : counts;
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4000 * Math.ceil(gpus / 4));
    if (gpus === 3) expect([counts[0], counts[5], counts[6]]).toEqual([0, 0, 0]);
    // 19 (16) degrees of freedom: 43.8 (39.3) is passed once in a thousand.
    expect(chiSquared(open)).toBeLessThan(43.8);
  });

  it('does the same for the same seed', () => {
    const run = (): number[][] => {
      const m = new Machine(make('random'), 50, 4, 8, 2);
      return [4, 1, 30, 2, 60, 3].map((gpus) => m.place(gpus));
    };
    expect(run()).toEqual(run());
  });

  it('finds the member of a set by rank', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2999 }), { minLength: 1 }), (members) => {
        const set = new BitIndex(3000);
        for (const member of members) set.add(member);
        const sorted = [...members].sort((a, b) => a - b);
        expect(sorted.map((_, rank) => set.at(rank))).toEqual(sorted);
      }),
    );
  });
});

describe('fgd', () => {
  it('takes the node whose expected fragmentation grows least, by hand', () => {
    // Nodes of 8. Submitted: 6 jobs of 1 and 4 of 8, so F(f) = 0.4 f below 8 and F(8) = 0.
    const submitted = { gpus: [1, 1, 1, 1, 1, 1, 8, 8, 8, 8], count: 10 };
    const m = new Machine(make('fgd', {}, submitted), 4, 8, 2, 2);
    const pack = make('first-fit');
    m.place(5, pack); // node 0: 3 free
    // A shared node: from 1.2 to 0.8. An empty one: from 0 to 2.8.
    expect(m.place(1)).toEqual([0]);
  });

  it('keeps the size that is asked for most whole, where best-fit would break it', () => {
    // Submitted so far: half ask for 3, half for 1. F(3) = 3 × 0 = 0, F(2) = 2 × 0.5 = 1, F(4) = 0.
    const submitted = { gpus: [3, 1, 3, 1], count: 4 };
    const firstFit = make('first-fit');
    const held = (m: Machine): Machine => {
      m.place(5, firstFit); // node 0: 3 free
      m.place(4, firstFit); // node 1: 4 free
      return m;
    };
    // On node 0 fragmentation grows from 0 to 1; on node 1 from 0 to 0.
    expect(held(new Machine(make('fgd', {}, submitted), 3, 8, 2, 2)).place(1)).toEqual([1]);
    expect(held(new Machine(make('best-fit'), 3, 8, 2, 2)).place(1)).toEqual([0]);
  });

  it('counts only what was submitted until now', () => {
    const submitted = { gpus: [1, 3, 3, 3], count: 1 };
    const firstFit = make('first-fit');
    const policy = make('fgd', {}, submitted);
    const m = new Machine(policy, 3, 8, 2, 2);
    m.place(5, firstFit);
    m.place(4, firstFit);
    // Jobs of 1 alone: nothing fragments, and the fullest node is taken.
    expect(m.place(1)).toEqual([0]);
    submitted.count = 4;
    m.release(2);
    expect(m.place(1)).toEqual([1]);
  });

  it('places gangs as pack does', () => {
    const [m, packed] = ['fgd', 'pack'].map((name) => new Machine(make(name), 24, 4, 4, 3)) as [Machine, Machine];
    for (const gpus of [8, 4, 20, 16]) expect(m.place(gpus)).toEqual(packed.place(gpus));
  });

  type Mix = readonly (readonly [gpus: number, share: number])[];
  /**
   * A stream of jobs in the spirit of the openb trace with whole GPUs: few sizes, mostly small. 60 nodes of 8 kept
   * seven eighths full, jobs leaving at random. Returns the mean expected fragmentation, GPUs, over arrivals and
   * seeds, and how many jobs found no node.
   */
  const fragmentation = (name: string, mix: Mix): { gpus: number; refused: number } => {
    const [nodes, gpusPerNode, seeds, jobs] = [60, 8, 12, 2000];
    const [sum, counts] = [new Float64Array(1), new Int32Array(1)];
    for (let seed = 0; seed < seeds; seed++) {
      const draw = new RandomStreams(seed).fork('stream');
      const sizes = Array.from({ length: jobs }, () => {
        let left = draw();
        return mix.find(([, share]) => (left -= share) < 0)?.[0] ?? mix[0]![0];
      });
      const submitted = { gpus: sizes, count: 0 };
      const m = new Machine(make(name, {}, submitted), nodes, gpusPerNode, 8, 4);
      const running: number[] = [];
      let placed = 0;
      for (const gpus of sizes) {
        submitted.count++;
        while (m.occupancy.freeGpus < (nodes * gpusPerNode) / 8)
          m.release(running.splice(Math.floor(draw() * running.length), 1)[0]!);
        if (heldGpus(gpus, gpusPerNode) <= m.occupancy.largestFit()) {
          m.place(gpus);
          running.push(placed++);
        } else counts[0]!++;
        for (let f = 1; f < gpusPerNode; f++) {
          const wantMore = mix.reduce((share, [size, of]) => share + (size > f ? of : 0), 0);
          sum[0]! += m.occupancy.sharedNodesByFreeGpus(f).count * f * wantMore;
        }
      }
    }
    return { gpus: sum[0]! / (seeds * jobs), refused: counts[0]! / seeds };
  };

  it('fragments half as much as first-fit where sizes are many and small, about as little as best-fit', () => {
    const mix: Mix = [[1, 0.5], [2, 0.15], [3, 0.2], [5, 0.1], [8, 0.05]]; // prettier-ignore
    const [own, bestFit, firstFit] = ['fgd', 'best-fit', 'first-fit'].map((name) => fragmentation(name, mix));
    expect(own!.gpus).toBeLessThan(0.6 * firstFit!.gpus);
    expect(own!.gpus).toBeLessThan(1.1 * bestFit!.gpus);
    expect(own!.refused).toBeLessThan(firstFit!.refused);
  });

  it('fragments less than best-fit where sizes do not add up to a node', () => {
    const mix: Mix = [[3, 0.5], [5, 0.3], [1, 0.2]]; // prettier-ignore
    const [own, bestFit] = ['fgd', 'best-fit'].map((name) => fragmentation(name, mix));
    expect(own!.gpus).toBeLessThan(0.75 * bestFit!.gpus);
    expect(own!.refused).toBeLessThan(bestFit!.refused);
  });
});

describe('topology', () => {
  // 3 pods of 2 racks of 2 nodes of 4 GPUs, the last of 3 nodes: 4, 4 and 3 nodes.
  const machine = (maxPods: number): Machine => new Machine(make('topology', { maxPods }), 11, 4, 2, 2);
  const ask = (maxPods: number, ...held: number[]) => {
    const m = machine(maxPods);
    m.hold(...held);
    const policy = make('topology', { maxPods });
    return {
      largest: policy.largestFit!(m.occupancy),
      fits: Array.from({ length: 12 }, (_, nodes) => nodes).filter((nodes) => policy.fits!(m.occupancy, 4 * nodes)),
    };
  };

  it('makes a gang wait for one pod, though enough nodes are free elsewhere', () => {
    // Free: 3, 3 and 2 nodes. 4 nodes fit a pod of the empty machine and wait for one; 5 may span two; 9 are too many.
    expect(ask(1, 0, 4, 8)).toEqual({ largest: 12, fits: [0, 1, 2, 3, 5, 6] });
  });

  it('lets a gang larger than its pods have the fewest that could hold it', () => {
    expect(ask(1)).toEqual({ largest: 44, fits: Array.from({ length: 12 }, (_, nodes) => nodes) });
    // Free: 4, 4 and 2 nodes: 9 and 10 nodes need three pods on any machine, and have them.
    expect(ask(1, 8)).toEqual({ largest: 40, fits: Array.from({ length: 11 }, (_, nodes) => nodes) });
    // Free: 4, 2 and 3 nodes: 8 would need two pods whole.
    expect(ask(1, 4, 5)).toEqual({ largest: 28, fits: [0, 1, 2, 3, 4, 5, 6, 7, 9] });
  });

  it('counts the emptiest pods when more are allowed', () => {
    expect(ask(2, 0, 4, 8)).toEqual({ largest: 24, fits: [0, 1, 2, 3, 4, 5, 6] });
    expect(ask(3, 0, 4, 8)).toEqual({ largest: 32, fits: [0, 1, 2, 3, 4, 5, 6, 7, 8] });
  });

  it('places in the fewest pods', () => {
    const m = machine(2);
    m.hold(0, 4);
    expect(m.place(12)).toEqual([2, 3, 1]);
    expect(m.place(20)).toEqual([6, 7, 5, 8, 9]);
  });

  it('lets small jobs go anywhere', () => {
    const m = machine(1);
    m.hold(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    m.place(3);
    const policy = make('topology', { maxPods: 1 });
    expect(policy.largestFit!(m.occupancy)).toBe(1);
    expect([1, 2, 4].map((gpus) => policy.fits!(m.occupancy, gpus))).toEqual([true, false, false]);
  });
});
