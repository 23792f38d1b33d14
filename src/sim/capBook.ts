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
 * a floor of its own; the lower of the two watts holds. What a job would draw under any cap is a sum of a few products:
 * GPUs that compute and that communicate × the watts of these under the cap, and what does not depend on it. So the sums
 * of GPUs by partition and class tell what a site would draw under any cap, without looking at jobs.
 *
 * Cost: O(1) each time a job begins or ceases to draw; O(partitions × classes) for the sum under a cap, once for each
 * change. A job's watts are whole; where its products are not, the sum is told higher by half a watt.
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
  /** By partition, then class: GPUs × share of time in which they compute, and communicate, of jobs that work. */
  private readonly computing: Float64Array;
  private readonly communicating: Float64Array;
  /** By site: watts of its jobs that no cap changes; jobs whose products are not whole. */
  private readonly fixedW: Float64Array;
  private readonly uneven: Int32Array;
  private readonly partitionsOf: readonly (readonly number[])[];
  /** By site: the sum last asked for and its cap; −1: something has changed since. */
  private readonly summedCap: Int32Array;
  private readonly summedW: Float64Array;
  /** By slot: watts the job draws now; its speed relative to no cap; what it adds to the sums. */
  private nowW = new Int32Array(FIRST_SLOTS);
  private speedNow = new Float64Array(FIRST_SLOTS).fill(1);
  private computes = new Float64Array(FIRST_SLOTS);
  private communicates = new Float64Array(FIRST_SLOTS);
  private fixes = new Float64Array(FIRST_SLOTS);
  private isUneven = new Int32Array(FIRST_SLOTS);
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
    const partitions = spec.partitions.length;
    this.computing = new Float64Array(partitions * classes);
    this.communicating = new Float64Array(partitions * classes);
    this.fixedW = new Float64Array(sites);
    this.uneven = new Int32Array(sites);
    this.partitionsOf = Array.from({ length: sites }, (_, site) =>
      spec.partitions.map((_table, index) => index).filter((index) => this.world.siteOfPartition(index) === site),
    );
    this.summedCap = new Int32Array(sites).fill(-1);
    this.summedW = new Float64Array(sites);
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
    this.summedCap[site] = -1;
    return true;
  }

  /** Speed that the caps in force leave a class, 0…1. */
  speed(partition: number, jobClass: number): number {
    return this.spec.partitions[partition]!.speedByClass[this.capFor(partition, jobClass)]![jobClass]!;
  }

  /** Watts of all jobs of a site if that cap were in force. */
  sumW(site: number, cap: number): number {
    if (this.summedCap[site] === cap) return this.summedW[site]!;
    const { classes, computing, communicating, floors } = this;
    let watts = this.fixedW[site]! + this.uneven[site]! / 2;
    for (const partition of this.partitionsOf[site]!) {
      const { activeWByClass, communicatingWByClass } = this.spec.partitions[partition]!;
      for (let jobClass = 0; jobClass < classes; jobClass++) {
        const floor = floors[site * classes + jobClass]!;
        const stronger = cap > floor ? cap : floor;
        const at = partition * classes + jobClass;
        watts += computing[at]! * activeWByClass[stronger]![jobClass]!;
        watts += communicating[at]! * communicatingWByClass[stronger]![jobClass]!;
      }
    }
    this.summedCap[site] = cap;
    this.summedW[site] = watts;
    return watts;
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
    const { world, interruptions } = this;
    const slot = interruptions.slots.of[job]!;
    if (slot >= this.slots) this.grow(slot);
    const partition = world.partitionOf(job);
    const site = world.siteOfPartition(partition);
    const jobClass = world.classOf(job);
    const gpus = world.gpusNow(job);
    const works = Number.isNaN(fixedW);
    const stalls = stallMs >= 0;
    const activeW = this.activeW(partition, jobClass, uncappedW);
    const meanW = stalls ? (activeW * workMs + stallW * stallMs) / (workMs + stallMs) : activeW;
    this.nowW[slot] = works ? Math.round(gpus * meanW) : fixedW;
    if (works || reserves) {
      const share = stalls ? workMs / (workMs + stallMs) : 1;
      const exposed = this.exposedShare(partition, jobClass, uncappedW);
      this.computes[slot] = gpus * share * (1 - exposed);
      this.communicates[slot] = gpus * share * exposed;
      this.fixes[slot] = gpus * (1 - share) * stallW;
      this.isUneven[slot] = stalls || exposed > 0 ? 1 : 0;
    } else {
      this.computes[slot] = 0;
      this.communicates[slot] = 0;
      this.fixes[slot] = fixedW;
      this.isUneven[slot] = 0;
    }
    this.add(slot, site, partition * this.classes + jobClass, 1);
    this.speedNow[slot] = this.speed(partition, jobClass);
  }

  /** A job ceases to draw what it did. */
  leave(job: JobId): void {
    const { world } = this;
    const partition = world.partitionOf(job);
    const slot = this.interruptions.slots.of[job]!;
    this.add(slot, world.siteOfPartition(partition), partition * this.classes + world.classOf(job), -1);
  }

  private add(slot: number, site: number, at: number, sign: 1 | -1): void {
    this.computing[at]! += sign * this.computes[slot]!;
    this.communicating[at]! += sign * this.communicates[slot]!;
    this.fixedW[site]! += sign * this.fixes[slot]!;
    this.uneven[site]! += sign * this.isUneven[slot]!;
    this.drawW[site]! += sign * this.nowW[slot]!;
    this.summedCap[site] = -1;
  }

  /** What a running job was told to draw when it last {@link enter}ed. */
  watts(job: JobId): number {
    return this.nowW[this.interruptions.slots.of[job]!]!;
  }

  /** A stretch of a running job ends in which it was productive for so much inside the horizon, GPU·ms held. */
  bookProductive(job: JobId, gpuMs: number): void {
    const lost = this.speedLost(this.interruptions.slots.of[job]!);
    if (lost > 0) this.bookCapped(job, lost * gpuMs);
  }

  /** Caps took so much, or (negative) what they took was lost to something else. */
  bookCapped(job: JobId, gpuMs: number): void {
    this.cappedGpuMs[this.world.classOf(job)]! += gpuMs;
  }

  /** Share of its speed that the caps took from the job in a slot when it last entered, 0…1. */
  speedLost(slot: number): number {
    return 1 - this.speedNow[slot]!;
  }

  private capFor(partition: number, jobClass: number): number {
    const site = this.world.siteOfPartition(partition);
    const floor = this.floors[site * this.classes + jobClass]!;
    const cap = this.capOf[site]!;
    return cap > floor ? cap : floor;
  }

  private activeUnder(partition: number, jobClass: number, cap: number, uncappedW: number): number {
    const { activeWByClass, communicatingWByClass } = this.spec.partitions[partition]!;
    const exposed = this.exposedShare(partition, jobClass, uncappedW);
    if (exposed === 0) return activeWByClass[cap]![jobClass]!;
    return (1 - exposed) * activeWByClass[cap]![jobClass]! + exposed * communicatingWByClass[cap]![jobClass]!;
  }

  /** Of a job with a model, whose GPUs add so much without a cap: of its time it communicates so much. */
  private exposedShare(partition: number, jobClass: number, uncappedW: number): number {
    const { activeWByClass, communicatingWByClass } = this.spec.partitions[partition]!;
    const computingW = activeWByClass[0]![jobClass]!;
    if (uncappedW >= computingW) return 0;
    return (computingW - uncappedW) / (computingW - communicatingWByClass[0]![jobClass]!);
  }

  private grow(slot: number): void {
    while (this.slots <= slot) this.slots *= 2;
    this.nowW = grown(this.nowW, new Int32Array(this.slots));
    this.speedNow = grown(this.speedNow, new Float64Array(this.slots));
    this.computes = grown(this.computes, new Float64Array(this.slots));
    this.communicates = grown(this.communicates, new Float64Array(this.slots));
    this.fixes = grown(this.fixes, new Float64Array(this.slots));
    this.isUneven = grown(this.isUneven, new Int32Array(this.slots));
  }
}
