import type { FreeView } from '../cluster/occupancy.js';
import { heldGpus } from '../cluster/layout.js';
import type { JobTable } from '../workload/jobTable.js';

/** What a policy may see: read-only, by id. True run times are not here. */
export class World {
  /** Jobs of the run; ids are 0…count−1. */
  readonly jobCount: number;

  private readonly clock: { readonly nowMs: number };
  private readonly jobs: JobTable;
  private readonly partitions: readonly FreeView[];
  private readonly held: Int32Array;

  constructor(clock: { readonly nowMs: number }, jobs: JobTable, partitions: readonly FreeView[]) {
    this.jobCount = jobs.count;
    this.clock = clock;
    this.jobs = jobs;
    this.partitions = partitions;
    this.held = new Int32Array(jobs.count);
    for (let job = 0; job < jobs.count; job++) {
      this.held[job] = heldGpus(jobs.gpus[job]!, partitions[jobs.partitionOf[job]!]!.layout.gpusPerNode);
    }
  }

  /** Simulation time, ms. */
  get nowMs(): number {
    return this.clock.nowMs;
  }

  submitMs(job: number): number {
    return this.jobs.submitMs[job]!;
  }

  gpus(job: number): number {
    return this.jobs.gpus[job]!;
  }

  /** GPUs a job holds once it runs: its own below a node's size, whole nodes above. */
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
