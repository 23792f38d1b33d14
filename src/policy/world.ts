import type { FreeView } from '../cluster/occupancy.js';
import { heldGpus } from '../cluster/layout.js';
import type { JobTable } from '../workload/jobTable.js';

/**
 * What a policy may see: read-only, by id. True run times are not here.
 *
 * The simulation advances `nowMs`; everything else is a view of its columns.
 */
export class World {
  /** Simulation time, ms; set by the simulation alone. */
  nowMs: number;
  /** GPUs a job holds once it runs: its own below a node's size, whole nodes above. */
  readonly held: Int32Array;

  private readonly jobs: JobTable;
  private readonly partitions: readonly FreeView[];

  constructor(startMs: number, jobs: JobTable, partitions: readonly FreeView[]) {
    this.nowMs = startMs;
    this.jobs = jobs;
    this.partitions = partitions;
    this.held = new Int32Array(jobs.count);
    for (let job = 0; job < jobs.count; job++) {
      this.held[job] = heldGpus(jobs.gpus[job]!, partitions[jobs.partitionOf[job]!]!.layout.gpusPerNode);
    }
  }

  submitMs(job: number): number {
    return this.jobs.submitMs[job]!;
  }

  gpus(job: number): number {
    return this.jobs.gpus[job]!;
  }

  heldGpus(job: number): number {
    return this.held[job]!;
  }

  /** The user's estimate of the run time, ms; never below the true one. */
  estimateMs(job: number): number {
    return this.jobs.estimateMs[job]!;
  }

  classOf(job: number): number {
    return this.jobs.classOf[job]!;
  }

  userOf(job: number): number {
    return this.jobs.userOf[job]!;
  }

  partitionOf(job: number): number {
    return this.jobs.partitionOf[job]!;
  }

  free(partition: number): FreeView {
    return this.partitions[partition]!;
  }
}
