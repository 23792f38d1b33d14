import { SimError } from '../base/errors.js';
import type { RandomStreams } from '../base/random.js';
import { Claim } from '../cluster/claim.js';
import type { Occupancy } from '../cluster/occupancy.js';
import type { BackfillPolicy, Decisions, JobId, PlacementPolicy } from '../policy/contracts.js';
import { OrderedQueue } from '../policy/orderedQueue.js';
import { backfillDef, orderDef, placementDef } from '../policy/registry.js';
import type { World } from '../policy/world.js';
import type { PolicySpec } from '../scenario/runSpec.js';

/** Told of each start, after the job has its GPUs. */
export interface StartListener {
  onStarted(job: JobId, partition: number, claim: Claim): void;
}

/**
 * One partition's queue and policy, and the place where its decisions are checked and applied.
 *
 * A decision that breaks the contract stops the run and names the policy, the time and the job.
 */
export class PartitionScheduler implements Decisions {
  readonly queue: OrderedQueue;
  readonly backfill: BackfillPolicy;
  /** A pass was asked for at this instant. */
  passWanted = false;

  private readonly world: World;
  private readonly partition: number;
  private readonly occupancy: Occupancy;
  private readonly placement: PlacementPolicy;
  private readonly policy: PolicySpec;
  private readonly listener: StartListener;
  private readonly claim: Claim;

  constructor(options: {
    readonly world: World;
    readonly partition: number;
    readonly occupancy: Occupancy;
    readonly policy: PolicySpec;
    readonly streams: RandomStreams;
    readonly listener: StartListener;
  }) {
    const { world, partition, occupancy, policy, streams, listener } = options;
    this.world = world;
    this.partition = partition;
    this.occupancy = occupancy;
    this.policy = policy;
    this.listener = listener;
    this.claim = new Claim(occupancy.layout.racks);
    const draw = (axis: string) => ({ draw: streams.fork(`policy/${String(partition)}/${axis}`) });
    const order = orderDef(policy.order.name).create(policy.order.params, draw('order'));
    this.placement = placementDef(policy.placement.name).create(policy.placement.params, draw('placement'));
    this.queue = new OrderedQueue(world, order, world.jobCount);
    this.backfill = backfillDef(policy.backfill.name).create(policy.backfill.params, {
      world,
      partition,
      queue: this.queue,
      decide: this,
    });
  }

  start(job: JobId): void {
    const { occupancy, claim, world } = this;
    if (!this.queue.has(job)) throw this.broken(this.policy.backfill.name, job, 'it is not in the queue');
    const gpus = world.gpus(job);
    const fits = occupancy.largestFit();
    if (world.heldGpus(job) > fits) {
      throw this.broken(
        this.policy.backfill.name,
        job,
        `it needs ${world.heldGpus(job)} GPUs, the largest job that fits now has ${fits}`,
      );
    }
    claim.clear();
    this.placement.place(occupancy, gpus, claim);
    const refusal = occupancy.refusal(gpus, claim);
    if (refusal !== undefined) throw this.broken(this.policy.placement.name, job, refusal);
    this.queue.remove(job);
    occupancy.take(job, gpus, claim);
    this.backfill.onStarted(job);
    this.listener.onStarted(job, this.partition, claim);
  }

  private broken(part: string, job: JobId, why: string): SimError {
    const text = `policy '${part}' of ${this.policy.text} started job ${job} at ${this.world.nowMs} ms: ${why}. `;
    return new SimError('policy.contract', `${text}Decisions take effect as they are made.`);
  }
}
