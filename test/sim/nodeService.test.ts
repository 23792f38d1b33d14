import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Claim } from '../../src/cluster/claim.js';
import { layoutOf } from '../../src/cluster/layout.js';
import { Occupancy } from '../../src/cluster/occupancy.js';
import { NodeService } from '../../src/sim/nodeService.js';

const NODES = 10;
const PER_NODE = 2;
const TARGET = 2;
/** A reservation of two nodes, and maintenance of two others. */
const RESERVED = [9, 8];
const SERVICED = [7, 6];

const someSteps = fc.array(
  fc.record({
    kind: fc.constantFrom(
      ...([
        'start',
        'start',
        'start',
        'startReserved',
        'end',
        'end',
        'fail',
        'fail',
        'repair',
        'swap',
        'swap',
      ] as const),
      ...(['takeReserved', 'open', 'endReserved', 'takeServiced', 'endServiced', 'release'] as const),
    ),
    // Those of the reservation more often than others.
    node: fc.oneof(fc.integer({ min: 0, max: NODES - 1 }), fc.constantFrom(...RESERVED)),
    gpus: fc.constantFrom(1, 2, 2, 4, 6),
    which: fc.nat(),
  }),
  { maxLength: 60, size: 'max' },
);

/** A machine, the partition of its reservation, and what their schedulers were told. */
class Rig {
  readonly clock = { nowMs: 0 };
  readonly layout = layoutOf({ nodes: NODES, gpusPerNode: PER_NODE, nodesPerRack: 3, racksPerPod: 2 });
  readonly occupancies = [new Occupancy(this.layout, 100, true), new Occupancy(this.layout, 100, true)];
  /** By partition: GPUs that are away, by when they are expected. */
  readonly away = [new Map<number, number>(), new Map<number, number>()];
  readonly reserved = [...RESERVED];
  readonly jobs: { job: number; gpus: number; place: number; nodes: Set<number> }[] = [];
  readonly service: NodeService;
  waits = false;
  windows = { reserved: false, open: false, serviced: false };

  constructor() {
    this.service = new NodeService({
      clock: this.clock,
      occupancies: this.occupancies,
      machinePartitions: 1,
      spareTarget: [TARGET],
      host: {
        onCapacity: (partition, gpus, untilMs) => {
          const after = (this.away[partition]!.get(untilMs) ?? 0) + gpus;
          expect(after).toBeGreaterThanOrEqual(0);
          if (after > 0) this.away[partition]!.set(untilMs, after);
          else this.away[partition]!.delete(untilMs);
        },
        onService: () => undefined,
        waitsForRepair: () => this.waits,
        exchange: (_partition, from, to) => {
          this.reserved[this.reserved.indexOf(from)] = to;
        },
      },
    });
    for (let node = 0; node < NODES; node++) this.occupancies[1]!.withdraw(node);
    this.service.setAside(0, [0, 5]);
  }

  start(job: number, gpus: number, place: number): void {
    const occupancy = this.occupancies[place]!;
    if (gpus > occupancy.largestFit()) return;
    const claim = new Claim(this.layout.racks);
    let left = Math.ceil(gpus / PER_NODE);
    const nodes = new Set<number>();
    for (let node = 0; node < NODES && left > 0; node++) {
      const free = occupancy.nodeFreeGpus(node);
      if (free < Math.min(gpus, PER_NODE)) continue;
      left--;
      nodes.add(node);
      claim.node = node;
    }
    if (left > 0) return;
    for (let rack = 0; rack < this.layout.racks; rack++) {
      const mask = [...nodes].reduce(
        (bits, node) => (Math.floor(node / 3) === rack ? bits | (1 << (node % 3)) : bits),
        0,
      );
      if (gpus >= PER_NODE && mask !== 0) claim.add(rack, mask);
    }
    expect(occupancy.refusal(gpus, claim)).toBeUndefined();
    occupancy.take(job, gpus, claim);
    this.jobs.push({ job, gpus, place, nodes });
  }

  end(index: number): void {
    const [ended] = this.jobs.splice(index, 1);
    if (ended !== undefined) this.occupancies[ended.place]!.release(ended.job, ended.gpus);
  }

  step(kind: string, node: number, gpus: number, which: number, job: number): void {
    const { service, jobs, windows } = this;
    if (kind === 'start') this.start(job, gpus, 0);
    else if (kind === 'startReserved' && windows.open) this.start(job, gpus, 1);
    else if (kind === 'end' && jobs.length > 0) this.end(which % jobs.length);
    else if (kind === 'fail' && !service.isDown(0, node)) service.fail(0, node, this.clock.nowMs + 10 + (which % 5));
    else if (kind === 'repair') {
      const down = service.downNodes(0);
      if (down.length > 0) service.repaired(0, down[which % down.length]!);
    } else if (kind === 'swap') this.swap();
    else if (kind === 'release') {
      this.waits = which % 2 === 0;
      if (this.waits) service.releaseSpares(0);
    } else if (kind === 'takeReserved' && !windows.reserved) {
      windows.reserved = true;
      for (const each of this.reserved) service.addWindow(0, each, 1000);
    } else if (kind === 'open' && windows.reserved && !windows.open) {
      windows.open = true;
      service.openReservation(1, 0, this.reserved.length * PER_NODE, 1000);
      for (const each of this.reserved) service.lend(1, 0, each);
    } else if (kind === 'endReserved' && windows.open) {
      windows.open = windows.reserved = false;
      for (let at = jobs.length - 1; at >= 0; at--) if (jobs[at]!.place === 1) this.end(at);
      service.closeReservation(1, 0, this.reserved);
      this.away[1]!.clear(); // another begins anew
      for (const each of this.reserved) service.endWindow(0, each);
    } else if (kind === 'takeServiced' && !windows.serviced) {
      windows.serviced = true;
      for (const each of this.free(SERVICED)) service.addWindow(0, each, 2000);
    } else if (kind === 'endServiced' && windows.serviced) {
      windows.serviced = false;
      for (const each of this.free(SERVICED)) service.endWindow(0, each);
    }
  }

  /** The reservation may have been given one of them by a swap. */
  private readonly serviced: number[] = [];
  private free(nodes: readonly number[]): readonly number[] {
    if (this.windows.serviced) this.serviced.splice(0, 2, ...nodes.filter((node) => !this.reserved.includes(node)));
    return this.serviced;
  }

  private swap(): void {
    for (const { job, gpus, nodes } of this.jobs) {
      const lost = [...nodes].find((node) => this.service.isDown(0, node));
      const spare = this.service.spareNodes(0)[0];
      if (gpus < PER_NODE || lost === undefined || spare === undefined) continue;
      this.service.swap(0, job, lost, spare);
      nodes.delete(lost);
      nodes.add(spare);
      return;
    }
  }

  heldIn(node: number): number {
    return this.jobs.reduce((sum, of) => sum + (of.nodes.has(node) ? Math.min(of.gpus, PER_NODE) : 0), 0);
  }

  check(): void {
    const { service, occupancies, jobs, away } = this;
    occupancies.forEach((occupancy, place) => {
      const held = jobs.reduce(
        (sum, of) => sum + (of.place === place ? of.nodes.size * Math.min(of.gpus, PER_NODE) : 0),
        0,
      );
      const told = [...away[place]!.values()].reduce((sum, gpus) => sum + gpus, 0);
      expect(occupancy.heldGpus).toBe(held);
      const out = Array.from({ length: NODES }, (_, node) => node).filter((node) => occupancy.isWithdrawn(node));
      expect(occupancy.withdrawnNodes).toBe(out.length);
      // What schedulers think is away is what is neither free nor held.
      const all = place === 0 ? NODES * PER_NODE : this.windows.open ? this.reserved.length * PER_NODE : 0;
      if (place === 0 || this.windows.open) expect(told).toBe(all - occupancy.freeGpus - held);
      else expect(occupancy.freeGpus).toBe(0);
    });
    let down = 0;
    let spare = 0;
    for (let node = 0; node < NODES; node++) {
      const serves = occupancies.filter((occupancy) => !occupancy.isWithdrawn(node));
      if (service.isDown(0, node) || service.isSpare(0, node)) expect(serves).toHaveLength(0);
      else expect(serves.length).toBeLessThanOrEqual(1);
      if (service.isDown(0, node)) down += PER_NODE - this.heldIn(node);
      if (service.isSpare(0, node)) spare += PER_NODE;
    }
    expect(service.spareNodes(0).length).toBeLessThanOrEqual(TARGET);
    const { downGpuMs, spareGpuMs } = service;
    service.close(this.clock.nowMs);
    const sinceDown = service.downGpuMs - downGpuMs;
    this.clock.nowMs++;
    service.close(this.clock.nowMs);
    expect(service.downGpuMs - downGpuMs - sinceDown).toBe(down);
    expect(service.spareGpuMs - spareGpuMs).toBe(spare);
  }
}

describe('what is out of service', () => {
  it('is told to the GPU, serves one partition at most, and is counted as what it is, whatever happens', () => {
    fc.assert(
      fc.property(someSteps, fc.boolean(), (steps, opens) => {
        const rig = new Rig();
        if (opens) for (const kind of ['takeReserved', 'open']) rig.step(kind, 0, 0, 0, -1);
        rig.service.flush();
        rig.check();
        steps.forEach(({ kind, node, gpus, which }, job) => {
          rig.step(kind, node, gpus, which, job);
          rig.service.flush();
          rig.check();
        });
      }),
      { numRuns: 200 },
    );
  });

  it('a window that ends leaves a node to its repair, and a repair leaves it to its window', () => {
    const rig = new Rig();
    rig.service.addWindow(0, 4, 100);
    rig.service.fail(0, 4, 300);
    rig.service.endWindow(0, 4);
    expect(rig.occupancies[0]!.isWithdrawn(4)).toBe(true);
    rig.service.addWindow(0, 4, 500);
    rig.service.repaired(0, 4);
    expect(rig.occupancies[0]!.isWithdrawn(4)).toBe(true);
    rig.service.endWindow(0, 4);
    expect(rig.occupancies[0]!.isWithdrawn(4)).toBe(false);
  });

  it('a spare that a window takes is none any more; the node that comes back next is', () => {
    const rig = new Rig();
    rig.service.addWindow(0, 5, 100);
    expect(rig.service.spareNodes(0)).toEqual([0]);
    rig.service.fail(0, 3, 50);
    rig.service.repaired(0, 3);
    expect(rig.service.spareNodes(0)).toEqual([0, 3]);
    rig.service.endWindow(0, 5);
    expect(rig.occupancies[0]!.isWithdrawn(5)).toBe(false);
  });

  it('a node under repair that will fill the place of another is expected back when that one is', () => {
    const rig = new Rig();
    rig.service.fail(0, 0, 70); // a spare
    rig.service.fail(0, 3, 90);
    rig.service.flush();
    expect([...rig.away[0]!]).toEqual([
      [Number.POSITIVE_INFINITY, 4],
      [90, 2],
    ]);
    rig.service.repaired(0, 3); // becomes the spare: the other will serve
    rig.service.flush();
    expect(Object.fromEntries(rig.away[0]!)).toEqual({ Infinity: 4, 70: 2 });
  });
});
