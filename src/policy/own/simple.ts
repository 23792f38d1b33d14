import type { BackfillDef, Decisions, JobId, OrderDef } from '../contracts.js';
import type { Truth } from '../truth.js';
import type { World } from '../world.js';

/** What the simple forms may say of themselves; the same words as in a full definition. */
interface SimpleInfo {
  readonly name?: string;
  readonly summary?: string;
  readonly cite?: string;
  readonly clairvoyant?: boolean;
  readonly readsMarket?: boolean;
  readonly starves?: boolean;
}

/** An order by a number: the job with the smaller key goes first, ties by id. Taken when a job is queued. */
export interface OrderByKey extends SimpleInfo {
  key(job: JobId, world: World, truth: Truth): number;
  /** Takes all keys again at the first pass after so many ms; absent: never. */
  readonly rekeyEveryMs?: number;
}

/**
 * An order by comparison: negative when `a` goes before `b`, ties by id. The queue is sorted anew at each pass,
 * so it may compare what changes with time; that costs O(n log n) a pass, where a key costs O(log n) a job.
 */
export interface OrderByComparison extends SimpleInfo {
  compare(a: JobId, b: JobId, world: World, truth: Truth): number;
}

/** A whole pass over the queue: starts what it will. */
export interface WholeSchedule extends SimpleInfo {
  schedule(world: QueueWorld, decide: Pick<Decisions, 'start'>): void;
}

/** The world of a {@link WholeSchedule}, with the queue of the partition it is called for. */
export interface QueueWorld extends World {
  readonly partition: number;
  /** Queued jobs in order (first come first served, unless an order stands before it), as they are at the call. */
  readonly queue: readonly JobId[];
  /** Can this job be placed now? */
  fits(job: JobId): boolean;
  /** Largest job, in GPUs held, that can be placed now. */
  largestFit(): number;
  /** True run times, for a policy with `clairvoyant: true`. */
  readonly truth: Truth;
}

export function orderByKey(simple: OrderByKey): Omit<OrderDef, 'name' | 'summary'> {
  const { rekeyEveryMs } = simple;
  return {
    axis: 'order',
    create: (_params, { world, truth }) => ({
      key: (job) => simple.key(job, world, truth),
      ...(rekeyEveryMs === undefined ? {} : { rekeyEveryMs }),
    }),
  };
}

export function orderByComparison(simple: OrderByComparison): Omit<OrderDef, 'name' | 'summary'> {
  return {
    axis: 'order',
    create: (_params, { world, truth }) => {
      const rank = new Float64Array(world.jobCount).fill(Number.NEGATIVE_INFINITY);
      return {
        // Until the next pass ranks it a new job stands first, so that the pass is made.
        key: (job) => rank[job]!,
        rekeyEveryMs: 0,
        beforeRekey: (queued) => {
          const jobs = [...queued];
          jobs.sort((a, b) => {
            const order: unknown = simple.compare(a, b, world, truth);
            if (typeof order === 'number' && !Number.isNaN(order)) return order || a - b;
            throw new TypeError(`compare gave ${String(order)} for jobs ${a} and ${b}; expected a number`);
          });
          jobs.forEach((job, at) => {
            rank[job] = at;
          });
        },
        onStopped: (job) => {
          rank[job] = Number.NEGATIVE_INFINITY;
        },
      };
    },
  };
}

export function wholeSchedule(simple: WholeSchedule): Omit<BackfillDef, 'name' | 'summary'> {
  return {
    axis: 'backfill',
    create: (_params, { world, partition, queue, decide, truth, ...context }) => {
      let blocked = new Set<JobId>();
      const view = Object.assign(Object.create(world) as QueueWorld, {
        partition,
        truth,
        fits: (job: JobId) => context.fits(job),
        largestFit: () => context.largestFit(),
      });
      return {
        onQueued: () => true,
        onStarted: () => undefined,
        onReleased: () => queue.length > 0,
        onChanged: () => queue.length > 0,
        onCapacity: () => queue.length > 0,
        blockedBy: (job) => (blocked.has(job) ? queue.head() : -1),
        pass: () => {
          if (queue.length === 0) return;
          const jobs = queue.inOrder();
          simple.schedule(Object.assign(view, { queue: jobs }), decide);
          blocked = new Set(jobs.filter((job) => queue.has(job)));
        },
      };
    },
  };
}
