import type { PartitionDef, PartitionPolicy } from '../contracts.js';
import type { World } from '../world.js';
import { delayMs, leastOf, runMs } from './delay.js';

/**
 * Max-min normalised throughput of users over GPU types: the heterogeneity-aware fairness of Gavel (Narayanan et al.,
 * Heterogeneity-Aware Cluster Scheduling Policies for Deep Learning Workloads, OSDI 2020, §4.1) as a heuristic.
 *
 * Gavel maximises, over shares of time on each GPU type, the minimum over jobs of throughput / throughput under an
 * equal share of every type. Here, when a job of estimated work E (ms at reference speed) on g GPUs arrives:
 *
 * - equal share: s̄ = Σ over candidates of (GPUs of p / GPUs of all) × speed on p;
 * - normalised throughput on p, with the queue: n(p) = E / (delay(p) + E / speed(p)) / s̄, with `delayMs`'s delay;
 * - a user's throughput: work E·g of their jobs / Σ E·g / n of where each went. What is older is halved after
 *   every `memory`, and who sent nothing in this or the last such period does not count;
 * - m: the least throughput of the other users.
 *
 * Partitions that would leave the user below m are no choice while another does not; if all would, the user is the
 * minimum, and the one with the highest n raises it most. Among those that keep the user at m or above the minimum
 * is not theirs to raise, so the job takes what others gain least from: the smallest A(p) / speed(p), where A(p) is
 * the mean speed on p relative to s̄ of all jobs so far, weighted by work, 0 where one does not fit (comparative advantage). Ties: the
 * shorter delay, then the first.
 *
 * It departs from Gavel in that a job is placed once, on estimates, and stays: no linear programme over all jobs, no
 * rounds of time sharing; the minimum is over users, not jobs; and users have equal weights. Cost: O(partitions) a
 * job, plus O(users) when the job is of the user with the least throughput.
 */
class FairPartition implements PartitionPolicy {
  private readonly world: World;
  private readonly memoryMs: number;
  private readonly users = new Users();
  /** Σ work, and Σ work × speed on the partition / s̄, of all jobs so far. */
  private work = 0;
  private readonly gain: Float64Array;
  private period = Number.NaN;
  /** Candidates that leave the user at the others' least or above. */
  private readonly keeping: number[] = [];

  private job = 0;
  private equalSpeed = 1;

  constructor(world: World, memoryMs: number) {
    this.world = world;
    this.memoryMs = memoryMs;
    this.gain = new Float64Array(world.partitionCount);
  }

  choose(job: number, candidates: readonly number[]): number {
    const { world, users } = this;
    this.age();
    this.job = job;
    this.equalSpeed = equalSpeed(world, job, candidates);
    const user = world.userOf(job);
    const work = Math.max(1, world.estimateMs(job) * world.gpus(job));
    const others = users.leastOthers(user);
    const { keeping } = this;
    keeping.length = 0;
    for (let i = 0; i < candidates.length && others < Number.POSITIVE_INFINITY; i++) {
      const p = candidates[i]!;
      if (users.throughputWith(user, work, this.normalised(p)) >= others) keeping.push(p);
    }
    const partition =
      keeping.length > 0
        ? leastOf(world, job, keeping, this.worthToOthers)
        : leastOf(world, job, candidates, this.negated);
    users.add(user, work, this.normalised(partition));
    this.work += work;
    for (let i = 0; i < candidates.length; i++) {
      const p = candidates[i]!;
      this.gain[p]! += work * (world.speedOn(job, p, world.gpus(job)) / this.equalSpeed);
    }
    return partition;
  }

  /** Halves what is older than a period, once for each that has passed: exact, unlike a power. */
  private age(): void {
    const period = Math.floor(this.world.nowMs / this.memoryMs);
    if (Number.isNaN(this.period)) this.period = period;
    for (; this.period < period; this.period++) {
      this.users.age();
      this.work /= 2;
      for (let p = 0; p < this.gain.length; p++) this.gain[p]! /= 2;
    }
  }

  private normalised(partition: number): number {
    const { world, job } = this;
    const estimateMs = Math.max(1, world.estimateMs(job));
    const tookMs = Math.max(1, delayMs(world, job, partition) + runMs(world, job, partition));
    return estimateMs / tookMs / this.equalSpeed;
  }

  private readonly negated = (partition: number): number => -this.normalised(partition);

  private readonly worthToOthers = (partition: number): number => {
    const { world, job } = this;
    const gain = this.work > 0 ? this.gain[partition]! / this.work : 1;
    return gain / world.speedOn(job, partition, world.gpus(job));
  };
}

/** A job's speed under a share of each candidate in proportion to its GPUs. */
function equalSpeed(world: World, job: number, candidates: readonly number[]): number {
  let gpus = 0;
  let sum = 0;
  for (let i = 0; i < candidates.length; i++) {
    const size = world.free(candidates[i]!).layout.gpus;
    gpus += size;
    sum += size * world.speedOn(job, candidates[i]!, world.gpus(job));
  }
  return sum / gpus;
}

/** Work and what it cost in time, by user. */
class Users {
  private work: number[] = [];
  private time: number[] = [];
  /** Periods since the user last sent a job; Infinity: never. */
  private idle: number[] = [];
  /** The user of the least throughput, and the least of all the others; −1: to be looked for. */
  private least = -1;
  private leastValue = Number.POSITIVE_INFINITY;

  /** The least throughput of the users that count, without this one; Infinity: there is no other. */
  leastOthers(user: number): number {
    if (this.least >= 0 && this.least !== user) return this.leastValue;
    let value = Number.POSITIVE_INFINITY;
    let found = -1;
    for (let other = 0; other < this.work.length; other++) {
      if (other === user || !(this.idle[other]! <= 1)) continue;
      const own = this.work[other]! / this.time[other]!;
      if (own < value) {
        value = own;
        found = other;
      }
    }
    this.least = found;
    this.leastValue = value;
    return value;
  }

  throughputWith(user: number, work: number, normalised: number): number {
    return ((this.work[user] ?? 0) + work) / ((this.time[user] ?? 0) + work / normalised);
  }

  add(user: number, work: number, normalised: number): void {
    while (this.work.length <= user) {
      this.work.push(0);
      this.time.push(0);
      this.idle.push(Number.POSITIVE_INFINITY);
    }
    this.work[user]! += work;
    this.time[user]! += work / normalised;
    this.idle[user] = 0;
    const own = this.work[user]! / this.time[user]!;
    if (this.least < 0 || own < this.leastValue) {
      this.least = user;
      this.leastValue = own;
    }
  }

  age(): void {
    for (let user = 0; user < this.work.length; user++) {
      this.work[user]! /= 2;
      this.time[user]! /= 2;
      this.idle[user]!++;
    }
    this.least = -1;
  }
}

export const fair: PartitionDef<{ readonly memory: number }> = {
  axis: 'partition',
  name: 'fair',
  summary: 'max-min normalised throughput of users over GPU types, heuristically; others’ best GPUs are left to them',
  cite: 'Narayanan et al., Heterogeneity-Aware Cluster Scheduling Policies for Deep Learning Workloads, OSDI 2020',
  parameters: [
    {
      name: 'memory',
      kind: 'duration',
      default: 7 * 86_400_000,
      min: 3_600_000,
      summary: "period after which past work counts half; 7 d, as Slurm's PriorityDecayHalfLife",
    },
  ],
  create: ({ memory }, { world }) => new FairPartition(world, memory),
};
