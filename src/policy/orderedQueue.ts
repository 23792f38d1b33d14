import { SimError } from '../base/errors.js';
import { SizeClassQueue } from './sizeClassQueue.js';
import type { World } from './world.js';
import type { JobId, OrderPolicy } from './contracts.js';

/** Size classes by powers of two: 1, 2–3, 4–7, … up to 2^30 GPUs. */
const CLASSES = 31;

/**
 * The queue of one partition in the order of a policy's static key, ties by job id.
 *
 * One {@link SizeClassQueue} per power of two of the GPUs a job would hold. Finding the head looks at the
 * classes' heads; finding the first job that fits asks each class that can hold one.
 */
export class OrderedQueue {
  length = 0;

  private readonly world: World;
  private readonly order: OrderPolicy;
  private readonly classes: readonly SizeClassQueue[];
  private used = 0; // classes ever used, as a bit mask
  private headJob: JobId = -1;
  private readonly queued: Uint8Array;

  constructor(world: World, order: OrderPolicy, jobs: number) {
    this.world = world;
    this.order = order;
    const slotOf = new Int32Array(jobs);
    this.queued = new Uint8Array(jobs);
    this.classes = Array.from({ length: CLASSES }, () => new SizeClassQueue(slotOf));
  }

  add(job: JobId): void {
    const key = this.order.key(this.world, job);
    if (Number.isNaN(key))
      throw new SimError('policy.contract', `the order policy gave job ${job} the key NaN; expected a number`);
    const held = this.world.heldGpus(job);
    const sizeClass = 31 - Math.clz32(held);
    this.classes[sizeClass]!.add(job, key, held, this.world.estimateMs(job));
    this.used |= 1 << sizeClass;
    this.queued[job] = 1;
    this.length++;
    if (this.length === 1) this.headJob = job;
    else if (this.headJob >= 0 && this.precedes(key, job, this.headJob)) this.headJob = job;
  }

  remove(job: JobId): void {
    this.classes[31 - Math.clz32(this.world.heldGpus(job))]!.remove(job);
    this.queued[job] = 0;
    this.length--;
    if (this.headJob === job) this.headJob = -1;
  }

  has(job: JobId): boolean {
    return this.queued[job] === 1;
  }

  /** The first job in order, or -1. */
  head(): JobId {
    if (this.headJob < 0 && this.length > 0) this.headJob = this.firstOfHeads();
    return this.headJob;
  }

  /**
   * The first job in order that holds at most `maxGpus` and either is estimated to run at most `windowMs`
   * or holds at most `spareGpus`; -1 when there is none.
   */
  firstFitting(maxGpus: number, windowMs: number, spareGpus: number): JobId {
    if (maxGpus < 1) return -1;
    let best = -1;
    // Bits up to the class of maxGpus: larger classes hold larger jobs only.
    let rest = this.used & ((2 << (31 - Math.clz32(maxGpus))) - 1);
    while (rest !== 0) {
      const sizeClass = 31 - Math.clz32(rest);
      rest &= ~(1 << sizeClass);
      const candidates = this.classes[sizeClass]!;
      if (candidates.live === 0) continue;
      const job = candidates.first(maxGpus, windowMs, spareGpus);
      if (job >= 0 && (best < 0 || this.precedes(candidates.keyOf(job), job, best))) best = job;
    }
    return best;
  }

  private firstOfHeads(): JobId {
    let best = -1;
    let rest = this.used;
    while (rest !== 0) {
      const sizeClass = 31 - Math.clz32(rest);
      rest &= ~(1 << sizeClass);
      const candidates = this.classes[sizeClass]!;
      const job = candidates.head();
      if (job >= 0 && (best < 0 || this.precedes(candidates.keyOf(job), job, best))) best = job;
    }
    return best;
  }

  private precedes(key: number, job: JobId, other: JobId): boolean {
    const otherKey = this.classes[31 - Math.clz32(this.world.heldGpus(other))]!.keyOf(other);
    return key < otherKey || (key === otherKey && job < other);
  }
}
