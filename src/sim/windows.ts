import { SimError } from '../base/errors.js';
import type { Occupancy } from '../cluster/occupancy.js';
import { windowNodes } from '../cluster/windowNodes.js';
import type { EventHandle } from '../engine/eventQueue.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import { nodesAt } from '../scenario/inService.js';
import type { PartitionSpec, WindowSpec } from '../scenario/runSpec.js';
import type { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import type { Reservations } from './admission.js';
import { EVENT } from './events.js';
import type { NodeService } from './nodeService.js';

/** Jobs name their partition in a byte. */
const MAX_PARTITIONS = 256;

/**
 * The partitions of a run and behind them one for each advance reservation, of the same hardware at the same site:
 * what its jobs run in, closed but for its window.
 */
export function withReservations(
  partitions: readonly PartitionSpec[],
  windows: readonly WindowSpec[],
): readonly PartitionSpec[] {
  const reservations = windows.filter(({ kind }) => kind === 'reservation');
  if (partitions.length + reservations.length > MAX_PARTITIONS) throw tooManyPartitions(partitions.length);
  return [...partitions, ...reservations.map(({ partition, name }) => ({ ...partitions[partition]!, name }))];
}

/** Class traits with the speeds and the throughput of the partitions that {@link withReservations} adds. */
export function traitsWithReservations(traits: readonly ClassTraits[], windows: readonly WindowSpec[]): ClassTraits[] {
  const bases = windows.filter(({ kind }) => kind === 'reservation').map(({ partition }) => partition);
  if (bases.length === 0) return [...traits];
  const extended = <T>(byPartition: readonly T[]): T[] => [...byPartition, ...bases.map((base) => byPartition[base]!)];
  return traits.map((of) => ({
    ...of,
    ...(of.speedByPartition === undefined ? {} : { speedByPartition: extended(of.speedByPartition) }),
    ...(of.training === undefined ? {} : { training: { ...of.training, rows: extended(of.training.rows) } }),
  }));
}

/** What windows do to the schedule. */
export interface WindowsHost {
  /** Free GPUs have left a partition until about then, or (negative) came back. */
  onCapacity(partition: number, gpus: number, untilMs: number): void;
  /** The meter must learn what is in service. */
  onService(partition: number): void;
  /** Is the job running now? */
  isRunning(job: JobId): boolean;
  /** Ends a running job as timed out. */
  kill(job: JobId): void;
  /** The reservation of a job that does not run is over, or would end before it. */
  expire(job: JobId): void;
}

/** Where a window is; 0: ahead. */
const DRAINING = 1;
const OPEN = 2;
const OVER = 3;

/**
 * Maintenance windows and advance reservations: nodes leave their partition's service and come back.
 *
 * From `fromMs − drainMs` on the window's nodes take no new job; each is out of service when the jobs on it have
 * ended. A job that still runs at `fromMs` is waited for, also past it: its nodes follow when it ends, and a window
 * that finds no node free before it ends passes without effect. At `toMs` all are back. Nodes out of service draw
 * their idle power and stay part of the capacity that utilisation is measured against.
 *
 * A reservation's nodes serve, while it is open, the jobs that name it: a partition of its own with the same layout,
 * in which just these nodes are in service. At its end its jobs are killed (Slurm's default, ResvOverRun=0).
 *
 * Cost: O(nodes) at each of the three times of a window, O(nodes that leave) when a job ends. Memory: an
 * occupancy and a queue for each reservation, about 25 B a job.
 */
export class Windows implements Reservations {
  private readonly windows: readonly WindowSpec[];
  private readonly nodes: readonly Int32Array[];
  private readonly loop: RunLoop;
  private readonly jobs: JobTable;
  private readonly world: World;
  private readonly progress: JobProgress;
  private readonly occupancies: readonly Occupancy[];
  private readonly host: WindowsHost;
  private readonly phase: Uint8Array;
  /** Partition that the jobs of a reservation run in; -1: maintenance. */
  private readonly ownPartition: Int32Array;
  /** By partition and node: the window that has it; -1: none. */
  private readonly windowOf: readonly Int32Array[];
  private readonly service: NodeService;
  /** Jobs that named a reservation, by window. */
  private readonly members: readonly JobId[][];
  private readonly pending: EventHandle[] = [];
  private readonly startMs: number;

  constructor(given: {
    readonly windows: readonly WindowSpec[];
    readonly partitions: readonly PartitionSpec[];
    readonly loop: RunLoop;
    readonly jobs: JobTable;
    readonly world: World;
    readonly progress: JobProgress;
    readonly occupancies: readonly Occupancy[];
    readonly service: NodeService;
    /** Nodes of a partition that windows would rather not have. */
    readonly sparesOf: (partition: number) => Iterable<number>;
    readonly host: WindowsHost;
  }) {
    const { windows, partitions, loop, jobs, world, progress, occupancies, service, host } = given;
    this.windows = windows;
    this.loop = loop;
    this.jobs = jobs;
    this.world = world;
    this.progress = progress;
    this.occupancies = occupancies;
    this.service = service;
    this.host = host;
    this.startMs = loop.nowMs;
    this.nodes = windowNodes(windows, (partition, atMs) => nodesAt(partitions[partition]!, atMs), given.sparesOf);
    windows.forEach((window, index) => {
      const { length } = this.nodes[index]!;
      if (length < window.nodes) throw tooFewNodes(window, partitions[window.partition]!, length);
    });
    let own = partitions.length;
    this.ownPartition = Int32Array.from(windows, ({ kind }) => (kind === 'reservation' ? own++ : -1));
    this.phase = new Uint8Array(windows.length);
    this.windowOf = partitions.map(({ nodes }) => new Int32Array(nodes).fill(-1));
    this.members = windows.map(() => []);
    if (own > partitions.length && progress.partitionOf === jobs.partitionOf)
      progress.partitionOf = jobs.partitionOf.slice(0, jobs.count);
  }

  /** Schedules the windows that are not over and closes the reservations; once, before the run. */
  begin(): void {
    const { loop, windows, pending } = this;
    const { startMs } = this;
    // At one instant the nodes of a window that ends are back before another takes them.
    for (const [index, { toMs }] of windows.entries())
      if (toMs > startMs) pending.push(loop.queue.push(toMs, RANK.market, EVENT.windowEnd, index));
      else this.phase[index] = OVER;
    for (const [index, { fromMs, drainMs, toMs }] of windows.entries()) {
      if (this.ownPartition[index]! >= 0) this.close(index, Math.max(fromMs, startMs));
      if (toMs <= startMs) continue;
      pending.push(
        loop.queue.push(Math.max(startMs, fromMs - drainMs), RANK.market, EVENT.windowDrain, index),
        loop.queue.push(Math.max(startMs, fromMs), RANK.market, EVENT.windowBegin, index),
      );
    }
  }

  /** No job is left that they could matter to. */
  cancel(): void {
    for (const event of this.pending) this.loop.queue.cancel(event);
  }

  /** Its nodes take no new job from now on. */
  drain(window: number): void {
    this.phase[window] = DRAINING;
    this.takeNodes(window);
  }

  /** A reservation's jobs may use those of its nodes that are free; of maintenance nothing changes. */
  open(window: number): void {
    this.phase[window] = OPEN;
    const own = this.ownPartition[window]!;
    if (own < 0) return;
    const { partition, fromMs, toMs } = this.windows[window]!;
    const total = this.gpusOf(window);
    this.service.openReservation(own, partition, total, toMs);
    for (const node of this.nodes[window]!)
      if (this.windowOf[partition]![node] === window) this.service.lend(own, partition, node);
    this.host.onService(own);
    this.host.onCapacity(own, -total, Math.max(fromMs, this.startMs));
    this.service.flush();
  }

  /** Its jobs are killed or sent away, and its nodes are back in service. */
  end(window: number): void {
    const { partition } = this.windows[window]!;
    const own = this.ownPartition[window]!;
    this.phase[window] = OVER;
    if (own >= 0) this.clear(window, own);
    for (const node of this.nodes[window]!) {
      if (this.windowOf[partition]![node] !== window) continue;
      this.windowOf[partition]![node] = -1;
      this.service.endWindow(partition, node);
    }
    this.service.flush();
    for (let next = 0; next < this.windows.length; next++)
      if (this.phase[next] === DRAINING && this.windows[next]!.partition === partition) this.takeNodes(next);
  }

  /** Sends a job that names a reservation to its partition; true when it did. */
  route(job: JobId): boolean {
    const window = this.reservationOf(job);
    if (window < 0) return false;
    this.progress.partitionOf[job] = this.ownPartition[window]!;
    this.world.refreshHeld(job);
    this.members[window]!.push(job);
    if (!this.refuses(job)) {
      // From the ms after its last chance to start it can only wait in vain.
      const lateMs = Math.floor(this.windows[window]!.toMs - this.world.plannedMs(job)) + 1;
      this.pending.push(this.loop.queue.push(lateMs, RANK.market, EVENT.reservationLate, job));
    }
    return true;
  }

  /** The job can no longer end inside its reservation: it leaves if it has not started. */
  late(job: JobId): void {
    const { interruptions } = this.progress;
    const started =
      interruptions !== undefined && (interruptions.preemptions[job]! > 0 || interruptions.phases?.begun[job] === 1);
    if (!started && !this.host.isRunning(job)) this.host.expire(job);
  }

  refuses(job: JobId): boolean {
    const window = this.reservationOf(job);
    if (window < 0) return false;
    const { fromMs, toMs } = this.windows[window]!;
    const { world } = this;
    const beginsMs = Math.max(world.nowMs, fromMs);
    return beginsMs >= toMs || beginsMs + world.plannedMs(job) > toMs || world.heldGpus(job) > this.gpusOf(window);
  }

  isAhead(job: JobId): boolean {
    const window = this.reservationOf(job);
    return window >= 0 && this.phase[window]! < OPEN;
  }

  /** Partitions of jobs as the scenario has them: a reservation's jobs ran in the partition of its nodes. */
  settle(): void {
    const { partitionOf } = this.progress;
    this.members.forEach((jobs, window) => {
      for (const job of jobs) partitionOf[job] = this.windows[window]!.partition;
    });
  }

  /** No node is in the reservation's service: its own until it opens, the others for ever. */
  private close(window: number, untilMs: number): void {
    const own = this.ownPartition[window]!;
    const { layout } = this.occupancies[own]!;
    for (let node = 0; node < layout.nodes; node++) this.occupancies[own]!.withdraw(node);
    this.host.onService(own);
    const gpus = this.gpusOf(window);
    this.host.onCapacity(own, gpus, untilMs);
    if (gpus < layout.gpus) this.host.onCapacity(own, layout.gpus - gpus, Number.POSITIVE_INFINITY);
  }

  /** Whatever named the reservation and is not over leaves with it. */
  private clear(window: number, own: number): void {
    for (const job of this.members[window]!) {
      if (this.host.isRunning(job)) this.host.kill(job);
      else this.host.expire(job);
    }
    this.service.closeReservation(own, this.windows[window]!.partition, this.nodes[window]!);
  }

  /** Those of its nodes leave service that no window before it still needs. */
  private takeNodes(window: number): void {
    const { partition, fromMs, toMs } = this.windows[window]!;
    const windowOf = this.windowOf[partition]!;
    const needed = new Uint8Array(windowOf.length);
    this.windows.forEach((earlier, index) => {
      if (earlier.partition !== partition || earlier.toMs > fromMs || this.phase[index] === OVER) return;
      for (const node of this.nodes[index]!) needed[node] = 1;
    });
    for (const node of this.nodes[window]!) {
      if (windowOf[node]! >= 0 || needed[node] === 1) continue;
      windowOf[node] = window;
      this.service.addWindow(partition, node, toMs);
      if (this.phase[window] === OPEN && this.ownPartition[window]! >= 0)
        this.service.lend(this.ownPartition[window]!, partition, node);
    }
    this.service.flush();
  }

  /** A spare has taken the place of a node in its window. */
  exchange(partition: number, from: number, to: number): void {
    const windowOf = this.windowOf[partition]!;
    const window = windowOf[from]!;
    const nodes = this.nodes[window]!;
    nodes[nodes.indexOf(from)] = to;
    windowOf[to] = window;
    windowOf[from] = -1;
  }

  private gpusOf(window: number): number {
    const { nodes, partition } = this.windows[window]!;
    return nodes * this.occupancies[partition]!.layout.gpusPerNode;
  }

  /** The window of the reservation that a job names; -1: none. */
  private reservationOf(job: JobId): number {
    return this.jobs.extra?.reservationOf?.[job] ?? -1;
  }
}

function tooFewNodes({ name, nodes }: WindowSpec, partition: PartitionSpec, found: number): SimError {
  return new SimError(
    'scenario.invalid',
    `window ${name}: expected ${nodes} nodes of partition ${partition.name} (${partition.nodes} nodes) that no other ` +
      `window has at the time, there are ${found}. Give it fewer nodes, or another time.`,
  );
}

function tooManyPartitions(partitions: number): SimError {
  return new SimError(
    'scenario.invalid',
    `windows: expected at most ${MAX_PARTITIONS - partitions} reservations beside the ${partitions} partitions of the run ` +
      `(${MAX_PARTITIONS} together), there are more. Maintenance windows do not count.`,
  );
}
