import { formatDuration } from '../base/units.js';
import { nodesAt } from '../scenario/inService.js';
import { unknownName } from '../scenario/issues.js';
import { windowSchema, type Window } from '../scenario/rulesSchema.js';
import type { Library, SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { isPlainObject, valueAt } from '../scenario/sourcePath.js';
import type { Faults } from './faults.js';
import type { SizedPartition } from './partitions.js';
import type { SiteParts } from './sites.js';
import type { WorkloadParts } from './workloadTypes.js';

/** Everything the rules of a scenario refer to, as far as it is sound. */
export interface RuleScope {
  readonly doc: SourceDoc;
  readonly library: Library;
  readonly sites: readonly SiteParts[];
  readonly workload: WorkloadParts | undefined;
  readonly horizonMs: number | undefined;
  readonly faults: Faults;
}

/**
 * What limits, windows and the classes and jobs of the workload say of each other, of sites and of partitions.
 *
 * Names are read from the documents as they are written, so that a fault elsewhere in an entry hides none.
 */
export function checkRules(scope: RuleScope): void {
  checkWindows(scope);
  checkClasses(scope);
  checkReservations(scope);
}

const textsAt = (value: unknown, key: string): string[] =>
  Array.isArray(value)
    ? value.flatMap((entry: unknown) => {
        const text = valueAt(entry, [key]);
        return typeof text === 'string' ? [text] : [];
      })
    : [];

/** Names of sites in the scenario; those without a sound one do not count. */
const siteNames = ({ sites }: RuleScope): string[] => sites.map(({ name }) => name);

function checkClasses(scope: RuleScope): void {
  const { doc, library, workload, sites, faults } = scope;
  if (workload === undefined) return;
  const qosNames = [...new Set(textsAt(valueAt(doc.value, ['limits', 'qos']), 'name'))];
  const known = [
    ...new Set([
      ...sites.flatMap(({ partitions = [] }) => partitions.map(({ name }) => name)),
      ...library.names('hardware'),
    ]),
  ];
  for (const path of workload.classPaths) {
    const entry = valueAt(workload.doc.value, path);
    const qos = valueAt(entry, ['qos']);
    if (typeof qos === 'string' && qos !== '' && !qosNames.includes(qos)) {
      faults.add([unknownName(workload.doc, [...path, 'qos'], 'quality of service of limits.qos', qos, qosNames)]);
    }
    const allowed = valueAt(entry, ['sites']);
    if (Array.isArray(allowed)) {
      allowed.forEach((id: unknown, index) => {
        if (typeof id !== 'string' || id === '' || siteNames(scope).includes(id)) return;
        faults.add([
          unknownName(workload.doc, [...path, 'sites', index], 'site of the scenario', id, siteNames(scope)),
        ]);
      });
    }
    checkPowerCap(scope, workload, path);
    if (valueAt(entry, ['deferFor']) !== undefined && valueAt(entry, ['deferrable']) !== true) {
      const message =
        'expected deferrable: true beside it; jobs of a class that does not say so are never kept waiting';
      faults.at(workload.doc, [...path, 'deferFor'], message);
    }
    const speeds = valueAt(entry, ['speeds']);
    if (!isPlainObject(speeds)) continue;
    for (const name of Object.keys(speeds)) {
      if (known.includes(name)) continue;
      faults.add([unknownName(workload.doc, [...path, 'speeds', name], 'partition or hardware', name, known)]);
    }
  }
}

/** A GPU under a cap of what it draws idle would never end a job. */
function checkPowerCap({ sites, faults }: RuleScope, { doc }: WorkloadParts, classPath: SourcePath): void {
  const path = [...classPath, 'powerCap'];
  const capFraction = valueAt(doc.value, [...path, 'value']) ?? valueAt(doc.value, path);
  if (typeof capFraction !== 'number' || capFraction <= 0) return;
  for (const { hardware } of sites.flatMap(({ partitions = [] }) => partitions)) {
    const idleFraction = hardware.gpuIdleW.value / hardware.tdpW.value;
    if (capFraction > idleFraction) continue;
    const idle = `${idleFraction.toFixed(3)} of its TDP that an idle GPU draws (${hardware.name})`;
    faults.at(doc, path, `expected more than the ${idle}, got ${capFraction}`);
    return;
  }
}

/** A sound window with its place in the list. */
interface PlacedWindow {
  readonly window: Window;
  readonly path: SourcePath;
}

function checkWindows(scope: RuleScope): void {
  const { doc, faults } = scope;
  const listed = valueAt(doc.value, ['windows']);
  if (!Array.isArray(listed)) return;
  const first = new Map<string, number>();
  listed.forEach((entry: unknown, index) => {
    const name = valueAt(entry, ['name']);
    if (typeof name !== 'string') return;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else
      faults.at(doc, ['windows', index, 'name'], `expected a name of its own; ${name} is windows[${earlier}] already`);
  });
  const sound = listed.flatMap((entry: unknown, index): PlacedWindow[] => {
    const checked = windowSchema.safeParse(entry);
    return checked.success ? [{ window: checked.data, path: ['windows', index] }] : [];
  });
  for (const placed of sound) {
    checkTimes(scope, placed);
    checkPlace(scope, placed);
  }
  for (const { name, partitions = [] } of scope.sites) {
    for (const partition of partitions) checkOverlap(scope, sound, name, partition);
  }
}

const endMs = ({ from, for: lastsMs, to }: Window): number => to ?? from + lastsMs!;

function checkTimes({ doc, horizonMs, faults }: RuleScope, { window, path }: PlacedWindow): void {
  if (horizonMs === undefined) return;
  const horizon = formatDuration(horizonMs);
  if (window.from >= horizonMs) {
    const got = formatDuration(window.from);
    faults.at(doc, [...path, 'from'], `expected a time before the horizon of ${horizon}, got ${got}`);
  } else if (endMs(window) > horizonMs) {
    const got = formatDuration(endMs(window));
    const key = window.to === undefined ? 'for' : 'to';
    faults.at(doc, [...path, key], `expected a window that ends by the horizon of ${horizon}, got one to ${got}`);
  }
}

/** The site and the partition it names, and whether its nodes are there. */
function checkPlace(scope: RuleScope, { window, path }: PlacedWindow): void {
  const { doc, faults } = scope;
  if (window.site !== undefined && !siteNames(scope).includes(window.site)) {
    faults.add([unknownName(doc, [...path, 'site'], 'site of the scenario', window.site, siteNames(scope))]);
    return;
  }
  const sites = scope.sites.filter(({ name }) => window.site === undefined || name === window.site);
  // A site with a fault may have any partition.
  if (sites.some(({ partitions }) => partitions === undefined)) return;
  const names = [...new Set(sites.flatMap(({ partitions }) => partitions!.map(({ name }) => name)))];
  if (window.partition !== undefined && !names.includes(window.partition)) {
    faults.add([unknownName(doc, [...path, 'partition'], 'partition', window.partition, names)]);
    return;
  }
  for (const { name, partitions } of sites) {
    if (window.partition === undefined && window.nodes !== undefined && partitions!.length > 1) {
      const known = partitions!.map((partition) => partition.name).join(', ');
      const message = `expected the partition that the nodes are in, one of ${known} (site ${name}), or all: true`;
      faults.at(doc, path, message);
      return;
    }
    const small = partitions!.find(
      (partition) => covers(window, name, partition) && (window.nodes ?? 0) > nodesAt(partition, window.from),
    );
    if (small === undefined) continue;
    const message = `expected at most the ${nodesAt(small, window.from)} nodes of partition ${small.name} (site ${name}), got ${window.nodes!}`;
    faults.at(doc, [...path, 'nodes'], message);
    return;
  }
}

const covers = ({ site, partition }: Window, siteName: string, { name }: SizedPartition): boolean =>
  (site === undefined || site === siteName) && (partition === undefined || partition === name);

/**
 * Windows that hold more nodes together than there are; each alone holds few enough. Of each such moment the window
 * that begins then complains, of two that begin together the later in the list.
 *
 * Cost: O(windows × windows open at a time).
 */
function checkOverlap(
  scope: RuleScope,
  windows: readonly PlacedWindow[],
  site: string,
  partition: SizedPartition,
): void {
  const thereFor = ({ window }: PlacedWindow): number => nodesAt(partition, window.from);
  const nodesOf = (placed: PlacedWindow): number => placed.window.nodes ?? thereFor(placed);
  const byStart = windows
    .filter((placed) => covers(placed.window, site, partition) && nodesOf(placed) <= thereFor(placed))
    .sort((a, b) => a.window.from - b.window.from);
  let open: PlacedWindow[] = [];
  for (const placed of byStart) {
    open = open.filter(({ window }) => endMs(window) > placed.window.from);
    const nodes = open.reduce((sum, other) => sum + nodesOf(other), nodesOf(placed));
    if (nodes > thereFor(placed)) {
      const names = open.map(({ window }) => window.name).join(', ');
      const message =
        `expected windows of at most the ${thereFor(placed)} nodes of partition ${partition.name} at a time (site ${site}); ` +
        `with ${names} it makes ${nodes}`;
      scope.faults.at(scope.doc, placed.path, message);
    }
    open.push(placed);
  }
}

/** Listed jobs in reservations: that there is one of the name, in the job's partition, large enough. */
function checkReservations(scope: RuleScope): void {
  const { doc, workload, faults } = scope;
  if (workload === undefined) return;
  const jobs = valueAt(workload.doc.value, ['jobs']);
  if (!Array.isArray(jobs)) return;
  const listed = valueAt(doc.value, ['windows']);
  const entries: readonly unknown[] = Array.isArray(listed) ? listed : [];
  const names = textsAt(
    entries.filter((entry) => valueAt(entry, ['kind']) === 'reservation'),
    'name',
  );
  jobs.forEach((job: unknown, index) => {
    const name = valueAt(job, ['reservation']);
    if (typeof name !== 'string' || name === '') return;
    const path = ['jobs', index, 'reservation'];
    if (!names.includes(name)) {
      faults.add([unknownName(workload.doc, path, 'reservation among windows', name, names)]);
      return;
    }
    const checked = windowSchema.safeParse(entries.find((entry) => valueAt(entry, ['name']) === name));
    if (checked.success) checkReservation(scope, workload.doc, path, job, checked.data);
  });
}

function checkReservation(
  { sites, faults }: RuleScope,
  doc: SourceDoc,
  path: SourcePath,
  job: unknown,
  window: Window,
): void {
  const asked = valueAt(job, ['partition']);
  if (typeof asked === 'string' && window.partition !== undefined && asked !== window.partition) {
    const message = `expected a reservation in the job's partition ${asked}; ${window.name} is in ${window.partition}`;
    faults.at(doc, path, message);
    return;
  }
  const gpus = valueAt(job, ['gpus']);
  for (const { name, partitions = [] } of sites) {
    const there = partitions.filter((partition) => covers(window, name, partition));
    if (there.length === 0 || typeof gpus !== 'number') continue;
    const held = Math.max(
      ...there.map((partition) => (window.nodes ?? nodesAt(partition, window.from)) * partition.gpusPerNode),
    );
    if (gpus <= held) continue;
    faults.at(
      doc,
      [...path.slice(0, -1), 'gpus'],
      `expected at most the ${held} GPUs of reservation ${window.name} (site ${name}), got ${gpus}`,
    );
    return;
  }
}
