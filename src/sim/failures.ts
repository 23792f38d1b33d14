import type { RandomStreams } from '../base/random.js';
import { MS_PER_HOUR } from '../base/units.js';
import { FailureTrace, StragglerTrace } from '../cluster/failureTrace.js';
import type { Occupancy, WithdrawnListener } from '../cluster/occupancy.js';
import { spareNodes } from '../cluster/spareNodes.js';
import type { EventHandle } from '../engine/eventQueue.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { ReliabilitySpec } from '../scenario/reliabilitySpec.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { PhaseProgress } from '../workload/phaseProgress.js';
import { EVENT } from './events.js';

/** What failures do to the schedule. */
export interface FailuresHost {
  /** Free GPUs have left a partition until about then, or (negative) came back. */
  onCapacity(partition: number, gpus: number, untilMs: number): void;
  /** The meter must learn what is in service. */
  onService(partition: number): void;
  /** A running job stands still until then at least. */
  hang(job: JobId, cause: number, untilMs: number): void;
  /** A job that hung goes on: productive after `swapMs`, initialisation and reload. */
  resume(job: JobId, swapMs: number): void;
  /** A job that hung loses its GPUs and waits at the head of the queue. */
  requeue(job: JobId): void;
  /** A slow node makes the job slower, or no longer does. */
  changeSpeed(job: JobId): void;
}

/** What a node is to the failures; in service, or in a window's hands: 0. */
const SPARE = 1;
const DOWN = 2;

/**
 * Failures of nodes and what follows: detection, hot swap or requeue, repair; and slow nodes.
 *
 * A failure takes what is in its scope out of service: a node, its rack or its pod; or only strikes the job. Jobs on it
 * stand still until it is detected; another failure meanwhile begins the detection anew. Then each node they lost is
 * replaced by a spare, and they go on from their last checkpoint; where there are too few spares, they give up
 * their GPUs and wait at the head of the queue. A job below a node's size always does: its room is easily found.
 *
 * A node that failed is repaired from the detection on, and then becomes a spare while there are fewer than there
 * should be, or is in service again. A spare fails like any node. Schedulers are told when a node will be back, as if
 * the estimate for the repair were exact.
 *
 * Wrong where an idle node's failure goes unnoticed until a job meets it, and where faults change what fails next.
 */
export class Failures {
  /** By index of causes, the reliability document's and then stragglers; since time 0. */
  readonly counts: Int32Array;
  readonly interruptions: Int32Array;
  readonly downMs: Float64Array;

  private readonly spec: ReliabilitySpec;
  private readonly loop: RunLoop;
  private readonly world: World;
  private readonly occupancies: readonly Occupancy[];
  private readonly phases: PhaseProgress;
  private readonly host: FailuresHost;
  private readonly startMs: number;
  /** By partition. */
  private readonly traces: readonly FailureTrace[];
  private readonly stragglers: readonly StragglerTrace[];
  private readonly state: readonly Uint8Array[];
  private readonly spares: readonly number[][];
  /** By partition and node: when it will be back; the cause that took it down, and when. */
  private readonly backMs: readonly Float64Array[];
  private readonly downSinceMs: readonly Float64Array[];
  private readonly causeOf: readonly Int16Array[];
  /** By partition and node: GPUs that schedulers were told have left with it. */
  private readonly told: readonly Int32Array[];
  private readonly down: readonly number[][];
  /** Nodes with GPUs that have left by a job's end, which their scheduler has not been told of yet. */
  private readonly untold: { partition: number; node: number; gpus: number }[] = [];
  /** By partition and rack: nodes that are slow. */
  private readonly slowMask: readonly Int32Array[];
  private readonly slowNodes: Int32Array;
  /** By partition and slow node. */
  private readonly slowRepairMs: readonly Float64Array[];
  private readonly levels: OutLevels;
  /** By job that hangs: the event of its detection. */
  private readonly detections = new Map<JobId, EventHandle>();
  private readonly pending: EventHandle[];
  private readonly hit: number[] = [];
  private readonly lost: number[] = [];

  constructor(given: {
    readonly spec: ReliabilitySpec;
    readonly partitions: readonly PartitionSpec[];
    readonly loop: RunLoop;
    readonly world: World;
    readonly occupancies: readonly Occupancy[];
    readonly phases: PhaseProgress;
    readonly streams: RandomStreams;
    readonly host: FailuresHost;
  }) {
    const { spec, partitions, loop, world, occupancies, phases, streams, host } = given;
    const causes = spec.causes.length + 1;
    this.spec = spec;
    this.loop = loop;
    this.world = world;
    this.occupancies = occupancies;
    this.phases = phases;
    this.host = host;
    this.startMs = loop.nowMs;
    this.counts = new Int32Array(causes);
    this.interruptions = new Int32Array(causes);
    this.downMs = new Float64Array(causes);
    this.traces = partitions.map((of) => new FailureTrace(spec, of, streams, of.name, loop.nowMs));
    this.stragglers =
      spec.stragglers === undefined
        ? []
        : partitions.map((of) => new StragglerTrace(spec, of, streams, of.name, loop.nowMs));
    this.state = partitions.map(({ nodes }) => new Uint8Array(nodes));
    this.spares = partitions.map(() => []);
    this.backMs = partitions.map(({ nodes }) => new Float64Array(nodes));
    this.downSinceMs = partitions.map(({ nodes }) => new Float64Array(nodes));
    this.causeOf = partitions.map(({ nodes }) => new Int16Array(nodes));
    this.told = partitions.map(({ nodes }) => new Int32Array(nodes));
    this.down = partitions.map(() => []);
    this.slowMask = occupancies.map(({ layout }) => new Int32Array(layout.racks));
    this.slowNodes = new Int32Array(partitions.length);
    this.slowRepairMs = this.stragglers.map((_, partition) => new Float64Array(partitions[partition]!.nodes));
    this.levels = new OutLevels(loop.nowMs);
    this.pending = partitions.flatMap(() => [Number.NaN, Number.NaN]);
    partitions.forEach((_, partition) => {
      occupancies[partition]!.withdrawnListener = this.listenerOf(partition);
    });
  }

  /** Sets the spares aside and schedules the first failures; once, before the run. */
  begin(): void {
    this.occupancies.forEach((occupancy, partition) => {
      const nodes = spareNodes(occupancy.layout, this.spec.spareNodes[partition]!);
      for (const node of nodes) {
        this.state[partition]![node] = SPARE;
        occupancy.withdraw(node);
      }
      const gpus = nodes.length * occupancy.layout.gpusPerNode;
      this.spares[partition]!.push(...nodes);
      this.levels.change(this.loop.nowMs, 0, gpus);
      this.host.onService(partition);
      if (gpus > 0) this.host.onCapacity(partition, gpus, Number.POSITIVE_INFINITY);
      this.scheduleFailure(partition);
      if (this.stragglers.length > 0) this.scheduleStraggler(partition);
    });
  }

  /** No job is left that they could matter to. */
  cancel(): void {
    for (const event of this.pending) if (!Number.isNaN(event)) this.loop.queue.cancel(event);
  }

  /** Ends the books at the end of the run. */
  close(nowMs: number): void {
    this.levels.change(nowMs, 0, 0);
    this.down.forEach((nodes, partition) => {
      for (const node of nodes) this.bookDown(partition, node, nowMs);
    });
  }

  get spareGpuMs(): number {
    return this.levels.spareGpuMs;
  }

  get downGpuMs(): number {
    return this.levels.downGpuMs;
  }

  /** The next failure of a partition has come. */
  onFailure(partition: number): void {
    const trace = this.traces[partition]!;
    const { node, cause, repairMs, pick } = trace;
    trace.next();
    this.scheduleFailure(partition);
    this.count(cause);
    const { scope } = this.spec.causes[cause]!;
    const { nodesPerRack, racksPerPod, nodes } = this.occupancies[partition]!.layout;
    if (scope === 'job') {
      this.strikeJob(partition, node, cause, pick);
      return;
    }
    const span = scope === 'node' ? 1 : scope === 'rack' ? nodesPerRack : nodesPerRack * racksPerPod;
    const first = node - (node % span);
    const hit: JobId[] = [];
    for (let each = first; each < Math.min(first + span, nodes); each++)
      this.takeDown(partition, each, cause, repairMs, hit);
    for (const job of hit) this.hangJob(job, cause);
    this.host.onService(partition);
  }

  /** A job's failure has been found. */
  onDetected(job: JobId): void {
    this.detections.delete(job);
    const partition = this.world.partitionOf(job);
    const occupancy = this.occupancies[partition]!;
    const { gpusPerNode } = occupancy.layout;
    if (this.world.gpusNow(job) < gpusPerNode) {
      if (occupancy.isWithdrawn(occupancy.sharedNode(job))) this.host.requeue(job);
      else this.host.resume(job, 0);
      return;
    }
    const { lost } = this;
    occupancy.withdrawnNodesOf(job, lost);
    let count = 0;
    for (const node of lost) if (this.state[partition]![node] === DOWN) lost[count++] = node;
    lost.length = count;
    if (count > this.spares[partition]!.length) {
      this.host.requeue(job);
      return;
    }
    for (const node of lost) this.swap(partition, job, node);
    this.host.resume(job, count > 0 ? this.spec.swapMs : 0);
  }

  /** A node has been repaired. */
  onRepaired(partition: number, node: number): void {
    const occupancy = this.occupancies[partition]!;
    const { gpusPerNode } = occupancy.layout;
    const { nowMs } = this.loop;
    const down = this.down[partition]!;
    this.bookDown(partition, node, nowMs);
    down.splice(down.indexOf(node), 1);
    const gone = occupancy.isOutOfService(node);
    const told = this.told[partition]![node]!;
    this.told[partition]![node] = 0;
    if (gone && this.spares[partition]!.length < this.spec.spareNodes[partition]!) {
      this.state[partition]![node] = SPARE;
      this.spares[partition]!.push(node);
      this.levels.change(nowMs, -gpusPerNode, gpusPerNode);
      if (told > 0) this.passOn(partition, node, told);
      return;
    }
    this.state[partition]![node] = 0;
    // Back too early for a job that still hangs on it: what is free of it is in service again.
    this.levels.change(nowMs, -occupancy.restore(node), 0);
    this.host.onService(partition);
    if (told > 0) this.host.onCapacity(partition, -told, this.backMs[partition]![node]!);
  }

  /** A node becomes slow. */
  onSlow(partition: number): void {
    const trace = this.stragglers[partition]!;
    const { node, repairMs } = trace;
    trace.next();
    this.scheduleStraggler(partition);
    if (this.state[partition]![node] !== 0 || this.isSlow(partition, node)) return;
    const occupancy = this.occupancies[partition]!;
    if (occupancy.isWithdrawn(node)) return;
    this.count(this.spec.causes.length);
    this.setSlow(partition, node, true);
    this.slowRepairMs[partition]![node] = repairMs;
    this.loop.queue.push(
      this.loop.nowMs + this.spec.stragglers!.detectionMs,
      RANK.completion,
      EVENT.stragglerFound,
      partition,
      node,
    );
    this.changeSpeeds(partition, node);
  }

  /** A slow node has been found: it leaves, and the gang goes on without it, with nothing lost. */
  onSlowFound(partition: number, node: number): void {
    if (!this.isSlow(partition, node)) return; // it failed meanwhile
    const cause = this.spec.causes.length;
    const hit: JobId[] = [];
    this.takeDown(partition, node, cause, this.slowRepairMs[partition]![node]!, hit);
    for (const job of hit) this.hangJob(job, cause);
    this.host.onService(partition);
  }

  /** How slow nodes make a job, relative to its speed without them. */
  speedOf(job: JobId): number {
    const partition = this.world.partitionOf(job);
    if (this.slowNodes[partition] === 0) return 1;
    const occupancy = this.occupancies[partition]!;
    const slow = this.slowMask[partition]!;
    let isSlow = false;
    if (this.world.gpusNow(job) < occupancy.layout.gpusPerNode)
      isSlow = this.isSlow(partition, occupancy.sharedNode(job));
    else
      occupancy.forEachRecord(job, (rack, mask) => {
        if ((slow[rack]! & mask) !== 0) isSlow = true;
      });
    return isSlow ? this.spec.stragglers!.speed : 1;
  }

  /** A job that may hang has lost its GPUs otherwise. */
  forget(job: JobId): void {
    const event = this.detections.get(job);
    if (event === undefined) return;
    this.loop.queue.cancel(event);
    this.detections.delete(job);
  }

  /** Tells schedulers what has left service since a job stopped. */
  afterRelease(): void {
    for (const { partition, node, gpus } of this.untold) {
      this.host.onService(partition);
      if (this.state[partition]![node] !== DOWN) continue;
      this.tell(partition, node, gpus);
    }
    this.untold.length = 0;
  }

  private takeDown(partition: number, node: number, cause: number, repairMs: number, hit: JobId[]): void {
    const occupancy = this.occupancies[partition]!;
    const { gpusPerNode } = occupancy.layout;
    const { nowMs, queue } = this.loop;
    const state = this.state[partition]!;
    if (state[node] === DOWN) return;
    occupancy.jobsOn(node, this.hit);
    for (const job of this.hit) if (!hit.includes(job)) hit.push(job);
    if (state[node] === 0 && occupancy.isWithdrawn(node)) return; // a window has it
    if (this.isSlow(partition, node)) this.setSlow(partition, node, false);
    const backMs = nowMs + this.spec.detectionMs + repairMs;
    this.backMs[partition]![node] = backMs;
    this.downSinceMs[partition]![node] = nowMs;
    this.causeOf[partition]![node] = cause;
    this.down[partition]!.push(node);
    queue.push(backMs, RANK.completion, EVENT.repaired, partition, node);
    if (state[node] === SPARE) {
      state[node] = DOWN;
      this.removeSpare(partition, node);
      this.levels.change(nowMs, gpusPerNode, -gpusPerNode);
      return;
    }
    state[node] = DOWN;
    const left = occupancy.withdraw(node);
    this.levels.change(nowMs, left, 0);
    if (left > 0) this.tell(partition, node, left);
  }

  /** A fault of software: of the jobs on the node one is struck. */
  private strikeJob(partition: number, node: number, cause: number, pick: number): void {
    this.occupancies[partition]!.jobsOn(node, this.hit);
    if (this.hit.length > 0) this.hangJob(this.hit[Math.floor(pick * this.hit.length)]!, cause);
  }

  private hangJob(job: JobId, cause: number): void {
    const { nowMs, queue } = this.loop;
    this.forget(job);
    const foundMs = nowMs + this.spec.detectionMs;
    if (nowMs >= 0) {
      this.interruptions[cause]!++;
      this.phases.failures[job]!++;
    }
    this.detections.set(job, queue.push(foundMs, RANK.completion, EVENT.detected, job));
    this.host.hang(job, cause, foundMs);
  }

  /** A spare in the place of a node that a job has lost: in the same rack or pod if there is one. */
  private swap(partition: number, job: JobId, node: number): void {
    const occupancy = this.occupancies[partition]!;
    const { gpusPerNode, nodesPerRack, racksPerPod } = occupancy.layout;
    const nodesPerPod = nodesPerRack * racksPerPod;
    let spare = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const each of this.spares[partition]!) {
      const sameRack = Math.floor(each / nodesPerRack) === Math.floor(node / nodesPerRack);
      const samePod = Math.floor(each / nodesPerPod) === Math.floor(node / nodesPerPod);
      const away = (sameRack ? 0 : samePod ? 1 : 2) * this.state[partition]!.length + each;
      if (away >= least) continue;
      spare = each;
      least = away;
    }
    this.state[partition]![spare] = 0;
    this.removeSpare(partition, spare);
    occupancy.replaceNode(job, node, spare);
    this.levels.change(this.loop.nowMs, gpusPerNode, -gpusPerNode);
  }

  private removeSpare(partition: number, node: number): void {
    const spares = this.spares[partition]!;
    spares.splice(spares.indexOf(node), 1);
  }

  /** A node that schedulers wait for stays away as a spare: another that is down will be back in its place. */
  private passOn(partition: number, node: number, gpus: number): void {
    this.host.onCapacity(partition, -gpus, this.backMs[partition]![node]!);
    const other = this.down[partition]!.find((each) => this.told[partition]![each] === 0);
    // Spares went to jobs whose own nodes are down: one of those comes back for this one.
    if (other !== undefined) this.tell(partition, other, gpus);
    else this.host.onCapacity(partition, gpus, Number.POSITIVE_INFINITY);
  }

  private tell(partition: number, node: number, gpus: number): void {
    this.told[partition]![node]! += gpus;
    this.host.onCapacity(partition, gpus, this.backMs[partition]![node]!);
  }

  private changeSpeeds(partition: number, node: number): void {
    this.occupancies[partition]!.jobsOn(node, this.hit);
    for (const job of [...this.hit]) if (this.phases.hung[job] === 0) this.host.changeSpeed(job);
  }

  private isSlow(partition: number, node: number): boolean {
    const { nodesPerRack } = this.occupancies[partition]!.layout;
    return (this.slowMask[partition]![Math.floor(node / nodesPerRack)]! & (1 << (node % nodesPerRack))) !== 0;
  }

  private setSlow(partition: number, node: number, slow: boolean): void {
    const { nodesPerRack } = this.occupancies[partition]!.layout;
    const masks = this.slowMask[partition]!;
    const rack = Math.floor(node / nodesPerRack);
    const bit = 1 << (node % nodesPerRack);
    masks[rack] = slow ? masks[rack]! | bit : masks[rack]! & ~bit;
    this.slowNodes[partition]! += slow ? 1 : -1;
  }

  private count(cause: number): void {
    if (this.loop.nowMs >= 0) this.counts[cause]!++;
  }

  private bookDown(partition: number, node: number, nowMs: number): void {
    const since = Math.max(0, this.downSinceMs[partition]![node]!);
    if (nowMs > since) this.downMs[this.causeOf[partition]![node]!]! += nowMs - since;
  }

  private scheduleFailure(partition: number): void {
    const { atMs } = this.traces[partition]!;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.pending[2 * partition] = this.loop.queue.push(atMs, RANK.completion, EVENT.failure, partition);
  }

  private scheduleStraggler(partition: number): void {
    const { atMs } = this.stragglers[partition]!;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.pending[2 * partition + 1] = this.loop.queue.push(atMs, RANK.completion, EVENT.stragglerOnset, partition);
  }

  private listenerOf(partition: number): WithdrawnListener {
    return {
      onKeptBack: (node, gpus) => {
        this.levels.change(this.loop.nowMs, gpus, 0);
        this.untold.push({ partition, node, gpus });
      },
      onLeft: () => undefined,
    };
  }

  /** Node hours out of service by cause. */
  downNodeHours(cause: number): number {
    return this.downMs[cause]! / MS_PER_HOUR;
  }
}

/** GPUs out of service that are under repair, and kept as spares; and their integrals from time 0 on. */
class OutLevels {
  downGpuMs = 0;
  spareGpuMs = 0;
  private downGpus = 0;
  private spareGpus = 0;
  private lastMs: number;

  constructor(startMs: number) {
    this.lastMs = startMs;
  }

  change(nowMs: number, downGpus: number, spareGpus: number): void {
    const from = this.lastMs > 0 ? this.lastMs : 0;
    if (nowMs > from) {
      this.downGpuMs += (nowMs - from) * this.downGpus;
      this.spareGpuMs += (nowMs - from) * this.spareGpus;
    }
    this.lastMs = nowMs;
    this.downGpus += downGpus;
    this.spareGpus += spareGpus;
  }
}
