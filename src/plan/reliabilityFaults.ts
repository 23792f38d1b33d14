import { unknownName } from '../scenario/issues.js';
import { reliabilitySchema } from '../scenario/reliabilitySchema.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { isPlainObject, valueAt } from '../scenario/sourcePath.js';
import type { Faults } from './faults.js';
import type { SiteParts } from './sites.js';
import { spareNodes } from './spares.js';

/** How far shares written by hand may be from 1 together; they are scaled to it. */
const SHARE_TOLERANCE = 0.005;

/**
 * What the entries of a reliability document say of each other and of the scenario's sites. Read from the document as it
 * is written, so that a fault elsewhere in it hides none.
 */
export function checkReliability(doc: SourceDoc, sites: readonly SiteParts[], faults: Faults): void {
  checkCauses(doc, faults);
  checkRepairs(doc, faults);
  checkSpares(doc, sites, faults);
}

function checkCauses(doc: SourceDoc, faults: Faults): void {
  const causes = valueAt(doc.value, ['causes']);
  if (!Array.isArray(causes) || causes.length === 0) return;
  const first = new Map<string, number>();
  causes.forEach((cause: unknown, index) => {
    const name = valueAt(cause, ['name']);
    if (typeof name !== 'string') return;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else faults.at(doc, ['causes', index, 'name'], `expected a name of its own; ${name} is causes[${earlier}] already`);
  });
  const counts = causes.map((cause: unknown) => figureAt(cause, 'count'));
  const shares = causes.map((cause: unknown) => figureAt(cause, 'share'));
  const counted = counts.filter((count) => count !== undefined);
  const shared = shares.filter((share) => share !== undefined);
  if (counted.length > 0 && shared.length > 0) {
    const message = `expected a count of every cause or a share of every cause, got ${counted.length} counts and ${shared.length} shares`;
    faults.at(doc, ['causes'], message);
    return;
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  if (counted.length === causes.length && sum(counted) === 0) {
    faults.at(doc, ['causes'], 'expected a count above 0 of some cause, got 0 of all');
  }
  if (shared.length === causes.length && Math.abs(sum(shared) - 1) > SHARE_TOLERANCE) {
    const message = `expected shares that sum to 1 (within ${SHARE_TOLERANCE}), got ${Number(sum(shared).toFixed(6))}`;
    faults.at(doc, ['causes'], message, 'Give counts instead to have them scaled.');
  }
}

/** Every repair that is named, with its place. */
function checkRepairs(doc: SourceDoc, faults: Faults): void {
  const repairs = valueAt(doc.value, ['repairs']);
  const known = isPlainObject(repairs) ? Object.keys(repairs) : [];
  const causes = valueAt(doc.value, ['causes']);
  const places: SourcePath[] = [
    ...(Array.isArray(causes) ? causes.map((_, index): SourcePath => ['causes', index, 'repair']) : []),
    ['stragglers', 'repair'],
  ];
  for (const path of places) {
    const name = valueAt(doc.value, path);
    if (typeof name !== 'string' || name.trim() === '' || known.includes(name)) continue;
    faults.add([unknownName(doc, path, 'repair', name, known)]);
  }
}

function checkSpares(doc: SourceDoc, sites: readonly SiteParts[], faults: Faults): void {
  const checked = reliabilitySchema.shape.spares.safeParse(valueAt(doc.value, ['spares']));
  if (!checked.success) return;
  const spares = checked.data;
  checkOneNumberOfSpares(doc, faults);
  const named = Object.keys(spares.partitions ?? {});
  // A site with a fault may have any partition.
  const known = sites.every(({ partitions }) => partitions !== undefined)
    ? [...new Set(sites.flatMap(({ partitions }) => partitions!.map(({ name }) => name)))]
    : undefined;
  for (const name of named) {
    if (known === undefined || known.includes(name)) continue;
    faults.add([unknownName(doc, ['spares', 'partitions', name], 'partition', name, known)]);
  }
  const noted = new Set<string>();
  for (const { name: site, partitions = [] } of sites) {
    for (const partition of partitions) {
      const count = spareNodes(spares, partition);
      if (count < partition.nodes) continue;
      const path = named.includes(partition.name)
        ? ['spares', 'partitions', partition.name]
        : ['spares', spares.nodes === undefined ? 'fraction' : 'nodes'];
      // Once for each place: the first partition it is too much for.
      if (noted.has(path.join('.'))) continue;
      noted.add(path.join('.'));
      const message = `expected fewer spares than the ${partition.nodes} nodes of partition ${partition.name} (site ${site}), got ${count}`;
      faults.at(doc, path, message, 'Jobs need nodes too: set spares.nodes, or spares.partitions for each partition.');
    }
  }
}

/** `nodes` written over the fraction of a document that is refined takes its place; else one of the two has no effect. */
function checkOneNumberOfSpares(doc: SourceDoc, faults: Faults): void {
  const [nodes, fraction]: SourcePath[] = [
    ['spares', 'nodes'],
    ['spares', 'fraction'],
  ];
  if (valueAt(doc.value, nodes!) === undefined || valueAt(doc.value, fraction!) === undefined) return;
  const fileOf = (path: SourcePath): string => doc.locate(path).file ?? doc.file;
  if (fileOf(fraction!) === doc.file && fileOf(nodes!) !== doc.file) return;
  faults.at(doc, fraction!, 'expected exactly one of fraction and nodes, got both', 'Keep one of them.');
}

/** A number, bare or as a figure. */
function figureAt(at: unknown, key: string): number | undefined {
  const value = valueAt(at, [key]);
  const number = isPlainObject(value) ? value['value'] : value;
  return typeof number === 'number' ? number : undefined;
}
