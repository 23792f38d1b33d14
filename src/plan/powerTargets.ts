import { W_PER_MW } from '../base/units.js';
import { heldGpus } from '../cluster/layout.js';
import type { HeldPower, PowerDef } from '../policy/contracts.js';
import { definitionOf, type PolicyModules } from '../policy/registry.js';
import { facilityHours } from '../power/facility.js';
import type { CapTable, PartitionSpec, RunSpec, SiteSpec } from '../scenario/runSpec.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import type { RunInputs } from '../workload/runInputs.js';
import { jobSizes } from './jobSizes.js';

/** What a policy is told to keep a site under, and what the site needs to start its largest job. */
interface Need {
  readonly site: string;
  readonly gpus: number;
  readonly targetW: number;
  /** In the hour of the least overhead, and of the most. */
  readonly leastW: number;
  readonly worstW: number;
  readonly mostW: number;
}

/**
 * What is wrong with the power that a run's policy is told to keep sites under: too little for the largest job ever to
 * start, with all else idle, at the strongest cap allowed, even in the hour in which the building adds least.
 * `undefined`: nothing.
 *
 * Elastic jobs count as large as they ask to be. Cost: the sizes of the jobs, and one pass over the weather of a site.
 */
export function powerTargetFault(spec: RunSpec, inputs: RunInputs, modules: PolicyModules): string | undefined {
  const { policy, powerControl } = spec;
  if (policy.power === undefined || powerControl === undefined) return undefined;
  const faults = policy.power.flatMap((part) => {
    const definition: PowerDef = definitionOf('power', part, modules);
    const held = definition.holdsUnder?.(part.params);
    return held === undefined ? [] : (faultOf(spec, inputs, held, part.name) ?? []);
  });
  return faults.length === 0 ? undefined : faults.join('; ');
}

function faultOf(spec: RunSpec, inputs: RunInputs, held: HeldPower, policy: string): string | undefined {
  const needs = spec.sites.flatMap((site, index) =>
    needOf(spec, inputs, held, site, spec.brokered === true ? index : 0),
  );
  const worst = needs.filter(({ targetW, leastW }) => targetW < leastW).sort((a, b) => b.worstW - a.worstW)[0];
  if (worst === undefined) return undefined;
  const { site, gpus, targetW, worstW, mostW } = worst;
  const megawatts = (watts: number): string => {
    const step = watts < W_PER_MW ? 1 : 1000;
    return `${String((Math.ceil(watts / step) * step) / W_PER_MW)} MW`;
  };
  const share = held.to <= 1 ? ` (a share of ${String(Math.ceil((1000 * worstW) / mostW) / 1000)})` : '';
  return (
    `expected ${policy} to keep ${site} under at least ${megawatts(worstW)}${share}, which its machines draw idle with ` +
    `a job of ${String(gpus)} GPUs at ${String(held.leastCapFraction)} of TDP; got ${megawatts(targetW)}`
  );
}

function needOf(spec: RunSpec, inputs: RunInputs, held: HeldPower, site: SiteSpec, index: number): Need[] {
  const { capFractions, partitions: tables } = spec.powerControl!;
  const strongest = capFractions.findIndex((fraction) => fraction <= held.leastCapFraction);
  const cap = strongest < 0 ? capFractions.length - 1 : strongest;
  const sizes = largestJobs(spec, inputs);
  let idleW = 0;
  let busyW = 0;
  let largestW = 0;
  let gpus = 0;
  spec.partitions.forEach((partition, at) => {
    if ((partition.site ?? 0) !== index) return;
    const { nodes, gpusPerNode, power } = partition;
    idleW += nodes * (power.idleW + gpusPerNode * power.networkWPerGpu);
    busyW += nodes * gpusPerNode * Math.max(0, ...power.activeWByClass);
    const watts = sizes[at]! * mostActiveW(tables[at]!, cap);
    if (watts <= largestW) return;
    largestW = watts;
    gpus = sizes[at]!;
  });
  const wetBulb = inputs.series[site.series.wetBulb];
  if (wetBulb === undefined || gpus === 0) return [];
  const { aW, b } = facilityHours(site.facility, wetBulb);
  const at = (itW: number): Float64Array => aW.map((overheadW, hour) => overheadW + b[hour]! * itW);
  const needed = at(idleW + largestW);
  const mostW = highest(at(idleW + busyW));
  const targetW = held.to <= 1 ? held.to * mostW : held.to;
  const leastW = needed.reduce((low, watts) => Math.min(low, watts), Number.POSITIVE_INFINITY);
  return [{ site: site.id, gpus, targetW, leastW, worstW: highest(needed), mostW }];
}

const highest = (watts: Float64Array): number => watts.reduce((high, each) => Math.max(high, each), 0);
const mostActiveW = ({ activeWByClass }: CapTable, cap: number): number => Math.max(0, ...activeWByClass[cap]!);

/** By partition: GPUs that the largest job submitted to it holds; 0: none is. */
function largestJobs({ partitions, workload }: RunSpec, inputs: RunInputs): number[] {
  const largest = partitions.map(() => 0);
  const add = (gpus: number, partition: number): void => {
    largest[partition] = Math.max(largest[partition]!, heldGpus(gpus, partitions[partition]!.gpusPerNode));
  };
  if (workload.kind === 'trace') {
    const table = inputs.traces[workload.input];
    for (let job = 0; job < (table?.count ?? 0); job++) add(table!.gpus[job]!, table!.partitionOf[job]!);
    return largest;
  }
  const sized = partitions.map(({ name, nodes, gpusPerNode }: PartitionSpec) => ({
    ...{ name, gpusPerNode },
    gpus: nodes * gpusPerNode,
  }));
  for (const { gpus, partition, path } of jobSizes(workload.generator as ResolvedGenerator, sized).flat())
    if (path.at(-1) === 'gpus') add(gpus, partition);
  return largest;
}
