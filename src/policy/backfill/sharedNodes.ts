import type { Layout } from '../../cluster/layout.js';
import type { JobId } from '../contracts.js';
import type { RunningEnds } from './runningEnds.js';

/**
 * Nodes that running jobs below a node's size share, and when each has room again by the estimates.
 *
 * Keeps in a {@link RunningEnds}, one entry a shared node, when it is wholly free: at the latest estimated end of the
 * jobs on it.
 *
 * Cost: add and remove O(jobs on the node) and up to two changes of the ends; {@link findRoom} O(shared nodes), for
 * most of them one comparison. Memory: 4 B a job of the run, 13 B a GPU and 13 B a node of the partition.
 */
export class SharedNodes {
  /** Result of the last {@link findRoom}. */
  roomMs = Number.POSITIVE_INFINITY;
  nodesWithRoom = 0;

  /** When nodes are wholly free. */
  private readonly wholly: RunningEnds;
  private readonly nodeGpus: number;
  private readonly nodeOf: Int32Array;
  /** By node, up to one a GPU, in order of estimated end. */
  private readonly jobs: Int32Array;
  private readonly ends: Float64Array;
  private readonly gpus: Uint8Array;
  private readonly counts: Uint8Array;
  private readonly heldGpus: Int32Array;
  /** Nodes with a job on them, in no order; only the first `length` count. */
  private readonly nodes: Int32Array;
  private readonly positions: Int32Array;
  private length = 0;

  constructor(layout: Layout, jobs: number, wholly: RunningEnds) {
    const { nodes, gpusPerNode } = layout;
    this.wholly = wholly;
    this.nodeGpus = gpusPerNode;
    this.nodeOf = new Int32Array(jobs);
    this.jobs = new Int32Array(nodes * gpusPerNode);
    this.ends = new Float64Array(nodes * gpusPerNode);
    this.gpus = new Uint8Array(nodes * gpusPerNode);
    this.counts = new Uint8Array(nodes);
    this.heldGpus = new Int32Array(nodes);
    this.nodes = new Int32Array(nodes);
    this.positions = new Int32Array(nodes);
  }

  /** A job below a node's size runs on a node. */
  add(job: JobId, node: number, endMs: number, gpus: number): void {
    const { jobs, ends, counts } = this;
    const from = node * this.nodeGpus;
    const count = counts[node]!++;
    if (count === 0) {
      this.positions[node] = this.length;
      this.nodes[this.length++] = node;
      this.wholly.add(endMs, this.nodeGpus);
    } else if (endMs > ends[from + count - 1]!) {
      this.wholly.remove(ends[from + count - 1]!, this.nodeGpus);
      this.wholly.add(endMs, this.nodeGpus);
    }
    let slot = from + count;
    for (; slot > from && ends[slot - 1]! > endMs; slot--) {
      jobs[slot] = jobs[slot - 1]!;
      ends[slot] = ends[slot - 1]!;
      this.gpus[slot] = this.gpus[slot - 1]!;
    }
    jobs[slot] = job;
    ends[slot] = endMs;
    this.gpus[slot] = gpus;
    this.heldGpus[node]! += gpus;
    this.nodeOf[job] = node;
  }

  /** The job no longer runs there. */
  remove(job: JobId): void {
    const { jobs, ends, gpus, counts, nodes, positions } = this;
    const node = this.nodeOf[job]!;
    const from = node * this.nodeGpus;
    const last = from + --counts[node]!;
    const whollyMs = ends[last]!;
    let slot = from;
    while (jobs[slot] !== job) slot++;
    this.heldGpus[node]! -= gpus[slot]!;
    for (; slot < last; slot++) {
      jobs[slot] = jobs[slot + 1]!;
      ends[slot] = ends[slot + 1]!;
      gpus[slot] = gpus[slot + 1]!;
    }
    if (last === from) {
      const moved = nodes[--this.length]!;
      nodes[positions[node]!] = moved;
      positions[moved] = positions[node]!;
      this.wholly.remove(whollyMs, this.nodeGpus);
    } else if (ends[last - 1]! < whollyMs) {
      this.wholly.remove(whollyMs, this.nodeGpus);
      this.wholly.add(ends[last - 1]!, this.nodeGpus);
    }
  }

  /** The node of a job that was added. */
  nodeOfJob(job: JobId): number {
    return this.nodeOf[job]!;
  }

  /** GPUs free on a node that no job of whole nodes has, by an instant and if nothing else starts there. */
  roomBy(atMs: number, node: number): number {
    const { ends, gpus, nodeGpus } = this;
    const from = node * nodeGpus;
    let room = nodeGpus;
    for (let slot = from + this.counts[node]! - 1; slot >= from && ends[slot]! > atMs; slot--) room -= gpus[slot]!;
    return room;
  }

  /**
   * The first instant, not after `latestMs`, at which a shared node has room for a job below a node's size, into
   * `roomMs`, `latestMs` when there is none before; how many have it then and are not wholly free by then, into
   * `nodesWithRoom`. Nodes with that room now do not count: they are leaving service, or the job would have started.
   */
  findRoom(need: number, latestMs: number): void {
    const { ends, gpus, counts, heldGpus, nodes, nodeGpus } = this;
    let roomMs = latestMs;
    let found = 0;
    for (let i = 0; i < this.length; i++) {
      const node = nodes[i]!;
      let slot = node * nodeGpus;
      let free = nodeGpus - heldGpus[node]!;
      if (ends[slot]! > roomMs || free >= need) continue;
      const to = slot + counts[node]!;
      while (free < need && ends[slot]! <= roomMs) free += gpus[slot++]!;
      if (free < need) continue;
      if (ends[slot - 1]! < roomMs) {
        roomMs = ends[slot - 1]!;
        found = 0;
      }
      if (ends[to - 1]! > roomMs) found++;
    }
    this.roomMs = roomMs;
    this.nodesWithRoom = found;
  }
}
