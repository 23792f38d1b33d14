import { SimError } from '../base/errors.js';
import { KeyEpoch } from './keyEpoch.js';
import { LineQueue } from './lineQueue.js';
import { SizeClassQueue } from './sizeClassQueue.js';
import { SortedQueue } from './sortedQueue.js';
import type { World } from './world.js';
import type { JobId, OrderPolicy } from './contracts.js';

type ClassQueue = SizeClassQueue | SortedQueue | LineQueue;

/** What `queued` says of a job that stands in the line before the queue. */
const IN_LINE = 2;

/** Size classes by powers of two: 1, 2–3, 4–7, … up to 2^30 GPUs. */
const CLASSES = 31;

/**
 * The queue of one partition in the order of a policy's keys, ties by job id.
 *
 * One queue per power of two of the GPUs a job would hold: a {@link SizeClassQueue} where keys come in order of
 * arrival, a {@link SortedQueue} where they stand still but come in any order, a {@link LineQueue} otherwise. Finding
 * the head looks at the classes' heads; finding the first job that fits asks each class that can hold one.
 */
export class OrderedQueue {
  length = 0;
  /** Keys change as time passes, so the order does. */
  readonly moves: boolean;

  private readonly world: World;
  private readonly order: OrderPolicy;
  private readonly classes: readonly ClassQueue[];
  private used = 0; // classes ever used, as a bit mask
  private headJob: JobId = -1;
  /** Jobs that a failure sent back: before all others, whatever the order, in the order in which they came. Few. */
  private readonly line: JobId[] = [];
  private readonly failedFirst: boolean;
  /** Keys are taken again from time to time. */
  private readonly rekeys: boolean;
  private readonly epochs: KeyEpoch;
  /** The epoch that the keys of queued jobs are of. */
  private epoch = 0;
  private readonly queued: Uint8Array;
  /** GPUs a queued job holds in its class: it may have changed before it leaves. */
  private readonly classOf: Uint8Array;

  /**
   * @param epochs - shared by the queues of a run
   * @param rejoins - jobs that ran may join again, ahead of all that wait: keys by arrival then come in any order too.
   *   Of no effect on the order, only on what joining costs
   * @param failedFirst - jobs that a failure sent back go before all others; else as their keys say
   */
  constructor(
    world: World,
    order: OrderPolicy,
    jobs: number,
    epochs = new KeyEpoch(order, world),
    rejoins = false,
    failedFirst = true,
  ) {
    this.world = world;
    this.failedFirst = failedFirst;
    this.order = order;
    this.moves = order.slope !== undefined;
    this.rekeys = order.rekeyEveryMs !== undefined;
    this.epochs = epochs;
    this.epoch = epochs.now();
    this.queued = new Uint8Array(jobs);
    this.classOf = new Uint8Array(jobs);
    this.classes = queuesFor(order, jobs, rejoins);
  }

  add(job: JobId): void {
    const { world, order } = this;
    const now = world.nowMs;
    if (this.failedFirst && world.isAtHead(job)) {
      this.line.push(job);
      this.queued[job] = IN_LINE;
      this.length++;
      return;
    }
    const key = order.key(job);
    const slope = order.slope === undefined ? 0 : order.slope(job);
    if (Number.isNaN(key) || !Number.isFinite(slope)) throw this.unordered(job, key, slope);
    const held = world.heldGpus(job);
    const sizeClass = 31 - Math.clz32(held);
    const base = slope === 0 ? key : key - slope * now;
    this.classes[sizeClass]!.add(job, base, slope, held, world.plannedMs(job), now);
    this.used |= 1 << sizeClass;
    this.queued[job] = 1;
    this.classOf[job] = sizeClass;
    this.length++;
    if (this.moves) this.headJob = -1;
    else if (this.length === 1) this.headJob = job;
    else if (this.headJob >= 0 && this.precedes(job, this.headJob)) this.headJob = job;
  }

  remove(job: JobId): void {
    if (this.queued[job] === IN_LINE) {
      this.line.splice(this.line.indexOf(job), 1);
      this.queued[job] = 0;
      this.length--;
      return;
    }
    this.classes[this.classOf[job]!]!.remove(job, this.world.nowMs);
    this.queued[job] = 0;
    this.length--;
    if (this.headJob === job) this.headJob = -1;
  }

  /** Does a job wait that a failure sent back? */
  get holdsFailed(): boolean {
    return this.line.length > 0;
  }

  has(job: JobId): boolean {
    return this.queued[job] !== 0;
  }

  /** The first job in order, or -1. */
  head(): JobId {
    if (this.length === 0) return -1;
    if (this.line.length > 0) return this.line[0]!;
    if (this.headJob < 0 || this.moves) this.headJob = this.firstOfHeads();
    return this.headJob;
  }

  /** The key of a queued job now. */
  keyOf(job: JobId): number {
    if (this.queued[job] === IN_LINE) return this.line.indexOf(job) - 2 ** 52;
    return this.classes[this.classOf[job]!]!.keyOf(job, this.world.nowMs);
  }

  /** Does one queued job go before another now? */
  precedes(job: JobId, other: JobId): boolean {
    const key = this.keyOf(job);
    const otherKey = this.keyOf(other);
    return key < otherKey || (key === otherKey && job < other);
  }

  /**
   * The first job in order that holds at most `maxGpus` and either is estimated to run at most `windowMs`
   * or holds at most `spareGpus`; -1 when there is none. `spareByClass` raises `spareGpus` for jobs of 1, of 2 and 3,
   * of 4 to 7 GPUs and so on.
   */
  firstFitting(maxGpus: number, windowMs: number, spareGpus: number, spareByClass?: Int32Array): JobId {
    if (maxGpus < 1) return -1;
    if (this.line.length > 0) {
      const first = this.firstInLine(maxGpus, windowMs, spareGpus);
      if (first >= 0) return first;
    }
    const now = this.world.nowMs;
    let best = -1;
    // Bits up to the class of maxGpus: larger classes hold larger jobs only.
    let rest = this.used & ((2 << (31 - Math.clz32(maxGpus))) - 1);
    while (rest !== 0) {
      const sizeClass = 31 - Math.clz32(rest);
      rest &= ~(1 << sizeClass);
      const candidates = this.classes[sizeClass]!;
      if (candidates.live === 0) continue;
      let spare = spareGpus;
      if (spareByClass !== undefined && spareByClass[sizeClass]! > spare) spare = spareByClass[sizeClass]!;
      const job = candidates.first(maxGpus, windowMs, spare, now);
      if (job >= 0 && (best < 0 || this.precedes(job, best))) best = job;
    }
    return best;
  }

  /** Does a job wait that holds so many GPUs or a little more: at most one less than twice as many? */
  hasInClassOf(gpus: number): boolean {
    const sizeClass = 31 - Math.clz32(gpus);
    if (this.classes[sizeClass]!.live > 0) return true;
    return this.line.some((job) => 31 - Math.clz32(this.world.heldGpus(job)) === sizeClass);
  }

  /** Calls back with every queued job, in no promised order. */
  forEach(visit: (job: JobId) => void): void {
    for (const job of this.line) visit(job);
    for (const candidates of this.classes) if (candidates.live > 0) candidates.forEach(visit);
  }

  /** All queued jobs in order. O(n log n). */
  inOrder(): JobId[] {
    const keys = new Map<JobId, number>();
    this.forEach((job) => keys.set(job, this.keyOf(job)));
    return [...keys.keys()].sort((a, b) => keys.get(a)! - keys.get(b)! || a - b);
  }

  /** Are the keys older than the order says they may be? Then a pass at this instant takes them again. */
  keysAreOld(): boolean {
    return this.rekeys && this.epochs.now() !== this.epoch;
  }

  /** Takes all keys again when the order says they are too old; true when it did. O(n) then, O(1) otherwise. */
  refreshKeys(): boolean {
    if (!this.keysAreOld()) return false;
    this.epoch = this.epochs.now();
    if (this.length === 0) return false;
    const { order } = this;
    const now = this.world.nowMs;
    order.beforeRekey?.(this.jobs());
    const key = (job: JobId): number => order.key(job);
    const slope = (job: JobId): number => order.slope?.(job) ?? 0;
    for (const candidates of this.classes) if (candidates.live > 0) candidates.rekey(key, slope, now);
    this.headJob = -1;
    return true;
  }

  private firstInLine(maxGpus: number, windowMs: number, spareGpus: number): JobId {
    const { world } = this;
    for (const job of this.line) {
      const held = world.heldGpus(job);
      if (held <= maxGpus && (held <= spareGpus || world.plannedMs(job) <= windowMs)) return job;
    }
    return -1;
  }

  private jobs(): JobId[] {
    const jobs: JobId[] = [];
    this.forEach((job) => jobs.push(job));
    return jobs;
  }

  private firstOfHeads(): JobId {
    const now = this.world.nowMs;
    let best = -1;
    let rest = this.used;
    while (rest !== 0) {
      const sizeClass = 31 - Math.clz32(rest);
      rest &= ~(1 << sizeClass);
      const job = this.classes[sizeClass]!.head(now);
      if (job >= 0 && (best < 0 || this.precedes(job, best))) best = job;
    }
    return best;
  }

  private unordered(job: JobId, key: number, slope: number): SimError {
    return new SimError(
      'policy.contract',
      `the order policy gave job ${job} the key ${key} at ${this.world.nowMs} ms${slope === 0 ? '' : `, growing by ${slope} a ms`}; expected a number`,
    );
  }
}

/** A queue for each size class, of the kind that is cheapest for what the keys may do. */
function queuesFor(order: OrderPolicy, jobs: number, rejoins: boolean): readonly ClassQueue[] {
  const each = <T>(make: () => T): readonly T[] => Array.from({ length: CLASSES }, make);
  const byArrival = order.byArrival === true && !rejoins;
  if (order.slope === undefined && order.rekeyEveryMs === undefined && !byArrival) {
    const keys = new Float64Array(jobs);
    return each(() => new SortedQueue(keys));
  }
  const slotOf = new Int32Array(jobs);
  return byArrival ? each(() => new SizeClassQueue(slotOf)) : each(() => new LineQueue(slotOf));
}
