import { isTimeZone } from '../energy/localTime.js';
import { SERVICE_DEFAULTS } from '../scenario/defaults.js';
import { nodePower } from '../power/nodePower.js';
import type { PowerControlSpec, RunSpec } from '../scenario/runSpec.js';
import { serviceSchema, type Service } from '../scenario/serviceSchema.js';
import type { ServicePlaceSpec, ServiceSpec } from '../scenario/serviceSpec.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { isPlainObject, valueAt } from '../scenario/sourcePath.js';
import type { TraitKeys } from '../scenario/traitsSchema.js';
import { gpusAt } from '../workload/capacity.js';
import { largestPartition } from '../workload/fitting.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import type { Faults } from './faults.js';
import { nearPartition, type SizedPartition } from './partitions.js';
import type { SiteParts } from './sites.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** A service of a workload document, and where it stands there. */
export interface PlacedService {
  readonly service: Service;
  readonly path: SourcePath;
}

/** Those of a workload's services that have no fault themselves. */
export function soundServices(doc: SourceDoc): readonly PlacedService[] {
  const given = valueAt(doc.value, ['service']);
  if (given === undefined) return [];
  const entries: readonly unknown[] = Array.isArray(given) ? given : [given];
  return entries.flatMap((entry, index): PlacedService[] => {
    const service = serviceSchema.safeParse(entry).data;
    return service === undefined ? [] : [{ service, path: isPlainObject(given) ? ['service'] : ['service', index] }];
  });
}

/** Classes of jobs of a workload, whatever machine it runs on. */
export const classNamesOf = ({ trace, specFor }: ResolvedWorkload): readonly string[] =>
  trace === undefined ? specFor([]).classNames : trace.read.table.classNames;

interface Placing {
  readonly doc: SourceDoc;
  readonly faults: Faults;
  /** Classes of the workload, as far as they are known. */
  readonly classNames: readonly string[];
}

/**
 * The sites with the replicas of services in their partitions; what of a service does not fit a site is noted, and then
 * it is not there.
 */
export function withServicePlaces(
  sites: readonly SiteParts[],
  services: readonly PlacedService[],
  placing: Placing,
): readonly SiteParts[] {
  if (services.length === 0) return sites;
  noteNames(services, placing);
  return sites.map((site) => {
    const partitions = site.partitions && placedIn(site.name, site.partitions, services, placing);
    return { ...site, partitions, whole: site.whole && partitions && { ...site.whole, partitions } };
  });
}

function noteNames(services: readonly PlacedService[], { doc, faults, classNames }: Placing): void {
  const taken = new Set(classNames);
  for (const { service, path } of services) {
    const { name, timeZone } = service;
    if (taken.has(name)) {
      const message = `expected a name that no class and no other service of the workload has; got ${name}`;
      faults.at(doc, [...path, 'name'], message);
    }
    taken.add(name);
    if (timeZone !== undefined && !isTimeZone(timeZone))
      faults.at(doc, [...path, 'timeZone'], `expected an IANA time zone such as Europe/Berlin, got ${timeZone}`);
  }
}

function placedIn(
  site: string,
  partitions: readonly SizedPartition[],
  services: readonly PlacedService[],
  placing: Placing,
): readonly SizedPartition[] {
  const placed: SizedPartition[] = [...partitions];
  services.forEach(({ service, path }, index) => {
    const { doc, faults } = placing;
    const complain = (key: string, message: string, hint?: string): void => {
      faults.at(doc, [...path, key], `${message} (site ${site})`, hint);
    };
    const at =
      service.partition === undefined
        ? largestPartition(partitions)
        : partitions.findIndex(({ name }) => name === service.partition);
    const partition = placed[at];
    if (partition === undefined) {
      const known = partitions.map(({ name }) => name).join(', ');
      const hint = nearPartition(service.partition!, partitions);
      complain('partition', `expected one of the site's partitions ${known}; got ${service.partition!}`, hint);
      return;
    }
    const replicas = replicasIn(service, partition, complain);
    if (replicas === undefined) return;
    const { serviceGpus = 0, services: before = [] } = partition;
    placed[at] = {
      ...partition,
      serviceGpus: serviceGpus + replicas * service.replicaGpus.value,
      services: [...before, { service: index, replicas }],
    };
  });
  return placed;
}

/** Room for a share that is a whole number of replicas but for rounding. */
const ROUNDING = 1e-9;

function replicasIn(
  { gpus, share, replicaGpus }: Service,
  partition: SizedPartition,
  complain: (key: string, message: string, hint?: string) => void,
): number | undefined {
  const { gpusPerNode, hardware, name, spareNodes = 0 } = partition;
  const own = replicaGpus.value;
  if (own % gpusPerNode !== 0) {
    const near = Math.max(1, Math.round(own / gpusPerNode)) * gpusPerNode;
    const message = `expected whole nodes of ${gpusPerNode} GPUs (${hardware.name}), got ${own}`;
    complain('replicaGpus', message, `The nearest is ${near}.`);
    return undefined;
  }
  const first = gpusAt({ ...partition, serviceGpus: 0 }, 0);
  const asked = gpus?.value ?? share!.value * first;
  const key = gpus === undefined ? 'share' : 'gpus';
  if (gpus !== undefined && asked % own !== 0) {
    const near = Math.max(1, Math.round(asked / own)) * own;
    complain(key, `expected whole replicas of ${own} GPUs, got ${asked}`, `The nearest is ${near}.`);
    return undefined;
  }
  const replicas = Math.floor(asked / own + ROUNDING);
  const room = gpusAt(partition, 0) - spareNodes * gpusPerNode;
  if (replicas === 0)
    complain(key, `expected at least one replica of ${own} GPUs in partition ${name}, got ${asked} GPUs`);
  else if (replicas * own > room)
    complain(
      key,
      `expected at most the ${room} GPUs that partition ${name} begins with beside spares and other services, ` +
        `got ${replicas * own}`,
    );
  else return replicas;
  return undefined;
}

/** Restarted, never lost, never interrupted: what their class says of replicas. */
const SERVICE_TRAITS: TraitKeys = { priority: 1e9, preemptible: false, checkpoint: 1, restart: 0, resize: 0 };

/** The workload with a class for each of its services behind its own. */
export function withServiceClasses(workload: ResolvedWorkload, services: readonly PlacedService[]): ResolvedWorkload {
  if (services.length === 0) return workload;
  const names = services.map(({ service }) => service.name);
  return {
    ...workload,
    specFor: (partitions) => {
      const spec = workload.specFor(partitions);
      return { ...spec, classNames: [...spec.classNames, ...names] };
    },
    classes: [
      ...workload.classes,
      ...services.map(({ service }) => ({ gpuPowerFraction: meanPowerFraction(service) })),
    ],
    traits: [...workload.traits, ...services.map(() => SERVICE_TRAITS)],
    services: services.map(({ service }) => service),
  };
}

const meanPowerFraction = ({ gpuPowerFraction, profile }: Service): number =>
  (gpuPowerFraction.value * profile.values.reduce((sum, value) => sum + value, 0)) / profile.values.length;

/**
 * Services on the partitions of a run, and class traits that know of them.
 *
 * @param timeZoneOf - of the site that a partition belongs to
 */
export function serviceSpecs(
  { services, classes }: ResolvedWorkload,
  partitions: readonly SizedPartition[],
  timeZoneOf: (partition: number) => string,
  traits: RunSpec['traits'],
): Pick<RunSpec, 'services' | 'traits'> {
  if (services === undefined) return {};
  const first = classes.length - services.length;
  return {
    services: services.map((service, index): ServiceSpec => {
      const places = partitions.flatMap((partition, at): ServicePlaceSpec[] => {
        const here = partition.services?.find((one) => one.service === index);
        if (here === undefined) return [];
        const timeZone = service.timeZone ?? timeZoneOf(at);
        return [{ partition: at, replicas: here.replicas, timeZone, deviationWByHour: deviations(service, partition) }];
      });
      return { name: service.name, replicaGpus: service.replicaGpus.value, places };
    }),
    traits: traits!.map((of, index) => (index < first ? of : { ...of, stateless: true })),
  };
}

/** Whole watts of a GPU in each hour, less those of the class. */
function deviations(service: Service, { hardware, gpuCapW }: SizedPartition): number[] {
  const wattsAt = (fractions: readonly number[]): readonly number[] =>
    nodePower(
      hardware,
      fractions.map((gpuPowerFraction) => ({ gpuPowerFraction })),
      { gpuCapW },
    ).activeWByClass;
  const [meanW] = wattsAt([meanPowerFraction(service)]);
  return wattsAt(service.profile.values.map((value) => value * service.gpuPowerFraction.value)).map(
    (watts) => watts - meanW!,
  );
}

/** Power control that leaves the classes of services as they are under any cap. */
export function sparingServices(
  control: PowerControlSpec | undefined,
  { services = [], classes }: ResolvedWorkload,
): PowerControlSpec | undefined {
  if (control === undefined || services.length === 0) return control;
  const first = classes.length - services.length;
  const asUncapped = (byCap: readonly (readonly number[])[]): number[][] =>
    byCap.map((byClass) => byClass.map((value, index) => (index < first ? value : byCap[0]![index]!)));
  return {
    ...control,
    partitions: control.partitions.map((table) => ({
      ...table,
      activeWByClass: asUncapped(table.activeWByClass),
      communicatingWByClass: asUncapped(table.communicatingWByClass),
      speedByClass: asUncapped(table.speedByClass),
    })),
  };
}

/** The keys of services that have defaults, as they are run. */
export const serviceConfig = (doc: SourceDoc): ConfigEntry[] =>
  soundServices(doc).flatMap(({ service, path }) => {
    const { name, timeZone } = SERVICE_DEFAULTS;
    return [
      effectiveEntry(doc, 'workload', [...path, 'name'], service.name, name),
      effectiveEntry(doc, 'workload', [...path, 'timeZone'], service.timeZone ?? timeZone.value, timeZone),
    ];
  });

/** What must be equal of sites that share a schedule: the zone of the hours, where a service has none of its own. */
export const serviceHours = ({ services = [] }: ResolvedWorkload, timeZone: string): string | undefined =>
  services.some((service) => service.timeZone === undefined) ? timeZone : undefined;
