import { SimError } from '../base/errors.js';
import type { JobId, PartitionPolicy, SitingPolicy } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import type { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import type { PolicyParts } from './policyParts.js';

export interface BrokerParts {
  readonly world: World;
  readonly progress: JobProgress;
  readonly jobs: JobTable;
  readonly policy: PolicySpec;
  readonly parts: PolicyParts;
  readonly transferMsPerTB: number;
}

/** Where jobs of one class and size may go. */
interface Places {
  /** Sites with a partition that holds them, ascending. */
  readonly sites: readonly number[];
  /** Those partitions, by site. */
  readonly partitions: readonly (readonly number[])[];
}

/**
 * Sends each job, once, when it is submitted, to a site by the siting policy and to one of its partitions by the
 * partition policy, which each site has of its own.
 *
 * Without a siting policy a job stays at the site it was submitted to. Without a partition policy it stays in its
 * partition at home, and elsewhere goes to the site's largest partition that holds it. A choice that was not offered
 * stops the run and names the policy, the time and the job. Cost: the policies' own; where a class of some size may
 * go is worked out once.
 */
export class Broker {
  private readonly world: World;
  private readonly progress: JobProgress;
  private readonly jobs: JobTable;
  private readonly policy: PolicySpec;
  private readonly siting: SitingPolicy | undefined;
  /** By site. */
  private readonly partition: readonly (PartitionPolicy | undefined)[];
  private readonly transferMsPerTB: number;
  private readonly sites: number;
  /** Most GPUs a partition holds, of all partitions, ascending; sizes between two of them may go to the same places. */
  private readonly sizes: readonly number[];
  /** By class × size step. */
  private readonly places: (Places | undefined)[] = [];

  constructor({ world, progress, jobs, policy, parts, transferMsPerTB }: BrokerParts) {
    this.world = world;
    this.progress = progress;
    this.jobs = jobs;
    this.policy = policy;
    this.transferMsPerTB = transferMsPerTB;
    progress.partitionOf = jobs.partitionOf.slice(0, jobs.count);
    if (transferMsPerTB > 0) progress.readyMs = new Float64Array(jobs.count).fill(Number.NaN);
    const all = Array.from({ length: world.partitionCount }, (_, partition) => partition);
    this.sites = 1 + Math.max(...all.map((partition) => world.siteOfPartition(partition)));
    this.sizes = [...new Set(all.map((partition) => world.free(partition).layout.gpus))].sort((a, b) => a - b);
    this.siting = policy.siting && parts.create('siting', policy.siting, 'run');
    this.partition = Array.from(
      { length: this.sites },
      (_, site) => policy.partition && parts.create('partition', policy.partition, `site-${site}`),
    );
  }

  /** Decides where a job goes; returns how long its data takes to get there, ms. */
  route(job: JobId): number {
    const { world, progress, siting } = this;
    const places = this.placesOf(job);
    const submittedTo = progress.partitionOf[job]!;
    const home = world.siteOfPartition(submittedTo);
    const site = siting === undefined ? home : siting.choose(job, home, places.sites);
    if (siting !== undefined && !places.sites.includes(site)) throw this.notOffered('siting', job, site, places.sites);
    const partition = this.partitionAt(job, site, submittedTo, places.partitions[site]!);
    progress.partitionOf[job] = partition;
    world.refreshHeld(job);
    const transferMs = site === home ? 0 : Math.ceil(world.traitsOf(job).dataTB * this.transferMsPerTB);
    if (progress.readyMs !== undefined) progress.readyMs[job] = world.nowMs + transferMs;
    return transferMs;
  }

  private partitionAt(job: JobId, site: number, submittedTo: number, candidates: readonly number[]): number {
    const policy = this.partition[site];
    if (policy !== undefined) {
      const chosen = policy.choose(job, candidates);
      if (!candidates.includes(chosen)) throw this.notOffered('partition', job, chosen, candidates);
      return chosen;
    }
    if (candidates.includes(submittedTo)) return submittedTo;
    let largest = candidates[0]!;
    for (let i = 1; i < candidates.length; i++) {
      if (this.gpusOf(candidates[i]!) > this.gpusOf(largest)) largest = candidates[i]!;
    }
    return largest;
  }

  private placesOf(job: JobId): Places {
    const jobClass = this.jobs.classOf[job]!;
    const gpus = this.jobs.gpus[job]!;
    let step = 0;
    while (step < this.sizes.length && this.sizes[step]! < gpus) step++;
    return (this.places[jobClass * (this.sizes.length + 1) + step] ??= this.findPlaces(job));
  }

  private findPlaces(job: JobId): Places {
    const { world } = this;
    const allowed = this.siting === undefined ? undefined : world.traitsOf(job).sites;
    const partitions = Array.from({ length: this.sites }, (_, site): number[] => {
      const own: number[] = [];
      if (allowed !== undefined && !allowed.includes(site)) return own;
      for (let partition = 0; partition < world.partitionCount; partition++) {
        if (world.siteOfPartition(partition) === site && world.holds(job, partition)) own.push(partition);
      }
      return own;
    });
    const sites = partitions.flatMap((own, site) => (own.length > 0 ? [site] : []));
    if (sites.length === 0) throw this.nowhere(job);
    return { sites, partitions };
  }

  private gpusOf(partition: number): number {
    return this.world.free(partition).layout.gpus;
  }

  private notOffered(axis: 'siting' | 'partition', job: JobId, chosen: number, offered: readonly number[]): SimError {
    const { policy, world } = this;
    return new SimError(
      'policy.contract',
      `policy '${policy[axis]!.name}' of ${policy.text} sent job ${job} at ${world.nowMs} ms to ${
        axis === 'siting' ? 'site' : 'partition'
      } ${chosen}; expected one of ${offered.join(', ')}, where it is allowed and fits.`,
    );
  }

  private nowhere(job: JobId): SimError {
    const { jobs, world } = this;
    const allowed = world.traitsOf(job).sites;
    return new SimError(
      'scenario.invalid',
      `job ${job} (${jobs.gpus[job]!} GPUs, class ${jobs.classNames[jobs.classOf[job]!]!}): expected a partition that ` +
        `holds it at ${allowed === undefined ? 'a site' : `the sites its class is allowed at (${allowed.join(', ')})`}, ` +
        `there is none. Allow it at more sites, or make it smaller.`,
    );
  }
}
