import type { Occupancy } from '../../src/cluster/occupancy.js';
import type { World } from '../../src/policy/world.js';
import type { WaitProbe } from '../../src/sim/waitProbe.js';

/** What was so from a time until the next. */
interface Instant {
  readonly atMs: number;
  /** By node of the one partition of the machine: index of the partition in which it is free, or -1. */
  readonly freeIn: readonly number[];
  /** By running job: its nodes. */
  readonly nodesOf: ReadonlyMap<number, readonly number[]>;
}

/** Watches, from the occupancy alone, which nodes are free and which jobs are on the others. */
export class NodeTimeline {
  readonly instants: Instant[] = [];
  private world!: World;
  private occupancies!: readonly Occupancy[];

  get probe(): WaitProbe {
    const look = (): void => {
      this.look();
    };
    const probe = {
      attach: ({ world, occupancies }: { world: World; occupancies: readonly Occupancy[] }) => {
        this.world = world;
        this.occupancies = occupancies;
        look();
      },
      ...{ afterInstant: look, onStarting: look, onPreempting: look, onStopped: look, close: () => undefined },
    };
    return probe as unknown as WaitProbe;
  }

  /**
   * The times at which each node slept, and, by job, those at which it held a node that was not awake: from the rule
   * itself, a node and a span at a time.
   */
  replay(afterMs: number, wakeMs: number, endMs: number): { asleep: Span[]; waking: Map<number, Span[]> } {
    const asleep: Span[] = [];
    const readyAt: Map<number, number>[] = [];
    const nodes = this.instants[0]!.freeIn.length;
    const free = new Float64Array(nodes).fill(this.instants[0]!.atMs);
    const ready = new Float64Array(nodes).fill(Number.NEGATIVE_INFINITY);
    this.instants.forEach(({ atMs, freeIn }, index) => {
      const before = this.instants[index - 1]?.freeIn ?? freeIn;
      for (let node = 0; node < nodes; node++) {
        if (before[node] === freeIn[node]) continue;
        if (before[node]! >= 0) {
          const fromMs = Math.max(free[node]! + afterMs, ready[node]!);
          if (fromMs < atMs) {
            asleep.push({ fromMs, toMs: atMs });
            ready[node] = atMs + wakeMs;
          }
        }
        if (freeIn[node]! >= 0) free[node] = atMs;
      }
      readyAt.push(new Map([...ready.entries()]));
    });
    const last = this.instants.at(-1)!.freeIn;
    for (let node = 0; node < nodes; node++) {
      const fromMs = Math.max(free[node]! + afterMs, ready[node]!);
      if (last[node]! >= 0 && fromMs < endMs) asleep.push({ fromMs, toMs: endMs });
    }
    const waking = new Map<number, Span[]>();
    this.instants.forEach(({ atMs, nodesOf }, index) => {
      const untilMs = this.instants[index + 1]?.atMs ?? endMs;
      for (const [job, on] of nodesOf) {
        const toMs = Math.min(untilMs, Math.max(...on.map((node) => readyAt[index]!.get(node)!)));
        if (toMs <= atMs) continue;
        if (!waking.has(job)) waking.set(job, []);
        waking.get(job)!.push({ fromMs: atMs, toMs });
      }
    });
    return { asleep, waking };
  }

  private look(): void {
    const { world, occupancies } = this;
    const { nodes, nodesPerRack, gpusPerNode } = occupancies[0]!.layout;
    const freeIn = Array.from({ length: nodes }, (_, node) =>
      occupancies.findIndex(
        (occupancy) => (occupancy.rackFreeMask(Math.floor(node / nodesPerRack)) & (1 << (node % nodesPerRack))) !== 0,
      ),
    );
    const nodesOf = new Map<number, number[]>();
    for (let job = 0; job < world.jobCount; job++) {
      const on: number[] = [];
      const shared = world.gpusNow(job) < gpusPerNode;
      occupancies[world.partitionOf(job)]!.forEachRecord(job, (place, mask) => {
        if (shared) on.push(place);
        else for (let bit = 0; bit < nodesPerRack; bit++) if ((mask >> bit) & 1) on.push(place * nodesPerRack + bit);
      });
      if (on.length > 0) nodesOf.set(job, on);
    }
    this.instants.push({ atMs: world.nowMs, freeIn, nodesOf });
  }
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}
