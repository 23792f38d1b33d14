import { issueAt, unknownName } from '../scenario/issues.js';
import { mergeDocs, partOf } from '../scenario/layeredDoc.js';
import type { Library, LibraryKind, SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { formatPath, isPlainObject, valueAt } from '../scenario/sourcePath.js';
import type { Faults } from './faults.js';

/**
 * The document that stands at a path of a scenario: named (`gf-fr-hdf`), named and refined
 * (`{ use: gf-fr-hdf, tariff: … }`), or written in full, where `supplied` keys may be left out.
 *
 * @returns `undefined` when the name is unknown or its file unreadable, which is then noted
 */
export function resolveDocument(
  library: Library,
  doc: SourceDoc,
  path: SourcePath,
  kind: LibraryKind,
  supplied: Readonly<Record<string, unknown>>,
  faults: Faults,
): SourceDoc | undefined {
  const value = valueAt(doc.value, path);
  if (typeof value === 'string') return findDocument(library, doc, path, kind, value, faults);
  const part = partOf(doc, path);
  if (!isPlainObject(value) || !Object.hasOwn(value, 'use')) return mergeDocs(suppliedDoc(doc, path, supplied), part);
  const { use, ...refinement } = value;
  if (typeof use !== 'string') {
    faults.at(doc, [...path, 'use'], `expected the name of a ${kind}`);
    return undefined;
  }
  const base = findDocument(library, doc, [...path, 'use'], kind, use, faults);
  return base && mergeDocs(base, { ...part, value: refinement });
}

/** The library's document of that name; an unknown name is noted at the place that uses it. */
export function findDocument(
  library: Library,
  doc: SourceDoc,
  path: SourcePath,
  kind: LibraryKind,
  name: string,
  faults: Faults,
): SourceDoc | undefined {
  const place = () => issueAt(doc, path, '');
  return faults.reading(place, () => {
    const found = library.find(kind, name);
    if (found === undefined) faults.add([unknownName(doc, path, kind, name, library.names(kind))]);
    return found;
  });
}

/** What an inline document need not say, as if it stood where the inline document begins. */
function suppliedDoc(doc: SourceDoc, path: SourcePath, value: unknown): SourceDoc {
  return {
    file: doc.file,
    value,
    locate: (asked) => ({ path: formatPath([...path, ...asked]), ...doc.locate(path) }),
  };
}
