import type { JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { LimitSpec, LimitsSpec } from '../scenario/runSpec.js';

/** Whose running jobs a cap counts, in the order in which caps are checked. */
export const CAP_OWNERS = ['user', 'account', 'qos', 'user within qos'] as const;

const OWNERS = CAP_OWNERS.length;
const USER = 0;
const ACCOUNT = 1;
const QOS = 2;
const QOS_USER = 3;

/** Where a job that passed all other rules stands. */
const OUTSIDE = 0;
const QUEUED = 1;
const HELD = 2;

/** What {@link RunningCaps} has done to the queues. */
export interface CapsHost {
  /** A held job may run: it joins its queue. */
  readmit(job: JobId): void;
  /** A queued job would exceed a cap: it leaves its queue. */
  dequeue(job: JobId): void;
}

/**
 * Caps on the running jobs and held GPUs of users, accounts, qualities of service and users within one: Slurm's
 * MaxJobs and GrpTRES, counted per site over all its partitions.
 *
 * A job that would exceed a cap if it started now does not stand in the queue: it gets no reservation and blocks
 * nobody, as Slurm skips pending jobs at a limit. So the queue holds exactly the jobs that each alone could start:
 * when one starts, those that its caps now forbid leave at once, and when one stops they come back.
 *
 * For each cap the queued and the held jobs are listed by powers of two of their GPUs, each job once in the held
 * list of the first cap that forbids it. Cost: a start or stop looks at the jobs of its caps that leave or return,
 * and at those of one size class that do neither; nothing else. A cap of one job with n jobs behind it is the
 * worst case: all n leave and return with each job that runs. Memory: 34 B a job, 16 B a cap and size class.
 */
export class RunningCaps {
  private readonly world: World;
  private readonly host: CapsHost;
  /** The limits of each owner and QoS: [owner · qos count + qos]. */
  private readonly specs: readonly (LimitSpec | undefined)[];
  private readonly qosCount: number;
  private readonly userOf: Int32Array;
  private readonly accountOf: Int32Array;
  private readonly users: number;
  /** First cap of each owner within a site's stretch of caps. */
  private readonly firstOf: Int32Array;
  private readonly capsPerSite: number;
  private readonly sizeClasses: number;

  private readonly runningJobs: Int32Array;
  private readonly runningGpus: Float64Array;
  /** GPUs counted for each running job. */
  private readonly counted: Int32Array;
  private readonly state: Uint8Array;
  /** Of held jobs: owner · 2, plus 1 where it is the GPUs that exceed. */
  private readonly heldBy: Uint8Array;
  private readonly sizeClassOf: Uint8Array;
  /** Lists by (cap, size class, queued or held); an entry is job · OWNERS + owner. */
  private readonly heads: Int32Array;
  private readonly tails: Int32Array;
  private readonly nextOf: Int32Array;
  private readonly previousOf: Int32Array;

  constructor(given: {
    readonly world: World;
    readonly limits: LimitsSpec;
    readonly sites: number;
    readonly largestGpus: number;
    readonly host: CapsHost;
  }) {
    const { world, limits, sites, largestGpus, host } = given;
    const jobs = world.jobCount;
    this.world = world;
    this.host = host;
    this.qosCount = Math.max(1, limits.qos.length);
    this.specs = Array.from({ length: OWNERS * this.qosCount }, (_, at) =>
      specOf(limits, Math.floor(at / this.qosCount), at % this.qosCount),
    );
    const [userOf, users] = numbered(jobs, (job) => world.userOf(job));
    const [accountOf, accounts] = numbered(jobs, (job) => world.accountOf(job));
    this.userOf = userOf;
    this.accountOf = accountOf;
    this.users = users;
    const sizes = [users, accounts, this.qosCount, this.qosCount * users].map((size, owner) =>
      this.hasCaps(owner) ? size : 0,
    );
    this.firstOf = new Int32Array(OWNERS);
    for (let owner = 1; owner < OWNERS; owner++) this.firstOf[owner] = this.firstOf[owner - 1]! + sizes[owner - 1]!;
    this.capsPerSite = sizes.reduce((sum, size) => sum + size, 0);
    const caps = sites * this.capsPerSite;
    this.sizeClasses = 1 + sizeClassOf(largestGpus);
    this.runningJobs = new Int32Array(caps);
    this.runningGpus = new Float64Array(caps);
    this.counted = new Int32Array(jobs);
    this.state = new Uint8Array(jobs);
    this.heldBy = new Uint8Array(jobs);
    this.sizeClassOf = new Uint8Array(jobs);
    this.heads = new Int32Array(caps * this.sizeClasses * 2).fill(-1);
    this.tails = new Int32Array(this.heads.length).fill(-1);
    this.nextOf = new Int32Array(jobs * OWNERS);
    this.previousOf = new Int32Array(jobs * OWNERS);
  }

  /** GPUs that its caps let the job hold when nothing else of their owners runs; 0: they never let it run. */
  mostEver(job: JobId): number {
    let most = Number.POSITIVE_INFINITY;
    for (let owner = 0; owner < OWNERS; owner++) {
      const spec = this.specFor(job, owner);
      if (spec === undefined) continue;
      if ((spec.maxJobs ?? 1) < 1) return 0;
      if ((spec.maxGpus ?? most) < most) most = spec.maxGpus!;
    }
    return most;
  }

  /** A job that waits may stand in the queue if its caps allow; true when they do, otherwise it is held. */
  offer(job: JobId): boolean {
    this.sizeClassOf[job] = sizeClassOf(this.world.heldGpus(job));
    const exceeded = this.exceededBy(job);
    if (exceeded < 0) this.listAsQueued(job);
    else this.listAsHeld(job, exceeded);
    return exceeded < 0;
  }

  /** A waiting job has left for another reason. */
  withdraw(job: JobId): void {
    if (this.state[job] === QUEUED) this.unlistQueued(job);
    else if (this.state[job] === HELD) this.unlistHeld(job);
  }

  /** A job has left the queue and runs. */
  started(job: JobId): void {
    this.unlistQueued(job);
    this.count(job, this.world.heldGpus(job), 1);
    this.squeeze(job);
  }

  /** A job no longer runs. */
  stopped(job: JobId): void {
    this.count(job, 0, -1);
    this.relieve(job);
  }

  /** A running job holds another number of GPUs. */
  resized(job: JobId): void {
    const before = this.counted[job]!;
    const held = this.world.heldGpus(job);
    this.count(job, held, 0);
    if (held > before) this.squeeze(job);
    else this.relieve(job);
  }

  /** GPUs the job may hold as far as its caps go: what it holds now, or nothing, plus what they have left. */
  roomOf(job: JobId): number {
    let room = Number.POSITIVE_INFINITY;
    for (let owner = 0; owner < OWNERS; owner++) {
      const maxGpus = this.specFor(job, owner)?.maxGpus;
      if (maxGpus === undefined) continue;
      const left = maxGpus - this.runningGpus[this.capOf(job, owner)]! + this.counted[job]!;
      if (left < room) room = left;
    }
    return room;
  }

  /** Why a job is held: owner · 2, plus 1 where it is the GPUs that exceed; -1 when it is not. */
  whyHeld(job: JobId): number {
    return this.state[job] === HELD ? this.heldBy[job]! : -1;
  }

  private hasCaps(owner: number): boolean {
    for (let qos = 0; qos < this.qosCount; qos++)
      if (this.specs[owner * this.qosCount + qos] !== undefined) return true;
    return false;
  }

  private specFor(job: JobId, owner: number): LimitSpec | undefined {
    const qos = owner >= QOS ? this.world.traitsOf(job).qos : 0;
    return qos === undefined ? undefined : this.specs[owner * this.qosCount + qos];
  }

  /** The job's cap of an owner that has limits for it. */
  private capOf(job: JobId, owner: number): number {
    const { world } = this;
    const qos = world.traitsOf(job).qos ?? 0;
    const site = world.siteOfPartition(world.partitionOf(job));
    const within =
      owner === USER
        ? this.userOf[job]!
        : owner === ACCOUNT
          ? this.accountOf[job]!
          : owner === QOS
            ? qos
            : qos * this.users + this.userOf[job]!;
    return site * this.capsPerSite + this.firstOf[owner]! + within;
  }

  /** The first cap that forbids a waiting job to start: owner · 2, plus 1 where it is the GPUs; -1: none does. */
  private exceededBy(job: JobId): number {
    const held = this.world.heldGpus(job);
    for (let owner = 0; owner < OWNERS; owner++) {
      const spec = this.specFor(job, owner);
      if (spec === undefined) continue;
      const cap = this.capOf(job, owner);
      if (spec.maxJobs !== undefined && this.runningJobs[cap]! >= spec.maxJobs) return owner * 2;
      if (spec.maxGpus !== undefined && this.runningGpus[cap]! + held > spec.maxGpus) return owner * 2 + 1;
    }
    return -1;
  }

  private count(job: JobId, held: number, jobs: number): void {
    const more = held - this.counted[job]!;
    this.counted[job] = held;
    for (let owner = 0; owner < OWNERS; owner++) {
      if (this.specFor(job, owner) === undefined) continue;
      const cap = this.capOf(job, owner);
      this.runningJobs[cap]! += jobs;
      this.runningGpus[cap]! += more;
    }
  }

  /** Takes out of the queues what the caps of a job that has grown or started now forbid. */
  private squeeze(job: JobId): void {
    for (let owner = 0; owner < OWNERS; owner++) {
      const spec = this.specFor(job, owner);
      if (spec === undefined) continue;
      const cap = this.capOf(job, owner);
      const full = spec.maxJobs !== undefined && this.runningJobs[cap]! >= spec.maxJobs;
      const room = spec.maxGpus === undefined ? Number.POSITIVE_INFINITY : spec.maxGpus - this.runningGpus[cap]!;
      const from = full || room < 1 ? 0 : sizeClassOf(room);
      for (let sizeClass = from; sizeClass < this.sizeClasses; sizeClass++) {
        let entry = this.heads[this.listOf(cap, sizeClass, QUEUED)]!;
        while (entry >= 0) {
          const next = this.nextOf[entry]!;
          const queued = Math.floor(entry / OWNERS);
          if (full || this.world.heldGpus(queued) > room) {
            this.unlistQueued(queued);
            this.host.dequeue(queued);
            this.listAsHeld(queued, owner * 2 + (full ? 0 : 1));
          }
          entry = next;
        }
      }
    }
  }

  /** Lets back into the queues what the caps of a job that has shrunk or stopped now allow. */
  private relieve(job: JobId): void {
    for (let owner = 0; owner < OWNERS; owner++) {
      const spec = this.specFor(job, owner);
      if (spec === undefined) continue;
      const cap = this.capOf(job, owner);
      if (spec.maxJobs !== undefined && this.runningJobs[cap]! >= spec.maxJobs) continue;
      const room = spec.maxGpus === undefined ? Number.POSITIVE_INFINITY : spec.maxGpus - this.runningGpus[cap]!;
      if (room < 1) continue;
      const last = Math.min(sizeClassOf(room), this.sizeClasses - 1);
      for (let sizeClass = 0; sizeClass <= last; sizeClass++) {
        let entry = this.heads[this.listOf(cap, sizeClass, HELD)]!;
        while (entry >= 0) {
          const next = this.nextOf[entry]!;
          const held = Math.floor(entry / OWNERS);
          if (this.world.heldGpus(held) <= room) {
            this.unlistHeld(held);
            if (this.offer(held)) this.host.readmit(held);
          }
          entry = next;
        }
      }
    }
  }

  private listAsQueued(job: JobId): void {
    this.state[job] = QUEUED;
    for (let owner = 0; owner < OWNERS; owner++) {
      if (this.specFor(job, owner) === undefined) continue;
      this.append(this.listOf(this.capOf(job, owner), this.sizeClassOf[job]!, QUEUED), job * OWNERS + owner);
    }
  }

  private unlistQueued(job: JobId): void {
    this.state[job] = OUTSIDE;
    for (let owner = 0; owner < OWNERS; owner++) {
      if (this.specFor(job, owner) === undefined) continue;
      this.unlink(this.listOf(this.capOf(job, owner), this.sizeClassOf[job]!, QUEUED), job * OWNERS + owner);
    }
  }

  private listAsHeld(job: JobId, exceeded: number): void {
    this.state[job] = HELD;
    this.heldBy[job] = exceeded;
    const owner = exceeded >> 1;
    this.append(this.listOf(this.capOf(job, owner), this.sizeClassOf[job]!, HELD), job * OWNERS + owner);
  }

  private unlistHeld(job: JobId): void {
    this.state[job] = OUTSIDE;
    const owner = this.heldBy[job]! >> 1;
    this.unlink(this.listOf(this.capOf(job, owner), this.sizeClassOf[job]!, HELD), job * OWNERS + owner);
  }

  private listOf(cap: number, sizeClass: number, state: typeof QUEUED | typeof HELD): number {
    return (cap * this.sizeClasses + sizeClass) * 2 + state - QUEUED;
  }

  private append(list: number, entry: number): void {
    const tail = this.tails[list]!;
    this.previousOf[entry] = tail;
    this.nextOf[entry] = -1;
    if (tail >= 0) this.nextOf[tail] = entry;
    else this.heads[list] = entry;
    this.tails[list] = entry;
  }

  private unlink(list: number, entry: number): void {
    const next = this.nextOf[entry]!;
    const previous = this.previousOf[entry]!;
    if (previous >= 0) this.nextOf[previous] = next;
    else this.heads[list] = next;
    if (next >= 0) this.previousOf[next] = previous;
    else this.tails[list] = previous;
  }
}

/** True when any limit but MaxWall is set. */
export function hasRunningCaps(limits: LimitsSpec): boolean {
  for (let owner = 0; owner < OWNERS; owner++)
    for (let qos = 0; qos < Math.max(1, limits.qos.length); qos++)
      if (specOf(limits, owner, qos) !== undefined) return true;
  return false;
}

/** The limits of an owner; `undefined` where they cap nothing. */
function specOf(limits: LimitsSpec, owner: number, qos: number): LimitSpec | undefined {
  const spec =
    owner === USER
      ? limits.perUser
      : owner === ACCOUNT
        ? limits.perAccount
        : owner === QOS_USER
          ? limits.qos[qos]?.perUser
          : limits.qos[qos];
  return spec?.maxJobs === undefined && spec?.maxGpus === undefined ? undefined : spec;
}

const sizeClassOf = (gpus: number): number => 31 - Math.clz32(Math.min(gpus, 0x7fffffff));

/** Numbers 0… for whatever numbers jobs carry, in order of first appearance, and how many there are. */
function numbered(jobs: number, of: (job: JobId) => number): [Int32Array, number] {
  const known = new Map<number, number>();
  const numbers = Int32Array.from({ length: jobs }, (_, job) => {
    const value = of(job);
    const number = known.get(value) ?? known.size;
    known.set(value, number);
    return number;
  });
  return [numbers, known.size];
}
