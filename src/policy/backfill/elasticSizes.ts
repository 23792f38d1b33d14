import type { JobId } from '../contracts.js';
import type { World } from '../world.js';

/**
 * The sizes at which an elastic job of a partition can run: whole nodes, the last one in part where its maximum says
 * so. A job below a node's size can become one of a node or more, not a larger one below.
 */
export class ElasticSizes {
  private readonly world: World;
  private readonly partition: number;
  private readonly gpusPerNode: number;

  constructor(world: World, partition: number) {
    this.world = world;
    this.partition = partition;
    this.gpusPerNode = world.free(partition).layout.gpusPerNode;
  }

  isElastic(job: JobId): boolean {
    return this.world.minGpus(job) < this.world.maxGpus(job);
  }

  /** Nodes that so many GPUs of one job take; 0 below a node's size. */
  nodes(gpus: number): number {
    return gpus < this.gpusPerNode ? 0 : Math.ceil(gpus / this.gpusPerNode);
  }

  /** GPUs of a job on so many nodes. */
  gpusOn(job: JobId, nodes: number): number {
    return Math.min(this.world.maxGpus(job), nodes * this.gpusPerNode);
  }

  /** Fewest whole nodes it can be shrunk to. */
  fewest(job: JobId): number {
    return Math.max(1, Math.ceil(this.world.minGpus(job) / this.gpusPerNode));
  }

  most(job: JobId): number {
    return this.nodes(this.world.maxGpus(job));
  }

  speed(job: JobId, gpus: number): number {
    return this.world.speedOn(job, this.partition, gpus);
  }

  /** What one more node adds to the speed of a job on `nodes`, per GPU. */
  gainPerGpu(job: JobId, gpus: number, nodes: number): number {
    const more = this.gpusOn(job, nodes + 1);
    const held = nodes === 0 ? this.gpusPerNode - gpus : this.gpusPerNode;
    return (this.speed(job, more) - this.speed(job, gpus)) / held;
  }

  /** What one node less takes from the speed of a job on `nodes`, at least 2, per GPU. */
  lossPerGpu(job: JobId, gpus: number, nodes: number): number {
    return (this.speed(job, gpus) - this.speed(job, this.gpusOn(job, nodes - 1))) / this.gpusPerNode;
  }
}
