import type { RandomStreams } from '../base/random.js';
import { FailureTrace, StragglerTrace } from '../cluster/failureTrace.js';
import { layoutOf } from '../cluster/layout.js';
import type { Occupancy } from '../cluster/occupancy.js';
import { spareNodes } from '../cluster/spareNodes.js';
import type { EventHandle } from '../engine/eventQueue.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import { nodesAt } from '../scenario/inService.js';
import type { ReliabilitySpec } from '../scenario/reliabilitySpec.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { PhaseProgress } from '../workload/phaseProgress.js';
import { sparesAmong } from './buildOut.js';
import { EVENT } from './events.js';
import type { NodeService } from './nodeService.js';

/** What failures do to the schedule. */
export interface FailuresHost {
  /** A running job stands still until then at least; what it did since its last checkpoint is lost. */
  hang(job: JobId, cause: number, untilMs: number): void;
  /** A running job saves what it has and stands still meanwhile: until then, which is returned. */
  evict(job: JobId, cause: number): number;
  /** A job that stood still goes on: productive after `swapMs`, initialisation and reload. */
  resume(job: JobId, swapMs: number): void;
  /** A job that stood still loses its GPUs and waits at the head of the queue. */
  requeue(job: JobId): void;
  /** A slow node makes the job slower, or no longer does. */
  changeSpeed(job: JobId): void;
}

/**
 * Failures of nodes and what follows: detection, hot swap or requeue, repair; and slow nodes.
 *
 * A failure takes what is in its scope out of service: a node, its rack or its pod; or only strikes the job. Jobs on it
 * stand still until it is detected; another failure meanwhile begins the detection anew. Then each node they lost is
 * replaced by a spare, and they go on from their last checkpoint; where there are too few spares, they give up
 * their GPUs and wait at the head of the queue, and what spares there are serve them there: so more spares are never
 * worse but for what else strikes the nodes that a job is then on. A job below a node's size always gives up its GPUs: its room is easily found. What strikes a node that is down already interrupts nothing and is
 * not counted; the node is back when that, too, would have been repaired, so that more failures never bring it back earlier.
 *
 * A node that failed is repaired from the detection on, and then becomes a spare while there are fewer than there
 * should be and no failed job waits, or is in service again. A spare fails like any node, and so does one in a window: the jobs of a reservation
 * are struck like all others.
 *
 * A slow node slows the jobs on it until it is found. Then they write a checkpoint, for which they stand still, and go on
 * without it as after a failure, with nothing lost. One that is not productive yet writes none.
 *
 * At one instant, jobs end and repairs are done before anything fails.
 *
 * Cost: O(jobs in the racks of its scope) a failure, O(spares) a node swapped. Memory: 26 B a node.
 *
 * Wrong where an idle node's failure goes unnoticed until a job meets it, and where faults change what fails next.
 */
export class Failures {
  /** By index of causes, the reliability document's and then stragglers; since time 0. */
  readonly counts: Int32Array;
  readonly interruptions: Int32Array;
  /** Nodes under repair, node·ms. */
  readonly downMs: Float64Array;

  private readonly spec: ReliabilitySpec;
  private readonly partitions: readonly PartitionSpec[];
  private readonly loop: RunLoop;
  private readonly world: World;
  private readonly occupancies: readonly Occupancy[];
  private readonly service: NodeService;
  private readonly phases: PhaseProgress;
  private readonly host: FailuresHost;
  /** By partition of the machine. */
  private readonly traces: readonly FailureTrace[];
  private readonly stragglers: readonly StragglerTrace[];
  /** By partition and node: since when it is down and by what cause; the event of its repair, or of finding it slow. */
  private readonly downSinceMs: readonly Float64Array[];
  private readonly causeOf: readonly Int16Array[];
  private readonly nodeEvent: readonly Float64Array[];
  /** By partition and rack: nodes that are slow. */
  private readonly slowMask: readonly Int32Array[];
  private readonly slowNodes: Int32Array;
  /** By partition and slow node: how long its repair will take. */
  private readonly slowRepairMs: readonly Float64Array[];
  /** By job that stands still: the event at which it goes on. */
  private readonly detections = new Map<JobId, EventHandle>();
  /** By partition: the next failure, and the next slow node. */
  private readonly pending: EventHandle[];
  private readonly hit: JobId[] = [];
  private readonly struck: JobId[] = [];
  private readonly lost: number[] = [];

  constructor(given: {
    readonly spec: ReliabilitySpec;
    /** Of the machine. */
    readonly partitions: readonly PartitionSpec[];
    readonly loop: RunLoop;
    readonly world: World;
    /** Of the machine's partitions, and behind them of reservations. */
    readonly occupancies: readonly Occupancy[];
    readonly service: NodeService;
    readonly phases: PhaseProgress;
    readonly streams: RandomStreams;
    readonly host: FailuresHost;
  }) {
    const { spec, partitions, loop, world, occupancies, service, phases, streams, host } = given;
    const causes = spec.causes.length + 1;
    this.spec = spec;
    this.partitions = partitions;
    this.loop = loop;
    this.world = world;
    this.occupancies = occupancies;
    this.service = service;
    this.phases = phases;
    this.host = host;
    this.counts = new Int32Array(causes);
    this.interruptions = new Int32Array(causes);
    this.downMs = new Float64Array(causes);
    this.traces = partitions.map((of) => new FailureTrace(spec, of, streams, of.name, loop.nowMs));
    this.stragglers =
      spec.stragglers === undefined
        ? []
        : partitions.map((of) => new StragglerTrace(spec, of, streams, of.name, loop.nowMs));
    this.downSinceMs = partitions.map(({ nodes }) => new Float64Array(nodes));
    this.causeOf = partitions.map(({ nodes }) => new Int16Array(nodes));
    this.nodeEvent = partitions.map(({ nodes }) => new Float64Array(nodes).fill(Number.NaN));
    this.slowMask = partitions.map((_, partition) => new Int32Array(occupancies[partition]!.layout.racks));
    this.slowNodes = new Int32Array(partitions.length);
    this.slowRepairMs = this.stragglers.map((_, partition) => new Float64Array(partitions[partition]!.nodes));
    this.pending = partitions.flatMap(() => [Number.NaN, Number.NaN]);
  }

  /** Sets the spares aside and schedules the first failures; once, before the run. */
  begin(): void {
    this.traces.forEach((_, partition) => {
      this.service.setAside(partition, initialSpares(this.spec, partition, this.partitions[partition]!));
      this.scheduleFailure(partition);
      if (this.stragglers.length > 0) this.scheduleStraggler(partition);
    });
    this.service.flush();
  }

  /** No job is left that they could matter to: nothing more fails, and nobody waits for repairs. */
  cancel(): void {
    const { queue } = this.loop;
    for (const event of this.pending) if (!Number.isNaN(event)) queue.cancel(event);
    for (const events of this.nodeEvent) for (const event of events) if (!Number.isNaN(event)) queue.cancel(event);
  }

  /** Ends the books at the end of the run. */
  close(nowMs: number): void {
    this.traces.forEach((_, partition) => {
      for (const node of this.service.downNodes(partition)) this.bookDown(partition, node, nowMs);
    });
  }

  /** The next failure of a partition has come. */
  onFailure(partition: number): void {
    const trace = this.traces[partition]!;
    const { node, cause, repairMs, pick } = trace;
    trace.next();
    this.scheduleFailure(partition);
    const { scope } = this.spec.causes[cause]!;
    const { nodesPerRack, racksPerPod, nodes } = this.occupancies[partition]!.layout;
    const { struck } = this;
    struck.length = 0;
    if (scope === 'job') {
      if (this.service.isDown(partition, node) || this.service.isAhead(partition, node)) return;
      this.strikeJob(partition, node, pick);
    } else {
      const span = scope === 'node' ? 1 : scope === 'rack' ? nodesPerRack : nodesPerRack * racksPerPod;
      const first = node - (node % span);
      const end = Math.min(first + span, nodes);
      const backMs = this.loop.nowMs + this.spec.detectionMs + repairMs;
      let any = false;
      for (let each = first; each < end; each++) if (this.takeDown(partition, each, cause, backMs)) any = true;
      if (!any) return;
      this.service.flush();
    }
    if (this.loop.nowMs >= 0) this.counts[cause]!++;
    for (const job of struck) this.hangJob(job, cause);
  }

  /** What a job stood still for is over: its failure has been found, or its checkpoint is written. */
  onDetected(job: JobId): void {
    this.detections.delete(job);
    const { service, lost } = this;
    const place = this.world.partitionOf(job);
    const partition = service.machineOf(place);
    const occupancy = this.occupancies[place]!;
    if (this.world.gpusNow(job) < occupancy.layout.gpusPerNode) {
      if (service.isDown(partition, occupancy.sharedNode(job))) this.host.requeue(job);
      else this.host.resume(job, 0);
      return;
    }
    occupancy.withdrawnNodesOf(job, lost);
    let count = 0;
    for (const node of lost) if (service.isDown(partition, node)) lost[count++] = node;
    lost.length = count;
    if (count > service.spareNodes(partition).length) {
      this.host.requeue(job);
      const { freeNodes, layout } = occupancy;
      if (place === partition && freeNodes * layout.gpusPerNode < this.world.heldGpus(job)) {
        service.releaseSpares(partition);
        service.flush();
      }
      return;
    }
    for (const node of lost) service.swap(partition, job, node, this.spareFor(partition, node));
    if (count > 0) service.flush();
    this.host.resume(job, count > 0 ? this.spec.swapMs : 0);
  }

  /** A node has been repaired. */
  onRepaired(partition: number, node: number): void {
    this.nodeEvent[partition]![node] = Number.NaN;
    this.bookDown(partition, node, this.loop.nowMs);
    // Back before a job that still hangs on it knows: then it has not lost the node.
    this.service.repaired(partition, node);
    this.service.flush();
  }

  /** A node becomes slow. */
  onSlow(partition: number): void {
    const trace = this.stragglers[partition]!;
    const { node, repairMs } = trace;
    trace.next();
    this.scheduleStraggler(partition);
    const { service, loop } = this;
    if (service.isDown(partition, node) || service.isAhead(partition, node)) return;
    if (service.isSpare(partition, node) || this.isSlow(partition, node)) return;
    if (loop.nowMs >= 0) this.counts[this.spec.causes.length]!++;
    this.setSlow(partition, node, true);
    this.slowRepairMs[partition]![node] = repairMs;
    this.nodeEvent[partition]![node] = loop.queue.push(
      loop.nowMs + this.spec.stragglers!.detectionMs,
      RANK.failure,
      EVENT.stragglerFound,
      partition,
      node,
    );
    this.jobsOn(partition, node);
    this.struck.length = 0;
    for (const job of this.hit) if (this.phases.hung[job] === 0) this.struck.push(job);
    for (const job of this.struck) this.host.changeSpeed(job);
  }

  /** A slow node has been found: it leaves, and the jobs on it go on without it. */
  onSlowFound(partition: number, node: number): void {
    const cause = this.spec.causes.length;
    this.struck.length = 0;
    this.takeDown(partition, node, cause, this.loop.nowMs + this.slowRepairMs[partition]![node]!);
    this.service.flush();
    for (const job of this.struck) if (this.phases.hung[job] === 0) this.evictJob(job, cause);
  }

  /** How slow nodes make a job, relative to its speed without them. */
  speedOf(job: JobId): number {
    const place = this.world.partitionOf(job);
    const partition = this.service.machineOf(place);
    if (this.slowNodes[partition] === 0) return 1;
    const occupancy = this.occupancies[place]!;
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

  /** A job that may stand still has lost its GPUs otherwise. */
  forget(job: JobId): void {
    const event = this.detections.get(job);
    if (event === undefined) return;
    this.loop.queue.cancel(event);
    this.detections.delete(job);
  }

  /** Takes a node down and adds the jobs on it to those struck; false where it is down already. */
  private takeDown(partition: number, node: number, cause: number, backMs: number): boolean {
    const { service, loop, struck } = this;
    if (service.isAhead(partition, node)) return false;
    if (service.isDown(partition, node)) {
      // Found when it is repaired, and repaired then: it is away until both would be over.
      if (!(backMs > service.backAt(partition, node))) return false;
      loop.queue.cancel(this.nodeEvent[partition]![node]!);
      this.nodeEvent[partition]![node] = loop.queue.push(backMs, RANK.completion, EVENT.repaired, partition, node);
      service.delay(partition, node, backMs);
      return false;
    }
    this.jobsOn(partition, node);
    for (const job of this.hit) if (!struck.includes(job)) struck.push(job);
    if (this.isSlow(partition, node)) {
      this.setSlow(partition, node, false);
      loop.queue.cancel(this.nodeEvent[partition]![node]!);
    }
    this.downSinceMs[partition]![node] = loop.nowMs;
    this.causeOf[partition]![node] = cause;
    this.nodeEvent[partition]![node] = loop.queue.push(backMs, RANK.completion, EVENT.repaired, partition, node);
    service.fail(partition, node, backMs);
    return true;
  }

  /** A fault of software: of the jobs on the node one is struck. */
  private strikeJob(partition: number, node: number, pick: number): void {
    const { hit } = this;
    this.jobsOn(partition, node);
    if (hit.length > 0) this.struck.push(hit[Math.floor(pick * hit.length)]!);
  }

  private hangJob(job: JobId, cause: number): void {
    const foundMs = this.loop.nowMs + this.spec.detectionMs;
    this.forget(job);
    this.countInterruption(job, cause);
    this.goesOnAt(job, foundMs);
    this.host.hang(job, cause, foundMs);
  }

  private evictJob(job: JobId, cause: number): void {
    this.countInterruption(job, cause);
    this.goesOnAt(job, this.host.evict(job, cause));
  }

  private goesOnAt(job: JobId, atMs: number): void {
    this.detections.set(job, this.loop.queue.push(atMs, RANK.completion, EVENT.detected, job));
  }

  private countInterruption(job: JobId, cause: number): void {
    if (this.loop.nowMs < 0) return;
    this.interruptions[cause]!++;
    this.phases.failures[job]!++;
  }

  /** The spare to stand in for a node: in the same rack or pod if there is one, the lowest of these. */
  private spareFor(partition: number, node: number): number {
    const { nodesPerRack, racksPerPod, nodes } = this.occupancies[partition]!.layout;
    const nodesPerPod = nodesPerRack * racksPerPod;
    let spare = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const each of this.service.spareNodes(partition)) {
      const sameRack = Math.floor(each / nodesPerRack) === Math.floor(node / nodesPerRack);
      const samePod = Math.floor(each / nodesPerPod) === Math.floor(node / nodesPerPod);
      const away = (sameRack ? 0 : samePod ? 1 : 2) * nodes + each;
      if (away >= least) continue;
      spare = each;
      least = away;
    }
    return spare;
  }

  /** The jobs on a node, into `hit`. */
  private jobsOn(partition: number, node: number): void {
    this.occupancies[this.service.placeOf(partition, node)]!.jobsOn(node, this.hit);
  }

  private isSlow(partition: number, node: number): boolean {
    if (this.slowNodes[partition] === 0) return false;
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

  private bookDown(partition: number, node: number, nowMs: number): void {
    const since = Math.max(0, this.downSinceMs[partition]![node]!);
    if (nowMs > since) this.downMs[this.causeOf[partition]![node]!]! += nowMs - since;
  }

  private scheduleFailure(partition: number): void {
    const { atMs } = this.traces[partition]!;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.pending[2 * partition] = this.loop.queue.push(atMs, RANK.failure, EVENT.failure, partition);
  }

  private scheduleStraggler(partition: number): void {
    const { atMs } = this.stragglers[partition]!;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.pending[2 * partition + 1] = this.loop.queue.push(atMs, RANK.failure, EVENT.stragglerOnset, partition);
  }
}

/** The nodes that are spares when the run begins; of a partition that grows, of those that are there. */
export function initialSpares(spec: ReliabilitySpec, index: number, partition: PartitionSpec): Int32Array {
  const nodes = nodesAt(partition, 0);
  const count = sparesAmong(spec.spareNodes[index]!, partition.nodes, nodes);
  return count === 0 ? new Int32Array(0) : spareNodes(layoutOf({ ...partition, nodes }), count);
}
