import { formatDuration, MS_PER_HOUR } from '../base/units.js';
import { ratedNodeW } from '../power/nodePower.js';
import { SIZES } from '../scenario/buildOutSchema.js';
import type { Hardware } from '../scenario/hardwareSchema.js';
import type { InServiceStep } from '../scenario/inService.js';
import { nodesAt } from '../scenario/inService.js';
import type { FacilitySpec } from '../scenario/runSpec.js';
import type { SitePartition } from '../scenario/siteSchema.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import type { Faults } from './faults.js';
import type { SizedPartition } from './partitions.js';
import type { SiteParts } from './sites.js';

/** How many nodes something is, by whichever of racks, nodes and GPUs says so; whole nodes, or a fraction of GPUs. */
export function nodesOf(
  size: Pick<SitePartition, (typeof SIZES)[number]>,
  { nodesPerRack, gpusPerNode }: Hardware,
): number {
  const { racks, nodes, gpus } = size;
  if (racks !== undefined) return racks.value * nodesPerRack.value;
  return nodes === undefined ? gpus!.value / gpusPerNode.value : nodes.value;
}

/**
 * When how many nodes of a partition are in service; none where all are from the start. Faults in the order of the steps
 * are noted, and then it is `undefined`.
 */
export function inServiceSteps(
  doc: SourceDoc,
  path: SourcePath,
  partition: SitePartition,
  hardware: Hardware,
  faults: Faults,
): readonly InServiceStep[] | undefined {
  const { phases, inService } = partition;
  const before = faults.issues.length;
  if (phases === undefined) {
    const atMs = inService ?? 0;
    noteHours(doc, [...path, 'inService'], atMs, faults);
    if (faults.issues.length > before) return undefined;
    return atMs === 0 ? [] : [{ atMs, nodes: nodesOf(partition, hardware) }];
  }
  const gpusPerNode = hardware.gpusPerNode.value;
  const steps = phases.map((phase, index): InServiceStep => {
    const at = [...path, 'phases', index];
    noteHours(doc, [...at, 'at'], phase.at, faults);
    const nodes = nodesOf(phase, hardware);
    if (!Number.isInteger(nodes))
      faults.at(
        doc,
        [...at, 'gpus'],
        `expected whole nodes of ${gpusPerNode} GPUs (${hardware.name}), got ${phase.gpus!.value}`,
        `The nearest is ${Math.max(1, Math.round(nodes)) * gpusPerNode}.`,
      );
    return { atMs: phase.at, nodes };
  });
  steps.forEach((step, index) => {
    const earlier = steps[index - 1];
    if (earlier === undefined) return;
    const at = [...path, 'phases', index];
    if (step.atMs <= earlier.atMs) {
      const got = `${formatDuration(step.atMs)} after ${formatDuration(earlier.atMs)}`;
      faults.at(doc, [...at, 'at'], `expected phases in the order of time, each later than the one before; got ${got}`);
    }
    if (step.nodes <= earlier.nodes) {
      const got = `${step.nodes} nodes after ${earlier.nodes}`;
      const key = SIZES.find((size) => phases[index]![size] !== undefined)!;
      faults.at(doc, [...at, key], `expected all that is in service from then on, more than before; got ${got}`);
    }
  });
  if (faults.issues.length > before) return undefined;
  return steps.length === 1 && steps[0]!.atMs === 0 ? [] : steps;
}

function noteHours(doc: SourceDoc, path: SourcePath, atMs: number, faults: Faults): void {
  if (atMs % MS_PER_HOUR === 0) return;
  faults.at(doc, path, `expected whole hours (the weather and the fixed load are hourly), got ${formatDuration(atMs)}`);
}

/**
 * Partitions, and phases of them, that come into service only after the horizon; of a `buildOut` by dates, which is for
 * years beyond it too, only one of which nothing is there inside it.
 */
export function checkInService(sites: readonly SiteParts[], horizonMs: number | undefined, faults: Faults): void {
  if (horizonMs === undefined) return;
  for (const { doc, partitions } of sites) {
    partitions?.forEach((partition, index) => {
      if (nodesAt(partition, horizonMs - 1) > 0) {
        if (partition.buildOut === undefined) checkSteps(doc, index, partition, horizonMs, faults);
        return;
      }
      const first = formatDuration(partition.inService![0]!.atMs);
      const message = `expected partition ${partition.name} in service before the end of the horizon, ${formatDuration(horizonMs)}; it is from ${first} on`;
      faults.at(doc, ['partitions', index], message);
    });
  }
}

/** What never exists would count as the partition's size all the same. */
function checkSteps(
  doc: SourceDoc,
  index: number,
  { inService = [] }: SizedPartition,
  horizonMs: number,
  faults: Faults,
): void {
  inService.forEach(({ atMs }, step) => {
    if (atMs < horizonMs) return;
    const message = `expected a time before the end of the horizon, ${formatDuration(horizonMs)}, got ${formatDuration(atMs)}`;
    faults.at(doc, ['partitions', index, 'phases', step, 'at'], message);
  });
}

/** How the design IT power of a site comes into service with its nodes; nothing where all is there from the start. */
export function builtItSteps(
  partitions: readonly Pick<SizedPartition, 'hardware' | 'nodes' | 'gpuCapW' | 'inService'>[],
): Pick<FacilitySpec, 'builtItW'> {
  const times = [...new Set(partitions.flatMap(({ inService = [] }) => inService.map(({ atMs }) => atMs)))];
  if (times.length === 0) return {};
  const itW = (atMs: number): number =>
    partitions.reduce(
      (sum, partition) =>
        sum + nodesAt(partition, atMs) * ratedNodeW(partition.hardware, { gpuCapW: partition.gpuCapW }),
      0,
    );
  return { builtItW: [...new Set([0, ...times])].sort((a, b) => a - b).map((atMs) => ({ atMs, itW: itW(atMs) })) };
}
