import type { BackfillDef, BackfillPolicy, JobId, PolicyContext } from '../contracts.js';
import { JobHeap } from '../jobHeap.js';
import { easy } from './easy.js';
import { ElasticSizes } from './elasticSizes.js';

interface ElasticParams {
  /** Ms. */
  readonly interval: number;
}

/** Most nodes moved in one pass, each way. */
const MAX_STEPS = 1024;

/** A job is made larger only if that saves more than so many times what the resize costs: it may have to shrink again. */
const PAYBACK = 2;

/**
 * Elastic jobs: EASY backfilling that starts a job on fewer GPUs where those it asked for are not free, and moves
 * GPUs between running jobs by marginal speed-up, greedily, a node at a time (Optimus).
 *
 * 1. The first in the queue starts on the GPUs asked for; if they are not free, on as many as are, down to its minimum.
 * 2. If its minimum is not free either, running jobs that can be smaller give up nodes, each time the one that loses the
 *    least speed per GPU, no more than needed; if all together cannot, nobody does.
 * 3. Jobs behind it are backfilled on the GPUs they asked for, by EASY's rule.
 * 4. Free nodes then go to running jobs that can be larger, each time the one that gains the most speed per GPU.
 *
 * Speed is relative to that on the GPUs asked for, so a small job gains more by a node than a large one. A job grows
 * only where the time saved, by its estimate, is more than {@link PAYBACK} times its resize, and not within `interval`
 * of its start or last resize: so it grows at most once an interval, however the queue comes and goes. Nodes that a
 * reservation waits for are lent out as well; the head of the queue takes them back in step 2.
 *
 * Optimus fits the speed-up curve of each job as it runs; here it is declared. Pollux also changes batch sizes. A
 * reservation is for the GPUs asked for, though the head may start on fewer. Jobs on nodes that leave service keep
 * their size.
 *
 * Cost: a node moved is O(log n), at most {@link MAX_STEPS} a pass each way; nothing to move is O(1). Memory: 23 B
 * a job of the run.
 */
class Elastic implements BackfillPolicy {
  private readonly context: PolicyContext;
  private readonly inner: BackfillPolicy;
  private readonly sizes: ElasticSizes;
  private readonly intervalMs: number;
  private readonly gpusPerNode: number;
  /** Running jobs that can grow now, the one that gains most first; those that can shrink, the one that loses least first. */
  private readonly growing: JobHeap;
  private readonly shrinking: JobHeap;
  /** Running jobs that may not grow yet, by the time from which on they may. */
  private readonly resting: JobHeap;
  /** Nodes that each running job can give up, and all together. */
  private readonly spareOf: Int32Array;
  private spareNodes = 0;
  /** Nodes of each job in the plan being made; -1: as it is. */
  private readonly planned: Int32Array;
  /** Jobs with a plan. */
  private readonly touched: JobId[] = [];

  constructor({ interval }: ElasticParams, context: PolicyContext) {
    const { world, partition } = context;
    const { jobCount } = world;
    this.context = context;
    this.inner = easy.create({ reservations: 1 }, context);
    this.sizes = new ElasticSizes(world, partition);
    this.intervalMs = interval;
    this.gpusPerNode = world.free(partition).layout.gpusPerNode;
    this.growing = new JobHeap(jobCount);
    this.shrinking = new JobHeap(jobCount);
    this.resting = new JobHeap(jobCount);
    this.spareOf = new Int32Array(jobCount);
    this.planned = new Int32Array(jobCount).fill(-1);
  }

  onQueued(job: JobId): boolean {
    return this.inner.onQueued(job) || this.context.queue.head() === job;
  }

  onUnqueued(job: JobId): boolean {
    return this.inner.onUnqueued!(job);
  }

  onStarted(job: JobId): void {
    this.inner.onStarted(job);
    this.enter(job);
  }

  onReleased(job: JobId): boolean {
    this.leave(job);
    return this.inner.onReleased(job) || this.someMayGrow();
  }

  onChanged(job: JobId, estimatedEndMs: number, heldGpus: number): boolean {
    const wanted = this.inner.onChanged!(job, estimatedEndMs, heldGpus);
    if (heldGpus !== this.context.world.heldGpus(job)) {
      this.leave(job);
      this.enter(job);
    } else if (!this.resting.has(job)) this.offer(job);
    return wanted || this.someMayGrow();
  }

  onCapacity(gpus: number, untilMs: number): boolean {
    return this.inner.onCapacity!(gpus, untilMs) || this.someMayGrow();
  }

  onPower(): boolean {
    return this.inner.onPower!() || this.someMayGrow();
  }

  onRekeyed(): void {
    this.inner.onRekeyed!();
  }

  pass(): void {
    this.startHeads();
    this.inner.pass();
    this.endRests();
    this.grow();
  }

  blockedBy(job: JobId): JobId {
    return this.inner.blockedBy(job);
  }

  private startHeads(): void {
    const { queue, world, decide } = this.context;
    for (let job = queue.head(); job >= 0; job = queue.head()) {
      if (this.startSize(job) === 0) this.shrinkFor(job);
      const gpus = this.startSize(job);
      if (gpus === 0) return;
      if (gpus === world.gpusNow(job)) decide.start(job);
      else decide.start(job, gpus);
      // It may have overtaken the job that EASY reserved for, whose reservation did not count it.
      this.inner.onRekeyed!();
    }
  }

  /** GPUs on which a queued job can start now: those asked for, or as many as are free; 0: fewer than its minimum. */
  private startSize(job: JobId): number {
    const { context, gpusPerNode } = this;
    const { world } = context;
    if (!this.sizes.isElastic(job)) return context.fits(job) ? world.gpusNow(job) : 0;
    const asked = Math.min(world.gpus(job), world.maxGpus(job));
    if (asked === world.gpusNow(job) && context.fits(job)) return asked;
    const largest = context.largestFit();
    const usable = largest < gpusPerNode ? largest : Math.floor(largest / gpusPerNode) * gpusPerNode;
    const gpus = Math.min(asked, usable);
    return gpus >= world.minGpus(job) ? gpus : 0;
  }

  /** Has running jobs give up as many nodes as the minimum of a queued job lacks, if they can. */
  private shrinkFor(job: JobId): void {
    const { context, sizes, shrinking, planned, touched } = this;
    const { world, decide, partition } = context;
    const gpus = sizes.isElastic(job) ? world.minGpus(job) : world.gpusNow(job);
    const missing = Math.max(1, sizes.nodes(gpus)) - world.free(partition).freeNodes;
    if (missing < 1 || missing > MAX_STEPS) return;
    let found = 0;
    while (found < missing && this.spareNodes >= missing - found && shrinking.length > 0) {
      const donor = shrinking.first();
      if (this.isLeaving(donor)) {
        shrinking.drop(donor);
        this.setSpare(donor, 0);
        continue;
      }
      if (planned[donor]! < 0) {
        planned[donor] = sizes.nodes(world.gpusNow(donor));
        touched.push(donor);
      }
      const nodes = --planned[donor]!;
      found++;
      if (nodes > sizes.fewest(donor)) shrinking.set(donor, sizes.lossPerGpu(donor, sizes.gpusOn(donor, nodes), nodes));
      else shrinking.drop(donor);
    }
    for (const donor of touched) {
      const nodes = planned[donor]!;
      planned[donor] = -1;
      if (found < missing || !decide.resize(donor, sizes.gpusOn(donor, nodes))) this.offerToShrink(donor);
    }
    touched.length = 0;
  }

  private endRests(): void {
    const { resting, context } = this;
    while (resting.length > 0 && resting.keyOf(resting.first()) <= context.world.nowMs) {
      const job = resting.first();
      resting.drop(job);
      this.offer(job);
    }
  }

  /** Lends free nodes to running jobs. */
  private grow(): void {
    const { resting, growing, context } = this;
    const { world, partition, decide } = context;
    let free = world.free(partition).freeNodes;
    let steps = 0;
    while (free > 0 && growing.length > 0 && steps < MAX_STEPS) {
      for (; free > 0 && growing.length > 0 && steps < MAX_STEPS; free--, steps++) this.planOneMore(growing.first());
      free += this.dropUnpaid();
    }
    this.applyGrowth();
    if (resting.length > 0 && world.free(partition).freeNodes > 0) decide.passAt(resting.keyOf(resting.first()));
  }

  private planOneMore(job: JobId): void {
    const { planned, sizes, growing } = this;
    if (planned[job]! < 0) {
      planned[job] = sizes.nodes(this.context.world.gpusNow(job));
      this.touched.push(job);
    }
    const nodes = ++planned[job]!;
    if (nodes < sizes.most(job)) growing.set(job, -sizes.gainPerGpu(job, sizes.gpusOn(job, nodes), nodes));
    else growing.drop(job);
  }

  /** Takes those out of the plan, until they change, who would save too little; returns their nodes. */
  private dropUnpaid(): number {
    const { planned, sizes, touched, growing } = this;
    let nodes = 0;
    let kept = 0;
    for (const job of touched) {
      if (this.pays(job, sizes.gpusOn(job, planned[job]!))) {
        touched[kept++] = job;
        continue;
      }
      nodes += planned[job]! - sizes.nodes(this.context.world.gpusNow(job));
      planned[job] = -1;
      growing.drop(job);
    }
    touched.length = kept;
    return nodes;
  }

  private applyGrowth(): void {
    const { planned, sizes, touched, growing, resting } = this;
    const { world, decide } = this.context;
    for (const job of touched) {
      // A limit may have been used up by the growth of another.
      const gpus = sizes.gpusOn(job, planned[job]!);
      planned[job] = -1;
      growing.drop(job);
      if (gpus <= world.gpusNow(job) || !decide.resize(job, gpus)) resting.set(job, world.nowMs + this.intervalMs);
    }
    touched.length = 0;
  }

  private pays(job: JobId, gpus: number): boolean {
    const { world } = this.context;
    const leftMs = world.estimateMs(job) - world.workMs(job);
    const savedMs = leftMs / this.sizes.speed(job, world.gpusNow(job)) - leftMs / this.sizes.speed(job, gpus);
    return savedMs > PAYBACK * world.traitsOf(job).resizeMs;
  }

  /** A job runs on its present GPUs from now on. */
  private enter(job: JobId): void {
    const { sizes, resting, intervalMs } = this;
    const { world } = this.context;
    if (!sizes.isElastic(job)) return;
    this.setSpare(job, Math.max(0, sizes.nodes(world.gpusNow(job)) - sizes.fewest(job)));
    this.offerToShrink(job);
    resting.set(job, world.nowMs + intervalMs);
  }

  private leave(job: JobId): void {
    this.setSpare(job, 0);
    this.shrinking.drop(job);
    this.growing.drop(job);
    this.resting.drop(job);
  }

  private setSpare(job: JobId, nodes: number): void {
    this.spareNodes += nodes - this.spareOf[job]!;
    this.spareOf[job] = nodes;
  }

  private offerToShrink(job: JobId): void {
    const { sizes } = this;
    const gpus = this.context.world.gpusNow(job);
    const nodes = sizes.nodes(gpus);
    if (nodes > sizes.fewest(job)) this.shrinking.set(job, sizes.lossPerGpu(job, gpus, nodes));
    else this.shrinking.drop(job);
  }

  /** A job may grow from now on, if it can. */
  private offer(job: JobId): void {
    const { sizes } = this;
    const gpus = this.context.world.gpusNow(job);
    const nodes = sizes.nodes(gpus);
    if (sizes.isElastic(job) && nodes < sizes.most(job)) this.growing.set(job, -sizes.gainPerGpu(job, gpus, nodes));
  }

  private someMayGrow(): boolean {
    return this.growing.length > 0 || this.resting.length > 0;
  }

  /** Some of its nodes leave service. */
  private isLeaving(job: JobId): boolean {
    const { places, world } = this.context;
    return places.freedGpus(job) < world.heldGpus(job);
  }
}

export const elastic: BackfillDef<ElasticParams> = {
  axis: 'backfill',
  name: 'elastic',
  summary: 'EASY, and jobs start smaller, shrink for the head of the queue and grow by marginal speed-up',
  cite: "Peng et al., Optimus, EuroSys'18; Qiao et al., Pollux, OSDI'21",
  parameters: [
    {
      name: 'interval',
      kind: 'duration',
      default: 600_000,
      min: 1,
      summary: 'a job grows at most once in so long; 10 min as between decisions of Optimus (2018)',
    },
  ],
  resizes: true,
  reserves: true,
  create: (params, context) => new Elastic(params, context),
};
