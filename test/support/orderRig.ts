import { RandomStreams } from '../../src/base/random.js';
import { layoutOf } from '../../src/cluster/layout.js';
import { Occupancy } from '../../src/cluster/occupancy.js';
import type { OrderPolicy } from '../../src/policy/contracts.js';
import { OrderedQueue } from '../../src/policy/orderedQueue.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { definitionOf } from '../../src/policy/registry.js';
import { truthOf } from '../../src/policy/truth.js';
import { World } from '../../src/policy/world.js';
import type { ClassTraits } from '../../src/scenario/classTraits.js';
import { JobProgress, type Interruptions } from '../../src/workload/jobProgress.js';
import type { JobTable } from '../../src/workload/jobTable.js';
import { machine } from './jobs.js';

/** An order and its queue on an empty machine, with a clock moved by hand; jobs join when they are told to. */
export class OrderRig {
  readonly clock = { nowMs: 0 };
  readonly policy: OrderPolicy;
  readonly queue: OrderedQueue;
  readonly interruptions: Interruptions;

  constructor(text: string, jobs: JobTable, traits?: readonly ClassTraits[]) {
    const parsed = parsePolicy(`${text}+none@first-fit`);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const { order } = parsed.policy;
    const progress = new JobProgress(jobs, true);
    this.interruptions = progress.interruptions!;
    const partitions = [new Occupancy(layoutOf(machine(64, 1)), jobs.count)];
    const world = new World({ clock: this.clock, jobs, progress, partitions, traits });
    this.policy = definitionOf('order', order).create(order.params, {
      world,
      draw: new RandomStreams('order').fork('order'),
      truth: truthOf(jobs, progress, this.clock),
    });
    this.queue = new OrderedQueue(world, this.policy, jobs.count);
  }

  join(atMs: number, ...jobs: readonly number[]): this {
    this.clock.nowMs = atMs;
    for (const job of jobs) {
      this.interruptions.queuedMs[job] = atMs;
      this.queue.add(job);
    }
    return this;
  }

  /** A job that never was in the queue here runs from one instant to another and ends. */
  ran(job: number, fromMs: number, toMs: number): this {
    this.clock.nowMs = fromMs;
    this.policy.onStarted?.(job);
    this.clock.nowMs = toMs;
    this.policy.onStopped?.(job, true);
    return this;
  }

  /** The queue in order at an instant, keys taken again where they are due. */
  at(nowMs: number): readonly number[] {
    this.clock.nowMs = nowMs;
    this.queue.refreshKeys();
    return this.queue.inOrder();
  }
}
