import { MS_PER_DAY, MS_PER_MINUTE } from '../../base/units.js';
import type { JobId, OrderDef, OrderPolicy } from '../contracts.js';
import type { World } from '../world.js';
import { groupBy, groupByBoth, type Groups } from './groups.js';
import { HalfLife } from './halfLife.js';

interface FairShareParams {
  readonly 'half-life': number;
  readonly recalc: number;
}

/**
 * Slurm's classic fair share: jobs of users who have used least of late, for their shares, go first.
 *
 * The usage of a user is the GPU time of his jobs, held GPUs counted, each GPU·ms worth half as much after every
 * half-life; it is gathered exactly, those that run included. Normalised usage U is a part of the usage of all.
 * The tree has two levels. An account's effective usage is its own, Uₐ; a user's is
 * E = U + (Uₐ − U) · (his shares / those of all users of the account), so a user also pays for what his account used.
 * The factor is 2^(−E/S), S being his shares as a part of all: those of the account by those of all accounts, and
 * among the users of an account equal. Accounts have equal shares unless the workload declares them. A user of
 * two accounts is one in each. The smallest E/S goes first, which is the largest factor; ties by submission.
 *
 * Keys are made from usage as it was at the last recalculation, all of one instant, and taken again at the first
 * arrival or pass `recalc` or more after it: so within a recalculation the order is static, as in Slurm.
 *
 * Where it differs: nothing but the fair-share factor counts (in Slurm it is one of several that are weighted and
 * added), and the tree is that of `PriorityFlags=NO_FAIR_TREE`, not Fair Tree, Slurm's default since 19.05.
 * A user who stays idle is not starved, nor is any other: what he used fades while he waits.
 */
class FairShare implements OrderPolicy {
  readonly rekeyEveryMs: number;

  private readonly world: World;
  private readonly decay: HalfLife;
  /** Users within accounts. */
  private readonly users: Groups;
  private readonly accounts: Groups;
  /** By user: his account, shares as a part of all (and within his account). */
  private readonly accountOfUser: Int32Array;
  private readonly shares: Float64Array;
  private readonly sharesInAccount: Float64Array;
  /** By user: decayed GPU·ms up to `sinceMs`, GPUs held since, and the key of his jobs. */
  private readonly usage: Float64Array;
  private readonly sinceMs: Float64Array;
  private readonly held: Float64Array;
  private readonly keys: Float64Array;
  /** Scratch, by account. */
  private readonly accountUsage: Float64Array;
  /** GPUs that a running job is charged for. */
  private readonly charged: Int32Array;

  constructor(params: FairShareParams, world: World) {
    const { jobCount, nowMs } = world;
    this.rekeyEveryMs = params.recalc;
    this.world = world;
    this.decay = new HalfLife(params['half-life']);
    this.accounts = groupBy(jobCount, (job) => world.accountOf(job));
    const people = groupBy(jobCount, (job) => world.userOf(job));
    this.users = groupByBoth(this.accounts, people);
    const users = this.users.count;
    this.accountOfUser = new Int32Array(users);
    this.shares = new Float64Array(users);
    this.sharesInAccount = new Float64Array(users);
    this.usage = new Float64Array(users);
    this.sinceMs = new Float64Array(users).fill(nowMs);
    this.held = new Float64Array(users);
    this.keys = new Float64Array(users);
    this.accountUsage = new Float64Array(this.accounts.count);
    this.charged = new Int32Array(jobCount);
    this.divideShares();
  }

  key(job: JobId): number {
    return this.keys[this.users.of[job]!]!;
  }

  onStarted(job: JobId): void {
    this.charge(job, this.world.heldGpus(job));
  }

  onStopped(job: JobId): void {
    this.charge(job, 0);
  }

  refresh(): void {
    const { usage, accountUsage, accountOfUser, shares, sharesInAccount, keys } = this;
    accountUsage.fill(0);
    let total = 0;
    for (let user = 0; user < usage.length; user++) {
      this.settle(user);
      total += usage[user]!;
      accountUsage[accountOfUser[user]!]! += usage[user]!;
    }
    for (let user = 0; user < usage.length; user++) {
      const own = usage[user]!;
      const effective = own + (accountUsage[accountOfUser[user]!]! - own) * sharesInAccount[user]!;
      keys[user] = total === 0 ? 0 : effective / total / shares[user]!;
    }
  }

  private divideShares(): void {
    const { world, users, accounts, accountOfUser, shares, sharesInAccount } = this;
    const accountShares = new Float64Array(accounts.count);
    for (let job = 0; job < world.jobCount; job++) {
      const account = accounts.of[job]!;
      accountOfUser[users.of[job]!] = account;
      accountShares[account] = world.accountShares(job);
    }
    const all = accountShares.reduce((sum, one) => sum + one, 0);
    const members = new Int32Array(accounts.count);
    for (const account of accountOfUser) members[account]!++;
    accountOfUser.forEach((account, user) => {
      sharesInAccount[user] = 1 / members[account]!;
      shares[user] = (accountShares[account]! / all) * sharesInAccount[user];
    });
  }

  private charge(job: JobId, gpus: number): void {
    const user = this.users.of[job]!;
    this.settle(user);
    this.held[user]! += gpus - this.charged[job]!;
    this.charged[job] = gpus;
  }

  private settle(user: number): void {
    const { decay, usage, held } = this;
    const { nowMs } = this.world;
    const ms = nowMs - this.sinceMs[user]!;
    if (ms === 0) return;
    this.sinceMs[user] = nowMs;
    usage[user] = usage[user]! * decay.factor(ms) + held[user]! * decay.gathered(ms);
  }
}

export const fairShare: OrderDef<FairShareParams> = {
  axis: 'order',
  name: 'fair-share',
  summary: 'least decayed usage for the shares of user and account first',
  cite: 'SchedMD, Slurm classic fairshare algorithm (multifactor priority plugin)',
  parameters: [
    {
      name: 'half-life',
      kind: 'duration',
      default: 7 * MS_PER_DAY,
      min: 1,
      summary: "time after which usage counts half; 7 d is Slurm's PriorityDecayHalfLife",
    },
    {
      name: 'recalc',
      kind: 'duration',
      default: 5 * MS_PER_MINUTE,
      min: 1,
      summary: "how often usage is counted anew; 5 min is Slurm's PriorityCalcPeriod",
    },
  ],
  create: (params, { world }) => new FairShare(params, world),
};
