import type { Occupancy, WithdrawnListener } from '../cluster/occupancy.js';
import type { JobId } from '../policy/contracts.js';

/** What leaving and coming back of nodes does to the schedule. */
export interface ServiceHost {
  /** Free GPUs have left a partition until about then, or (negative) came back. */
  onCapacity(partition: number, gpus: number, untilMs: number): void;
  /** The meter must learn what is in service. */
  onService(partition: number): void;
  /** Does a job that failed wait for nodes at the head of a partition's queue? */
  waitsForRepair(partition: number): boolean;
  /** In a window's nodes one has been replaced by another. */
  exchange(partition: number, from: number, to: number): void;
}

/** Why a node is out of service, as bits. */
const WINDOW = 1;
const DOWN = 2;
const SPARE = 4;
/** It has not joined yet; `backMs` is when it will. */
const AHEAD = 8;

/**
 * Which nodes are out of service and why: in a window, under repair, kept as spares, or not there yet. The one place that takes nodes
 * from a partition and gives them back, so that a window and a repair of one node know of each other.
 *
 * A node is in its partition's service while it has no reason not to be; a free one that comes back while there are
 * fewer spares than there should be, and no failed job waits for it, becomes a spare instead, and a spare that a window takes is none any more. A node
 * of an open reservation serves the reservation's partition meanwhile: it is lent.
 *
 * Schedulers are told of each GPU that leaves when it is expected back: at the end of the window or of the repair,
 * as if the estimate for it were exact; never, of spares and of a node that will be one. What they are told comes with
 * {@link flush}; of one partition it sums to the GPUs that are out of its service and that no job holds.
 *
 * Cost: O(1) a change of a node; O(nodes under repair) when one becomes a spare. Memory: 42 B a node.
 */
export class NodeService {
  /** GPUs that nobody held of nodes under repair, and of spares: integrals from time 0 on, GPU·ms. */
  downGpuMs = 0;
  spareGpuMs = 0;

  private readonly clock: { readonly nowMs: number };
  private readonly host: ServiceHost;
  /** Partitions of the machine and behind them those of reservations. */
  private readonly occupancies: readonly Occupancy[];
  /** By partition of the machine and node. */
  private readonly reasons: readonly Uint8Array[];
  private readonly windowEndMs: readonly Float64Array[];
  private readonly backMs: readonly Float64Array[];
  /** GPUs that its scheduler was told, or is about to be told, have left with it; and until when. */
  private readonly told: readonly Int32Array[];
  private readonly toldUntilMs: readonly Float64Array[];
  /** Partition of the open reservation that it belongs to, and whether it is lent to it; −1: none. */
  private readonly reservation: readonly Int16Array[];
  private readonly lent: readonly Uint8Array[];
  /** GPUs of a lent node that have left the reservation's service. */
  private readonly lentOut: readonly Int32Array[];
  /** Nodes under repair, and kept as spares. */
  private readonly down: readonly number[][];
  private readonly spares: readonly number[][];
  private readonly spareTarget: number[];
  /** By partition: its partition of the machine; of a reservation's, the GPUs it lacks, what it was told, until when. */
  private readonly baseOf: Int16Array;
  private readonly missing: Int32Array;
  private readonly missingTold: Int32Array;
  private readonly openUntilMs: Float64Array;
  /** What is to be told: partition, GPUs, until when. */
  private readonly newsOf: number[] = [];
  private readonly newsGpus: number[] = [];
  private readonly newsUntilMs: number[] = [];
  private readonly dirty: Uint8Array;
  private readonly dirtyList: number[] = [];
  private downGpus = 0;
  private spareGpus = 0;
  private lastMs: number;

  /** @param spareTarget - spare nodes that each partition of the machine should have */
  constructor(given: {
    readonly clock: { readonly nowMs: number };
    readonly occupancies: readonly Occupancy[];
    readonly machinePartitions: number;
    readonly spareTarget: readonly number[];
    readonly host: ServiceHost;
  }) {
    const { clock, occupancies, machinePartitions, spareTarget, host } = given;
    this.clock = clock;
    this.occupancies = occupancies;
    this.spareTarget = [...spareTarget];
    this.host = host;
    this.lastMs = clock.nowMs;
    const nodes = occupancies.slice(0, machinePartitions).map(({ layout }) => layout.nodes);
    this.reasons = nodes.map((count) => new Uint8Array(count));
    this.windowEndMs = nodes.map((count) => new Float64Array(count));
    this.backMs = nodes.map((count) => new Float64Array(count));
    this.told = nodes.map((count) => new Int32Array(count));
    this.toldUntilMs = nodes.map((count) => new Float64Array(count));
    this.reservation = nodes.map((count) => new Int16Array(count).fill(-1));
    this.lent = nodes.map((count) => new Uint8Array(count));
    this.lentOut = nodes.map((count) => new Int32Array(count));
    this.down = nodes.map(() => []);
    this.spares = nodes.map(() => []);
    this.baseOf = Int16Array.from(occupancies, (_, partition) => partition);
    this.missing = new Int32Array(occupancies.length);
    this.missingTold = new Int32Array(occupancies.length);
    this.openUntilMs = new Float64Array(occupancies.length).fill(Number.NaN);
    this.dirty = new Uint8Array(occupancies.length);
    occupancies.forEach((occupancy, partition) => {
      occupancy.withdrawnListener =
        partition < machinePartitions ? this.listenerOf(partition) : this.lentListenerOf(partition);
    });
  }

  /** The partition of the machine that a partition's nodes belong to. */
  machineOf(partition: number): number {
    return this.baseOf[partition]!;
  }

  /** Where the jobs on a node run: in its own partition, or in that of a reservation. */
  placeOf(partition: number, node: number): number {
    return this.lent[partition]![node] === 1 ? this.reservation[partition]![node]! : partition;
  }

  isDown(partition: number, node: number): boolean {
    return (this.reasons[partition]![node]! & DOWN) !== 0;
  }

  isSpare(partition: number, node: number): boolean {
    return (this.reasons[partition]![node]! & SPARE) !== 0;
  }

  /** It has not joined yet. */
  isAhead(partition: number, node: number): boolean {
    return (this.reasons[partition]![node]! & AHEAD) !== 0;
  }

  /** A free node is not there before that time. */
  expect(partition: number, node: number, atMs: number): void {
    this.backMs[partition]![node] = atMs;
    this.leave(partition, node, AHEAD, atMs);
  }

  /** A node that was expected is there. */
  join(partition: number, node: number): void {
    const reasons = this.reasons[partition]!;
    reasons[node]! &= ~AHEAD;
    if (reasons[node] === 0) {
      this.comeBack(partition, node);
      return;
    }
    this.retell(partition, node, this.windowEndMs[partition]![node]!);
    this.lendIfFree(partition, node);
  }

  /** Spare nodes that a partition should have from now on; nodes that come back fill their places. */
  setSpareTarget(partition: number, nodes: number): void {
    this.spareTarget[partition] = nodes;
  }

  /** Nodes under repair. */
  downNodes(partition: number): readonly number[] {
    return this.down[partition]!;
  }

  spareNodes(partition: number): readonly number[] {
    return this.spares[partition]!;
  }

  /** Free nodes become spares. */
  setAside(partition: number, nodes: Iterable<number>): void {
    for (const node of nodes) {
      this.leave(partition, node, SPARE, Number.POSITIVE_INFINITY);
      this.addSpare(partition, node);
    }
  }

  /** All spares serve as other nodes do, until nodes that come back fill the place of spares again. */
  releaseSpares(partition: number): void {
    for (const node of this.spares[partition]!.slice()) {
      this.removeSpare(partition, node);
      this.reasons[partition]![node] = 0;
      this.occupancies[partition]!.restore(node);
      this.note(partition, -this.told[partition]![node]!, Number.POSITIVE_INFINITY);
      this.told[partition]![node] = 0;
    }
  }

  /** A window takes a node until then: as soon as the jobs on it have ended. */
  addWindow(partition: number, node: number, untilMs: number): void {
    const reasons = this.reasons[partition]!;
    this.windowEndMs[partition]![node] = untilMs;
    if (reasons[node] === 0) {
      this.leave(partition, node, WINDOW, untilMs);
      return;
    }
    if ((reasons[node]! & SPARE) !== 0) this.removeSpare(partition, node);
    reasons[node] = (reasons[node]! & ~SPARE) | WINDOW;
    this.retell(partition, node, this.expectedMs(partition, node));
  }

  endWindow(partition: number, node: number): void {
    const reasons = this.reasons[partition]!;
    reasons[node]! &= ~WINDOW;
    if (reasons[node] === 0) this.comeBack(partition, node);
    else this.retell(partition, node, this.backMs[partition]![node]!);
  }

  /** A reservation of so many GPUs opens in a partition of its own; {@link lend} gives it its nodes. */
  openReservation(own: number, partition: number, gpus: number, untilMs: number): void {
    this.baseOf[own] = partition;
    this.missing[own] = gpus;
    this.missingTold[own] = 0;
    this.openUntilMs[own] = untilMs;
    this.touch(own);
  }

  /** A node that a window has is to serve an open reservation: from now on, or once it can. */
  lend(own: number, partition: number, node: number): void {
    this.reservation[partition]![node] = own;
    this.lendIfFree(partition, node);
  }

  /** The reservation is over and no job runs in it: call before {@link endWindow} of its nodes. */
  closeReservation(own: number, partition: number, nodes: Iterable<number>): void {
    const lent = this.lent[partition]!;
    for (const node of nodes) {
      if (this.reservation[partition]![node] !== own) continue;
      if (lent[node] === 1 && !this.isDown(partition, node)) this.occupancies[own]!.withdraw(node);
      lent[node] = 0;
      this.lentOut[partition]![node] = 0;
      this.reservation[partition]![node] = -1;
    }
    this.openUntilMs[own] = Number.NaN;
    this.touch(own);
  }

  /** A node that is not under repair goes down and is expected back then. */
  fail(partition: number, node: number, backMs: number): void {
    const reasons = this.reasons[partition]!;
    const spare = (reasons[node]! & SPARE) !== 0;
    this.backMs[partition]![node] = backMs;
    this.down[partition]!.push(node);
    if (reasons[node] === 0) this.leave(partition, node, DOWN, backMs);
    else {
      if (spare) this.removeSpare(partition, node);
      reasons[node] = (reasons[node]! & ~SPARE) | DOWN;
      if (this.lent[partition]![node] === 1) this.leaveReservation(partition, node);
      // A spare's place stays empty until some node fills it.
      if (!spare) this.retell(partition, node, this.expectedMs(partition, node));
    }
    this.changeLevels(this.downGpusOf(partition, node), 0);
  }

  /** When a node under repair is expected back. */
  backAt(partition: number, node: number): number {
    return this.backMs[partition]![node]!;
  }

  /** The repair of a node will last longer. */
  delay(partition: number, node: number, backMs: number): void {
    this.backMs[partition]![node] = backMs;
    if (this.toldUntilMs[partition]![node]! < Number.POSITIVE_INFINITY)
      this.retell(partition, node, this.expectedMs(partition, node));
  }

  /** A node has been repaired. */
  repaired(partition: number, node: number): void {
    const reasons = this.reasons[partition]!;
    const down = this.down[partition]!;
    down.splice(down.indexOf(node), 1);
    this.changeLevels(-this.downGpusOf(partition, node), 0);
    reasons[node]! &= ~DOWN;
    if (reasons[node] === 0) {
      this.comeBack(partition, node);
      return;
    }
    this.retell(partition, node, this.windowEndMs[partition]![node]!);
    if (this.lent[partition]![node] === 0) this.lendIfFree(partition, node);
    else {
      const own = this.reservation[partition]![node]!;
      this.missing[own]! -= this.occupancies[own]!.restore(node);
      this.lentOut[partition]![node] = 0;
      this.touch(own);
    }
  }

  /**
   * Puts a spare in the place of a node under repair that a job of whole nodes is on. In a reservation the spare takes
   * the node's part in it too. No scheduler has more or fewer GPUs for it.
   */
  swap(partition: number, job: JobId, from: number, spare: number): void {
    const place = this.placeOf(partition, from);
    const { told, toldUntilMs, reasons, windowEndMs, reservation, lent } = this;
    const { gpusPerNode } = this.occupancies[partition]!.layout;
    this.removeSpare(partition, spare);
    this.occupancies[place]!.replaceNode(job, from, spare);
    if (place === partition) {
      reasons[partition]![spare] = 0;
      told[partition]![spare] = 0;
      told[partition]![from] = gpusPerNode;
      toldUntilMs[partition]![from] = Number.POSITIVE_INFINITY;
    } else {
      reasons[partition]![from] = DOWN;
      reasons[partition]![spare] = WINDOW;
      windowEndMs[partition]![spare] = windowEndMs[partition]![from]!;
      reservation[partition]![spare] = place;
      reservation[partition]![from] = -1;
      lent[partition]![spare] = 1;
      lent[partition]![from] = 0;
      this.lentOut[partition]![from] = 0;
      this.host.exchange(partition, from, spare);
      this.retell(partition, spare, windowEndMs[partition]![from]!);
      this.retell(partition, from, Number.POSITIVE_INFINITY);
    }
    this.changeLevels(gpusPerNode, 0);
    this.touch(place);
  }

  /** Tells schedulers and meters what has changed since the last time. */
  flush(): void {
    const { dirtyList, newsOf, newsGpus, newsUntilMs, host } = this;
    if (dirtyList.length === 0 && newsOf.length === 0) return; // after most releases
    for (const partition of dirtyList) {
      this.dirty[partition] = 0;
      host.onService(partition);
    }
    for (let i = 0; i < newsOf.length; i++) host.onCapacity(newsOf[i]!, newsGpus[i]!, newsUntilMs[i]!);
    newsOf.length = 0;
    newsGpus.length = 0;
    newsUntilMs.length = 0;
    for (const own of dirtyList) this.tellMissing(own);
    dirtyList.length = 0;
  }

  /** Ends the integrals at the end of the run. */
  close(nowMs: number): void {
    this.advance(nowMs);
  }

  private leave(partition: number, node: number, reason: number, untilMs: number): void {
    const left = this.occupancies[partition]!.withdraw(node);
    this.reasons[partition]![node] = reason;
    this.told[partition]![node] = left;
    this.toldUntilMs[partition]![node] = untilMs;
    this.note(partition, left, untilMs);
  }

  /** A node that nothing keeps out of service any more is a spare, or is in service again. */
  private comeBack(partition: number, node: number): void {
    const occupancy = this.occupancies[partition]!;
    const untilMs = this.toldUntilMs[partition]![node]!;
    const isShort = this.spares[partition]!.length < this.spareTarget[partition]!;
    if (isShort && occupancy.isOutOfService(node) && !this.host.waitsForRepair(partition)) {
      this.reasons[partition]![node] = SPARE;
      this.addSpare(partition, node);
      this.retell(partition, node, Number.POSITIVE_INFINITY);
      if (untilMs < Number.POSITIVE_INFINITY) this.passOn(partition);
      return;
    }
    occupancy.restore(node);
    this.note(partition, -this.told[partition]![node]!, untilMs);
    this.told[partition]![node] = 0;
  }

  /** A node fills the place of another among the spares: that one will be back when it is repaired. */
  private passOn(partition: number): void {
    const other = this.down[partition]!.find(
      (node) => this.told[partition]![node]! > 0 && this.toldUntilMs[partition]![node] === Number.POSITIVE_INFINITY,
    );
    if (other !== undefined) this.retell(partition, other, this.expectedMs(partition, other));
  }

  private leaveReservation(partition: number, node: number): void {
    const own = this.reservation[partition]![node]!;
    const left = this.occupancies[own]!.withdraw(node);
    this.lentOut[partition]![node] = left;
    this.missing[own]! += left;
    this.touch(own);
  }

  private lendIfFree(partition: number, node: number): void {
    const own = this.reservation[partition]![node]!;
    if (own < 0 || this.reasons[partition]![node] !== WINDOW) return;
    if (!this.occupancies[partition]!.isOutOfService(node)) return;
    this.lent[partition]![node] = 1;
    this.missing[own]! -= this.occupancies[own]!.restore(node);
    this.touch(own);
  }

  /** When a node with a reason to be out of service is expected back. */
  private expectedMs(partition: number, node: number): number {
    const reasons = this.reasons[partition]![node]!;
    const windowMs = (reasons & WINDOW) === 0 ? 0 : this.windowEndMs[partition]![node]!;
    return (reasons & (DOWN | AHEAD)) === 0 ? windowMs : Math.max(windowMs, this.backMs[partition]![node]!);
  }

  private retell(partition: number, node: number, untilMs: number): void {
    const told = this.told[partition]![node]!;
    const beforeMs = this.toldUntilMs[partition]![node]!;
    this.toldUntilMs[partition]![node] = untilMs;
    if (told === 0 || beforeMs === untilMs) return;
    this.note(partition, -told, beforeMs);
    this.note(partition, told, untilMs);
  }

  private note(partition: number, gpus: number, untilMs: number): void {
    this.touch(partition);
    if (gpus === 0) return;
    const { newsOf, newsGpus, newsUntilMs } = this;
    const last = newsOf.length - 1;
    if (newsOf[last] === partition && newsUntilMs[last] === untilMs && newsGpus[last]! > 0 === gpus > 0) {
      newsGpus[last]! += gpus;
      return;
    }
    newsOf.push(partition);
    newsGpus.push(gpus);
    newsUntilMs.push(untilMs);
  }

  private touch(partition: number): void {
    if (this.dirty[partition] === 1) return;
    this.dirty[partition] = 1;
    this.dirtyList.push(partition);
  }

  /** What an open reservation lacks is expected with nothing but its end. */
  private tellMissing(own: number): void {
    const untilMs = this.openUntilMs[own]!;
    const before = this.missingTold[own]!;
    const now = this.missing[own]!;
    if (Number.isNaN(untilMs) || before === now) return;
    this.missingTold[own] = now;
    if (before > 0) this.host.onCapacity(own, -before, untilMs);
    if (now > 0) this.host.onCapacity(own, now, untilMs);
  }

  private addSpare(partition: number, node: number): void {
    this.spares[partition]!.push(node);
    this.changeLevels(0, this.occupancies[partition]!.layout.gpusPerNode);
  }

  private removeSpare(partition: number, node: number): void {
    const spares = this.spares[partition]!;
    spares.splice(spares.indexOf(node), 1);
    this.changeLevels(0, -this.occupancies[partition]!.layout.gpusPerNode);
  }

  /** GPUs of a node under repair that no job holds. */
  private downGpusOf(partition: number, node: number): number {
    return this.lent[partition]![node] === 1 ? this.lentOut[partition]![node]! : this.told[partition]![node]!;
  }

  private changeLevels(downGpus: number, spareGpus: number): void {
    this.advance(this.clock.nowMs);
    this.downGpus += downGpus;
    this.spareGpus += spareGpus;
  }

  private advance(nowMs: number): void {
    const from = this.lastMs > 0 ? this.lastMs : 0;
    if (nowMs > from) {
      this.downGpuMs += (nowMs - from) * this.downGpus;
      this.spareGpuMs += (nowMs - from) * this.spareGpus;
    }
    this.lastMs = nowMs;
  }

  private listenerOf(partition: number): WithdrawnListener {
    return {
      onKeptBack: (node, gpus) => {
        this.told[partition]![node]! += gpus;
        if (this.isDown(partition, node)) this.changeLevels(gpus, 0);
        this.note(partition, gpus, this.toldUntilMs[partition]![node]!);
      },
      onLeft: (node) => {
        this.lendIfFree(partition, node);
      },
    };
  }

  private lentListenerOf(own: number): WithdrawnListener {
    return {
      onKeptBack: (node, gpus) => {
        this.lentOut[this.baseOf[own]!]![node]! += gpus;
        this.missing[own]! += gpus;
        this.changeLevels(gpus, 0);
        this.touch(own);
      },
      onLeft: () => undefined,
    };
  }
}
