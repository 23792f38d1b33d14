import type { Claim } from '../../cluster/claim.js';
import type { FreeView } from '../../cluster/occupancy.js';
import type { PlacementDef, PlacementPolicy } from '../contracts.js';
import type { World } from '../world.js';
import { tightestFreeNode } from './nodes.js';
import { Pack } from './pack.js';

/**
 * Fragmentation gradient descent (Weng et al. 2023) for jobs below a node's size: the node where expected
 * fragmentation grows least.
 *
 * A node's fragmentation is what of its free GPUs the next job is expected to be unable to use: with f free,
 * F(f) = f × the share of submitted jobs that ask for more than f (a gang of whole nodes asks for a whole node of
 * each). A job of g goes where F(f − g) − F(f) is least, ties to the fullest node, then the lowest id; all jobs
 * submitted to the run so far count once each, whatever partition they went to. Gangs are placed as by `pack`.
 *
 * The paper's measure, reduced: it also counts CPU and memory that run out before the GPUs, shares of one GPU, and
 * GPU models; here jobs ask for whole GPUs of one model and nothing else, so a node can hold a job or not. That
 * reduction keeps its gradient and leaves out where most of its gain was shown, jobs that share one GPU.
 *
 * Worked: nodes of 8, submitted so far 6 jobs of 1 and 4 of 8. F(3) = 3 × 4 of 10 = 1.2, F(2) = 0.8, F(8) = 0. A
 * job of 1 shrinks a node's fragmentation from 1.2 to 0.8 where 3 are free; on an empty node it would grow from 0
 * to 7 × 0.4 = 2.8.
 *
 * Cost: O(GPUs of a node) a placement, O(1) a submission.
 */
class FragmentationDescent implements PlacementPolicy {
  private readonly world: World;
  private readonly gangs = new Pack();
  /** Jobs submitted so far that ask for more than so many GPUs of a node, 0…gpusPerNode−1. */
  private wantingMore = new Int32Array(0);
  private counted = 0;

  constructor(world: World) {
    this.world = world;
  }

  place(free: FreeView, gpus: number, claim: Claim): void {
    const { gpusPerNode } = free.layout;
    if (gpus >= gpusPerNode) {
      this.gangs.place(free, gpus, claim);
      return;
    }
    claim.node = this.nodeFor(free, gpus);
  }

  nodeFor(free: FreeView, gpus: number): number {
    const { gpusPerNode } = free.layout;
    this.countSubmissions(gpusPerNode);
    let best = -1;
    let least = free.freeNodes > 0 ? this.growth(gpusPerNode, gpus) : Number.POSITIVE_INFINITY;
    for (let room = gpusPerNode - 1; room >= gpus; room--) {
      if (free.sharedNodesByFreeGpus(room).count === 0) continue;
      const growth = this.growth(room, gpus);
      if (growth > least) continue;
      least = growth;
      best = room;
    }
    return best < 0 ? tightestFreeNode(free) : free.sharedNodesByFreeGpus(best).first();
  }

  /** What a node's expected fragmentation grows by when a job takes some of its free GPUs, times the jobs counted. */
  private growth(room: number, gpus: number): number {
    const left = room - gpus;
    return left * this.wantingMore[left]! - (room < this.wantingMore.length ? room * this.wantingMore[room]! : 0);
  }

  private countSubmissions(gpusPerNode: number): void {
    if (this.wantingMore.length !== gpusPerNode) this.wantingMore = new Int32Array(gpusPerNode);
    const { world, wantingMore } = this;
    const { nowMs, jobCount } = world;
    for (; this.counted < jobCount && world.submitMs(this.counted) <= nowMs; this.counted++) {
      const asked = Math.min(world.gpus(this.counted), gpusPerNode);
      for (let less = 0; less < asked; less++) wantingMore[less]!++;
    }
  }
}

export const fgd: PlacementDef = {
  axis: 'placement',
  name: 'fgd',
  summary: 'jobs below a node go where they fragment it least for the sizes submitted so far; gangs as pack',
  cite: 'Weng et al., Beware of Fragmentation, USENIX ATC 2023',
  create: (_params, { world }) => new FragmentationDescent(world),
};
