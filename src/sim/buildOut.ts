import type { LoadMeter } from '../energy/loadMeter.js';
import type { EventHandle } from '../engine/eventQueue.js';
import { RANK } from '../engine/ranks.js';
import type { RunLoop } from '../engine/runLoop.js';
import { joiningNodes, nodesAt } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { EVENT } from './events.js';
import { idleNodeW } from './idleWatts.js';
import type { NodeService } from './nodeService.js';

/**
 * Partitions that come into service during the run: the nodes of a later step draw nothing, take no job and do not fail
 * before its time, and are nodes like all others from then on, with as many more spares as there are more nodes.
 *
 * Schedulers know from the start when more GPUs come, as they know of the end of a maintenance window; so a job that is
 * too large for what is there waits for the step that makes room for it, and backfilling does not delay it.
 *
 * Nodes are numbered in the order in which they join. Cost: O(nodes that join) a step.
 *
 * Wrong where what is new fails more often at first (`burnIn` counts from the start of the horizon), and where a hall is
 * in service rack by rack: give it more steps.
 */
export class BuildOut {
  private readonly partitions: readonly PartitionSpec[];
  private readonly loop: RunLoop;
  private readonly service: NodeService;
  /** By partition. */
  private readonly meters: readonly LoadMeter[];
  private readonly spareNodes: readonly number[] | undefined;
  private readonly pending: EventHandle[] = [];

  constructor(given: {
    /** Of the machine. */
    readonly partitions: readonly PartitionSpec[];
    readonly loop: RunLoop;
    readonly service: NodeService;
    readonly meters: readonly LoadMeter[];
    /** Of whole partitions; absent: none. */
    readonly spareNodes: readonly number[] | undefined;
  }) {
    this.partitions = given.partitions;
    this.loop = given.loop;
    this.service = given.service;
    this.meters = given.meters;
    this.spareNodes = given.spareNodes;
  }

  /** Takes what is not there yet out of service and schedules the steps; once, before the run and before spares are set aside. */
  begin(): void {
    const { service, loop, pending } = this;
    this.partitions.forEach((partition, index) => {
      let node = nodesAt(partition, 0);
      this.setSpares(index, node);
      for (const { atMs, nodes } of joiningNodes(partition)) {
        const first = node;
        for (; node < first + nodes; node++) service.expect(index, node, atMs);
        pending.push(loop.queue.push(atMs, RANK.market, EVENT.joined, index, first));
      }
    });
    service.flush();
  }

  /** Nodes of a partition join, from that one on; their idle watts are the site's from now on. */
  join(index: number, first: number): void {
    const { loop, service } = this;
    const partition = this.partitions[index]!;
    const end = nodesAt(partition, loop.nowMs);
    const meter = this.meters[index]!;
    meter.advance(loop.nowMs);
    meter.itW += (end - first) * idleNodeW(partition);
    this.setSpares(index, end);
    for (let node = first; node < end; node++) service.join(index, node);
    service.flush();
  }

  /** No job is left that it could matter to. */
  cancel(): void {
    for (const event of this.pending) this.loop.queue.cancel(event);
  }

  private setSpares(index: number, nodes: number): void {
    if (this.spareNodes === undefined) return;
    this.service.setSpareTarget(index, sparesAmong(this.spareNodes[index]!, this.partitions[index]!.nodes, nodes));
  }
}

/** Spares of a partition of which so many nodes are in service: as many of them, rounded down. */
export const sparesAmong = (spares: number, nodes: number, inService: number): number =>
  Math.floor((spares * inService) / nodes);
