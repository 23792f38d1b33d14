import { canonicalText } from '../scenario/canonical.js';
import type { Window } from '../scenario/rulesSchema.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import { capSpeeds, partitionSpec, type SizedPartition } from './partitions.js';
import { windowSpecs } from './rules.js';
import type { ResolvedSite } from './sites.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** What one schedule runs on: the partitions of a site, which equal sites share, or of all sites under one broker. */
export interface Machine {
  /** Indices of the sites that pay for it. */
  readonly members: readonly number[];
  /** A siting policy sends jobs to the members, each of which has its own partitions. */
  readonly brokered: boolean;
  readonly partitions: readonly SizedPartition[];
  /** By partition: its site, an index into `members` under a broker, else 0. */
  readonly siteOf: readonly number[];
}

/**
 * The machines of a scenario: those of single sites, in the order of their first, where a policy has no siting part;
 * then all sites under one broker, where one has.
 *
 * @param share - sites of equal partitions and equal windows are one machine
 * @param apart - what else must be equal of sites that share one
 */
export function machinesOf(
  sites: readonly ResolvedSite[],
  workload: ResolvedWorkload,
  policies: readonly PolicySpec[],
  windows: readonly Window[],
  share: boolean,
  apart: (site: ResolvedSite) => unknown,
): readonly Machine[] {
  const separate = policies.some((policy) => policy.siting === undefined);
  const brokered = policies.some((policy) => policy.siting !== undefined);
  return [
    ...(separate ? separateMachines(sites, workload, windows, share, apart) : []),
    ...(brokered ? [brokeredMachine(sites)] : []),
  ];
}

function separateMachines(
  sites: readonly ResolvedSite[],
  workload: ResolvedWorkload,
  windows: readonly Window[],
  share: boolean,
  apart: (site: ResolvedSite) => unknown,
): Machine[] {
  const groups = new Map<string, number[]>();
  sites.forEach((resolved, index) => {
    const { site, partitions } = resolved;
    const specs = partitions.map((partition) => partitionSpec(partition, workload.classes, false));
    const speeds = partitions.map((partition) => capSpeeds(partition, workload.classes));
    const machine = canonicalText([
      specs,
      speeds,
      windowSpecs(windows, { partitions: specs, sites: [site.name] }),
      { apart: apart(resolved), training: trainingText(workload, partitions) },
    ]);
    const key = share ? machine : String(index);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [index]);
    else members.push(index);
  });
  return [...groups.values()].map((members) => {
    const { partitions } = sites[members[0]!]!;
    return { members, brokered: false, partitions, siteOf: partitions.map(() => 0) };
  });
}

/** Throughput follows from more than a run's partitions say: oversubscription. */
const trainingText = (workload: ResolvedWorkload, partitions: readonly SizedPartition[]): string =>
  JSON.stringify(workload.trainingOn?.(partitions) ?? []);

function brokeredMachine(sites: readonly ResolvedSite[]): Machine {
  return {
    members: sites.map((_, index) => index),
    brokered: true,
    partitions: sites.flatMap(({ partitions }) => partitions),
    siteOf: sites.flatMap(({ partitions }, site) => partitions.map(() => site)),
  };
}
