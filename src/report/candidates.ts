import { ALL_SITES, siteTotal } from '../metrics/siteTotal.js';
import type { RunResult, ScheduleSummary, SiteResult } from '../metrics/runResult.js';
import type { RunSpec, SiteSpec } from '../scenario/runSpec.js';

/** A scenario's runs and what became of them; `undefined`: not run, or failed. */
export interface ScenarioResults {
  /** As the user called it. */
  readonly scenario: string;
  readonly specs: readonly RunSpec[];
  /** Its one run stands for every replication that another scenario has. */
  readonly deterministic?: boolean;
  readonly results: readonly (Pick<RunResult, 'fingerprint' | 'schedule' | 'sites'> | undefined)[];
}

/** One replication of a candidate. */
export interface CandidateRun {
  readonly replication: number;
  readonly fingerprint: string;
  readonly schedule: ScheduleSummary;
  readonly site: SiteResult;
}

/** Runs that share a schedule: the same machines, workload, policy and seed. */
export interface ScheduleRuns {
  /** Candidates it serves, e.g. `gf-de-jul, gf-fr-hdf`. */
  readonly label: string;
  readonly policy: string;
  readonly runs: readonly ScheduleSummary[];
}

/**
 * What is ranked: a site under a policy in a scenario, or all sites under a policy that sends jobs to them, in the
 * replications that all candidates have.
 */
export interface Candidate {
  /** As short as it stays unique: the site, with policy and scenario where these differ. */
  readonly label: string;
  readonly scenario: string;
  readonly policy: string;
  /** Of all sites: the first, called so, without a reference. */
  readonly spec: SiteSpec;
  /** The sites that a broker serves, whose total this is; absent: it is one site. */
  readonly parts?: readonly CandidatePart[] | undefined;
  readonly horizonMs: number;
  readonly calendarYear: number;
  /** One run says all: there is no spread. */
  readonly exact: boolean;
  readonly runs: readonly CandidateRun[];
}

/** One site of a broker. */
export interface CandidatePart {
  readonly spec: SiteSpec;
  readonly runs: readonly CandidateRun[];
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly schedules: readonly ScheduleRuns[];
  /** Replications that every candidate has: only these are compared. */
  readonly replications: readonly number[];
  /** Replications that some candidate lacks. */
  readonly dropped: readonly number[];
}

interface Found {
  readonly scenario: string;
  readonly policy: string;
  readonly spec: SiteSpec;
  readonly first: RunSpec;
  readonly scheduleKey: string;
  readonly exact: boolean;
  readonly byReplication: Map<number, CandidateRun>;
  /** By replication, the sites of a broker. */
  readonly parts: Map<number, readonly SiteResult[]> | undefined;
}

/** Sorts results by site, policy and scenario, in the order of the plans. */
export function collectCandidates(sets: readonly ScenarioResults[]): Candidates {
  const found = new Map<string, Found>();
  const planned = new Set<number>();
  sets.forEach(({ scenario, specs, results, deterministic = false }, set) => {
    specs.forEach((spec, index) => {
      planned.add(spec.replication);
      const result = results[index];
      const scheduleKey = JSON.stringify([set, spec.policy.text, spec.sites.map(({ id }) => id)]);
      const brokered = spec.brokered === true;
      const ranked = brokered ? [allSites(spec.sites)] : spec.sites;
      ranked.forEach((site, position) => {
        const key = `${scheduleKey} ${brokered ? ALL_SITES : String(position)}`;
        let entry = found.get(key);
        if (entry === undefined) {
          const { policy } = spec;
          const byReplication = new Map<number, CandidateRun>();
          entry = {
            scenario,
            policy: policy.text,
            spec: site,
            first: spec,
            scheduleKey,
            exact: deterministic,
            byReplication,
            parts: brokered ? new Map() : undefined,
          };
          found.set(key, entry);
        }
        if (result === undefined) return;
        const { fingerprint, schedule, sites } = result;
        const own = brokered ? siteTotal(sites) : sites[position]!;
        entry.byReplication.set(spec.replication, { replication: spec.replication, fingerprint, schedule, site: own });
        entry.parts?.set(spec.replication, sites);
      });
    });
  });
  const all = [...found.values()];
  for (const { exact, byReplication, parts } of all) {
    const [only] = byReplication.values();
    if (!exact || only === undefined) continue;
    const sites = parts?.get(only.replication);
    for (const replication of planned) {
      byReplication.set(replication, { ...only, replication });
      if (sites !== undefined) parts!.set(replication, sites);
    }
  }
  const inOrder = [...planned].sort((a, b) => a - b);
  const replications = inOrder.filter((replication) => all.every((entry) => entry.byReplication.has(replication)));
  const dropped = inOrder.filter((replication) => !replications.includes(replication));
  const label = labeller(all);
  const candidates = all.map((entry): Candidate => ({
    label: label(entry, entry.spec.id),
    scenario: entry.scenario,
    policy: entry.policy,
    spec: entry.spec,
    horizonMs: entry.first.horizonMs ?? NaN,
    calendarYear: entry.first.calendarYear,
    exact: entry.exact,
    runs: replications.map((replication) => entry.byReplication.get(replication)!),
    ...(entry.parts === undefined ? {} : { parts: partsOf(entry, replications) }),
  }));
  return { candidates, schedules: schedulesOf(all, candidates), replications, dropped };
}

/** What stands for all sites of a broker. */
function allSites(sites: readonly SiteSpec[]): SiteSpec {
  const zone = [...new Set(sites.map((site) => site.zone))].join(', ');
  const title = `The ${String(sites.length)} sites of a broker`;
  return { ...sites[0]!, id: ALL_SITES, title, zone, reference: undefined };
}

function partsOf({ first, byReplication, parts }: Found, replications: readonly number[]): CandidatePart[] {
  return first.sites.map((spec, position) => ({
    spec,
    runs: replications.map((replication) => ({
      ...byReplication.get(replication)!,
      site: parts!.get(replication)![position]!,
    })),
  }));
}

/** Names that leave out what all have in common; `where` is a site or what stands for several. */
function labeller(all: readonly Found[]): (found: Found, where: string) => string {
  const severalScenarios = new Set(all.map(({ scenario }) => scenario)).size > 1;
  const severalPolicies = new Set(all.map(({ policy }) => policy)).size > 1;
  return ({ scenario, policy }, where) =>
    [severalScenarios ? scenario : '', where, severalPolicies ? policy : ''].filter((part) => part !== '').join(' ');
}

function schedulesOf(all: readonly Found[], candidates: readonly Candidate[]): ScheduleRuns[] {
  const label = labeller(all);
  const byKey = new Map<string, number[]>();
  all.forEach(({ scheduleKey }, index) => {
    byKey.set(scheduleKey, [...(byKey.get(scheduleKey) ?? []), index]);
  });
  return [...byKey.values()].map((members) => {
    const first = all[members[0]!]!;
    const more = members.length > 1 ? ` and ${String(members.length - 1)} more` : '';
    return {
      label: label(first, `${first.spec.id}${more}`),
      policy: first.policy,
      runs: candidates[members[0]!]!.runs.map(({ schedule }) => schedule),
    };
  });
}
