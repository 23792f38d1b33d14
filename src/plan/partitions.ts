import { cappedSpeed } from '../power/capCurve.js';
import { nodePower, ratedNodeW, type ClassPower } from '../power/nodePower.js';
import { phaseWatts } from '../power/phasePower.js';
import { hardwareSchema, type Hardware } from '../scenario/hardwareSchema.js';
import type { InServiceStep } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { partitionSchema, type SitePartition } from '../scenario/siteSchema.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { didYouMean } from '../scenario/suggest.js';
import { inServiceSteps, nodesOf } from './buildOut.js';
import {
  datedSteps,
  siteDates,
  stepsOfYear,
  timedSteps,
  USUAL_TIME,
  type DatedStep,
  type PlannedTime,
} from './datedPhases.js';
import type { Faults } from './faults.js';
import { findDocument } from './references.js';

/** A hundred gigafactories: beyond it the machine's memory is the question, not the scenario's. */
const MAX_SITE_GPUS = 10_000_000;
/** A job's partition is one byte. */
export const MAX_PARTITIONS = 256;

/** A partition whose size and hardware are known; its watts follow from the workload's classes. */
export interface SizedPartition {
  readonly name: string;
  readonly hardware: Hardware;
  readonly hardwareDoc: SourceDoc;
  readonly nodes: number;
  readonly gpus: number;
  readonly gpusPerNode: number;
  readonly racksPerPod: number;
  /** Bandwidth inside a pod over bandwidth out of it, ≥ 1. */
  readonly oversubscription: number;
  readonly gpuCapW: number | undefined;
  /** Nodes kept back for hot swaps; absent: none. */
  readonly spareNodes?: number | undefined;
  /** Replicas of services by index among the workload's, and the GPUs of all of them; absent: none. */
  readonly services?: readonly { readonly service: number; readonly replicas: number }[] | undefined;
  readonly serviceGpus?: number | undefined;
  /** How many of its nodes are in service from when on; absent: all from the start. */
  readonly inService?: readonly InServiceStep[] | undefined;
  /** By dates, over years; `nodes` and `inService` are what the calendar year has of them. Absent: it does not grow over years. */
  readonly buildOut?: readonly DatedStep[] | undefined;
}

/** Every name in a site's partitions, whether or not the rest of the site is sound. */
export function checkPartitionNames(library: Library, doc: SourceDoc, faults: Faults): void {
  const partitions = valueAt(doc.value, ['partitions']);
  if (!Array.isArray(partitions)) return;
  const first = new Map<string, number>();
  partitions.forEach((partition: unknown, index) => {
    const path = ['partitions', index];
    const hardware = valueAt(partition, ['hardware']);
    if (typeof hardware === 'string' && hardware !== '') {
      findDocument(library, doc, [...path, 'hardware'], 'hardware', hardware, faults);
    }
    const name = valueAt(partition, ['name']);
    if (typeof name !== 'string') return;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else faults.at(doc, [...path, 'name'], `expected a name of its own; ${name} is partitions[${earlier}] already`);
  });
  if (partitions.length > MAX_PARTITIONS) {
    faults.at(doc, ['partitions'], `expected at most ${MAX_PARTITIONS} partitions, got ${partitions.length}`);
  }
}

/**
 * A site's partitions with their hardware, whether or not the rest of the site is sound.
 *
 * @param time - of which partitions that grow over years are what there is
 * @returns `undefined` when one of them cannot be had; that is noted here or by the site's schema
 */
export function sizePartitions(
  library: Library,
  doc: SourceDoc,
  faults: Faults,
  time: PlannedTime = USUAL_TIME,
): readonly SizedPartition[] | undefined {
  const listed = valueAt(doc.value, ['partitions']);
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const sized = listed.map((entry: unknown, index) => {
    const partition = partitionSchema.safeParse(entry).data;
    if (partition === undefined) return undefined;
    // An unknown name is noted by checkPartitionNames.
    const hardwareDoc = library.names('hardware').includes(partition.hardware)
      ? faults.reading(placeless, () => library.find('hardware', partition.hardware))
      : undefined;
    const hardware = hardwareDoc && faults.check(hardwareSchema, hardwareDoc);
    return hardware && sizePartition({ doc, index, partition, hardware, hardwareDoc, faults, time, listed });
  });
  const whole = sized.filter((partition) => partition !== undefined);
  const gpus = whole.reduce((sum, partition) => sum + partition.gpus, 0);
  if (gpus > MAX_SITE_GPUS) {
    faults.at(doc, ['partitions'], `expected at most ${MAX_SITE_GPUS} GPUs at a site, got ${gpus}`);
    return undefined;
  }
  return whole.length === sized.length ? whole : undefined;
}

const placeless = () => ({ path: '', message: '' });

function sizePartition({
  doc,
  index,
  partition,
  hardware,
  hardwareDoc,
  faults,
  time,
  listed,
}: {
  readonly doc: SourceDoc;
  readonly index: number;
  readonly partition: SitePartition;
  readonly hardware: Hardware;
  readonly hardwareDoc: SourceDoc;
  readonly faults: Faults;
  readonly time: PlannedTime;
  /** All partitions of the site, as written. */
  readonly listed: readonly unknown[];
}): SizedPartition | undefined {
  const gpusPerNode = hardware.gpusPerNode.value;
  const { gpus, gpuCapW } = partition;
  if (gpuCapW !== undefined && gpuCapW.value <= hardware.gpuIdleW.value) {
    const idle = `${hardware.gpuIdleW.value} W that an idle GPU draws (${hardware.name})`;
    faults.at(doc, ['partitions', index, 'gpuCapW'], `expected more than the ${idle}, got ${gpuCapW.value}`);
    return undefined;
  }
  if (gpus !== undefined && gpus.value % gpusPerNode !== 0) {
    const near = Math.max(1, Math.round(gpus.value / gpusPerNode)) * gpusPerNode;
    faults.at(
      doc,
      ['partitions', index, 'gpus'],
      `expected whole nodes of ${gpusPerNode} GPUs (${hardware.name}), got ${gpus.value}`,
      `The nearest is ${near}.`,
    );
    return undefined;
  }
  const path = ['partitions', index];
  const dated = partition.buildOut && datedSteps(doc, path, partition.buildOut, hardware, faults);
  const buildOut = dated && timedSteps(dated, time.timing, siteDates(listed));
  const steps =
    partition.buildOut === undefined
      ? inServiceSteps(doc, path, partition, hardware, faults)
      : buildOut && stepsOfYear(buildOut, time.calendarYear);
  if (steps === undefined) return undefined;
  const nodes = steps.at(-1)?.nodes ?? nodesOf(partition.phases?.at(-1) ?? partition, hardware);
  return {
    name: partition.name,
    hardware,
    hardwareDoc,
    nodes,
    gpus: nodes * gpusPerNode,
    gpusPerNode,
    racksPerPod: (partition.racksPerPod ?? hardware.racksPerPod).value,
    oversubscription: (partition.oversubscription ?? hardware.oversubscription).value,
    gpuCapW: gpuCapW?.value,
    ...(steps.every(({ atMs }) => atMs === 0) ? {} : { inService: steps }),
    ...(buildOut === undefined ? {} : { buildOut }),
  };
}

/**
 * The partition as a run needs it, with its watts by job class.
 *
 * @param phases - jobs of the run have phases in which they are not productive (`hasPhases`): their watts too
 */
export function partitionSpec(
  partition: SizedPartition,
  classes: readonly ClassPower[],
  phases: boolean,
): PartitionSpec {
  const { name, hardware, nodes, gpusPerNode, racksPerPod, gpuCapW, inService } = partition;
  return {
    name,
    hardware: hardware.name,
    nodes,
    gpusPerNode,
    nodesPerRack: hardware.nodesPerRack.value,
    racksPerPod,
    ...(inService === undefined ? {} : { inService }),
    power: {
      ...nodePower(hardware, classes, { gpuCapW }),
      ...(phases ? { phases: phaseWatts(hardware, { gpuCapW }) } : {}),
    },
  };
}

/** Speed of each class of jobs in the partition under its cap and the class's, relative to no cap. */
export const capSpeeds = ({ hardware, gpuCapW }: SizedPartition, classes: readonly ClassPower[]): readonly number[] =>
  classes.map((of) => cappedSpeed(hardware, of, { gpuCapW }));

/** What the facility is built for: all partitions at their rating, W. */
export function designItW(partitions: readonly Pick<SizedPartition, 'hardware' | 'nodes' | 'gpuCapW'>[]): number {
  return partitions.reduce((sum, { hardware, nodes, gpuCapW }) => sum + nodes * ratedNodeW(hardware, { gpuCapW }), 0);
}

/** Of a name that no partition has, the one that was probably meant. */
export const nearPartition = (name: string, partitions: readonly { readonly name: string }[]): string | undefined =>
  didYouMean(
    name,
    partitions.map((partition) => partition.name),
  );
