import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { PowerControlSpec } from '../scenario/runSpec.js';
import type { Interruptions } from '../workload/jobProgress.js';
import { FIRST_SLOTS, grown } from '../workload/slots.js';

/** What {@link CapBook} is made from. */
export interface CapBookParts {
  readonly spec: PowerControlSpec;
  readonly world: World;
  readonly interruptions: Interruptions;
  readonly sites: number;
  readonly classes: number;
}

/**
 * Which power caps are in force, what running jobs draw under them, and what they would draw under every other.
 *
 * A cap is an index into the caps of the run, 0: none. A site has one that goes up and down (`capOf`), a class at a site
 * a floor of its own; the lower of the two watts holds. For each running job the watts under every cap of the site are
 * kept while it draws them, and their sums by site, so that the cap that keeps a limit is found without looking at jobs.
 *
 * Cost: O(caps) each time a job begins or ceases to draw. Sums are of whole watts and never drift.
 */
export class CapBook {
  readonly caps: number;
  /** By site: the cap in force. */
  readonly capOf: Int32Array;
  /** By site: watts of its jobs now. */
  readonly drawW: Float64Array;
  /** By class: GPU·ms inside the horizon that caps took of productive time, and that jobs were suspended. */
  readonly cappedGpuMs: Float64Array;
  readonly suspendedGpuMs: Float64Array;
  suspensions = 0;

  private readonly spec: PowerControlSpec;
  private readonly world: World;
  private readonly interruptions: Interruptions;
  private readonly classes: number;
  /** By site, then class: the cap that always holds. */
  private readonly floors: Int32Array;
  /** By site, then cap. */
  private readonly sumsW: Float64Array;
  /** By slot: watts the job draws now; its speed relative to no cap; by slot and cap: what it would draw. */
  private nowW = new Int32Array(FIRST_SLOTS);
  private speedNow = new Float64Array(FIRST_SLOTS).fill(1);
  private underW: Int32Array;
  private slots = FIRST_SLOTS;

  constructor(parts: CapBookParts) {
    const { spec, sites, classes } = parts;
    this.spec = spec;
    this.world = parts.world;
    this.interruptions = parts.interruptions;
    this.classes = classes;
    this.caps = spec.capFractions.length;
    this.capOf = new Int32Array(sites);
    this.drawW = new Float64Array(sites);
    this.floors = new Int32Array(sites * classes);
    this.sumsW = new Float64Array(sites * this.caps);
    this.underW = new Int32Array(FIRST_SLOTS * this.caps);
    this.cappedGpuMs = new Float64Array(classes);
    this.suspendedGpuMs = new Float64Array(classes);
  }

  /** The weakest cap of at most so much of TDP; the strongest where there is none. */
  capAt(fraction: number): number {
    const found = this.spec.capFractions.findIndex((step) => step <= fraction);
    return found < 0 ? this.caps - 1 : found;
  }

  /** Sets the cap that always holds for a class; true when it is another than before. */
  setFloor(site: number, jobClass: number, cap: number): boolean {
    const at = site * this.classes + jobClass;
    if (this.floors[at] === cap) return false;
    this.floors[at] = cap;
    return true;
  }

  /** Speed that the caps in force leave a class, 0…1. */
  speed(partition: number, jobClass: number): number {
    return this.spec.partitions[partition]!.speedByClass[this.capFor(partition, jobClass)]![jobClass]!;
  }

  /** Watts of all jobs of a site if that cap were in force. */
  sumW(site: number, cap: number): number {
    return this.sumsW[site * this.caps + cap]!;
  }

  /** Watts a busy GPU adds under the caps in force, of one that adds so much without. */
  activeW(partition: number, jobClass: number, uncappedW: number): number {
    return this.activeUnder(partition, jobClass, this.capFor(partition, jobClass), uncappedW);
  }

  /** The most that a GPU of the partition can add under a cap. */
  mostActiveW(partition: number, cap: number): number {
    const site = this.world.siteOfPartition(partition);
    let most = 0;
    for (let jobClass = 0; jobClass < this.classes; jobClass++) {
      const stronger = Math.max(cap, this.floors[site * this.classes + jobClass]!);
      most = Math.max(most, this.spec.partitions[partition]!.activeWByClass[stronger]![jobClass]!);
    }
    return most;
  }

  suspendedW(partition: number): number {
    return this.spec.partitions[partition]!.suspendedW;
  }

  /**
   * A job draws from now on.
   *
   * @param fixedW - what it draws whatever the cap; NaN: it works
   * @param reserves - of a job that stands still and goes on by itself: the watts of its work stay reserved
   * @param uncappedW - what each of its GPUs adds working without a cap
   * @param workMs - it works for so long, and then draws `stallW` a GPU for `stallMs`, and so on; negative: no stalls
   */
  enter(
    job: JobId,
    fixedW: number,
    reserves: boolean,
    uncappedW: number,
    workMs: number,
    stallMs: number,
    stallW: number,
  ): void {
    const { world, caps, interruptions } = this;
    const slot = interruptions.slots.of[job]!;
    if (slot >= this.slots) this.grow(slot);
    const partition = world.partitionOf(job);
    const site = world.siteOfPartition(partition);
    const jobClass = world.classOf(job);
    const gpus = world.gpusNow(job);
    const floor = this.floors[site * this.classes + jobClass]!;
    const at = slot * caps;
    const sums = site * caps;
    const works = Number.isNaN(fixedW);
    for (let cap = 0; cap < caps; cap++) {
      const activeW = this.activeUnder(partition, jobClass, cap > floor ? cap : floor, uncappedW);
      const meanW = stallMs < 0 ? activeW : (activeW * workMs + stallW * stallMs) / (workMs + stallMs);
      const watts = reserves || works ? Math.round(gpus * meanW) : fixedW;
      this.underW[at + cap] = watts;
      this.sumsW[sums + cap]! += watts;
    }
    const nowW = works ? this.underW[at + this.capOf[site]!]! : fixedW;
    this.nowW[slot] = nowW;
    this.drawW[site]! += nowW;
    this.speedNow[slot] = this.speed(partition, jobClass);
  }

  /** A job ceases to draw what it did. */
  leave(job: JobId): void {
    const { world, caps } = this;
    const slot = this.interruptions.slots.of[job]!;
    const site = world.siteOfPartition(world.partitionOf(job));
    const at = slot * caps;
    const sums = site * caps;
    for (let cap = 0; cap < caps; cap++) this.sumsW[sums + cap]! -= this.underW[at + cap]!;
    this.drawW[site]! -= this.nowW[slot]!;
  }

  /** What a running job was told to draw when it last {@link enter}ed. */
  watts(job: JobId): number {
    return this.nowW[this.interruptions.slots.of[job]!]!;
  }

  /** A stretch of a running job ends in which it was productive for so much inside the horizon, GPU·ms held. */
  bookProductive(job: JobId, gpuMs: number): void {
    const slot = this.interruptions.slots.of[job]!;
    const lost = 1 - this.speedNow[slot]!;
    if (lost > 0) this.cappedGpuMs[this.world.classOf(job)]! += lost * gpuMs;
  }

  private capFor(partition: number, jobClass: number): number {
    const site = this.world.siteOfPartition(partition);
    const floor = this.floors[site * this.classes + jobClass]!;
    const cap = this.capOf[site]!;
    return cap > floor ? cap : floor;
  }

  private activeUnder(partition: number, jobClass: number, cap: number, uncappedW: number): number {
    const { activeWByClass, communicatingWByClass } = this.spec.partitions[partition]!;
    const computingW = activeWByClass[0]![jobClass]!;
    if (uncappedW >= computingW) return activeWByClass[cap]![jobClass]!;
    // A job with a model: of its time it communicates so much.
    const exposed = (computingW - uncappedW) / (computingW - communicatingWByClass[0]![jobClass]!);
    return (1 - exposed) * activeWByClass[cap]![jobClass]! + exposed * communicatingWByClass[cap]![jobClass]!;
  }

  private grow(slot: number): void {
    while (this.slots <= slot) this.slots *= 2;
    this.nowW = grown(this.nowW, new Int32Array(this.slots));
    this.speedNow = grown(this.speedNow, new Float64Array(this.slots));
    this.underW = grown(this.underW, new Int32Array(this.slots * this.caps));
  }
}
