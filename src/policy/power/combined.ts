import type { IdleSleep, JobId, PowerMeans, PowerPolicy } from '../contracts.js';
import { LEAST_CAP } from './means.js';

/** A power policy of several. */
export interface PowerPart {
  readonly name: string;
  readonly policy: PowerPolicy;
}

/** A power to stay under, and how. */
export interface PowerTarget {
  /** Of the policy that has it. */
  readonly name: string;
  /** See {@link PowerPolicy.targetW}. */
  readonly targetW: (site: number) => number;
  readonly means: PowerMeans;
  readonly preparesForOrders: boolean;
}

const USUAL: PowerMeans = { leastCapFraction: LEAST_CAP, delays: true, suspends: false, preempts: false };

/**
 * What several power policies, or one, want together: all of it.
 *
 * - Caps: the lowest on each class.
 * - Targets: each is kept by the means of its own policy, so the lowest holds, and none is kept by what only another may do.
 *   `peak-guard(100 MW)+demand-response` caps to 0.57 for the peak all year, and caps further, suspends and pre-empts for
 *   orders alone. (Orders are in peak-guard's target too, so that no job starts in one that needs a stronger cap than 0.57.)
 * - Jobs held back: until the latest time. All are asked each time, in the order written, so what each keeps of a job is
 *   as if it were alone; a policy that chose a start has it chosen again at the time the others let the job go.
 * - Sleep: of the policy whose nodes sleep soonest, the first of equals.
 *
 * The order in which they are written changes nothing else.
 */
export class CombinedPower {
  /** As in the policy's text: `peak-guard+idle-sleep`. */
  readonly name: string;
  readonly targets: readonly PowerTarget[];
  readonly reconsiders: boolean;
  /** Some policy sets caps or holds jobs back; where none does it need not be asked. */
  readonly setsCaps: boolean;
  readonly holdsJobs: boolean;
  readonly idleSleep: IdleSleep | undefined;
  private readonly policies: readonly PowerPolicy[];

  constructor(parts: readonly PowerPart[]) {
    this.name = parts.map(({ name }) => name).join('+');
    this.policies = parts.map(({ policy }) => policy);
    this.targets = parts.flatMap(({ name, policy }) => {
      if (policy.targetW === undefined) return [];
      const { means = USUAL, preparesForOrders = false } = policy;
      return [{ name, means, preparesForOrders, targetW: (site: number) => policy.targetW!(site) }];
    });
    this.reconsiders = this.policies.some(({ reconsiders }) => reconsiders === true);
    this.setsCaps = this.policies.some((policy) => policy.capFraction !== undefined);
    this.holdsJobs = this.policies.some((policy) => policy.holdUntilMs !== undefined);
    // Sorting is stable: of equals the first.
    const sleeps = this.policies.flatMap(({ idleSleep }) => idleSleep ?? []);
    [this.idleSleep] = sleeps.sort((a, b) => a.afterMs - b.afterMs);
  }

  /** Power limit on every GPU that runs a job of the class, as a share of TDP, 0…1. */
  capFraction(site: number, jobClass: number): number {
    let least = 1;
    for (const policy of this.policies) least = Math.min(least, policy.capFraction?.(site, jobClass) ?? 1);
    return least;
  }

  /** Until when a job is kept out of the queue, ms; now or before: it joins; NaN where one said so. */
  holdUntilMs(job: JobId): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (const policy of this.policies)
      if (policy.holdUntilMs !== undefined) latest = Math.max(latest, policy.holdUntilMs(job));
    return latest;
  }

  /** A job is let into the queue; true when those held back are to be asked about again at once. */
  recalls(job: JobId): boolean {
    let any = false;
    for (const policy of this.policies) if (policy.recalls?.(job) === true) any = true;
    return any;
  }
}
